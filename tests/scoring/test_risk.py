"""How often AI capacity was withdrawn and tenants were away, counted in weeks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.naive import Naive
from hybrid_env.scoring.evaluate import YearRoll, library_batch, roll_year
from hybrid_env.scoring.result import Risk
from hybrid_env.traces.library import Library
from tests.workbench import calm_trace, site_with

WEEK_ROWS, FIRST_ROW, DAYS = 672, 4, 30
ROWS = DAYS * 96
POOR = {"start_usd": 0, "fixed_cost_usd_per_day": 5e6}


def rolled(changes: dict[str, Any], **columns: Any) -> YearRoll:
    """Four calm weeks under the naive policy."""
    batch = library_batch(site_with(changes), Library([calm_trace(days=DAYS, **columns)]), 4)
    return roll_year(Naive(), batch, 4)


def tenant_away_from(row: int, rows: int) -> np.ndarray:
    contracted = np.ones(ROWS)
    contracted[row : row + rows] = 0.6
    return contracted


def test_a_week_counts_if_the_tenant_is_away_in_any_of_its_intervals() -> None:
    last_of_first_week = FIRST_ROW + WEEK_ROWS - 1
    one = rolled({}, tenant_contract_frac=tenant_away_from(last_of_first_week, 1))
    two = rolled({}, tenant_contract_frac=tenant_away_from(last_of_first_week, 2))
    assert one.risk == Risk(tenant_away_week_frac=0.25)
    assert two.risk == Risk(tenant_away_week_frac=0.5)


def test_cash_under_its_floor_withdraws_in_every_week_but_the_first_of_a_slow_decline() -> None:
    assert rolled({"cash": POOR}).risk.withdrawn_week_frac == 1
    calm_usd_per_day = rolled({}).weekly_usd.sum() / 28
    slow = {"start_usd": 10e6, "fixed_cost_usd_per_day": calm_usd_per_day + 1e6}
    assert rolled({"cash": slow}).risk.withdrawn_week_frac == pytest.approx(0.75)
    assert rolled({"cash": POOR | {"fixed_cost_usd_per_day": 0}}).risk.withdrawn_week_frac == 0


def test_what_a_site_does_not_have_is_not_measured() -> None:
    assert rolled({}).risk.withdrawn_week_frac is None
    assert rolled({"gpu.reserved": None}).risk.tenant_away_week_frac is None
