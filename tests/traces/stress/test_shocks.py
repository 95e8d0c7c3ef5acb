"""What every shock keeps: it changes what it says, from when it says, and nothing is known before it is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hybrid_env.baselines.naive import Naive
from hybrid_env.batch import Batch
from hybrid_env.sites.site import load_site
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import COLUMNS, FORECAST_VARIABLES, HIDDEN, Trace
from hybrid_env.traces.stress import SHOCKS, ShockError
from hybrid_env.traces.stress.describe import shocks_table
from hybrid_env.traces.stress.shock import STRESSED, changed_columns, changed_rows
from tests.strategies import wild_trace
from tests.traces.stress.lively import PER_H, lively
from tests.workbench import calm_trace

SITE = load_site("texas_wind")
PAGE = Path(__file__).resolve().parents[3] / "docs" / "stress.md"
ALL_YEAR = ("bitcoin_crash", "hashprice_low", "rent_halved", "carbon_price", "mining_ban", "forecast_bias")
STRIKING = tuple(name for name in SHOCKS if name not in ALL_YEAR)


@pytest.fixture(params=[2, 3, 30], ids=lambda days: f"{days} days")
def trace(request: pytest.FixtureRequest) -> Trace:
    return lively(request.param)


def first_change(before: Trace, after: Trace) -> int:
    """First row in which something an operator may learn differs."""
    seen = [name for name in changed_columns(before, after) if COLUMNS[name].lag_rows != HIDDEN]
    return min(int(np.argmax(before.rows[name] != after.rows[name])) for name in seen)


@pytest.mark.parametrize("name", SHOCKS)
def test_a_shock_changes_the_columns_it_names_and_no_others(name: str, trace: Trace) -> None:
    shock = SHOCKS[name]
    after = shock.apply(trace)
    changed = set(changed_columns(trace, after))
    assert set(shock.columns) <= changed <= {*shock.columns, *shock.follows}
    moved = {v for v, var in enumerate(FORECAST_VARIABLES) if (trace.forecast != after.forecast)[:, v].any()}
    assert moved == {FORECAST_VARIABLES.index(variable) for variable in shock.forecasts}
    assert np.array_equal(trace.jobs, after.jobs) == (not shock.jobs)


@pytest.mark.parametrize("name", SHOCKS)
def test_the_given_trace_is_left_alone_and_the_changed_one_says_what_is_stressed(name: str) -> None:
    trace, untouched = lively(3), lively(3)
    after = SHOCKS[name].apply(trace)
    np.testing.assert_array_equal(trace.rows, untouched.rows)
    np.testing.assert_array_equal(trace.forecast, untouched.forecast)
    assert trace.origin == untouched.origin
    assert after.name == f"lively+{name}" and after.hash != trace.hash
    assert {c for c, origin in after.origin.items() if origin == STRESSED} == set(changed_columns(trace, after))


@pytest.mark.parametrize("name", SHOCKS)
@pytest.mark.parametrize("seed", range(4))
def test_wild_traces_stay_possible(name: str, seed: int) -> None:
    """`build_trace` checks ranges and totals; here what it cannot know."""
    trace = wild_trace(seed, utc_offset_h=[0.0, -6.0, 5.5, -6.0][seed], interval_s=[900, 3600, 900, 300][seed])
    try:
        after = SHOCKS[name].apply(trace)
    except ShockError as refused:
        assert name in ("hashprice_low", "winter_storm") and "leave this shock out" in str(refused)
        return
    rows, was = after.rows, trace.rows
    assert (rows["wetbulb_c"] <= np.maximum(rows["drybulb_c"], was["wetbulb_c"]) + 1e-9).all()
    assert rows["cp_weight"].sum() == pytest.approx(was["cp_weight"].sum(), abs=1e-9)
    assert (rows["basis_gen_usd_per_mwh"] == was["basis_gen_usd_per_mwh"]).all()
    assert np.isfinite(after.forecast).all()


@pytest.mark.parametrize("name", STRIKING)
def test_nothing_is_known_before_it_strikes(name: str, trace: Trace) -> None:
    after = SHOCKS[name].apply(trace)
    strikes = first_change(trace, after)
    assert strikes > 0 and strikes % PER_H == 0
    np.testing.assert_array_equal(
        trace.forecast[: strikes // PER_H + 1], after.forecast[: strikes // PER_H + 1]
    )  # the issue at the shock's first row knows only what was before it


@pytest.mark.parametrize("name", STRIKING)
def test_what_an_operator_observes_is_the_same_until_it_strikes(name: str) -> None:
    trace = lively(2)
    after = SHOCKS[name].apply(trace)
    strikes = first_change(trace, after)
    batch, policy = Batch(SITE, Library([trace, after]), 2), Naive()
    batch.begin(np.arange(2), np.array([[0, 4, 190], [1, 4, 190]]), np.full((2, 8), 0.5))
    seen = []
    for _ in range(4, 189):
        seen.append((batch.observations[0] == batch.observations[1]).all())
        batch.step(policy.act(batch))
    assert all(seen[: strikes - 4])


@pytest.mark.parametrize("name", SHOCKS)
def test_it_strikes_at_most_a_third_of_a_trace_or_all_of_it(name: str, trace: Trace) -> None:
    after = SHOCKS[name].apply(trace)
    share = changed_rows(trace, after).mean()
    if name in ALL_YEAR:
        assert share == 1
    elif name == "halving":
        assert share == pytest.approx(0.5, abs=0.02)
    else:
        day = 96 / len(trace)  # in which forecasts forget, and prices published in the shock still stand
        assert 0.1 < share < 1 / 3 + 2.6 * day


@pytest.mark.parametrize("name", SHOCKS)
def test_a_trace_that_cannot_be_shocked_says_so(name: str) -> None:
    nothing = calm_trace(
        wind_cf=0, fuel_cf=0, tenant_contract_frac=0, gpu_rent_usd_per_gpu_h=0, btc_usd=0, subsidy_btc=0, drybulb_c=-40,
        carbon_usd_per_t=1_000, mining_allowed=0, mining_levy_usd_per_mwh=500, difficulty=1e6, wetbulb_c=-40,
    )  # fmt: skip
    if name == "heat_dome":  # it can always be hotter
        assert SHOCKS[name].apply(nothing).hash != nothing.hash
        return
    with pytest.raises(ShockError, match=rf"^calm: {name}.*leave this shock out"):
        SHOCKS[name].apply(nothing)


@pytest.mark.parametrize("name", ["tenant_lost", "heat_dome", "winter_storm", "wind_drought", "fuel_outage", "halving"])
def test_a_trace_too_short_for_a_window_says_so(name: str) -> None:
    trace = lively(2 / 24)
    with pytest.raises(ShockError, match="too short"):
        SHOCKS[name].apply(trace)


def test_shocks_add_up() -> None:
    both = SHOCKS["rent_halved"].apply(SHOCKS["bitcoin_crash"].apply(lively(2)))
    assert both.name == "lively+bitcoin_crash+rent_halved"
    assert both.rows["btc_usd"][0] == 40_000 and both.rows["gpu_rent_usd_per_gpu_h"][0] == 1.1
    assert [c for c, origin in both.origin.items() if origin == STRESSED] == ["btc_usd", "gpu_rent_usd_per_gpu_h"]


def test_every_shock_has_a_name_a_meaning_a_source_and_known_columns() -> None:
    for name, shock in SHOCKS.items():
        assert shock.name == name and shock.meaning and shock.source
        assert {*shock.columns, *shock.follows} <= set(COLUMNS)
        assert set(shock.forecasts) <= set(FORECAST_VARIABLES)
        assert shock.change.__doc__ is not None and "Source:" in shock.change.__doc__


def test_the_page_on_stress_holds_the_current_table() -> None:
    text = PAGE.read_text("utf-8")
    documented = text.split("<!-- shocks -->\n")[1].split("\n<!-- /shocks -->")[0]
    assert documented == shocks_table(), "run python -m hybrid_env.traces.stress.describe and paste it into the page"


def test_the_example_of_the_page_runs() -> None:
    example = PAGE.read_text("utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, Trace] = {}
    exec(compile(example, "docs/stress.md", "exec"), names)
    assert names["worse"].origin["btc_usd"] == STRESSED and names["worse"].rows["import_limit_mw"].min() <= 40
