"""Pool terms as the kernel reads them."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_pools_take_one_percent_unless_the_site_says_so() -> None:
    assert parameter_record(site_with())[0]["pool_fee_frac"] == pytest.approx(0.01)


def test_a_fee_above_20_percent_is_refused() -> None:
    with pytest.raises(ValueError, match=r"less than or equal to 0\.2"):
        site_with({"network.pool_fee_frac": 0.3})


@pytest.mark.parametrize(("scheme", "weight"), [("fpps", 1.0), ("pps_plus", 0.98 / 0.99), ("pps", 0.0)])
def test_the_scheme_decides_how_far_transaction_fees_count(scheme: str, weight: float) -> None:
    assert parameter_record(site_with({"network.pool_scheme": scheme}))[0]["pool_fees_weight"] == weight


def test_an_unknown_scheme_lists_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'fpps', 'pps_plus' or 'pps'"):
        site_with({"network.pool_scheme": "solo"})


def test_no_contract_leaves_its_figures_at_zero() -> None:
    p = parameter_record(site_with())[0]
    assert p["forward_ph"] == p["cloud_ph"] == p["cloud_credit_frac"] == 0


def test_a_credit_below_hashprice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"greater than or equal to 1"):
        site_with({"network.cloud": {"sold_ph": 1, "price_usd_per_ph_day": 50, "shortfall_credit_frac": 0.9}})


@pytest.mark.parametrize("contract", ["forward", "cloud"])
def test_hash_is_not_sold_by_a_site_that_has_none(contract: str) -> None:
    changes = {"mining": None, f"network.{contract}": {"sold_ph": 1, "price_usd_per_ph_day": 50}}
    with pytest.raises(ValueError, match=rf"network\.{contract} sells hash"):
        site_with(changes)
