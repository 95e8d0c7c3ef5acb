"""Levies, carbon prices and bans hold when the authorities say."""

import numpy as np
import pytest

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.market import Regulation, load_market


def rows_under(**parts):
    market = load_market("texas").model_copy(update={"regulation": Regulation.model_validate(parts)})
    return generate_year(market, 1, 100.0, year=2023).rows


def test_charges_hold_from_their_day_on():
    rows = rows_under(mining_levy={"usd_per_mwh": 20, "from_day": 31}, carbon_price={"usd_per_t": 35})
    levy = rows["mining_levy_usd_per_mwh"]
    assert not levy[: 31 * 96].any() and (levy[31 * 96 :] == 20).all()  # 1 February 00:00 local
    assert (rows["carbon_usd_per_t"] == 35).all()
    assert (rows["mining_allowed"] == 1).all()


def test_a_ban_holds_in_its_local_hours_of_its_months():
    rows = rows_under(mining_ban={"hours": [17, 18], "months": [7, 8]})
    hour = np.tile(np.repeat(np.arange(24), 4), 365)
    banned = np.isin(hour, (17, 18)) & np.isin(rows["month"], (7, 8))
    np.testing.assert_array_equal(rows["mining_allowed"], 1.0 - banned)


def test_a_ban_without_hours_holds_all_day():
    rows = rows_under(mining_ban={"months": [1]})
    np.testing.assert_array_equal(rows["mining_allowed"] == 0, rows["month"] == 1)


@pytest.mark.parametrize(
    "parts",
    [{"mining_ban": {"hours": [24]}}, {"mining_levy": {"usd_per_mwh": -1}}, {"carbon_price": {"usd_per_t": 2e3}}],
)
def test_an_impossible_rule_is_refused(parts):
    with pytest.raises(ValueError, match="equal to"):
        Regulation.model_validate(parts)
