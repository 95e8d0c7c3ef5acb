"""Own generation as the kernel reads it."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_a_site_has_no_wind_unless_it_says_so() -> None:
    assert parameter_record(site_with())[0]["wind_nameplate_mw"] == 0
    assert parameter_record(site_with({"supply.wind_mw": 80}))[0]["wind_nameplate_mw"] == 80


def test_a_negative_wind_farm_is_refused() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        site_with({"supply.wind_mw": -1})


def test_the_turbine_passes_the_river_unless_more_is_asked_for() -> None:
    assert parameter_record(site_with({"supply.hydro_mw": 30}))[0]["hydro_turbine_mw"] == 30
    with pytest.raises(ValueError, match=r"hydro_turbine_mw = 20 must be at least hydro_mw = 30"):
        site_with({"supply.hydro_mw": 30, "supply.hydro_turbine_mw": 20})


def test_a_pond_without_a_river_is_refused() -> None:
    with pytest.raises(ValueError, match="hydro_pond_mwh needs a river"):
        site_with({"supply.hydro_pond_mwh": 10})
