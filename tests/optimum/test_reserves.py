"""Reserves in the programme: what it sells, and that nobody earns more than it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_env.optimum.horizon import StartState
from hybrid_env.optimum.reserves import due_frac
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sim.state import LANE
from tests.optimum.played import Episode, Rest, climbed
from tests.optimum.tiny import solved
from tests.strategies import actions, sites, wild_trace
from tests.workbench import column

QUICK: dict[str, Any] = {"name": "quick", "response_s": 0, "duration_h": 2}
SLOW: dict[str, Any] = {"name": "slow", "response_s": 450, "duration_h": 0.5}
SITE: dict[str, Any] = {
    "reserves": {"products": [QUICK, SLOW], "max_mw": 10, "gate_closure_s": 900},
    "battery": None,
}
PRICED: dict[str, Any] = {"reserve_0_usd_per_mw_h": 8.0, "reserve_1_usd_per_mw_h": 4.0}


def lane(**fields: Any) -> np.void:
    out = np.zeros(1, LANE)[0]
    out["fleet_healthy"] = 1
    for name, value in fields.items():
        out[name] = value
    return out


def test_the_dearer_product_is_sold_to_the_full() -> None:
    x = solved(SITE, n=8, **PRICED)
    np.testing.assert_allclose(x["award_mw"], [[10, 0], [10, 0]], atol=1e-6)
    assert x["reserve_short_mw"].max() == pytest.approx(0, abs=1e-6)


def test_its_pay_is_what_the_optimum_gains() -> None:
    gain = solved(SITE, n=8, **PRICED).usd - solved({"battery": None}, n=8).usd
    assert gain == pytest.approx(2 * 10 * 8)


def test_a_lane_keeps_what_it_has_sold() -> None:
    known = lane(award_mw=[3, 1, 0], sold_mw=[0, 2, 0])
    free = solved(SITE, n=12, start=4, state={"lane": known}, **PRICED)
    np.testing.assert_allclose(free["award_mw"], [[3, 1], [10, 0], [10, 0]], atol=1e-6)
    hourly = SITE | {"reserves": SITE["reserves"] | {"gate_closure_s": 3600}}
    closed = solved(hourly, n=11, start=5, state={"lane": known}, **PRICED)
    np.testing.assert_allclose(closed["award_mw"], [[3, 1], [0, 2], [10, 0]], atol=1e-6)


def test_a_call_is_followed_where_missing_it_costs_more_than_mining_earns() -> None:
    call = column(dict.fromkeys(range(5, 8), 1.0), 0.0)
    x = solved(SITE, n=4, start=4, state={"lane": lane(award_mw=[10, 0, 0])}, reserve_0_deploy_frac=call, **PRICED)
    mw = x["mining_mw"].sum(axis=1)
    np.testing.assert_allclose(mw[1:], mw[0] - 9.7, atol=1e-5)
    assert x["call_missed_mw"].max() == pytest.approx(0, abs=1e-6)


def test_a_relay_leaves_that_much_less() -> None:
    call = column(dict.fromkeys(range(2, 4), 0.1), 0.0)
    plain = SITE | {"reserves": SITE["reserves"] | {"load_type": "plain"}}
    x = solved(plain, n=4, state={"lane": lane(award_mw=[10, 0, 0])}, reserve_0_deploy_frac=call, **PRICED)
    assert (x["mining_mw"].sum(axis=1)[2:] <= x.p["mining_max_mw"] - 10 + 1e-6).all()


def test_calls_are_due_from_response_to_duration_counted_from_before_the_horizon() -> None:
    call = column(dict.fromkeys([0, 1, 2, 5, 6, 7], 1.0), 0.0)
    x = solved(SITE, n=8, reserve_1_deploy_frac=call)
    state = replace(StartState.usual(x.p), lane=lane(called_s=[0, 900, 0]))
    np.testing.assert_allclose(due_frac(x.p, x.t, state)[:, 1], [1, 0, 0, 0, 0, 0.5, 1, 0])
    np.testing.assert_allclose(due_frac(x.p, x.t, StartState.usual(x.p))[:, 1], [0.5, 1, 0, 0, 0, 0.5, 1, 0])


@st.composite
def episodes(draw: st.DrawFn) -> Episode:
    """Up to eight hours of a site that sells reserves, in a world that calls them often."""
    site = draw(sites().filter(lambda site: site.reserves is not None))
    trace = wild_trace(draw(st.integers(0, 2**32 - 1)), site.interval_s, site.utc_offset_h, 3)
    per_hour = 3600 // site.interval_s
    n = draw(st.integers(1, 8)) * per_hour
    row = draw(st.integers(1, (len(trace) - 1 - n) // per_hour)) * per_hour
    return Episode(site, trace, row, n, np.random.default_rng(draw(st.integers(0, 2**32 - 1))).random(8))


@settings(max_examples=40)
@given(e=episodes(), seed=st.integers(0, 2**32 - 1))
def test_no_random_policy_beats_the_bound(e: Episode, seed: int) -> None:
    best = e.bound().value_usd
    usd = e.usd(actions(seed, e.n, 16).transpose(1, 0, 2))
    assert usd.max() <= best + 1e-7 * abs(best) + 1e-4


@settings(max_examples=12)
@given(e=episodes(), seed=st.integers(0, 2**32 - 1), share=st.floats(0, 1))
def test_no_hill_climb_beats_it_from_the_middle_of_an_episode(e: Episode, seed: int, share: float) -> None:
    rest = Rest(e.site, e.trace, e.row, e.n, e.luck, played=int(share * (e.n - 1)))
    best = rest.bound().value_usd
    everything = np.ones((e.n, len(ACTIONS)), np.float32)
    assert climbed(rest, everything, 8, seed) <= best + 1e-7 * abs(best) + 1e-4
