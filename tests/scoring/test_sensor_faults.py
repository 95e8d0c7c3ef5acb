"""Stress by faulty sensors: what is shown, to whom, and that the site itself is played as it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.policy import View
from hybrid_env.batch import Batch, Floats, defaults
from hybrid_env.scoring.evaluate import library_batch, roll_year
from hybrid_env.scoring.sensor_faults import (
    SENSOR_FAULTS,
    SensorFault,
    Through,
    line_down,
    seen_library,
)
from hybrid_env.scoring.stress import (
    FORESIGHT,
    OUTSIDE,
    STRESSES,
    UNREAD,
    Suite,
    figures,
    make_stresses,
    stress,
)
from hybrid_env.sim.action import ACTIONS
from hybrid_env.tasks import Task, load_task
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import CALENDAR, COLUMNS, HIDDEN
from hybrid_env.traces.stress import ShockError
from hybrid_env.wrappers.sensors import GROUPS

ROOT = Path(__file__).parents[2]
LATE, LOST, NOISY = (SENSOR_FAULTS[f"sensor_{name}"] for name in ("delay", "dropout", "noise"))
ALWAYS_DOWN = SensorFault("dead", "all lines down for good", "a test", down_every_h=0.5, down_h=1e6)


@cache
def tiny() -> Task:
    return load_task("texas_wind").model_copy(update={"test_seeds": (3001,)})


class Spy:
    """Does as naive, and writes down what it is shown and what is true."""

    name = "spy"

    def __init__(self) -> None:
        self.shown: list[dict[str, np.ndarray]] = []

    def reset(self, batch: Batch) -> None:
        self.shown.clear()

    def act(self, batch: Batch) -> Floats:
        view, hour = View(batch), {name: View(batch).calendar(name) for name in CALENDAR}
        row = batch.lanes["row"].copy()
        self.shown.append(
            {"row": row, "lmp": view.now("price_lmp_usd_per_mwh"), "wind": view.last("wind_cf"),
             "forecast": view.forecast("wind_cf"), "charge": batch.lanes["soc_mwh"].copy(),
             "hall": batch.lanes["mining_hall_c"].copy(), "seen": batch.observations.copy(), **hour}
        )  # fmt: skip
        actions = defaults(batch.n)
        actions[:, ACTIONS.index("battery")] = np.where(row % 8 < 4, 0.8, -0.8)[:, None]  # something that moves
        return actions


def shown(fault: SensorFault | None, rows: int = 96) -> dict[str, np.ndarray]:
    """Readings of the first rows, [rows, ...], through a fault or as they are."""
    spy = Spy()
    policy = spy if fault is None else Through(spy, fault)
    batch = library_batch(tiny().site_model, tiny().library("test"), 1)
    policy.reset(batch)
    for _ in range(rows):
        batch.step(batch.actions(policy.act(batch)))
    return {name: np.concatenate([reading[name] for reading in spy.shown]) for name in spy.shown[0]}


def test_late_readings_are_those_of_half_an_hour_ago_and_the_calendar_is_on_time() -> None:
    true, late = shown(None), shown(LATE)
    for name in ("lmp", "wind", "charge"):
        np.testing.assert_array_equal(late[name][2:], true[name][:-2])
        assert (late[name] != true[name]).any()
    for name in (*CALENDAR, "row"):
        np.testing.assert_array_equal(late[name], true[name])


def test_an_agents_observation_is_made_of_what_is_shown() -> None:
    true, late = shown(None), shown(LATE)
    names = [field.name for field in library_batch(tiny().site_model, tiny().library("test"), 1).fields]
    known = [field.known for field in library_batch(tiny().site_model, tiny().library("test"), 1).fields]
    now = [k for k, name in enumerate(names) if known[k] in ("state", "now", "settled") and name not in CALENDAR]
    same = np.isclose(late["seen"][8:, now], true["seen"][6:-2, now], atol=1e-6).mean(axis=0)
    assert np.mean(same > 0.9) > 0.9  # the rest counts time or compares what is late with what is not
    clock = [names.index(name) for name in ("hour_sin", "month_frac")]
    np.testing.assert_array_equal(late["seen"][:, clock], true["seen"][:, clock])


def test_a_dead_line_goes_on_showing_the_last_good_values() -> None:
    dead = shown(ALWAYS_DOWN)
    for name in ("lmp", "wind", "charge", "hall", "forecast"):
        assert (dead[name][48:] == dead[name][48]).all(), name


def test_lines_fail_apart_for_six_hours_every_two_days() -> None:
    rows = 40 * 35_040
    down = line_down(LOST, 0, rows, 900)
    assert down.shape == (len(GROUPS), rows) and not down[:, 0].any()
    np.testing.assert_allclose(down.mean(axis=1), 6 / 54, rtol=0.06)
    begins = (np.diff(down.astype(int), axis=1) == 1).sum(axis=1)
    np.testing.assert_allclose(begins, rows / 4 / 54, rtol=0.05)
    assert np.abs(np.corrcoef(down) - np.eye(len(GROUPS))).max() < 0.05


def test_what_a_policy_does_moves_no_fault_and_each_world_has_its_own() -> None:
    once, again = line_down(LOST, 1, 5_000, 900), line_down(LOST, 1, 5_000, 900)
    np.testing.assert_array_equal(once, again)
    assert (once != line_down(LOST, 0, 5_000, 900)).any()


def test_noise_has_its_size_stays_in_range_and_spares_digits() -> None:
    trace = tiny().library("test").traces[0]
    seen = seen_library(Library([trace]), NOISY).traces[0]
    off_k = seen.rows["drybulb_c"] - trace.rows["drybulb_c"]
    assert off_k.std() == pytest.approx(1.0, rel=0.02) and abs(off_k.mean()) < 0.02
    load = seen.rows["system_load_mw"] / trace.rows["system_load_mw"] - 1
    assert load.std() == pytest.approx(0.05, rel=0.02)
    for name, spec in COLUMNS.items():
        assert seen.rows[name].min() >= spec.low and seen.rows[name].max() <= spec.high
        if spec.lag_rows == HIDDEN or "usd" in name or "limit" in name:
            np.testing.assert_array_equal(seen.rows[name], trace.rows[name])
    np.testing.assert_array_equal(seen.forecast, trace.forecast)
    charge = shown(NOISY)["charge"] - shown(None)["charge"]
    assert np.abs(charge).max() > 0


@pytest.mark.parametrize("fault", SENSOR_FAULTS.values(), ids=lambda fault: fault.name)
def test_nothing_of_a_later_row_is_shown(fault: SensorFault) -> None:
    trace = tiny().library("test").traces[0]
    cut = 20_000
    rows = trace.rows.copy()
    for name, spec in COLUMNS.items():
        if spec.lag_rows != HIDDEN:
            rows[name][cut:] = spec.low
    forecast = trace.forecast.copy()
    forecast[cut // 4 :] = 0.0
    other = type(trace)(trace.name, trace.start, 900, trace.utc_offset_h, rows, trace.jobs, forecast)
    one, two = (seen_library(Library([t]), fault).traces[0] for t in (trace, other))
    for name, spec in COLUMNS.items():
        known = cut if spec.lag_rows == 0 else cut - 1
        np.testing.assert_array_equal(one.rows[name][:known], two.rows[name][:known])
    np.testing.assert_array_equal(one.forecast[: cut // 4], two.forecast[: cut // 4])


def test_the_site_is_played_as_it_is() -> None:
    """A policy that reads nothing earns to the cent what it does without the fault."""
    batch = [library_batch(tiny().site_model, tiny().library("test"), 1) for _ in range(2)]
    plain, through = roll_year(Naive(), batch[0], 1), roll_year(Through(Naive(), LOST), batch[1], 1)
    np.testing.assert_array_equal(plain.weekly_usd, through.weekly_usd)
    assert batch[0].lanes.tobytes() == batch[1].lanes.tobytes()


@pytest.mark.parametrize("name", SENSOR_FAULTS)
def test_a_rule_that_reads_meters_and_forecasts_is_moved(name: str) -> None:
    suite = Suite(MarketClearing(), tiny(), weeks=1)
    calm = suite.calm()
    outcome = suite.through(SENSOR_FAULTS[name], calm)
    found = figures(outcome, calm)
    assert outcome.note == "" and outcome.sensors and found is not None and found.loss_usd != 0
    assert outcome.naive == calm.naive and found.naive_loss_usd == 0


def test_who_reads_nothing_is_said_to_and_has_no_figures() -> None:
    report = stress(Naive(), tiny(), "rule", make_stresses(["sensor_delay", "sensor_noise"]), weeks=1)
    assert [outcome.note for outcome in report.shocks] == [UNREAD, UNREAD]
    assert [found.shock for found in report.figures()] == [""]


def test_a_fault_that_does_not_come_in_these_weeks_is_noted() -> None:
    suite = Suite(MarketClearing(), tiny(), weeks=1)
    rare = SensorFault("rare", "next to never", "a test", down_every_h=1e9, down_h=1)
    assert suite.through(rare, suite.calm()).note == OUTSIDE


def test_a_reference_with_foresight_is_not_played() -> None:
    suite = Suite(MarketClearing(), tiny(), weeks=1, kind="reference")
    outcome = suite.through(LATE, suite.calm())
    assert outcome.note == FORESIGHT and outcome.policy is None


def test_what_was_played_is_taken_over() -> None:
    suite = Suite(MarketClearing(), tiny(), weeks=1)
    calm = suite.calm()
    first = suite.through(LATE, calm)
    ticks: list[int] = []
    assert suite.through(LATE, calm, first, lambda done, total: ticks.append(done)) == first and not ticks
    stale = first.model_copy(update={"trace_hashes": {"texas/3001": "0" * 16}})
    suite.through(LATE, calm, stale, lambda done, total: ticks.append(done))
    assert ticks


def test_stresses_are_named_in_one_order_and_unknown_ones_are_refused() -> None:
    found = make_stresses(["sensor_noise", "halving", "bitcoin_crash"])
    assert [one.name for one in found] == ["bitcoin_crash", "halving", "sensor_noise"]
    assert list(STRESSES)[-3:] == list(SENSOR_FAULTS)
    with pytest.raises(ShockError, match=r"no shock 'meteor'; known: bitcoin_crash.*sensor_noise"):
        make_stresses(["meteor"])


def test_the_docs_tell_every_fault() -> None:
    page = (ROOT / "docs" / "stress.md").read_text("utf-8")
    for fault in SENSOR_FAULTS.values():
        assert f"| `{fault.name}` | {fault.meaning} | {fault.source} |" in page
