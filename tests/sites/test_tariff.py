"""What the grid charges, as the kernel reads it."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_70_usd_per_kw_year_are_70_000_per_mw_and_17_500_a_peak() -> None:
    p = parameter_record(site_with({"tariff.coincident_peak_usd_per_kw_year": 70}))[0]
    assert p["peak_usd_per_mw_year"] == pytest.approx(70_000)
    assert p["peak_usd_per_mw_year"] / 4 == pytest.approx(17_500)


def test_peaks_and_adders_are_free_unless_the_site_says_so() -> None:
    p = parameter_record(site_with())[0]
    assert p["peak_usd_per_mw_year"] == p["adder_usd_per_mwh"] == 0
