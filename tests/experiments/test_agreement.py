"""Kendall's tau of two worlds, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.agreement import agreement, ranks
from experiments.command import UserError


def worlds(*gains: float, weeks: int = 4) -> dict[str, np.ndarray]:
    """Policies a, b, c... that gain the same in every week."""
    return {name: np.full((1, weeks), gain) for name, gain in zip("abcdef", gains, strict=False)}


def test_one_swapped_pair_of_six_is_two_thirds() -> None:
    found = agreement(worlds(4, 3, 2, 1), worlds(40, 20, 30, 10))
    assert found.tau.estimate == pytest.approx((5 - 1) / 6)
    assert found.swapped == (("b", "c"),)
    # of the 24 orders of four, 1 has no and 3 have one pair reversed; as many lie as far on the other side
    assert found.p_value == pytest.approx(2 * (1 + 3) / 24)


def test_the_reverse_order_is_minus_one_with_every_pair_swapped() -> None:
    found = agreement(worlds(1, 2, 3), worlds(3, 2, 1))
    assert found.tau.estimate == pytest.approx(-1)
    assert found.swapped == (("c", "b"), ("c", "a"), ("b", "a"))


def test_ties_take_the_better_rank_and_are_not_swapped() -> None:
    assert ranks({"a": 1.0, "b": 5.0, "c": 1.0, "d": 0.0}) == {"a": 2, "b": 1, "c": 2, "d": 4}
    found = agreement(worlds(3, 1, 1), worlds(3, 2, 1))
    assert found.tau.estimate == pytest.approx(2 / math.sqrt(2 * 3)) and not found.swapped


def test_the_interval_holds_one_only_where_every_week_agrees() -> None:
    sure = agreement(worlds(3, 2, 1, weeks=52), worlds(3, 2, 1, weeks=52))
    assert (sure.tau.low, sure.tau.high) == (1, 1)
    rng = np.random.default_rng(1)
    noisy = {name: gain + rng.normal(0, 50, gain.shape) for name, gain in worlds(3, 2, 1, weeks=52).items()}
    unsure = agreement(noisy, worlds(3, 2, 1, weeks=52))
    assert unsure.tau.low < unsure.tau.high and unsure.tau.known


def test_few_weeks_have_no_interval() -> None:
    assert not agreement(worlds(3, 2, 1), worlds(3, 2, 1)).tau.known


@pytest.mark.parametrize(("first", "second"), [((2, 1), (2, 1)), ((3, 2, 1), (4, 3, 2, 1))])
def test_other_policies_or_too_few_are_refused(first: tuple[float, ...], second: tuple[float, ...]) -> None:
    with pytest.raises(UserError, match="at least 3"):
        agreement(worlds(*first), worlds(*second))
