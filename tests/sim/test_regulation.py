"""Levies on mining and on carbon."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench import Workbench, calm_trace, site_with

LEVIED: dict[str, Any] = {"mining_levy_usd_per_mwh": 12.0, "carbon_usd_per_t": 50.0, "carbon_average_kg_per_mwh": 400.0}


def test_mining_energy_and_imported_carbon_are_charged() -> None:
    page = Workbench(site_with({"regulation": {}}), calm_trace(**LEVIED)).play()
    assert page.usd("mining_levy") == pytest.approx(-12 * page.mwh("mining"))
    assert page.usd("carbon_price") == pytest.approx(-0.05 * 400 * page.mwh("import"))


def test_a_site_they_do_not_apply_to_pays_nothing() -> None:
    page = Workbench(trace=calm_trace(**LEVIED)).play()
    assert page.usd("mining_levy") == page.usd("carbon_price") == 0


@pytest.mark.parametrize(("other", "alone"), [("mining_levy", "carbon_price"), ("carbon_price", "mining_levy")])
def test_each_is_charged_without_the_other(other: str, alone: str) -> None:
    page = Workbench(site_with({"regulation": {other: False}}), calm_trace(**LEVIED)).play()
    assert page.usd(other) == 0 > page.usd(alone)


def test_what_is_charged_is_seen() -> None:
    """12 of 20 USD/MWh and 50 of 50 USD/t, squashed."""
    b = Workbench(site_with({"regulation": {}}), calm_trace(**LEVIED))
    assert b.observed("mining_levy_usd_per_mwh") == pytest.approx(0.6 / 1.6)
    assert b.observed("carbon_usd_per_t") == pytest.approx(0.5)
