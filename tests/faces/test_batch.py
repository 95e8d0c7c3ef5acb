"""The batch under every face."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.batch import Batch
from hybrid_env.traces.library import Library
from tests.faces.conftest import SITE, TRACES
from tests.strategies import actions, wild_trace

LIBRARY = Library(TRACES)


def begun(n: int, library: Library = LIBRARY) -> Batch:
    batch = Batch(SITE, library, n)
    begins = np.array([[i % len(library.names), 4 + 4 * i, 200] for i in range(n)])
    batch.begin(np.arange(n), begins, np.random.default_rng(0).random((n, 8)))
    return batch


def test_lanes_do_not_meet() -> None:
    together, plan = begun(5), actions(1, 20, 5)
    alone = []
    for i in range(5):
        one = begun(5)
        one.lanes, one.ledger, one.observations = one.lanes[i : i + 1].copy(), one.ledger[:1], one.observations[:1]
        alone.append(one)
    for action in plan:
        together.step(action)
        for i, one in enumerate(alone):
            one.step(action[i : i + 1])
    for i, one in enumerate(alone):
        assert one.lanes[0].tobytes() == together.lanes[i].tobytes()
        assert one.observations[0].tobytes() == together.observations[i].tobytes()


def test_held_lanes_stand_still_with_an_empty_page() -> None:
    batch, plan = begun(3), actions(2, 2, 3)
    batch.step(plan[0])
    lane, seen = batch.lanes[1].copy(), batch.observations[1].copy()
    batch.step(plan[1], np.array([1]))
    assert batch.lanes[1].tobytes() == lane.tobytes() and batch.observations[1].tobytes() == seen.tobytes()
    assert not any(batch.ledger[1][name].any() for name in batch.ledger.dtype.names or ())
    assert batch.ledger["usd"][0].any()


def test_the_trace_is_never_written() -> None:
    batch = begun(3)
    for action in actions(3, 50, 3):
        batch.step(action)
    assert not LIBRARY.rows.flags.writeable
    assert [Library([t]).hashes[0] for t in TRACES] == list(LIBRARY.hashes)


@pytest.mark.parametrize("n", [0, -1])
def test_a_batch_needs_a_lane(n: int) -> None:
    with pytest.raises(ValueError, match=f"at least one lane; found {n}"):
        Batch(SITE, LIBRARY, n)


def test_worlds_of_different_length_each_play_to_their_own_end() -> None:
    library = Library([wild_trace(1, days=2), wild_trace(2, days=4)])
    batch = Batch(SITE, library, 1)
    assert batch.first_rows(0, 96) == (4, 92) and batch.first_rows(1, 96) == (4, 284)
    with pytest.raises(ValueError, match="does not fit"):
        batch.first_rows(0, 200)


def test_luck_is_drawn_as_ten_numbers_whatever_is_chosen() -> None:
    batch = begun(1)
    one, other = np.random.default_rng(0), np.random.default_rng(0)
    batch.draw(one, 10)
    other.random(10)
    assert one.random() == other.random()
