"""Observations hold only what an operator would know then, and say what the registry says they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_env.batch import Batch
from hybrid_env.sim.step import look
from hybrid_env.sites.site import Site, load_site
from hybrid_env.spaces import observation_fields
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import COLUMNS, FORECAST_LEADS_H, FORECAST_VARIABLES, Trace, build_trace
from tests.strategies import actions, perturbed, sites, traces, wild_trace
from tests.workbench import Workbench, calm_trace, column, site_with

NEVER_OBSERVED = {"cp_weight", "basis_gen_usd_per_mwh", *(f"u_fail_{k}" for k in range(6))}
"""Columns no observation holds; all others must be seen once they are published, by a site that has use for them."""


def seen_at(site: Site, trace: Trace, first: int, row: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Observation and state as interval `row` begins, after the same actions from the same start."""
    batch = Batch(site, Library([trace]), 1)
    luck = np.random.default_rng(seed).random((1, 8))
    batch.begin(np.zeros(1, np.int64), np.array([[0, first, len(trace) - 1]]), luck)
    for action in actions(seed, row - first, 1):
        batch.step(action)
    state = batch.lanes.copy()
    state["job_end"] = 0  # how many jobs a trace holds is nothing that is seen
    return batch.observations.copy(), state


@st.composite
def moments(draw: st.DrawFn) -> tuple[Site, Trace, int, int, int]:
    site = draw(sites())
    trace = draw(traces(site))
    per_hour = 3600 // site.interval_s
    first = per_hour * draw(st.integers(1, 24))
    return site, trace, first, first + draw(st.integers(0, 40)), draw(st.integers(0, 2**32 - 1))


@settings(max_examples=150)
@given(moment=moments())
def test_no_observation_holds_what_is_not_yet_published(moment: tuple[Site, Trace, int, int, int]) -> None:
    site, trace, first, row, seed = moment
    seen, state = seen_at(site, trace, first, row, seed)
    seen_other, state_other = seen_at(site, perturbed(trace, row, seed), first, row, seed)
    names = [field.name for field in observation_fields(site)]
    assert [names[i] for i in np.flatnonzero(seen[0] != seen_other[0])] == []
    assert state.tobytes() == state_other.tobytes()


def changed(trace: Trace, row: int, **values: float) -> Trace:
    """The trace with some columns changed in one row."""
    columns = {name: trace.rows[name].copy() for name in COLUMNS}
    for name, value in values.items():
        columns[name][row] = value
    return build_trace(
        "changed", trace.start, trace.interval_s, trace.utc_offset_h, columns, trace.jobs, trace.forecast
    )


OTHER_VALUE = {
    "price_rt_usd_per_mwh": 77.0, "price_lmp_usd_per_mwh": 77.0, "price_da_usd_per_mwh": 77.0,
    "system_load_mw": 61_000.0, "drybulb_c": 31.0, "wetbulb_c": 21.0, "wind_cf": 0.6,
    "carbon_average_kg_per_mwh": 444.0, "btc_usd": 90_000.0, "difficulty": 1e14, "fees_btc_per_block": 0.5,
    "subsidy_btc": 1.5625, "gpu_rent_usd_per_gpu_h": 3.0, "inference_load": 0.9, "tenant_load": 0.4,
    "training_load": 2.0, "import_limit_mw": 50.0, "export_limit_mw": 5.0, "mining_allowed": 0.0,
    "carbon_marginal_kg_per_mwh": 600.0, "grid_cfe_frac": 0.7,
    "fuel_cf": 0.5, "fuel_usd_per_mmbtu": 5.0, "solar_cf": 0.6, "hydro_cf": 0.6, "geothermal_cf": 0.6,
    "on_demand_load": 0.7, "gpu_pow_usd_per_gpu_h": 0.1, "tenant_contract_frac": 0.5,
    "event_frac": 0.5, "event_usd_per_mwh": 300.0, "event_ahead_h": 5.0,
    "mining_levy_usd_per_mwh": 9.0, "carbon_usd_per_t": 40.0,
    **{f"reserve_{k}_usd_per_mw_h": 9.0 for k in range(3)}, **{f"reserve_{k}_deploy_frac": 0.5 for k in range(3)},
}  # fmt: skip


RESERVES = {
    "products": [{"name": f"R{k}", "response_s": 0, "duration_h": 2} for k in range(3)],
    "max_mw": 20,
}
SITE_THAT_SEES: dict[str, dict[str, Any]] = {
    "wind_cf": {"supply.wind_mw": 40},
    "solar_cf": {"supply.solar_mw": 40},
    "fuel_cf": {"supply.generator": {"nameplate_mw": 20}},
    "fuel_usd_per_mmbtu": {"supply.generator": {"nameplate_mw": 20}},
    "hydro_cf": {"supply.hydro_mw": 40},
    "geothermal_cf": {"supply.geothermal_mw": 40},
    "on_demand_load": {"gpu.on_demand": {"peak_gpus": 1_000}},
    "gpu_pow_usd_per_gpu_h": {"gpu.gpu_mining": {}},
    "carbon_marginal_kg_per_mwh": {"carbon.certificates": {}},
    "grid_cfe_frac": {"carbon.certificates": {}},
    "system_load_mw": {"tariff.coincident_peak_usd_per_kw_year": 70},
    **{name: {"events": {"baseline_mw": 50}} for name in ("event_frac", "event_usd_per_mwh", "event_ahead_h")},
    **{name: {"regulation": {}} for name in ("mining_levy_usd_per_mwh", "carbon_usd_per_t")},
    **{f"reserve_{k}_{what}": {"reserves": RESERVES} for k in range(3) for what in ("usd_per_mw_h", "deploy_frac")},
}
"""What a site needs for a column to be of use to it, where the bench site has none."""


def test_every_column_is_listed_as_observed_or_not() -> None:
    assert set(OTHER_VALUE) | NEVER_OBSERVED == set(COLUMNS)


@pytest.mark.parametrize("name", OTHER_VALUE)
def test_a_column_is_seen_as_soon_as_it_is_published(name: str) -> None:
    site, trace, row = site_with(SITE_THAT_SEES.get(name)), calm_trace(), 20
    published = row if name == "difficulty" else row - COLUMNS[name].lag_rows  # the breakeven is of the last interval
    published = row - 1 if name in {"difficulty", "subsidy_btc"} else published
    other = changed(trace, published, **{name: OTHER_VALUE[name]})
    before, _ = seen_at(site, trace, 4, row, 0)
    after, _ = seen_at(site, other, 4, row, 0)
    assert (before != after).any()


@pytest.mark.parametrize("variable", range(len(FORECAST_VARIABLES)))
def test_a_forecast_is_seen_in_the_hour_of_its_issue(variable: int) -> None:
    site = site_with({key: value for needs in SITE_THAT_SEES.values() for key, value in needs.items()})
    trace = calm_trace()
    forecast = trace.forecast.copy()
    forecast[5, variable] = 0.75
    columns = {name: trace.rows[name] for name in COLUMNS}
    other = build_trace("other", trace.start, 900, 0.0, columns, trace.jobs, forecast)
    for row, seen in [(19, False), (20, True), (23, True), (24, False)]:
        before, _ = seen_at(site, trace, 4, row, 0)
        after, _ = seen_at(site, other, 4, row, 0)
        assert (before != after).any() == seen, row


@given(site=sites())
@settings(max_examples=20)
def test_the_registry_has_a_field_for_every_number_the_kernel_writes(site: Site) -> None:
    trace = wild_trace(1, site.interval_s)
    batch = Batch(site, Library([trace]), 1)
    batch.begin(np.zeros(1, np.int64), np.array([[0, 3600 // site.interval_s, len(trace) - 1]]), np.full((1, 8), 0.5))
    wide = np.full((1, len(batch.fields) + 5), np.nan, np.float32)
    look(batch.lanes, batch.parameters, batch.library.rows, batch.library.forecast, wide)
    assert np.flatnonzero(np.isfinite(wide[0])).tolist() == list(range(len(batch.fields)))


def test_names_are_unique() -> None:
    names = [field.name for field in observation_fields(load_site("texas_wind"))]
    assert len(names) == len(set(names))


# -- what the numbers say, computed again from the trace and the state ------------------------------------------------


def squash(x: float) -> float:
    return x / (1 + abs(x))


def centre(x: float) -> float:
    return min(1.0, max(-1.0, 2 * x - 1))


@pytest.fixture(scope="module")
def wild() -> tuple[Site, Trace, np.void, dict[str, float], int]:
    """The packaged site after a day and a bit of random play on a wild trace."""
    site = load_site("texas_wind")
    trace = wild_trace(11, utc_offset_h=site.utc_offset_h)
    row = 119
    batch = Batch(site, Library([trace]), 1)
    batch.begin(np.zeros(1, np.int64), np.array([[0, 4, len(trace) - 1]]), np.full((1, 8), 0.3))
    for action in actions(2, row - 4, 1):
        batch.step(action)
    names = [field.name for field in observation_fields(site)]
    return site, trace, batch.lanes[0].copy(), dict(zip(names, batch.observations[0].tolist(), strict=True)), row


def breakeven(site: Site, row: np.void, j_per_th: float) -> float:
    hashprice = (
        1e15 * 86_400 / (row["difficulty"] * 2**32) * (row["subsidy_btc"] + row["fees_btc_per_block"]) * row["btc_usd"]
    )
    return hashprice * (1 - site.network.pool_fee_frac) / (j_per_th * 24 / 1000)


def test_prices_are_told_as_distance_to_the_first_fleets_breakeven(wild) -> None:
    site, trace, _, seen, row = wild
    now, last, before = trace.rows[row], trace.rows[row - 1], trace.rows[row - 2]
    even = breakeven(site, last, 3500 / 200)
    expected = {
        "price_lmp_usd_per_mwh": squash((now["price_lmp_usd_per_mwh"] - even) / 50),
        "price_da_usd_per_mwh": squash((now["price_da_usd_per_mwh"] - even) / 50),
        "price_rt_usd_per_mwh": squash((last["price_rt_usd_per_mwh"] - even) / 50),
        "price_rt_before_usd_per_mwh": squash((before["price_rt_usd_per_mwh"] - even) / 50),
        "price_spread_usd_per_mwh": squash((now["price_lmp_usd_per_mwh"] - now["price_da_usd_per_mwh"]) / 50),
        "fleet_0_breakeven_usd_per_mwh": squash(even / 100),
        "fleet_1_breakeven_usd_per_mwh": squash(breakeven(site, last, 3068 / 104) / 100),
        "gpu_rent_usd_per_gpu_h": centre(now["gpu_rent_usd_per_gpu_h"] / 5),
    }
    assert {name: seen[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_forecasts_are_those_issued_this_hour(wild) -> None:
    site, trace, _, seen, row = wild
    issued = trace.forecast[row // 4]
    even = breakeven(site, trace.rows[row - 1], 3500 / 200)
    for i, lead in enumerate(FORECAST_LEADS_H):
        assert seen[f"forecast_price_{lead}h_usd_per_mwh"] == pytest.approx(
            squash((issued[0, i] - even) / 50), abs=1e-6
        )
        assert seen[f"forecast_wind_{lead}h_cf"] == pytest.approx(centre(issued[1, i]), abs=1e-6)
        assert seen[f"forecast_load_{lead}h_mw"] == pytest.approx(centre(issued[2, i] / 85_000), abs=1e-6)
    for i in range(0, len(FORECAST_LEADS_H), 4):
        lead = FORECAST_LEADS_H[i]
        assert seen[f"forecast_drybulb_{lead}h_c"] == pytest.approx(squash((issued[3, i] - 20) / 20), abs=1e-6)
        assert seen[f"forecast_inference_{lead}h"] == pytest.approx(centre(issued[4, i]), abs=1e-6)
    day = issued[0, : FORECAST_LEADS_H.index(24) + 1]
    assert seen["price_low_24h_usd_per_mwh"] == pytest.approx(squash((day.min() - even) / 50), abs=1e-6)
    assert seen["price_high_24h_usd_per_mwh"] == pytest.approx(squash((day.max() - even) / 50), abs=1e-6)
    rank = (day < trace.rows[row]["price_lmp_usd_per_mwh"]).mean()
    assert seen["price_rank_24h"] == pytest.approx(centre(rank), abs=1e-6)


def test_the_grids_peak_so_far_is_the_months_highest_settled_load(wild) -> None:
    _, trace, _, seen, row = wild
    assert trace.rows["month"][row] == trace.rows["month"][0]
    peak = trace.rows["system_load_mw"][:row].max()
    assert seen["load_over_month_peak"] == pytest.approx(
        squash(20 * (trace.forecast[row // 4, 2, 0] / peak - 1)), abs=1e-5
    )
    assert seen["system_load_mw"] == pytest.approx(centre(trace.rows["system_load_mw"][row - 1] / 85_000), abs=1e-6)


def test_the_plant_is_told_as_it_stands(wild) -> None:
    _, trace, lane, seen, row = wild
    last = trace.rows[row - 1]
    expected = {
        "battery_charge_frac": centre((lane["soc_mwh"] - 3) / 54),
        "gpu_hall_c": squash((lane["gpu_hall_c"] - 27) / 5),
        "mining_hall_c": squash((lane["mining_hall_c"] - 33) / 5),
        "setpoint_frac": centre((lane["setpoint_c"] - 18) / 9),
        "import_frac": centre(lane["import_mw"] / 100),
        "fleet_1_awake_frac": centre(lane["fleet_awake"][1]),
        "drybulb_c": squash((last["drybulb_c"] - 20) / 20),
        "wind_cf": centre(last["wind_cf"]),
        "import_limit_frac": centre(min(1, trace.rows[row]["import_limit_mw"] / 100)),
        "mining_allowed": centre(trace.rows[row]["mining_allowed"]),
        "throttle_used_frac": centre(lane["throttle_used_h"] / 6),
        "inference_load": centre(last["inference_load"]),
        "tenant_load": centre(last["tenant_load"]),
    }
    assert {name: seen[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_open_work_is_told_by_due_time_and_slack(wild) -> None:
    _, _, lane, seen, row = wild
    pool = 28_800 - 9_600
    for j in range(8):
        assert seen[f"bucket_{j}_gpu_h"] == pytest.approx(squash(8 * lane["bucket_gpu_h"][j] / (pool * 6)), abs=1e-6)
    assert seen["boundary_left_frac"] == pytest.approx(centre((24 - row % 24) / 24), abs=1e-6)
    n = lane["n_gang"]
    assert n > 2
    gpus, left = lane["gang_gpus"][:n], lane["gang_left_gpu_h"][:n]
    running = lane["gang_running"][:n] == 1
    slack = (lane["gang_deadline_row"][:n] - row) / 4 - left / gpus
    expected = {
        "gang_running_frac": centre(gpus[running].sum() / pool),
        "gang_waiting_frac": squash(2 * gpus[~running].sum() / pool),
        "gang_left_gpu_h": squash(left.sum() / (12 * pool)),
        "gang_urgent_gpu_h": squash(left[slack < 1].sum() / (4 * pool)),
        "gang_soon_gpu_h": squash(left[(slack >= 1) & (slack < 4)].sum() / (4 * pool)),
        "gang_later_gpu_h": squash(left[(slack >= 4) & (slack < 12)].sum() / (4 * pool)),
        "gang_bid_usd_per_gpu_h": centre((left * lane["gang_bid"][:n]).sum() / left.sum() / 5),
        "gang_at_risk_gpu_h": squash(4 * lane["gang_since_gpu_h"][:n].sum() / pool),
        "gang_least_slack_h": squash(min(48, slack.min()) / 6),
    }
    assert {name: seen[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_every_field_moves_in_some_play() -> None:
    site = load_site("texas_wind")
    names = [field.name for field in observation_fields(site)]
    rows = []
    for seed in range(4):
        trace = wild_trace(seed, utc_offset_h=site.utc_offset_h, days=4)
        batch = Batch(site, Library([trace]), 1)
        batch.begin(np.zeros(1, np.int64), np.array([[0, 4, len(trace) - 1]]), np.full((1, 8), 0.2))
        for action in actions(seed, 240, 1):
            batch.step(action)
            rows.append(batch.observations[0].copy())
    still = {names[i] for i in np.flatnonzero(np.ptp(np.array(rows), axis=0) == 0)}
    assert still == {"fleet_0_boot_s", "fleet_1_boot_s"}  # boots end within this site's interval; see the next test


def test_boot_time_left_is_seen_where_booting_outlasts_an_interval() -> None:
    site = site_with({"interval_s": 300, "mining.boot_s": 700})
    bench = Workbench(site, calm_trace(300))
    bench.play(mining=-1.0)
    assert bench.observed("fleet_0_boot_s") == 0
    bench.play()
    assert bench.observed("fleet_0_boot_s") == pytest.approx(squash(400 / 300), abs=1e-6)


def test_the_first_row_of_a_month_forgets_last_months_peak() -> None:
    rows = 4 * 96
    load = column({100: 84_000}, 50_000, rows)
    bench = Workbench(trace=calm_trace(days=4, system_load_mw=load), row=188)
    assert bench.lane["month_peak_mw"] == 84_000
    for _ in range(4):
        bench.play()
    assert bench.lane["row"] == 192 and bench.lane["month_peak_mw"] == 0
