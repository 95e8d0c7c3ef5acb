"""Events as the kernel reads them."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_a_site_takes_part_with_its_baseline() -> None:
    assert parameter_record(site_with({"events": {"baseline_mw": 40}}))[0]["event_baseline_mw"] == 40
    assert parameter_record(site_with())[0]["event_baseline_mw"] == 0


def test_a_baseline_is_above_zero() -> None:
    with pytest.raises(ValueError, match="baseline_mw"):
        site_with({"events": {"baseline_mw": 0}})
