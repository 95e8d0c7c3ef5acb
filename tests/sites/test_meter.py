"""The grid connection as the kernel reads it."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_limits_are_those_of_the_contract() -> None:
    p = parameter_record(site_with())[0]
    assert (p["import_limit_mw"], p["export_limit_mw"]) == (200, 50)


def test_an_import_limit_is_required() -> None:
    with pytest.raises(ValueError, match="import_limit_mw"):
        site_with({"meter": {}})


def test_nothing_may_be_exported_unless_the_site_says_so() -> None:
    assert site_with({"meter": {"import_limit_mw": 1}}).meter.export_limit_mw == 0


def test_a_ramp_is_counted_from_interval_to_interval() -> None:
    assert parameter_record(site_with({"meter.ramp_mw_per_min": 2}))[0]["ramp_mw"] == 30
    assert parameter_record(site_with({"meter.ramp_mw_per_min": 2, "interval_s": 300}))[0]["ramp_mw"] == 10
    assert parameter_record(site_with())[0]["ramp_mw"] == 0
    with pytest.raises(ValueError, match="ramp_mw_per_min"):
        site_with({"meter.ramp_mw_per_min": 0})
