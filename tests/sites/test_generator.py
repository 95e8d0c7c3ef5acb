"""The generator as the kernel reads it."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_a_site_has_none_unless_it_says_so() -> None:
    assert parameter_record(site_with())[0]["generator_mw"] == 0
    p = parameter_record(site_with({"supply.generator": {"nameplate_mw": 40, "min_load_frac": 0.25}}))[0]
    assert p["generator_mw"] == 40 and p["generator_least_mw"] == 10


def test_gas_at_10_8_mmbtu_a_mwh_is_573_kg() -> None:
    p = parameter_record(site_with({"supply.generator": {"nameplate_mw": 1}}))[0]
    assert p["generator_kg_per_mwh"] == pytest.approx(p["generator_mmbtu_per_mwh"] * 53.06, rel=1e-3)


def test_a_generator_of_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        site_with({"supply.generator": {"nameplate_mw": 0}})
