"""Where fleets stand, as the kernel reads it."""

from __future__ import annotations

import pytest

from hybrid_env.sites.outdoor import AIR, HALL, LOOP
from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def fleets(*kinds: str) -> list[dict[str, object]]:
    return [{"model": "S21", "nameplate_mw": 10, "cooling": kind} for kind in kinds]


def test_fleets_stand_in_the_hall_unless_the_site_says_otherwise() -> None:
    p = parameter_record(site_with())[0]
    assert p["outdoor_fleets"] == 0 and p["sleep_by_place"].tolist() == [p["sleep_mw"], 0, 0]


def test_hydro_and_immersion_share_the_loop_and_differ_in_its_limit() -> None:
    site = site_with({"mining.fleets": fleets("hall", "air", "hydro", "immersion"), "mining.control": "per_fleet"})
    p = parameter_record(site)[0]
    assert p["fleet_place"].tolist() == [HALL, AIR, LOOP, LOOP]
    assert p["fleet_derate_start_c"].tolist() == [40, 40, 45, 50]
    assert p["sleep_by_place"] == pytest.approx([0.1, 0.1, 0.2])


def test_different_cooling_under_one_action_is_refused() -> None:
    with pytest.raises(ValueError, match="need control: per_fleet"):
        site_with({"mining.fleets": fleets("hall", "air")})
