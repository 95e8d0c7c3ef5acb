"""Cash rules are refused where they are impossible."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with

CASH = {"start_usd": 1e6, "fixed_cost_usd_per_day": 48_000, "floor_usd": 2e5}


def test_fixed_costs_are_per_hour_in_the_record() -> None:
    p = parameter_record(site_with({"cash": CASH}))[0]
    assert (p["cash_start_usd"], p["fixed_cost_usd_per_h"], p["cash_floor_usd"]) == (1e6, 2_000, 2e5)
    assert (p["withdraw_frac"], p["withdraw_credit_frac"]) == (0.25, 1)


def test_a_site_without_it_never_withdraws() -> None:
    assert parameter_record(site_with())[0]["withdraw_frac"] == 0


def test_shedding_may_not_cost_more_than_withdrawing() -> None:
    with pytest.raises(ValidationError, match=r"credit_frac.*1 \+ cash.credit_frac"):
        site_with({"cash": CASH | {"credit_frac": 0.5}, "gpu.reserved.credit_frac": 1.6})


def test_withdrawing_needs_tenants() -> None:
    with pytest.raises(ValidationError, match="reserved"):
        site_with({"cash": CASH, "gpu.reserved": None})
