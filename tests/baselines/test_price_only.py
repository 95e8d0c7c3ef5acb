"""Where only the price decides, a breakeven rule is all there is to know; what it does not see in time costs it."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.rules import Breakeven
from hybrid_env.batch import Batch
from hybrid_env.optimum.bound import bound
from hybrid_env.optimum.horizon import StartState
from hybrid_env.sites.site import Site
from hybrid_env.traces.generate.year import generate_year
from hybrid_env.traces.library import Library
from hybrid_env.traces.market import load_market
from hybrid_env.traces.schema import COLUMNS, Trace, build_trace

SITE = Site.model_validate(
    {
        "name": "price_only",
        "utc_offset_h": -6,
        "meter": {"import_limit_mw": 60},
        "mining": {
            "fleets": [{"model": "S21", "nameplate_mw": 40}],
            "floor_hash_frac": 0.99,
            "max_hash_frac": 1.0,
            "boot_s": 0,
            "stagger_share_per_h": 60,
            "wear_usd_per_mw_start": 0,
        },
        "cooling": {"capacity_mw": 300, "fan_frac": 0, "mining_specific_kw_per_kw": 0},
    }
)
"""Machines that are on or off at once and at no cost, as much cooling as anybody wants, no GPUs, nothing owned."""
FIRST, ROWS = 200 * 96 + 4, 4 * 7 * 96


def changed(year: Trace, **columns: np.ndarray) -> Trace:
    """The year with other columns."""
    every = {name: year.rows[name] for name in COLUMNS} | columns
    return build_trace("changed", year.start, 900, -6, every, year.jobs, year.forecast)


@pytest.fixture(scope="module")
def lagged() -> Trace:
    """A generated year with bitcoin at half its price, so that power is often too dear to mine: the dispatch price seen
    as an interval starts is not quite the price that settles it."""
    year = generate_year(load_market("texas"), 7, 60.0)
    return changed(year, btc_usd=year.rows["btc_usd"] / 2)


@pytest.fixture(scope="module")
def seen(lagged: Trace) -> Trace:
    """The same year, settled at the price that was seen."""
    return changed(lagged, price_rt_usd_per_mwh=lagged.rows["price_lmp_usd_per_mwh"])


def shares(trace: Trace) -> tuple[float, float]:
    """What naive and breakeven (no hysteresis) earn, as shares of the bound."""
    best, earned = 0.0, []
    for policy in (Naive(), Breakeven(windows_down=1, windows_up=1)):
        batch = Batch(SITE, Library([trace]), 1)
        batch.begin(np.zeros(1, np.int64), np.array([[0, FIRST, FIRST + ROWS]]), np.full((1, 8), 0.5))
        best = bound(SITE, trace, FIRST, ROWS, StartState.from_lane(batch.lanes[0], batch.parameters[0])).value_usd
        policy.reset(batch)
        usd = 0.0
        for _ in range(ROWS):
            batch.step(policy.act(batch))
            usd += float(batch.ledger["usd"].sum())
        earned.append(usd)
    return earned[0] / best, earned[1] / best


def test_breakeven_is_within_one_percent_of_the_bound_where_nothing_is_hidden(seen: Trace) -> None:
    naive, breakeven = shares(seen)
    assert naive < 0.9 < 0.99 < breakeven <= 1


def test_a_price_that_settles_otherwise_than_it_was_seen_costs_breakeven_something(seen: Trace, lagged: Trace) -> None:
    assert shares(lagged)[1] < shares(seen)[1]
