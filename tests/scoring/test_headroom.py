"""Headroom: what is switched off is gone, what is held stands still, and the shares add up as defined."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.baselines.naive import Naive
from hybrid_env.scoring.evaluate import HOURS_PER_WEEK
from hybrid_env.scoring.headroom import SWITCHES, HeadroomReport, Held, Weeks, measure, spread_batch, switched_off
from hybrid_env.sim.action import BATTERY
from hybrid_env.sites.site import load_site
from hybrid_env.tasks import load_task, task_names


@pytest.mark.parametrize("name", SWITCHES)
def test_every_mechanism_can_be_switched_off_once(name: str) -> None:
    without = switched_off(load_site("everything"), name)
    assert without is not None
    assert without.hash != load_site("everything").hash
    if name != "cooling limit":  # a larger plant is larger each time
        assert switched_off(without, name) is None


def test_every_packaged_site_can_be_without_each_of_its_mechanisms() -> None:
    for task in task_names():
        site = load_task(task).site_model
        assert any(switched_off(site, name) is not None for name in SWITCHES)


def test_what_a_site_lacks_cannot_be_switched_off() -> None:
    assert switched_off(load_site("texas_wind"), "solar") is None
    with pytest.raises(ValueError, match=r"battery.*found 'magic'"):
        switched_off(load_site("texas_wind"), "magic")


def test_weeks_are_spread_over_the_year_and_as_long_as_weeks() -> None:
    task = load_task("texas_wind")
    batch = spread_batch(task.site_model, task.library("validation"), Weeks(4))
    rows = HOURS_PER_WEEK * 4
    assert batch.n == 4 * len(task.validation_seeds)
    assert set(batch.lanes["end_row"] - batch.lanes["row"]) == {rows}
    assert np.all(np.diff(batch.lanes["row"][:4]) == 13 * rows)
    months = spread_batch(task.site_model, task.library("validation"), Weeks(2, 5))
    assert set(months.lanes["end_row"] - months.lanes["row"]) == {5 * rows}
    assert np.all(months.lanes["end_row"] <= 52 * rows + 4)
    year = spread_batch(task.site_model, task.library("validation"), Weeks(1, 52))
    assert year.n == len(task.validation_seeds) and set(year.lanes["row"]) == {4}


def test_more_weeks_than_a_year_are_refused() -> None:
    with pytest.raises(ValueError, match="52 weeks; found 11 times 5 weeks"):
        Weeks(11, 5)


def test_a_held_action_stands_still() -> None:
    task = load_task("texas_wind")
    batch = spread_batch(task.site_model, task.library("validation"), Weeks(1))
    held = Held(Naive(), "battery", 0.5)
    held.reset(batch)
    assert np.all(held.act(batch)[:, BATTERY] == 0.5)


@pytest.fixture(scope="module")
def report() -> HeadroomReport:
    task = load_task("texas_wind")
    off = {"battery": switched_off(task.site_model, "battery")}
    assert off["battery"] is not None
    return measure(
        task, "validation", Weeks(1), 1, policies=("market_clearing",), off={"battery": off["battery"]}, frozen=None
    )  # fmt: skip


def test_a_policy_lies_between_naive_and_the_bound(report: HeadroomReport) -> None:
    assert 0 < report.lines[0].score < 1
    assert 0 < report.limit_binding_frac < 1


def test_a_site_without_a_battery_has_a_lower_bound(report: HeadroomReport) -> None:
    assert report.without[0].bound_usd < report.bound_usd[0]
    assert 0 < report.share(report.without[0]) < 1
