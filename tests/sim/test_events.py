"""Pay for importing less during an event."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench import FULL, OFF, Workbench, calm_trace, column, site_with

EVENT: dict[str, Any] = {
    "event_frac": column({5: 0.5}, 0.0),
    "event_usd_per_mwh": 400.0,
    "event_ahead_h": column({4: 0.25, 5: 0.0}, 48.0),
}


def bench(baseline_mw: float) -> Workbench:
    return Workbench(site_with({"events": {"baseline_mw": baseline_mw}}), calm_trace(**EVENT))


def test_only_a_running_event_pays() -> None:
    """Announced in row 4, running in row 5, over in row 6."""
    b = bench(80)
    paid = [b.play(OFF).usd("event_pay") for _ in range(3)]
    assert paid[0] == paid[2] == 0 and paid[1] > 0


def test_every_megawatt_below_the_baseline_is_paid_up_to_what_is_asked() -> None:
    b = bench(80)
    b.play()
    page = b.play(OFF)
    assert page.mwh("import") * 4 < 40
    assert page.usd("event_pay") == pytest.approx(400 * 40 / 4) and page.work("event_mwh") == pytest.approx(10)


def test_less_than_is_asked_is_paid_in_part_and_more_than_the_baseline_not_at_all() -> None:
    b = bench(60)
    b.play()
    page = b.play(FULL | {"mining": 0.5})
    cut = 60 - page.mwh("import") * 4
    assert 0 < cut < 30 and page.usd("event_pay") == pytest.approx(400 * cut / 4)
    b = bench(10)
    b.play()
    assert b.play().usd("event_pay") == 0


def test_the_announced_and_the_running_event_are_seen() -> None:
    """In row 4 a quarter of an hour of 48 ahead; in row 5 half of the baseline; 400 over a scale of 200 USD/MWh."""
    b = bench(80)
    assert b.observed("event_frac") == -1 and b.observed("event_ahead_h") == pytest.approx(2 * 0.25 / 48 - 1)
    assert b.observed("event_usd_per_mwh") == pytest.approx(2 / 3)
    b.play()
    assert b.observed("event_frac") == 0 and b.observed("event_ahead_h") == -1
