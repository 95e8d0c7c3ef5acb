"""Model-predictive control: the bound's linear programme over forecasts, solved anew in every interval.

Near periods are intervals, far ones hours; only the first period's plan is carried out. `P24` is the same controller
told the next 24 hours exactly: a labelled reference, not a competitor.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hybrid_env.baselines.charges import HOURS_PER_MONTH
from hybrid_env.baselines.clearing import STARTS_BELOW
from hybrid_env.baselines.outlook import expected_gang_gpu_h_per_h, forecast_rows, foresight_rows
from hybrid_env.baselines.policy import Array, View
from hybrid_env.baselines.steer import NO_OFFERS, Target, steer
from hybrid_env.batch import Batch, Floats
from hybrid_env.optimum import cooling, network, supply, tariff
from hybrid_env.optimum.horizon import Jobs, Periods, StartState, jobs_from_table, joined
from hybrid_env.optimum.model import SiteModel, build
from hybrid_env.optimum.programme import Solution, Term
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sites import plant
from hybrid_env.sites.outdoor import HALL
from hybrid_env.traces.schema import COLUMNS, ROW

HORIZON_H = 24
FINE_H = 1
"""Whole hours after this one that are planned interval by interval."""
COARSE_AFTER_H, COARSE_H = 8, 2
"""From this many hours ahead on, periods last two hours."""
EARLY_USD_PER_GPU_H = 0.2
"""Premium for training work done now rather than a day later: jobs that are not known yet will want those GPUs."""
HOTTEST_C = 200.0
"""No hall is ever so far above where its machines slow down."""


class Mpc:
    """Certainty-equivalent control on honest forecasts.

    Args:
        peak_from, peak_usd_per_mwh: expected coincident-peak charge, as in `MarketSettings`.
    """

    name = "mpc"

    def __init__(self, peak_from: float = 0.98, peak_usd_per_mwh: float = 3_000.0, horizon_h: int = HORIZON_H) -> None:
        self.peak_from, self.peak_usd_per_mwh, self.horizon_h = peak_from, peak_usd_per_mwh, horizon_h

    def reset(self, batch: Batch) -> None:
        """Nothing to forget."""

    def act(self, batch: Batch) -> Floats:
        """Plan every lane and take the first step."""
        view = View(batch)
        out = np.empty((batch.n, len(ACTIONS)), np.float32)
        for lane in range(batch.n):
            out[lane] = self._act(view, lane)
        return out

    def _rows(self, view: View, lane: int, n: int) -> np.ndarray:
        return forecast_rows(view, lane, n, self.peak_from, self.peak_usd_per_mwh)

    def _coming_jobs(self, view: View, lane: int, rows: int) -> Jobs | None:
        return None

    def _act(self, view: View, lane: int) -> np.ndarray:
        p, record = view.p, view.lanes[lane]
        row, per_hour = int(record["row"]), int(p["rows_per_hour"])
        sizes = period_sizes(row, per_hour, self.horizon_h)
        rows = self._rows(view, lane, int(sizes.sum()))
        state = StartState.from_lane(record, p)
        jobs, trains = state.jobs, bool(p["training_gpus"] > 0)
        coming = self._coming_jobs(view, lane, len(rows)) if trains else None
        assert jobs is not None
        unknown = expected_gang_gpu_h_per_h(view, lane) if coming is None and trains else 0.0
        periods = periods_from_rows(p, rows, row, sizes, jobs if coming is None else joined(jobs, coming), unknown)
        if p["generator_mw"] > 0:  # a little more than the limit would start it at its least load
            periods = replace(periods, import_limit_mw=periods.import_limit_mw * STARTS_BELOW)
        careful = demand_charge_of_horizon(without_derating(p, record), float(rows["month_frac"][0]), self.horizon_h)
        site = build(careful, periods, state)
        sooner = EARLY_USD_PER_GPU_H * (1 - np.cumsum(periods.hours) / periods.hours.sum())
        site.lp.reward(site.gpu.training_work, sooner * periods.hours)
        charge_derating(site, p, periods)
        found = site.lp.solve("simplex", presolve="off")
        if found.status != "Optimal":
            raise RuntimeError(
                f"MPC, row {row}: HiGHS ended with {found.status}; the site's programme should always have a solution"
            )
        return steer(p, record, self._target(p, site, without_little_starts(p, site, found), periods, rows[0]))

    @staticmethod
    def _target(p: np.void, site: SiteModel, x: np.ndarray, t: Periods, now: np.void) -> Target:
        battery, bought, sold = site.battery, site.meter.bought, site.meter.sold
        customers, mined = site.gpu.on_demand, site.gpu.mining
        return Target(
            mining_mw=x[site.mining.power[0]],
            spare_mw=float(site.meter.highest_mw[0] - x[bought[0]] + site.supply.unused_mw(x)[0] + x[sold[0]]),
            mining_plant_mw=float(t.capacity_mw[0] - (1 + t.chiller_specific[0]) * x[site.cooling.gpu_heat[0]]),
            reserved_mw=float(x[site.gpu.reserved[0]]), inference_mw=float(x[site.gpu.inference[0]]),
            training_mw=float(x[site.gpu.training[0]]), training_gpus=float(x[site.gpu.training_gpus[0]]),
            spot_mw=float(x[site.gpu.spot[0]]), spot_gpus=float(x[site.gpu.spot_gpus[0]]),
            battery_mw=0.0 if battery is None else float(x[battery.discharge[0]] - x[battery.charge[0]]),
            tenant_load=float(now["tenant_load"]), inference_load=float(now["inference_load"]),
            on_demand_mw=0.0 if customers is None else float(x[customers.power[0]]),
            on_demand_gpus=0.0 if customers is None else float(x[customers.gpus[0]]),
            ask=0 if customers is None else int(x[customers.weight[0]].argmax()),
            on_demand_load=float(now["on_demand_load"]), tenant_contract_frac=float(now["tenant_contract_frac"]),
            gpu_mining_mw=0.0 if mined is None else float(x[mined.gpus[0]] * mined.each_mw),
            offer_mw=NO_OFFERS if site.reserves is None else site.reserves.offers_mw(x, t)[0],
            water_mw=0.0 if site.supply.water is None else float(x[site.supply.water[0]]),
            inflow_mw=float(now["hydro_cf"] * p["hydro_nameplate_mw"]),
        )  # fmt: skip


class P24(Mpc):
    """Reference: as `Mpc`, but the next 24 hours of the trace, its jobs included, are known exactly."""

    name = "p24"

    def _rows(self, view: View, lane: int, n: int) -> np.ndarray:
        return foresight_rows(view, lane, n, 24 * int(view.p["rows_per_hour"]), self.peak_from, self.peak_usd_per_mwh)

    def _coming_jobs(self, view: View, lane: int, rows: int) -> Jobs | None:
        record, library = view.lanes[lane], view.batch.library
        table = library.jobs[int(record["next_job"]) : int(record["job_end"])]
        known = int(record["row"]) + 24 * int(view.p["rows_per_hour"])
        table = table[(table["arrival_row"] < known) & (table["refused"] == 0)]
        key = int(record["next_job"]) + np.arange(len(table), dtype=np.int64)
        return jobs_from_table(view.p, table, key)


def without_little_starts(p: np.void, site: SiteModel, found: Solution) -> Array:
    """The plan, made again without the generator now where it has less of it than half of the least it can run at; the
    same where the site cannot be without."""
    burnt = site.supply.burnt
    if burnt is None or not 0.0 < found.columns[burnt[0]] < p["generator_least_mw"] / 2:
        return found.columns
    site.lp.close(burnt[:1])
    again = site.lp.solve("simplex", presolve="off")
    return again.columns if again.status == "Optimal" else found.columns


def charge_derating(site: SiteModel, p: np.void, t: Periods) -> None:
    """Charge a hall above where its machines slow down with what they then lose, were all of them at work: the
    programme itself does not see it, and a hall that has once become too hot would stay so."""
    inside = p["fleet_place"][p["segment_fleet"][: int(p["n_segments"])]] == HALL
    ph = float((p["segment_ph_per_mw"] * p["segment_mw"])[: len(inside)][inside].sum())
    mined = t.hash_usd_per_ph_h * ph
    rented = np.full(len(t), float(p["gpus"] * max(p["inference_price"], p["training_price"])))
    for name, hall, usd_per_h in (
        ("mining", site.cooling.mining_hall, mined), ("gpu", site.cooling.gpu_hall, rented),
    ):  # fmt: skip
        lost = -p[f"{name}_derate_per_c"] * np.maximum(0.0, usd_per_h) * t.hours
        excess = site.lp.variable(f"{name}_hall_excess_c", (len(t),), 0.0, HOTTEST_C, lost, keys=t.row)
        above: list[Term] = [(1.0, excess), (-1.0, hall)]
        site.lp.constrain(f"{name}_hall_excess", (len(t),), above, low=-p[f"{name}_derate_start_c"], keys=t.row)


def without_derating(p: np.void, lane: np.void) -> np.void:
    """The site's record with halls kept below where machines slow down: the programme does not see derating."""
    careful = p.copy()
    careful["mining_hall_trip_c"] = max(float(p["mining_derate_start_c"]), float(lane["mining_hall_c"]))
    careful["gpu_hall_trip_c"] = max(float(p["gpu_derate_start_c"]), float(lane["gpu_hall_c"]))
    return careful


def demand_charge_of_horizon(p: np.void, month_frac: float, horizon_h: float) -> np.void:
    """The site's record with the part of the demand charge that a horizon should bear: a higher peak serves for the
    rest of the month, so a day that raises it pays a day's share."""
    shared = p.copy()
    left_h = (1 - month_frac) * HOURS_PER_MONTH
    shared["demand_usd_per_mw_month"] *= min(1.0, horizon_h / max(left_h, 1.0))
    return shared


def period_sizes(row: int, per_hour: int, horizon_h: int) -> np.ndarray:
    """Rows of each period: single rows to the end of this hour and for `FINE_H` more, then hours, then pairs of hours.

    Pairs begin at even hours of the trace, so that no period straddles a due boundary.
    """
    sizes = [1] * (per_hour - row % per_hour + FINE_H * per_hour)
    hour, end = (row + sum(sizes)) // per_hour, row // per_hour + horizon_h
    while hour < end:
        width = COARSE_H if hour - row // per_hour >= COARSE_AFTER_H and hour % COARSE_H == 0 else 1
        sizes.append(width * per_hour)
        hour += width
    return np.array(sizes, np.int64)


def periods_from_rows(
    p: np.void, rows: np.ndarray, row: int, sizes: np.ndarray, jobs: Jobs, more_gpu_h_per_h: float
) -> Periods:
    """Rows (dtype ROW) averaged into periods of `sizes` rows; the programme's coefficients come from the averages.

    Args:
        more_gpu_h_per_h: training work expected on top of the jobs and the rows' `training_load`, taken in as small
            jobs.
    """
    edges = np.concatenate([[0], np.cumsum(sizes)])
    table = rows.view(np.float64).reshape(len(rows), -1)
    mean = (np.add.reduceat(table, edges[:-1], axis=0) / sizes[:, None]).view(ROW)[:, 0]
    number = row + edges[:-1]
    hour = number // int(p["rows_per_hour"])
    slot = np.cumsum(np.diff(hour, prepend=hour[0]) > 0, dtype=np.int64)
    first = np.flatnonzero(np.diff(slot, prepend=-1))
    hours = sizes * float(p["interval_h"])
    month_changed = np.concatenate([[0], np.cumsum(np.diff(rows["month"]) != 0)])
    price, sells = tariff.settled_usd_per_mwh(p, mean), tariff.may_export(p, mean)
    arrival = np.bincount(slot, (mean["training_load"] * float(p["training_gpus"]) + more_gpu_h_per_h) * hours)
    last_row = np.append(number[first][1:], row + edges[-1]) - 1
    per_bucket = int(p["rows_per_bucket"])
    return Periods(
        row=number, end_row=int(row + edges[-1]), rows=mean, hours=hours, month=month_changed[edges[:-1]],
        end_month=int(month_changed[-1]),
        slot=slot, slot_row=number[first], bucket=number[first] // per_bucket, due=(last_row + 1) % per_bucket == 0,
        buying_usd_per_mwh=price + p["adder_usd_per_mwh"],
        selling_usd_per_mwh=price + mean["basis_gen_usd_per_mwh"],
        peak_usd_per_mw=mean["cp_weight"] * sizes * p["peak_usd_per_mw_year"],
        carbon_kg_per_mwh=mean["carbon_average_kg_per_mwh"], own_mw=supply.at_hand_mw(p, mean),
        import_limit_mw=np.minimum(mean["import_limit_mw"], p["import_limit_mw"]),
        export_limit_mw=np.where(sells, np.minimum(mean["export_limit_mw"], p["export_limit_mw"]), 0.0),
        hash_usd_per_ph_h=network.hash_usd_per_ph_h(p, mean), mining_allowed=np.floor(mean["mining_allowed"]),
        chiller_specific=cooling.best_specific(p, mean),
        capacity_mw=plant.capacity_mw(p, mean),
        tenant_load=mean["tenant_load"], inference_gpus=mean["inference_load"] * p["inference_gpus"],
        spot_usd_per_gpu_h=mean["gpu_rent_usd_per_gpu_h"] * p["spot_price_frac"],
        arrival_gpu_h=arrival[:, None] * p["arrival_share"], jobs=jobs,
    )  # fmt: skip


assert set(COLUMNS) <= set(ROW.names or ())
