"""Spaces are declared once, and their page is current."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings

from hybrid_env.sim.action import ACTIONS
from hybrid_env.sites.site import Site, load_site
from hybrid_env.spaces import ACTION_FIELDS, action_space, observation_fields, observation_space, spaces_page
from tests.strategies import sites

PAGE = Path(__file__).parents[2] / "docs" / "spaces.md"


def test_the_page_is_current() -> None:
    page = spaces_page(load_site("texas_wind"))
    assert PAGE.read_text("utf-8") == page, "write it anew: docs/spaces.md = spaces_page(load_site('texas_wind'))"


def test_actions_are_named_in_the_kernels_order() -> None:
    assert tuple(field.name for field in ACTION_FIELDS) == ACTIONS
    assert action_space().shape == (len(ACTIONS),) and action_space().dtype == np.float32


@settings(max_examples=20)
@given(site=sites())
def test_an_observation_has_120_numbers_and_two_a_fleet(site: Site) -> None:
    assert observation_space(site).shape == (len(observation_fields(site)),)
    assert len(observation_fields(site)) == 120 + 2 * len(site.mining.fleets)


def test_every_field_says_when_it_is_known() -> None:
    assert {f.known for f in observation_fields(load_site("texas_wind"))} == {"now", "settled", "forecast", "state"}
