"""Events in the programme."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.optimum.played import Episode
from tests.optimum.tiny import solved
from tests.strategies import actions, sites, wild_trace
from tests.workbench import column

EVENT: dict[str, Any] = {"event_frac": column({5: 0.5}, 0.0), "event_usd_per_mwh": 400.0}


def test_a_dear_event_is_answered_to_the_full() -> None:
    x = solved({"events": {"baseline_mw": 200}, "battery": None}, n=8, **EVENT)
    np.testing.assert_allclose(x["event_cut_mw"], [100], atol=1e-6)
    assert x.usd == pytest.approx(solved({"battery": None}, n=8).usd + 400 * 100 / 4, rel=1e-6)


def test_imports_above_the_baseline_lie_on_the_hull() -> None:
    x = solved({"events": {"baseline_mw": 60}, "battery": None}, n=8, **EVENT)
    assert x["event_cut_mw"][0] <= 30 * (200 - x["import_mw"][5]) / (200 - 30) + 1e-6


@settings(max_examples=40)
@given(site=sites().filter(lambda s: s.events is not None or s.regulation is not None), seed=st.integers(0, 2**32 - 1))
def test_no_random_policy_beats_the_bound_of_a_site_with_events_or_levies(site, seed: int) -> None:
    trace = wild_trace(seed, site.interval_s, site.utc_offset_h, 2)
    per_hour = 3600 // site.interval_s
    e = Episode(site, trace, 4 * per_hour, 6 * per_hour, np.random.default_rng(seed).random(8))
    best = e.bound().value_usd
    assert e.usd(actions(seed, e.n, 16).transpose(1, 0, 2)).max() <= best + 1e-7 * abs(best) + 1e-4
