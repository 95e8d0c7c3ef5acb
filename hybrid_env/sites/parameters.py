"""The parameter record: a site as the compiled kernel and the optimiser read it."""

from __future__ import annotations

import numpy as np

from hybrid_env.sites import curves
from hybrid_env.sites.catalogue import asic
from hybrid_env.sites.site import Site

MAX_FLEETS = 4
N_BUCKETS = 8
N_SEGMENTS = MAX_FLEETS * curves.N_LINES
DAY_ROWS_MAX = 24 * 60
BUCKET_S = 21_600
"""Due boundaries of small training jobs: every six hours, UTC."""
J_PER_MWH = 3.6e9
MJ_PER_MWH = 3_600.0

_F, _I = np.float64, np.int64

PARAMETERS = np.dtype(
    [
        # time
        ("interval_h", _F), ("interval_s", _F), ("rows_per_hour", _I), ("rows_per_day", _I), ("rows_per_bucket", _I),
        ("reward_scale_usd", _F),
        # meter, tariff, supply, network, carbon
        ("import_limit_mw", _F), ("export_limit_mw", _F), ("adder_usd_per_mwh", _F), ("peak_usd_per_mw_year", _F),
        ("system_peak_mw", _F),
        ("wind_nameplate_mw", _F), ("pool_fee_frac", _F), ("own_kg_per_mwh", _F),
        # mining: fleets, and all hull segments in merit order (most hash per megawatt first)
        ("n_fleets", _I), ("fleet_nameplate_mw", _F, MAX_FLEETS), ("fleet_floor_mw", _F, MAX_FLEETS),
        ("fleet_max_mw", _F, MAX_FLEETS), ("fleet_ph", _F, MAX_FLEETS), ("fleet_floor_ph", _F, MAX_FLEETS),
        ("fleet_j_per_th", _F, MAX_FLEETS), ("sleep_mw", _F),
        ("hash_slope", _F, (MAX_FLEETS, curves.N_LINES)), ("hash_offset", _F, (MAX_FLEETS, curves.N_LINES)),
        ("n_segments", _I), ("segment_fleet", _I, N_SEGMENTS), ("segment_mw", _F, N_SEGMENTS),
        ("segment_ph_per_mw", _F, N_SEGMENTS), ("mining_max_mw", _F), ("boot_s", _F),
        ("stagger_share", _F), ("wear_usd_per_mw_start", _F), ("mining_derate_start_c", _F),
        ("mining_derate_per_c", _F),
        # gpu
        ("gpus", _F), ("gpu_idle_mw", _F), ("gpu_dyn_mw", _F), ("late_penalty_frac", _F), ("gpu_derate_start_c", _F),
        ("gpu_derate_per_c", _F), ("open_work_frac", _F), ("throttle_value_usd_per_h", _F),
        ("reserved_gpus", _F), ("reserved_price", _F), ("throttle_depth", _F), ("throttle_budget_h", _F),
        ("reserved_credit_frac", _F), ("inference_gpus", _F), ("inference_price", _F), ("inference_min_power", _F),
        ("inference_credit_frac", _F), ("training_gpus", _F), ("training_price", _F), ("arrival_share", _F, N_BUCKETS),
        ("spot_gpus", _F), ("spot_price_frac", _F), ("training_knee", _F), ("inference_knee", _F),
        ("training_slope", _F, curves.N_LINES), ("training_offset", _F, curves.N_LINES),
        ("inference_slope", _F, curves.N_LINES), ("inference_offset", _F, curves.N_LINES),
        # gang
        ("checkpoint_s", _F), ("restart_s", _F),
        # cooling
        ("chiller_y0", _F), ("chiller_at", _F, curves.N_CHILLER_KNOTS), ("chiller_change", _F, curves.N_CHILLER_KNOTS),
        ("capacity_y0", _F), ("capacity_at", _F, 2), ("capacity_change", _F, 2),
        ("fan_rated_mw", _F), ("fan_x", _F, curves.N_FAN_KNOTS), ("fan_y", _F, curves.N_FAN_KNOTS),
        ("mining_specific", _F), ("setpoint_min_c", _F), ("setpoint_max_c", _F), ("setpoint_gain_per_c", _F),
        ("setpoint_ramp_c", _F), ("gpu_hall_mwh_per_k", _F), ("gpu_hall_trip_c", _F), ("mining_hall_mwh_per_k", _F),
        ("mining_hall_setpoint_c", _F), ("mining_hall_trip_c", _F),
        # battery (all zero without one)
        ("battery_mw", _F), ("soc_min_mwh", _F), ("soc_max_mwh", _F), ("charge_efficiency", _F),
        ("discharge_efficiency", _F), ("soc_keep", _F), ("battery_wear_usd_per_mwh", _F),
        ("charge_value_usd_per_mwh", _F),
    ]
)  # fmt: skip
"""One record a site. Powers in MW, energies in MWh, hash in PH/s, prices in USD.

Fleet powers (`fleet_floor_mw`, `fleet_max_mw`, segments, `hash_slope`, `hash_offset`) are of working machines and
counted above their sleep draw; `sleep_mw` is the sleep draw of all fleets, drawn always. `hash_slope`, `hash_offset`
are lines of
PH/s against MW
and awake share; `stagger_share` is the most of a fleet woken in one interval."""


def parameter_record(site: Site) -> np.ndarray:
    """The site as one record, shape `(1,)`, dtype `PARAMETERS`."""
    record = np.zeros(1, PARAMETERS)
    p = record[0]
    hours = site.interval_h
    p["interval_h"], p["interval_s"] = hours, site.interval_s
    p["rows_per_hour"] = 3600 // site.interval_s
    p["rows_per_day"] = 86_400 // site.interval_s
    p["rows_per_bucket"] = BUCKET_S // site.interval_s
    p["reward_scale_usd"] = site.reward_scale_usd
    p["import_limit_mw"], p["export_limit_mw"] = site.meter.import_limit_mw, site.meter.export_limit_mw
    p["adder_usd_per_mwh"] = site.tariff.energy_adder_usd_per_mwh
    p["peak_usd_per_mw_year"] = site.tariff.coincident_peak_usd_per_kw_year * 1_000
    p["system_peak_mw"] = site.tariff.system_peak_mw
    p["wind_nameplate_mw"] = site.supply.wind_mw
    p["pool_fee_frac"] = site.network.pool_fee_frac
    p["own_kg_per_mwh"] = site.carbon.own_kg_per_mwh
    _fill_mining(p, site)
    _fill_gpu(p, site)
    _fill_cooling(p, site)
    _fill_battery(p, site)
    return record


def _fill_mining(p: np.void, site: Site) -> None:
    mining = site.mining
    slope, offset, power_knots, hash_knots = curves.asic_lines(
        mining.floor_hash_frac, mining.max_hash_frac, mining.sleep_draw_frac
    )
    segments = []
    p["n_fleets"] = len(mining.fleets)
    for f, fleet in enumerate(mining.fleets):
        j_per_th = asic(fleet.model).j_per_th
        working_mw = fleet.nameplate_mw * mining.availability_frac
        ph = working_mw * 1e6 / j_per_th / 1e3
        p["fleet_nameplate_mw"][f], p["fleet_ph"][f], p["fleet_j_per_th"][f] = working_mw, ph, j_per_th
        p["fleet_floor_mw"][f], p["fleet_max_mw"][f] = working_mw * power_knots[1], working_mw * power_knots[-1]
        p["fleet_floor_ph"][f] = ph * hash_knots[1]
        p["sleep_mw"] += working_mw * mining.sleep_draw_frac
        p["hash_slope"][f], p["hash_offset"][f] = slope * ph / working_mw, offset * ph
        widths = np.diff(power_knots) * working_mw
        segments += [(s * ph / working_mw, f, w) for s, w in zip(slope, widths, strict=True)]
    segments.sort(key=lambda item: -item[0])
    p["n_segments"] = len(segments)
    for k, (ph_per_mw, f, width) in enumerate(segments):
        p["segment_fleet"][k], p["segment_mw"][k], p["segment_ph_per_mw"][k] = f, width, ph_per_mw
    p["mining_max_mw"] = p["fleet_max_mw"].sum()
    p["boot_s"] = mining.boot_s
    p["stagger_share"] = mining.stagger_share_per_h * site.interval_h
    p["wear_usd_per_mw_start"] = mining.wear_usd_per_mw_start
    p["mining_derate_start_c"], p["mining_derate_per_c"] = mining.derate_start_c, mining.derate_frac_per_c


def _fill_gpu(p: np.void, site: Site) -> None:
    gpu = site.gpu
    p["gpus"] = gpu.gpus
    p["gpu_idle_mw"] = gpu.gpus * gpu.idle_kw / 1e3
    p["gpu_dyn_mw"] = (gpu.busy_kw - gpu.idle_kw) / 1e3
    p["late_penalty_frac"] = gpu.late_penalty_frac
    p["gpu_derate_start_c"], p["gpu_derate_per_c"] = gpu.derate_start_c, gpu.derate_frac_per_c
    p["open_work_frac"], p["throttle_value_usd_per_h"] = gpu.open_work_frac, gpu.throttle_value_usd_per_h
    p["reserved_gpus"], p["reserved_price"] = gpu.reserved.gpus, gpu.reserved.price_usd_per_gpu_h
    p["throttle_depth"], p["throttle_budget_h"] = (
        gpu.reserved.throttle_depth_frac,
        gpu.reserved.throttle_budget_h_per_month,
    )
    p["reserved_credit_frac"] = gpu.reserved.credit_frac
    p["inference_gpus"], p["inference_price"] = gpu.inference.peak_gpus, gpu.inference.price_usd_per_gpu_h
    p["inference_min_power"], p["inference_credit_frac"] = gpu.inference.min_power_frac, gpu.inference.credit_frac
    p["training_gpus"], p["training_price"] = gpu.training.base_gpus, gpu.training.price_usd_per_gpu_h
    p["arrival_share"] = gpu.training.arrival_share
    p["spot_gpus"], p["spot_price_frac"] = gpu.spot.max_gpus, gpu.spot.price_frac
    p["training_slope"], p["training_offset"], p["training_knee"] = curves.throughput_lines("training")
    p["inference_slope"], p["inference_offset"], p["inference_knee"] = curves.throughput_lines("inference")
    p["checkpoint_s"], p["restart_s"] = site.gang.checkpoint_interval_s, site.gang.restart_s


def _fill_cooling(p: np.void, site: Site) -> None:
    c = site.cooling
    chiller = curves.chiller_knots(c.chiller_cop, c.condenser_approach_c, c.free_cooling_below_c)
    p["chiller_y0"], p["chiller_at"], p["chiller_change"] = curves.as_hinges(*chiller, curves.N_CHILLER_KNOTS)
    capacity = curves.capacity_knots(c.capacity_mw, c.capacity_ref_c, c.capacity_loss_frac_per_c)
    p["capacity_y0"], p["capacity_at"], p["capacity_change"] = curves.as_hinges(*capacity, 2)
    p["fan_rated_mw"] = c.fan_frac * c.capacity_mw
    p["fan_x"], p["fan_y"] = curves.fan_knots()
    p["mining_specific"] = c.mining_specific_kw_per_kw
    p["setpoint_min_c"], p["setpoint_max_c"] = c.setpoint_min_c, c.setpoint_max_c
    p["setpoint_gain_per_c"] = c.setpoint_gain_frac_per_c
    p["setpoint_ramp_c"] = c.setpoint_ramp_c_per_h * site.interval_h
    p["gpu_hall_mwh_per_k"], p["gpu_hall_trip_c"] = c.gpu_hall_mj_per_k / MJ_PER_MWH, c.gpu_hall_trip_c
    p["mining_hall_mwh_per_k"], p["mining_hall_trip_c"] = c.mining_hall_mj_per_k / MJ_PER_MWH, c.mining_hall_trip_c
    p["mining_hall_setpoint_c"] = c.mining_hall_setpoint_c


def _fill_battery(p: np.void, site: Site) -> None:
    p["charge_efficiency"] = p["discharge_efficiency"] = p["soc_keep"] = 1.0
    if site.battery is None:
        return
    b = site.battery
    p["battery_mw"] = b.power_mw
    p["soc_min_mwh"], p["soc_max_mwh"] = b.soc_min_frac * b.energy_mwh, b.soc_max_frac * b.energy_mwh
    p["charge_efficiency"], p["discharge_efficiency"] = b.charge_efficiency, b.discharge_efficiency
    p["soc_keep"] = 1 - b.self_discharge_frac_per_month / (30 * 24) * site.interval_h
    p["battery_wear_usd_per_mwh"], p["charge_value_usd_per_mwh"] = b.wear_usd_per_mwh, b.charge_value_usd_per_mwh
