"""The menu of asking prices as the kernel reads it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hybrid_env.sites.parameters import parameter_record
from hybrid_env.spaces import action_names
from tests.workbench import site_with

RENTED = {"gpu.on_demand.peak_gpus": 1_000}


def test_the_default_menu_has_the_markets_rent_in_its_middle() -> None:
    p = parameter_record(site_with(RENTED))[0]
    assert p["n_asks"] == 5 and p["ask_frac"][2] == 1.0


def test_a_site_without_on_demand_rental_neither_prices_nor_powers_it() -> None:
    assert {"on_demand", "asking_price"} & set(action_names(site_with())) == set()
    assert {"on_demand", "asking_price"} <= set(action_names(site_with(RENTED)))


@pytest.mark.parametrize(
    "menu, said",
    [
        ({"ask_frac": [1, 2], "accept_frac": [1.0]}, "as many prices as shares"),
        ({"ask_frac": [], "accept_frac": []}, "as many prices as shares"),
        ({"ask_frac": [1, 1], "accept_frac": [1, 0.5]}, "ask_frac must rise"),
        ({"ask_frac": [1, 2], "accept_frac": [0.5, 0.5]}, "accept_frac must fall"),
        ({"ask_frac": [1, 2], "accept_frac": [1.5, 0.5]}, "accept_frac must fall"),
    ],
)
def test_a_menu_that_is_no_demand_curve_is_refused(menu: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        site_with({"gpu.on_demand": {"peak_gpus": 1_000} | menu})
