"""Service levels in the programme: free misses go where power is dear, and nobody beats the bound."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum.bound import bound, padded
from tests.optimum.played import Episode, Rest, climbed
from tests.optimum.tiny import prices, solved
from tests.strategies import actions, wild_trace
from tests.workbench import FULL, calm_trace, site_with

TIERS = {"gpu.inference.sla_tiers": [[0.98, 0.10], [0.95, 1.0]], "battery": None}


def test_the_months_allowance_is_missed_in_the_dearest_hours() -> None:
    x = solved(TIERS, **prices({8: 3_400, 9: 3_000}))
    assert x["sla_free_h"].sum() <= 0.02 * 32 * 250 + 1e-6
    assert x["sla_free_h"][8] > 0 and x["sla_free_h"][10:].sum() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_nobody_beats_the_bound_from_the_start_or_from_within(seed: int) -> None:
    site, trace, luck = site_with(TIERS), wild_trace(seed), np.full(8, 0.5)
    everything = np.tile(np.array(list(FULL.values()), np.float32), (24, 1))
    for episode in (Episode(site, trace, 84, 24, luck), Rest(site, trace, 84, 24, luck)):
        best = episode.bound().value_usd
        assert episode.usd(actions(seed, 24, 32).transpose(1, 0, 2)).max() <= best + 1e-4
        assert climbed(episode, everything, 10, seed) <= best + 1e-4


def test_windows_hardly_loosen_it() -> None:
    site, trace = site_with(TIERS), calm_trace(days=4, **prices({row: 3_400 for row in range(40, 300, 50)}, rows=384))
    whole = bound(site, trace, 0, 288, windows=padded([0, 288], 0)).value_usd
    parts = bound(site, trace, 0, 288, windows=padded([0, 96, 192, 288], 48)).value_usd
    assert whole <= parts + 1e-3 and parts <= whole + 2e-3 * abs(whole)
