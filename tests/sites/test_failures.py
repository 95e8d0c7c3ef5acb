"""Failures as the kernel reads them."""

from __future__ import annotations

import math

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_half_a_percent_a_month_is_a_quarter_of_a_block_of_fifty() -> None:
    p = parameter_record(site_with({"mining.failures": {}}))[0]
    assert p["failing"] == 1 and p["failures_per_row"] == pytest.approx(0.25 / (730.5 * 4))
    assert p["failures_per_start"] == pytest.approx(50 * 5e-5)
    assert p["block_share"] == pytest.approx(0.02)


def test_repairs_take_three_weeks_on_average() -> None:
    p = parameter_record(site_with({"mining.failures": {}}))[0]
    assert (1 - p["repaired_share"]) ** (21 * 96) == pytest.approx(math.exp(-1))


@pytest.mark.parametrize("changes", [{}, {"mining": None}])
def test_nothing_fails_unless_the_site_says_so(changes: dict[str, None]) -> None:
    p = parameter_record(site_with(changes))[0]
    assert p["failing"] == p["failures_per_row"] == p["repaired_share"] == 0


def test_a_fleet_without_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        site_with({"mining.failures": {"blocks": 0}})
