"""Coincident peaks fall on the rows that a tariff's rule says, in drawn and in measured years."""

import numpy as np
import pytest

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.market import load_market
from hybrid_env.traces.peaks import coincident_peak_weights

MONTH = np.repeat(np.arange(1, 13), 3)
LOAD_MW = np.tile([40.0, 60.0, 50.0], 12)


def test_a_tie_for_the_peak_goes_to_the_first_row():
    weights = coincident_peak_weights(np.array([5.0, 7.0, 7.0]), np.array([6, 6, 6]), "4CP")
    assert weights.tolist() == [0, 0.25, 0]


def test_4cp_weighs_the_highest_row_of_june_to_september():
    weights = coincident_peak_weights(LOAD_MW, MONTH, "4CP")
    assert np.flatnonzero(weights).tolist() == [16, 19, 22, 25]
    assert (weights[[16, 19, 22, 25]] == 0.25).all()


def test_12cp_weighs_the_highest_row_of_every_month():
    weights = coincident_peak_weights(LOAD_MW, MONTH, "12CP")
    assert (np.flatnonzero(weights) == np.arange(1, 36, 3)).all()
    assert weights.sum() == pytest.approx(1) and weights.max() == pytest.approx(1 / 12)


def test_ncp_has_no_coincident_peak():
    assert not coincident_peak_weights(LOAD_MW, MONTH, "NCP").any()


def test_months_may_be_given_instead_of_a_rule():
    assert np.flatnonzero(coincident_peak_weights(LOAD_MW, MONTH, [1, 12])).tolist() == [1, 34]


def test_part_of_a_year_bears_part_of_the_charge():
    assert coincident_peak_weights(LOAD_MW[:18], MONTH[:18], "4CP").sum() == 0.25


@pytest.mark.parametrize(("rule", "peaks"), [("12CP", 12), ("NCP", 0)])
def test_a_market_names_its_rule(rule, peaks):
    market = load_market("texas")
    price = market.price.model_copy(update={"cp_rule": rule})
    year = generate_year(market.model_copy(update={"price": price}), 0, 100.0, interval_s=3600)
    assert np.count_nonzero(year.rows["cp_weight"]) == peaks


@pytest.mark.parametrize("change", [{"cp_rule": None}, {"cp_months": [6]}])
def test_a_market_has_one_rule_exactly(change):
    data = load_market("texas").price.model_dump(mode="json") | change
    with pytest.raises(ValueError, match=r"either cp_rule \(4CP, 12CP, NCP\) or cp_months"):
        type(load_market("texas").price).model_validate(data)
