"""The builder, and the certificate, on programmes small enough to solve by eye."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hybrid_env.optimum.programme import Lp


def knapsack() -> Lp:
    """Maximise x + 2 y, x <= 3, y <= 4, x + y <= 5: x = 1, y = 4, worth 9."""
    lp = Lp(constant_usd=0.0)
    goods = lp.variable("goods", (2,), 0.0, [3.0, 4.0], [1.0, 2.0])
    lp.constrain("room", (1,), [(1.0, goods, np.zeros(2, np.int64))], high=5.0)
    return lp


@pytest.mark.parametrize("method", ["simplex", "ipm"])
def test_primal_and_dual_are_those_found_by_hand(method: str) -> None:
    lp = knapsack()
    found = lp.solve(method)
    assert found.status == "Optimal"
    np.testing.assert_allclose(lp.values("goods", found.columns), [1, 4], atol=1e-5)
    np.testing.assert_allclose(lp.duals("room", found.duals), [1], atol=1e-5)
    assert found.value_usd == pytest.approx(9, abs=1e-5)


def test_the_certificate_of_optimal_duals_is_the_optimum() -> None:
    assert knapsack().weak_bound(np.array([1.0])) == pytest.approx(9)


@given(arrays(np.float64, 1, elements=st.floats(-1e3, 1e3)))
def test_the_certificate_of_any_duals_is_no_less_than_the_optimum(duals: np.ndarray) -> None:
    assert knapsack().weak_bound(duals) >= 9


def test_a_dual_of_the_wrong_sign_is_dropped() -> None:
    lp = knapsack()
    assert lp.weak_bound(np.array([-7.0])) == lp.weak_bound(np.array([0.0])) == pytest.approx(11)


@given(arrays(np.float64, 1, elements=st.floats(-1e3, 1e3)))
def test_polishing_finds_the_best_dual_of_a_row(duals: np.ndarray) -> None:
    lp = knapsack()
    lp.polish(duals, "room")
    assert lp.weak_bound(duals) == pytest.approx(9)


def test_polishing_a_row_that_does_not_bind_gives_zero() -> None:
    lp = knapsack()
    goods = np.arange(2)
    lp.constrain("loose", (1,), [(1.0, goods, np.zeros(2, np.int64))], high=50.0)
    duals = np.array([1.0, 3.0])
    lp.polish(duals, "loose")
    np.testing.assert_array_equal(duals, [1.0, 0.0])


def test_entries_of_one_place_add_up() -> None:
    lp = Lp()
    x = lp.variable("x", (1,), 0.0, 10.0, 1.0)
    lp.constrain("twice", (1,), [(1.0, x), (1.0, x)], high=6.0)
    assert lp.solve("simplex").value_usd == pytest.approx(3)


def test_a_broken_constraint_is_named_with_its_size() -> None:
    lp = knapsack()
    assert lp.violation(np.array([3.0, 4.0])) == pytest.approx({"room": 2})
    assert lp.violation(np.array([1.0, 4.0])) == {}
    assert lp.violation(np.array([0.0, 4.5])) == pytest.approx({"goods": 0.5})


def test_a_bound_that_is_not_finite_is_named() -> None:
    lp = Lp()
    lp.variable("heat_mw", (2,), 0.0, [1.0, np.inf])
    assert "heat_mw" in lp.fault() and "member 1" in lp.fault()


@pytest.mark.parametrize("high", [[1.0, -1.0], [1.0, np.inf]])
def test_nothing_is_certified_of_a_programme_without_a_point(high: list[float]) -> None:
    lp = Lp()
    lp.variable("heat_mw", (2,), 0.0, high)
    with pytest.raises(ValueError, match="heat_mw, member 1: bounds 0 to"):
        lp.weak_bound(np.zeros(0))


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ValueError, match="no_such_option"):
        knapsack().solve("simplex", no_such_option=1)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    knapsack().solve("simplex")
    assert capfd.readouterr().out == ""
