"""YAML is read strictly, and mistakes are explained."""

from __future__ import annotations

import pytest

from hybrid_env.sites.base import SiteError
from hybrid_env.sites.explain import allowed_range, read_yaml
from hybrid_env.sites.site import Site, load_site, site_from_dict


def test_a_key_that_stands_twice_is_refused_with_its_place() -> None:
    with pytest.raises(SiteError, match=r"mine.*'wind_mw' stands twice(.|\n)*line 2"):
        read_yaml("supply:\n  {wind_mw: 80, wind_mw: 0}", "mine.yaml")


@pytest.mark.parametrize("value", [True, "80"])
def test_what_is_no_number_is_not_taken_for_one(value: object) -> None:
    data = load_site("texas_wind").model_dump()
    data["supply"]["wind_mw"] = value
    with pytest.raises(SiteError, match=r"supply\.wind_mw: must be a number; found .*allowed: >= 0, <= 10000"):
        site_from_dict(data)


def test_the_whole_range_is_named_whichever_side_is_broken() -> None:
    assert allowed_range(Site, ("battery", "power_mw")) == "; allowed: > 0, <= 10000"
    assert allowed_range(Site, ("mining", "fleets", 0, "nameplate_mw")) == "; allowed: > 0, <= 5000"
    assert allowed_range(Site, ("name",)) == ""
    assert allowed_range(Site, ("nothing", "here")) == ""


def test_what_was_found_is_said_once() -> None:
    data = load_site("texas_wind").model_dump() | {"interval_s": 700}
    with pytest.raises(SiteError) as error:
        site_from_dict(data)
    assert str(error.value).count("found 700") == 1
