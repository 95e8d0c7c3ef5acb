"""What events and levies do to the dispatcher's price, and to a planner's outlook."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.charges import import_usd_per_mwh, mining_usd_per_mwh, peak_rise_usd_per_mwh
from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.outlook import forecast_rows
from hybrid_env.baselines.policy import View
from hybrid_env.sim.action import ACTIONS
from tests.baselines.tiny import exact_batch, view
from tests.workbench import calm_trace, column, site_with

LEVIED: dict[str, Any] = {"mining_levy_usd_per_mwh": 12.0, "carbon_usd_per_t": 50.0, "carbon_average_kg_per_mwh": 400.0}


def test_carbon_and_a_running_event_make_imports_dearer() -> None:
    site = site_with({"regulation": {}, "events": {"baseline_mw": 60}})
    trace = calm_trace(event_frac=column({9: 0.5}, 0.0), event_usd_per_mwh=300.0, **LEVIED)
    assert import_usd_per_mwh(view(site, trace, 8, 9)) == pytest.approx([20, 320])  # no wires to pay
    assert mining_usd_per_mwh(view(site, trace, 8)) == pytest.approx([12])
    assert import_usd_per_mwh(view(site_with(), trace, 9)) == mining_usd_per_mwh(view(site_with(), trace, 9)) == [0]


@pytest.mark.parametrize(
    "columns", [{"mining_levy_usd_per_mwh": 150.0}, {"event_frac": 0.5, "event_usd_per_mwh": 300.0}]
)
def test_the_dispatcher_stops_mining_that_they_make_a_loss(columns: dict[str, float]) -> None:
    changes = {"gpu": None, "battery": None, "regulation": {}, "events": {"baseline_mw": 60}}

    def mining(**given) -> float:
        return float(
            MarketClearing().act(exact_batch(changes, price=np.full(96, 20.0), **given))[0, ACTIONS.index("mining")]
        )

    assert mining() == 1 and mining(**columns) == -1


def test_an_event_is_expected_to_end_and_an_announced_one_to_come() -> None:
    running = calm_trace(event_frac=0.5, event_ahead_h=0.0)
    np.testing.assert_allclose(
        forecast_rows(view(site_with(), running, 8), 0, 16, 0.98, 0)["event_frac"], [0.5] * 8 + [0] * 8
    )
    announced = calm_trace(event_ahead_h=1.0)
    found = forecast_rows(view(site_with(), announced, 8), 0, 16, 0.98, 0)["event_frac"]
    np.testing.assert_allclose(found, [0] * 4 + [0.25] * 8 + [0] * 4)


MONTHLY: dict[str, Any] = {"gpu": None, "battery": None, "supply.wind_mw": 0, "tariff.demand_usd_per_kw_month": 8}
DAYS, FEBRUARY_ROW = 30, 48


@pytest.mark.parametrize(("hours_in", "raises"), [(24, True), (640, False)])
def test_the_dispatcher_raises_the_months_peak_only_while_there_is_time_to_use_it(hours_in: int, raises: bool) -> None:
    """Hash earns 40 to 123 USD/MWh at 30 of costs. A MW more costs 8,000 USD: 11 USD/MWh early, 230 in the last hours
    of a month, so late in it the 15 MW that are paid for must do."""
    price, row = np.full(DAYS * 24, 29.0), FEBRUARY_ROW + hours_in
    batch = exact_batch(MONTHLY, row=row, rows=8, days=DAYS, price=price)
    batch.lanes["month_import_peak_mw"] = 15
    left_h = 730 * (1 - hours_in / 672)
    assert peak_rise_usd_per_mwh(View(batch)) == pytest.approx([8_000 / left_h], rel=1e-4)
    batch.step(MarketClearing().act(batch))
    drawn = batch.lanes["import_mw"][0]
    assert drawn > 30 if raises else drawn == pytest.approx(15, abs=0.05)
