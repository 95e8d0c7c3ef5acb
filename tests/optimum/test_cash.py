"""The programme never withdraws, and its bound holds all the same."""

from __future__ import annotations

import numpy as np
import pytest

from tests.optimum.played import Episode, everything
from tests.workbench import calm_trace, site_with

POOR = {"start_usd": 0.0, "fixed_cost_usd_per_day": 5_000_000, "withdraw_frac": 1.0}


def test_no_one_beats_the_bound_by_withdrawing() -> None:
    trace = calm_trace(price_rt_usd_per_mwh=4_000, price_lmp_usd_per_mwh=4_000)
    poor = Episode(site_with({"cash": POOR}), trace, 4, 24, np.full(8, 0.5))
    rich = Episode(site_with(), trace, 4, 24, np.full(8, 0.5))
    usd = poor.usd(everything(24)[None])[0]
    assert usd != rich.usd(everything(24)[None])[0]
    assert usd <= poor.bound().value_usd
    assert poor.bound().value_usd == pytest.approx(rich.bound().value_usd, rel=1e-9)
