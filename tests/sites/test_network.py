"""Pool terms as the kernel reads them."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_pools_take_one_percent_unless_the_site_says_so() -> None:
    assert parameter_record(site_with())[0]["pool_fee_frac"] == pytest.approx(0.01)


def test_a_fee_above_20_percent_is_refused() -> None:
    with pytest.raises(ValueError, match=r"less than or equal to 0\.2"):
        site_with({"network.pool_fee_frac": 0.3})
