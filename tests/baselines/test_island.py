"""Without a grid: only own energy is spent, its price is nobody's, and planning is worth something."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.registry import make_policy
from hybrid_env.batch import Batch
from hybrid_env.scoring.evaluate import library_batch, roll_year
from hybrid_env.sim.ledger import MWH_ACCOUNTS
from hybrid_env.traces.library import Library
from tests.workbench import calm_trace, site_with

ISLAND: dict[str, Any] = {"meter": {"import_limit_mw": 0}, "tariff": {}}
RIVER: dict[str, Any] = ISLAND | {"supply": {"hydro_mw": 60, "hydro_turbine_mw": 70, "hydro_pond_mwh": 120}}
FLARE: dict[str, Any] = ISLAND | {"supply": {"generator": {"nameplate_mw": 45}}}
IMPORT, GENERATOR = MWH_ACCOUNTS.index("import"), MWH_ACCOUNTS.index("generator")
POLICIES = ("naive", "breakeven", "market_clearing", "mpc")


def island(changes: dict[str, Any], **columns: Any) -> Batch:
    """A week of a river that carries a third of the turbine at night and most of it by day."""
    hour = np.arange(8 * 96) % 96 / 4
    flow = np.where((hour > 8) & (hour < 20), 0.9, 0.3)
    trace = calm_trace(days=8, hydro_cf=flow, fuel_usd_per_mmbtu=2.0, **columns)
    return library_batch(site_with(changes), Library([trace]), 1)


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("changes", [RIVER, FLARE], ids=["river", "flare"])
def test_no_policy_buys_and_none_asks_what_the_grid_would_pay(name: str, changes: dict[str, Any]) -> None:
    cheap, dear = (
        roll_year(make_policy(name), island(changes, price_rt_usd_per_mwh=usd, price_lmp_usd_per_mwh=usd), 1)
        for usd in (-50.0, 900.0)
    )
    assert max(cheap.mwh[IMPORT], dear.mwh[IMPORT]) < 1e-9
    if name != "breakeven":  # that rule looks at nothing but the market's price
        assert cheap.usd.sum() == pytest.approx(dear.usd.sum(), rel=1e-3)  # of equal plans MPC may take another
    assert cheap.mwh[GENERATOR] > 0 or changes is RIVER


def test_planning_the_pond_beats_spending_it_as_it_comes() -> None:
    naive, planned = (roll_year(make_policy(name), island(RIVER), 1).weekly_usd.sum() for name in ("naive", "mpc"))
    assert planned > naive
