"""Reserves as the kernel reads them."""

from __future__ import annotations

from typing import Any

import pytest

from hybrid_env.sites.parameters import parameter_record
from hybrid_env.spaces import action_names
from tests.workbench import site_with

ECRS: dict[str, Any] = {"name": "ECRS", "response_s": 600, "duration_h": 1}
RRS: dict[str, Any] = {"name": "RRS", "response_s": 0.5, "duration_h": 0.5}


def test_a_site_without_reserves_has_none_of_their_actions() -> None:
    assert parameter_record(site_with())[0]["n_reserves"] == 0
    assert not [name for name in action_names(site_with()) if name.startswith("reserve_")]


def test_each_product_has_an_action() -> None:
    site = site_with({"reserves": {"products": [ECRS, RRS], "max_mw": 20}})
    assert action_names(site)[-2:] == ("reserve_0", "reserve_1")
    p = parameter_record(site)[0]
    assert p["reserve_response_s"].tolist() == [600, 0.5, 0] and p["reserve_duration_s"].tolist() == [3600, 1800, 0]


@pytest.mark.parametrize(("closure_s", "row"), [(3600, 0), (900, 3), (1000, 2), (1, 3)])
def test_the_gate_is_the_interval_that_begins_in_time(closure_s: float, row: int) -> None:
    site = site_with({"reserves": {"products": [ECRS], "max_mw": 20, "gate_closure_s": closure_s}})
    assert parameter_record(site)[0]["reserve_gate_row"] == row


def test_a_product_must_be_due_before_it_is_over() -> None:
    with pytest.raises(ValueError, match=r"ECRS: response_s .* must be shorter than duration_h"):
        site_with({"reserves": {"products": [ECRS | {"response_s": 3600}], "max_mw": 20}})


def test_only_a_load_that_can_drop_may_sell_them() -> None:
    with pytest.raises(ValueError, match="the site has neither"):
        site_with({"reserves": {"products": [ECRS], "max_mw": 20}, "mining": None, "battery": None})
