"""The ageing of the transformer in the programme."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum.transformer import supporting
from hybrid_env.sim.action import ACTIONS
from tests.optimum.played import Episode, climbed
from tests.optimum.tiny import solved
from tests.workbench import calm_trace, site_with

UNIT = {"transformer": {"rating_mw": 100, "value_usd": 50e6}}


def test_no_line_passes_above_its_table() -> None:
    at, change = np.array([60.0, 80, 100, 120]), np.array([0.1, 0.2, 0.3, 0.0])
    slope, offset = supporting(0.5, at, change)
    x = np.linspace(60, 130, 100)
    table = 0.5 + np.maximum(0, x[:, None] - at) @ change
    assert ((slope[:, None] * x + offset[:, None]).max(axis=0) <= table + 1e-9).all()
    assert slope[0] * 60 + offset[0] == pytest.approx(0.5)


def test_ageing_that_costs_nothing_takes_no_room() -> None:
    x = solved({"transformer": {"rating_mw": 100}}, n=4)
    assert "ageing_rate" not in x.site.lp.variables


def test_dear_insulation_is_spared_on_a_hot_day() -> None:
    x, free = solved(UNIT, drybulb_c=45, n=32), solved(drybulb_c=45, n=32)
    assert x["import_mw"].mean() < free["import_mw"].mean() and x.usd < free.usd


def test_no_play_earns_more_than_the_bound() -> None:
    trace = calm_trace(drybulb_c=np.linspace(20, 45, 192))
    episode = Episode(site_with(UNIT), trace, 4, 24, np.full(8, 0.5))
    best = climbed(episode, np.ones((24, len(ACTIONS)), np.float32), 12, seed=2)
    limit = episode.bound().value_usd
    assert 0.9 * limit < best <= limit
