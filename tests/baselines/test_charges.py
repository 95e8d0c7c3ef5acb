"""What events and levies do to the dispatcher's price, and to a planner's outlook."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.charges import import_usd_per_mwh, mining_usd_per_mwh
from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.outlook import forecast_rows
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
