"""A battery as the kernel reads it."""

from __future__ import annotations

import pytest

from hybrid_env.sites.battery import Battery
from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_the_default_round_trip_is_85_percent() -> None:
    b = Battery(power_mw=1, energy_mwh=4)
    assert b.charge_efficiency * b.discharge_efficiency == pytest.approx(0.85, abs=1e-3)


def test_the_default_wear_is_capital_over_lifetime_throughput() -> None:
    """150 USD/kWh over 6,000 cycles of 80 % depth, in and out."""
    assert Battery(power_mw=1, energy_mwh=4).wear_usd_per_mwh == pytest.approx(150_000 / (6_000 * 2 * 0.8), rel=2e-3)


def test_limits_are_shares_of_energy() -> None:
    p = parameter_record(site_with())[0]
    assert (p["soc_min_mwh"], p["soc_max_mwh"]) == pytest.approx((5, 95))


def test_without_a_battery_nothing_can_be_stored() -> None:
    p = parameter_record(site_with({"battery": None}))[0]
    assert p["battery_mw"] == p["soc_max_mwh"] == 0 and p["soc_keep"] == 1
