"""The bound: certified whatever the duals, little changed by windows, and beaten by nobody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_env.optimum.bound import bound, padded, week_windows
from hybrid_env.optimum.horizon import StartState, trace_periods
from hybrid_env.optimum.model import COARSE_LINES, build
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.site import load_site
from tests.optimum.played import Episode, Rest, climbed, everything
from tests.strategies import actions, sites, traces, wild_trace

DAY = 96


def texas(days: int, seed: int = 5) -> tuple:  # type: ignore[type-arg]
    site = load_site("texas_wind")
    return site, wild_trace(seed, site.interval_s, site.utc_offset_h, days)


@st.composite
def episodes(draw: st.DrawFn) -> Episode:
    """Up to ten hours of any site and trace."""
    site = draw(sites())
    trace = draw(traces(site, days=4))
    per_hour = 3600 // site.interval_s
    n = draw(st.integers(1, 10)) * per_hour
    row = draw(st.integers(1, (len(trace) - 1 - n) // per_hour)) * per_hour
    return Episode(site, trace, row, n, np.random.default_rng(draw(st.integers(0, 2**32 - 1))).random(8))


@settings(max_examples=60)
@given(e=episodes(), seed=st.integers(0, 2**32 - 1))
def test_no_random_policy_beats_it(e: Episode, seed: int) -> None:
    best = e.bound()
    assert best.status == "Optimal"
    usd = e.usd(actions(seed, e.n, 16).transpose(1, 0, 2))
    assert usd.max() <= best.value_usd + 1e-7 * abs(best.value_usd) + 1e-4


@settings(max_examples=12)
@given(e=episodes(), seed=st.integers(0, 2**32 - 1))
def test_no_hill_climb_beats_it(e: Episode, seed: int) -> None:
    plan = everything(e.n)
    best = e.bound().value_usd
    assert climbed(e, plan, 12, seed) <= best + 1e-7 * abs(best) + 1e-4


@settings(max_examples=40)
@given(e=episodes(), seed=st.integers(0, 2**32 - 1), share=st.floats(0, 1))
def test_nobody_beats_it_from_the_middle_of_an_episode(e: Episode, seed: int, share: float) -> None:
    rest = Rest(e.site, e.trace, e.row, e.n, e.luck, played=int(share * (e.n - 1)))
    best = rest.bound().value_usd
    usd = rest.usd(actions(seed, e.n, 16).transpose(1, 0, 2))
    assert usd.max() <= best + 1e-7 * abs(best) + 1e-4
    plan = everything(e.n)
    assert climbed(rest, plan, 4, seed) <= best + 1e-7 * abs(best) + 1e-4


def test_the_certificate_is_no_less_than_the_primal_and_close_to_it() -> None:
    site, trace = texas(4)
    b = bound(site, trace, 8, 2 * DAY)
    assert 0 <= b.gap_usd <= 1e-9 * abs(b.value_usd) + 1e-3
    assert b.violation == {} and b.windows == 1 and len(b.plan.row) == 2 * DAY


def test_disturbed_duals_still_certify() -> None:
    site, trace = texas(4)
    p = parameter_record(site)[0]
    state = StartState.usual(p)
    lp = build(p, trace_periods(p, trace, 0, DAY, state), state).lp
    found = lp.solve("simplex")
    rng = np.random.default_rng(0)
    for size in (1e-6, 1e-2, 1.0):
        disturbed = found.duals * (1 + size * rng.normal(size=len(found.duals)))
        assert lp.weak_bound(disturbed) >= found.value_usd - 1e-6


def test_windows_change_it_by_no_more_than_their_stated_gap() -> None:
    site, trace = texas(12)
    whole = bound(site, trace, 0, 11 * DAY, windows=padded([0, 11 * DAY], 0))
    parts = bound(site, trace, 0, 11 * DAY, windows=padded([0, 4 * DAY, 8 * DAY, 11 * DAY], 2 * DAY))
    assert whole.value_usd <= parts.value_usd + 1e-3
    assert parts.value_usd <= whole.value_usd + 2e-3 * abs(whole.value_usd)
    assert parts.windows == 3


def test_a_rolled_plan_breaks_nothing_and_brackets_the_optimum() -> None:
    site, trace = texas(12)
    b = bound(
        site, trace, 0, 11 * DAY, windows=padded([0, 5 * DAY, 11 * DAY], 2 * DAY), rolled=True, lines=COARSE_LINES
    )
    assert b.violation == {}
    assert 0 <= b.gap_usd <= 0.01 * abs(b.value_usd)


def test_fewer_lines_are_looser() -> None:
    site, trace = texas(4)
    fine, coarse = bound(site, trace, 0, DAY), bound(site, trace, 0, DAY, lines=COARSE_LINES)
    assert coarse.value_usd >= fine.value_usd - 1e-3


def test_weeks_tile_the_horizon_and_the_rest_joins_the_last() -> None:
    p = parameter_record(load_site("texas_wind"))[0]
    cut = week_windows(p, 10, 20 * DAY)
    assert [(w.first, w.after) for w in cut] == [(10, 10 + 7 * DAY), (10 + 7 * DAY, 10 + 20 * DAY)]
    assert cut[0].padded_first == 10 and cut[0].padded_after == 10 + 9 * DAY
    assert len(week_windows(p, 0, 5)) == 1


def test_progress_is_reported() -> None:
    site, trace = texas(4)
    seen: list[tuple[int, int]] = []
    bound(site, trace, 0, 2 * DAY, windows=padded([0, DAY, 2 * DAY], 24), progress=lambda i, n: seen.append((i, n)))
    assert seen == [(1, 2), (2, 2)]


def test_rows_outside_the_trace_are_refused() -> None:
    site, trace = texas(2)
    with pytest.raises(ValueError, match="do not lie in trace"):
        bound(site, trace, 100, 2 * DAY)
