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
