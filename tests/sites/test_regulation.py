"""Regulation as the kernel reads it."""

from __future__ import annotations

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def applies(changes: dict) -> tuple[int, int]:
    p = parameter_record(site_with(changes))[0]
    return int(p["mining_levied"]), int(p["carbon_priced"])


def test_levies_apply_where_the_site_says_so() -> None:
    assert applies({}) == (0, 0)
    assert applies({"regulation": {}}) == (1, 1)
    assert applies({"regulation": {"carbon_price": False}}) == (1, 0)


def test_a_site_without_mining_pays_no_levy_on_it() -> None:
    assert applies({"regulation": {}, "mining": None}) == (0, 1)
