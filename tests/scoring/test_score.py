"""The score, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from hybrid_env.scoring.result import ResultError
from hybrid_env.scoring.score import (
    ScoreError,
    load_references,
    reference_lines,
    score,
    split_bound,
    stack_seeds,
    tail_mean,
    weekly_tail_mean,
    worst_week,
)
from tests.scoring.made_up import TRACES, naive, provenance, references, result, rows, weeks

NAIVE = np.array([[0.0, 10.0], [5.0, 5.0]])
BOUND = np.array([110.0, 20.0])


def test_naive_scores_zero_and_the_bound_one() -> None:
    assert score(NAIVE, NAIVE, BOUND) == 0.0
    assert score([[50.0, 60.0], [20.0, 0.0]], NAIVE, BOUND) == 1.0


def test_a_score_by_hand_is_a_ratio_of_sums_over_worlds_and_weeks() -> None:
    policy = [[50.0, 10.0], [10.0, 5.0]]  # gains 50 + 0 and 5 + 0; room 100 and 10
    assert score(policy, NAIVE, BOUND) == pytest.approx(55 / 110)


def test_it_is_no_mean_of_ratios() -> None:
    naive, bound = np.zeros((1, 2)), np.array([101.0])
    rich_week_only = [[100.0, 0.0]]  # ratios by week would be 1 and 0: mean 0.5
    assert score(rich_week_only, naive, bound) == pytest.approx(100 / 101)


def test_good_in_dull_weeks_ranks_below_good_in_rich_weeks() -> None:
    naive = np.zeros((1, 52))
    room = np.where(np.arange(52) < 4, 1_000.0, 10.0)[None]
    dull, rich = np.where(room < 100, 0.95 * room, 0.1 * room), np.where(room > 100, 0.95 * room, 0.1 * room)
    bound = room.sum(axis=1)
    assert np.mean(dull / room) > np.mean(rich / room)
    assert score(dull, naive, bound) < 0.25 < 0.8 < score(rich, naive, bound)


def test_the_order_of_weeks_does_not_matter() -> None:
    naive, policy = weeks(1, 0.0, 1.0), weeks(2, 1.0, 1.0)
    bound = naive.sum(axis=1) + 200.0
    order = np.random.default_rng(0).permutation(52)
    assert score(policy[:, order], naive[:, order], bound) == pytest.approx(score(policy, naive, bound), abs=1e-12)


def test_losing_money_against_naive_scores_below_zero() -> None:
    assert score(NAIVE - 10.0, NAIVE, BOUND) < 0


def test_several_seeds_score_their_mean() -> None:
    a, b = NAIVE + 1.0, NAIVE + 3.0
    assert score([a, b], NAIVE, BOUND) == pytest.approx((score(a, NAIVE, BOUND) + score(b, NAIVE, BOUND)) / 2)


def test_nothing_to_win_is_an_error() -> None:
    with pytest.raises(ScoreError, match="nothing to win"):
        score(NAIVE, NAIVE, NAIVE.sum(axis=1))


@pytest.mark.parametrize(
    ("policy", "bound"), [(np.zeros((2, 3)), BOUND), (NAIVE, np.zeros((2, 2))), (np.zeros(4), BOUND)]
)
def test_shapes_that_do_not_match_are_named(policy: np.ndarray, bound: np.ndarray) -> None:
    with pytest.raises(ScoreError, match="shape"):
        score(policy, NAIVE, bound)


def test_tail_mean_by_hand() -> None:
    assert tail_mean(np.arange(1.0, 21.0)) == pytest.approx(1.5)  # the worst two of twenty
    assert tail_mean(np.arange(1.0, 16.0)) == pytest.approx(
        (1.0 + 0.5 * 2.0) / 1.5
    )  # the worst one and a half of fifteen
    assert tail_mean([7.0]) == 7.0
    assert tail_mean([3.0, 1.0, 2.0], tail=1.0) == pytest.approx(2.0)
    with pytest.raises(ScoreError, match="tail must lie"):
        tail_mean([1.0], tail=0.0)


def test_risk_looks_at_each_seed_and_the_worst_week_at_all() -> None:
    naive = np.zeros((1, 10))
    calm, wild = np.ones((1, 10)), np.ones((1, 10))
    wild[0, 3] = -8.0
    assert weekly_tail_mean([calm, wild], naive) == pytest.approx((1.0 - 8.0) / 2)
    assert worst_week([calm, wild], naive) == -8.0


def test_the_split_adds_up_to_the_bound_and_keeps_the_plans_shape() -> None:
    plan = np.array([[1.0, 3.0], [-2.0, 0.0]])
    split = split_bound(plan, [8.0, 2.0])
    assert split.sum(axis=1) == pytest.approx([8.0, 2.0])
    assert split[0] == pytest.approx([2.0, 6.0])
    assert split[1] == pytest.approx([0.0, 2.0])


def test_reference_lines_are_in_order() -> None:
    lines = reference_lines(references())
    assert list(lines) == ["naive", "P24", "R*", "bound"]
    assert list(lines.values()) == pytest.approx([0.0, 0.93, 0.96, 1.0])


def test_lines_that_a_task_lacks_are_left_out() -> None:
    assert list(reference_lines(references(p24_usd=None))) == ["naive", "R*", "bound"]


def test_references_come_back_equal_from_their_file(tmp_path: Path) -> None:
    stored = references()
    assert load_references(stored.save(tmp_path / "made_up.json")) == stored
    with pytest.raises(ResultError, match="no such file"):
        load_references(tmp_path / "other.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bound_usd": (1.0,)}, "one figure for each"),
        ({"bound_usd": (0.0, 0.0)}, "does not add up"),
        ({"p24_usd": ((1.0,), (2.0,))}, "p24_usd: expected 2 worlds of 52 weeks"),
        ({"trace_hashes": {}}, "must name exactly"),
    ],
)
def test_impossible_references_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        references(**changes)


def test_a_bound_below_naive_is_refused() -> None:
    low = naive() - 1.0
    with pytest.raises(ValidationError, match="not above the naive policy"):
        references(bound_usd=tuple(low.sum(axis=1)), bound_weekly_usd=rows(low))


def test_runs_are_stacked_by_seed() -> None:
    runs = [result("a", 2), result("a", 1)]
    stacked = stack_seeds(runs, references())
    assert stacked.shape == (2, 2, 52)
    assert np.array_equal(stacked[0], runs[1].weekly())


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (result("a", task="hybrid_env/Other-v0"), "task"),
        (result("a", provenance=provenance(site_hash="6" * 16)), "site hash"),
        (result("a", provenance=provenance(trace_hashes={**TRACES, "made_up/2": "f" * 16})), "trace hashes"),
        (result("a", weekly=np.ones((2, 4))), "weeks"),
    ],
)
def test_runs_on_other_traces_are_refused(run: object, message: str) -> None:
    with pytest.raises(ScoreError, match=f"a, seed 0: its {message}.*run the evaluation again"):
        stack_seeds([run], references())  # pyright: ignore[reportArgumentType]


def test_mixed_policies_and_double_seeds_are_refused() -> None:
    with pytest.raises(ScoreError, match="one policy"):
        stack_seeds([result("a"), result("b")], references())
    with pytest.raises(ScoreError, match="occurs twice"):
        stack_seeds([result("a"), result("a")], references())
