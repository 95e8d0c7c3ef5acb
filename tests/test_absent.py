"""What a site lacks breaks nothing: the kernel, the bound, the policies and the environment go on without it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from hybrid_env.baselines.registry import make_policy, policy_names
from hybrid_env.batch import Batch
from hybrid_env.env import HybridEnv
from hybrid_env.sites.site import Site
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import Trace
from tests.optimum.played import Episode
from tests.strategies import actions, wild_trace
from tests.workbench import site_with

CLASSES = ("reserved", "inference", "on_demand", "training", "spot")
ON_DEMAND = {"gpu.on_demand": {"peak_gpus": 3_000}}
LACKING: dict[str, dict[str, Any]] = {
    "nothing": {},
    "mining": {"mining": None},
    "gpu": {"gpu": None},
    **{name: {f"gpu.{name}": None} for name in CLASSES},
    "all but reserved": {f"gpu.{name}": None for name in CLASSES[1:]},
    "all but inference": {f"gpu.{name}": None for name in CLASSES if name != "inference"},
    "all but training": {f"gpu.{name}": None for name in CLASSES if name != "training"},
    "all but on demand": {f"gpu.{name}": None for name in CLASSES if name != "on_demand"},
    "all but spot": {f"gpu.{name}": None for name in CLASSES[:-1]},
    "all GPU work": {f"gpu.{name}": None for name in CLASSES},
    "mining and all but spot": {"mining": None, **{f"gpu.{name}": None for name in CLASSES[:-1]}},
    "gpu and battery": {"gpu": None, "battery": None},
}
"""Changes to the bench site, by what it then lacks."""
ROW, ROWS, POLICY_ROWS = 8, 48, 6

lacking = pytest.mark.parametrize("site", [site_with(ON_DEMAND | c) for c in LACKING.values()], ids=list(LACKING))


def world(site: Site) -> Trace:
    return wild_trace(3, site.interval_s, site.utc_offset_h)


@lacking
def test_the_kernel_writes_numbers_alone(site: Site) -> None:
    batch = Batch(site, Library([world(site)]), 4)
    begins = np.tile(np.array([[0, ROW, ROW + ROWS]], np.int64), (4, 1))
    batch.begin(np.arange(4), begins, np.random.default_rng(0).random((4, 8)))
    for action in actions(1, ROWS, 4):
        batch.step(action)
        assert np.isfinite(batch.observations).all()
        for record in (batch.lanes, batch.ledger):
            for name in record.dtype.names or ():
                assert np.isfinite(record[name]).all(), name


@lacking
def test_nobody_beats_the_bound(site: Site) -> None:
    episode = Episode(site, world(site), ROW, 24, np.full(8, 0.5))
    best = episode.bound()
    usd = episode.usd(actions(2, 24, 16).transpose(1, 0, 2))
    assert best.status == "Optimal"
    assert usd.max() <= best.value_usd + 1e-7 * abs(best.value_usd) + 1e-4


@lacking
def test_every_policy_plays(site: Site) -> None:
    for name in policy_names():
        batch = Batch(site, Library([world(site)]), 1)
        batch.begin(np.zeros(1, np.int64), np.array([[0, ROW, ROW + POLICY_ROWS]]), np.full((1, 8), 0.5))
        policy = make_policy(name)
        policy.reset(batch)
        for _ in range(POLICY_ROWS):
            batch.step(policy.act(batch))
        assert batch.ledger["truncated"][0] == 1 and np.isfinite(batch.ledger["usd"]).all(), name


@lacking
def test_gymnasiums_checker_has_nothing_to_say(site: Site) -> None:
    env = HybridEnv(site=site, traces=[world(site)], horizon_rows=ROWS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env, skip_render_check=True)
