"""The plan replayed, and the search that starts from it.

Where a plan can be kept exactly (no gang jobs, no small jobs, instant fleets, ample cooling), its replay must earn the
bound: that ties the programme, the steering and the simulator to one another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.replay import (
    PlanReplay,
    Reachable,
    candidates,
    improved,
    lane_plan,
    lane_twin,
    replayed_actions,
    worth_usd,
)
from hybrid_env.batch import Batch
from hybrid_env.optimum.bound import bound
from hybrid_env.optimum.horizon import StartState
from hybrid_env.sim.action import ACTIONS
from tests.baselines.tiny import STORE, TEXAS, earned_usd, exact_batch, lanes
from tests.strategies import actions, wild_trace
from tests.workbench import column

HOURS = 48
WIND = np.random.default_rng(1).random(96)
PEAK = column({40: 0.25}, 0.0, 96)
SCARCE = {"meter.import_limit_mw": 30}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "prices alone": ({}, {}),
    "scarce imports": (SCARCE, {}),
    "a battery": ({"battery": STORE}, {}),
    "a battery behind scarce imports": (SCARCE | {"battery": STORE}, {}),
    "a coincident peak": ({"tariff.coincident_peak_usd_per_kw_year": 4}, {"cp_weight": PEAK}),
    "wind": ({"supply.wind_mw": 40}, {"wind_cf": WIND}),
    "two fleets": ({"mining.fleets": [{"model": m, "nameplate_mw": 20} for m in ("S21", "S19j Pro")]}, {}),
    "two fleets with an action each": (
        {
            "mining": {
                "fleets": [{"model": m, "nameplate_mw": 20} for m in ("S19j Pro", "S21")],
                "control": "per_fleet",
                "availability_frac": 1,
                "boot_s": 0,
                "stagger_share_per_h": 60,
                "wear_usd_per_mw_start": 0,
            }
        },
        {},
    ),
    "all of it": (
        SCARCE | {"battery": STORE, "tariff.coincident_peak_usd_per_kw_year": 4, "supply.wind_mw": 40},
        {"cp_weight": PEAK, "wind_cf": WIND},
    ),
}


def bound_usd(batch: Batch) -> float:
    """The bound from the first lane's state."""
    lane = batch.lanes[0]
    state = StartState.from_lane(lane, batch.parameters[0])
    row = int(lane["row"])
    found = bound(batch.site, batch.library.traces[0], row, int(lane["end_row"]) - row, state)
    assert found.status == "Optimal" and found.gap_usd < 1
    return found.value_usd


@pytest.mark.parametrize("case", CASES)
def test_where_a_plan_can_be_kept_its_replay_earns_the_bound(case: str) -> None:
    changes, columns = CASES[case]
    batch = exact_batch(changes, rows=HOURS, **columns)
    most = bound_usd(batch)
    usd = earned_usd(PlanReplay(), batch)
    assert 0.999 * most <= usd <= most + 1e-6 * abs(most)


def test_there_is_something_to_plan_in_these_cases() -> None:
    """Or else the test above would show little."""
    changes, columns = CASES["all of it"]
    most = bound_usd(exact_batch(changes, rows=HOURS, **columns))
    assert earned_usd(Naive(), exact_batch(changes, rows=HOURS, **columns)) < 0.9 * most


def test_each_lane_has_its_own_plan() -> None:
    trace = wild_trace(2, utc_offset_h=-6, days=3)
    both, second = lanes(TEXAS, trace, [8, 60], end=100), lanes(TEXAS, trace, [60], end=100)
    policy, alone = PlanReplay(), PlanReplay()
    policy.reset(both)
    alone.reset(second)
    np.testing.assert_array_equal(policy.act(both)[1], alone.act(second)[0])


def scene(rows: int = 24) -> Batch:
    """Six hours of the Texas site in a wild world."""
    return lanes(TEXAS, wild_trace(8, utc_offset_h=-6, days=3), [100], end=100 + rows)


def test_search_earns_at_least_what_it_starts_from() -> None:
    replayed = earned_usd(PlanReplay(), scene())
    found = earned_usd(Reachable(tries=6, ahead_h=6, passes=2), scene())
    assert found >= replayed - 1e-6
    assert found <= bound_usd(scene()) + 1e-3


def test_search_is_reproducible() -> None:
    policy = Reachable(tries=4, ahead_h=3, passes=1)
    assert earned_usd(policy, scene()) == earned_usd(policy, scene())


def test_search_leaves_the_lane_untouched() -> None:
    batch = scene()
    before = batch.lanes.tobytes(), batch.observations.tobytes()
    Reachable(tries=4, ahead_h=3, passes=1).reset(batch)
    replayed_actions(batch, 0)
    lane_plan(batch, 0)
    assert (batch.lanes.tobytes(), batch.observations.tobytes()) == before


def test_what_the_search_finds_is_what_the_policy_plays() -> None:
    batch = scene()
    policy = Reachable(tries=4, ahead_h=3, passes=1)
    policy.reset(batch)
    expected = improved(batch, 0, replayed_actions(batch, 0), 4, 3, 20_240)
    for chosen in expected:
        np.testing.assert_array_equal(policy.act(batch)[0], chosen)
        batch.step(policy.act(batch))


def test_replayed_actions_are_what_the_replay_plays() -> None:
    batch = scene()
    expected = replayed_actions(batch, 0)
    policy = PlanReplay()
    policy.reset(batch)
    for chosen in expected:
        np.testing.assert_array_equal(policy.act(batch)[0], chosen)
        batch.step(policy.act(batch))


def test_candidates_are_the_plan_the_dispatcher_and_changes_within_range() -> None:
    planned = actions(1, 4, 1)[:, 0]
    dispatched = np.full(len(ACTIONS), 0.25, np.float32)
    block = candidates(planned, dispatched, 22, np.random.default_rng(0))
    assert block.shape == (4, 24, len(ACTIONS)) and block.dtype == np.float32
    np.testing.assert_array_equal(block[:, 0], planned)
    np.testing.assert_array_equal(block[:, 1], np.repeat(dispatched[None], 4, axis=0))
    assert (np.abs(block) <= 1).all()
    assert len(np.unique(block[0], axis=0)) > 20


def test_a_choice_is_worth_its_dollars_and_what_it_leaves_over_unless_the_books_have_closed() -> None:
    everything = np.ones((4, 1, len(ACTIONS)), np.float32)
    closing, going_on = scene(rows=4), scene(rows=24)
    ends, goes_on = (worth_usd(b, everything, np.zeros((0, len(ACTIONS)), np.float32))[0] for b in (closing, going_on))
    start_value = float(closing.lanes["start_value_usd"][0])
    for _ in range(4):
        closing.step(everything[0])
        ends -= float(closing.ledger["usd"][0].sum())
    assert ends == pytest.approx(0, abs=1e-6)
    assert goes_on == pytest.approx(worth_usd(scene(rows=4), everything, everything[:0, 0])[0] + start_value)


def test_a_twin_is_a_copy() -> None:
    batch = scene()
    twin = lane_twin(batch, 0, 2)
    assert twin.lanes.tobytes() == batch.lanes.tobytes() * 2
    twin.step(np.ones((2, len(ACTIONS)), np.float32))
    assert twin.lanes["row"].tolist() == [101, 101] and batch.lanes["row"][0] == 100
