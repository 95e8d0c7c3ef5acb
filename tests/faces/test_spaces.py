"""Spaces are declared once, and their page is current."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings

from hybrid_env.sim.action import ACTIONS
from hybrid_env.sites.site import Site, load_site
from hybrid_env.spaces import (
    ACTION_FIELDS,
    action_names,
    action_space,
    observation_fields,
    observation_space,
    spaces_page,
)
from tests.strategies import sites
from tests.workbench import site_with

PAGE = Path(__file__).parents[2] / "docs" / "spaces.md"


def test_the_page_is_current() -> None:
    page = spaces_page(load_site("texas_wind"))
    assert PAGE.read_text("utf-8") == page, "write it anew: docs/spaces.md = spaces_page(load_site('texas_wind'))"


DECLARED = {action.name for action in ACTION_FIELDS}


def test_actions_are_named_in_the_kernels_order() -> None:
    assert [action.name for action in ACTION_FIELDS] == [name for name in ACTIONS if name in DECLARED]


@settings(max_examples=20)
@given(site=sites())
def test_spaces_hold_what_a_site_has(site: Site) -> None:
    assert observation_space(site).shape == (len(observation_fields(site)),)
    names = action_names(site)
    assert action_space(site).shape == (len(names),) and action_space(site).dtype == np.float32
    assert ("battery" in names) == (site.battery is not None)
    assert ("mining" in names) == (site.mining is not None)


def test_a_site_without_gpus_or_battery_shows_nothing_of_them() -> None:
    site = site_with({"gpu": None, "battery": None})
    assert action_names(site) == ("mining",)
    assert not [f.name for f in observation_fields(site) if f.name.startswith(("gpu", "battery", "gang", "bucket"))]


def test_each_fleet_has_its_own_action_only_where_the_site_says_so() -> None:
    fleets = {"mining.fleets": [{"model": "S21", "nameplate_mw": 10}] * 3, "gpu": None, "battery": None}
    assert action_names(site_with(fleets)) == ("mining",)
    assert action_names(site_with(fleets | {"mining.control": "per_fleet"})) == ("mining", "mining_1", "mining_2")


def test_every_field_says_when_it_is_known() -> None:
    assert {f.known for f in observation_fields(load_site("texas_wind"))} == {"now", "settled", "forecast", "state"}
