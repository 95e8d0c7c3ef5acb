"""Plans rolled through time."""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum.bound import bound
from hybrid_env.optimum.plan import plan
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.site import load_site
from tests.strategies import wild_trace

DAY = 96


def test_a_rolled_plan_covers_every_row_once_and_keeps_the_store_consistent() -> None:
    site = load_site("texas_wind")
    p = parameter_record(site)[0]
    made = plan(site, wild_trace(5, 900, -6, 5), 0, 3 * DAY, rows=DAY, ahead=DAY // 2)
    np.testing.assert_array_equal(made.row, np.arange(3 * DAY))
    charge, discharge = np.maximum(0, -made.battery_mw) / 4, np.maximum(0, made.battery_mw) / 4
    before = made.soc_mwh[:-1] * p["soc_keep"]
    flow = p["charge_efficiency"] * charge - discharge / p["discharge_efficiency"]
    # a period may mix both directions, so the net flow loses at most what both ways lose
    assert (made.soc_mwh[1:] <= before + flow[1:] + 1e-6).all()
    assert made.import_mw.max() <= 100 + 1e-6


def test_a_plan_rolled_in_one_piece_is_the_bounds_plan() -> None:
    site = load_site("texas_wind")
    trace = wild_trace(5, 900, -6, 4)
    whole = bound(site, trace, 0, 2 * DAY)
    made = plan(site, trace, 0, 2 * DAY)
    np.testing.assert_allclose(made.import_mw.sum(), whole.plan.import_mw.sum(), rtol=1e-6)
