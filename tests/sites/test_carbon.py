"""Carbon accounting as the kernel reads it."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_wind_emits_nothing_unless_the_site_says_so() -> None:
    assert parameter_record(site_with())[0]["own_kg_per_mwh"] == 0
    assert parameter_record(site_with({"carbon.own_kg_per_mwh": 11}))[0]["own_kg_per_mwh"] == 11


def test_impossible_emissions_are_refused() -> None:
    with pytest.raises(ValueError, match="less than or equal to 1500"):
        site_with({"carbon.own_kg_per_mwh": 2_000})


@pytest.mark.parametrize(
    ("quality", "counts"),
    [
        ({}, 1), ({"vintage_months": 36}, 1), ({"vintage_months": 37}, 0), ({"same_zone": False}, 0),
        ({"additional": False}, 0),
    ],
)  # fmt: skip
def test_a_certificate_is_additional_only_if_near_new_and_built_for_it(quality: dict[str, object], counts: int) -> None:
    p = parameter_record(site_with({"carbon": {"certificates": quality, "contracted": {"mw": 5} | quality}}))[0]
    assert p["own_additional"] == p["contracted_additional"] == counts
    assert p["own_certificates"] == p["certificates"] == 1


def test_certificates_that_are_sold_leave_null_power() -> None:
    p = parameter_record(site_with({"carbon": {"certificates": {"own": False}}}))[0]
    assert (p["own_certificates"], p["own_null"], p["own_additional"]) == (0, 1, 0)


def test_a_contract_has_one_shape() -> None:
    p = parameter_record(site_with({"carbon": {"contracted": {"mw": 30, "shape": "solar"}}}))[0]
    assert (p["contracted_flat_mw"], p["contracted_wind_mw"], p["contracted_solar_mw"]) == (0, 0, 30)


def test_a_premium_needs_something_to_match_with() -> None:
    with pytest.raises(ValueError, match="matched_premium_usd_per_mwh needs `certificates`, `contracted` or both"):
        site_with({"carbon": {"matched_premium_usd_per_mwh": 5}})
