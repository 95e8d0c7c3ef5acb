"""The year roll: one start for all, state carried from week to week, and books that add up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.rules import Random
from hybrid_env.batch import Batch
from hybrid_env.scoring.evaluate import HOURS_PER_WEEK, YearRoll, evaluate, interesting_week, roll_year, year_batch
from hybrid_env.scoring.result import Result
from hybrid_env.sim.ledger import MWH_ACCOUNTS, USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.tasks import WEEKS, Task, load_task
from hybrid_env.traces.library import Library
from tests.workbench import calm_trace, column, site_with

WEEK_ROWS = 672
TERMINAL = USD_ACCOUNTS.index("terminal")


@cache
def texas() -> Task:
    return load_task("texas_wind")


@cache
def rolled(weeks: int, policy: type[Naive] | type[MarketClearing] = MarketClearing) -> YearRoll:
    """The first weeks of the test years."""
    return roll_year(policy(), year_batch(texas(), "test", weeks), weeks)


def made_up(**columns: Any) -> Batch:
    """A lane at the first hour of four calm weeks."""
    batch = Batch(site_with(), Library([calm_trace(days=30, **columns)]), 1)
    batch.begin(np.zeros(1, np.int64), np.array([[0, 4, 4 + 4 * WEEK_ROWS]]), np.full((1, 8), 0.5))
    return batch


def test_weeks_add_up_to_the_accounts() -> None:
    found = rolled(3)
    assert found.weekly_usd.shape == (2, 3)
    assert found.weekly_usd.sum() == pytest.approx(found.usd.sum(), rel=1e-12)
    np.testing.assert_allclose(found.weekly_usd.sum(axis=1), found.accounts_by_world.sum(axis=1))
    np.testing.assert_allclose(found.accounts_by_world.sum(axis=0), found.usd)


def test_a_longer_roll_begins_like_a_shorter_one() -> None:
    """Nothing is reset at the end of a week: only the last one posts what is left over."""
    short, long = rolled(2), rolled(3)
    np.testing.assert_array_equal(short.weekly_usd[:, 0], long.weekly_usd[:, 0])
    difference = short.weekly_usd[:, 1] - long.weekly_usd[:, 1]
    np.testing.assert_allclose(difference, short.accounts_by_world[:, TERMINAL], atol=1e-6)
    assert (difference != 0).all()


def test_a_roll_is_its_steps_one_after_the_other() -> None:
    batch, policy = year_batch(texas(), "test", 2), MarketClearing()
    usd = np.zeros((2, 2))
    for t in range(2 * WEEK_ROWS):
        batch.step(policy.act(batch))
        usd[:, t // WEEK_ROWS] += batch.ledger["usd"].sum(axis=1)
    np.testing.assert_array_equal(usd, rolled(2).weekly_usd)
    assert (batch.ledger["truncated"] == 1).all()


def test_every_policy_starts_from_the_same_state() -> None:
    starts = []
    for policy in (Naive(), MarketClearing(), Random(1)):
        batch = year_batch(texas(), "test", 1)
        policy.reset(batch)
        starts.append(batch.lanes.tobytes())
    assert len(set(starts)) == 1


def test_a_roll_starts_in_the_first_hour_of_every_world_and_lasts_its_weeks() -> None:
    batch = year_batch(texas(), "test")
    assert batch.lanes["world"].tolist() == [0, 1]
    assert batch.lanes["row"].tolist() == [4, 4]
    assert batch.lanes["end_row"].tolist() == [4 + WEEKS * HOURS_PER_WEEK * 4] * 2
    assert (batch.library.length > batch.lanes["end_row"]).all()


def test_the_week_shown_holds_the_second_coincident_peak() -> None:
    peaks = {3 * WEEK_ROWS + 10: 0.25, WEEK_ROWS + 9: 0.25, WEEK_ROWS - 1: 0.25}
    assert interesting_week(made_up(cp_weight=column(peaks, 0, 2_880))) == 1


def test_without_peaks_the_week_shown_holds_the_highest_price() -> None:
    batch = made_up(price_rt_usd_per_mwh=column({2 * WEEK_ROWS + 50: 900, 9: 800}, 30, 2_880))
    assert interesting_week(batch) == 2
    assert interesting_week(batch, weeks=2) == 1  # the roll ends before


def test_the_week_shown_is_the_one_asked_for() -> None:
    batch = made_up()
    week = roll_year(Naive(), batch, 4, shown_week=2).week
    assert len(week) == WEEK_ROWS and week.week == 2
    assert week.start_utc == batch.library.traces[0].start + timedelta(hours=1, weeks=2)


def test_the_week_of_a_real_task_balances_with_wind_battery_and_curtailment() -> None:
    week = rolled(8).week
    assert week.imbalance_mw() < 1e-3  # columns are rounded to 1e-4
    for name in ("charge_mw", "discharge_mw", "wind_mw", "export_mw", "curtailed_mw", "spot_mw"):
        assert week.column(name).max() > 0, name
    assert (week.column("import_mw") <= week.column("import_limit_mw") + 1e-3).all()


def test_a_decision_takes_time() -> None:
    assert 0 < rolled(2).decision_ms < 100


def test_progress_counts_intervals_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    roll_year(Naive(), year_batch(texas(), "test", 1), 1, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(96 * k, WEEK_ROWS) for k in range(1, 8)]


def test_naive_stands_at_the_import_limit_for_a_fifth_to_three_fifths_of_the_test_years() -> None:
    """Or else mining and GPU work would never compete for power."""
    found = rolled(WEEKS, Naive)
    frac = found.work[WORK_MEASURES.index("import_limit_h")] / (2 * WEEKS * HOURS_PER_WEEK)
    assert 0.2 <= frac <= 0.6
    assert found.mwh[MWH_ACCOUNTS.index("battery_discharge")] == 0


def test_an_evaluation_becomes_a_result_that_can_be_read_again() -> None:
    result = evaluate(
        Naive(), texas(), "rule", split="validation", weeks=1, config={"policy": "naive"}, command="evaluate"
    )
    assert (result.task, result.policy, result.kind, result.seed) == ("hybrid_env/TexasWind-v0", "naive", "rule", 0)
    assert result.worlds == tuple(texas().library("validation").names)
    assert sum(result.accounts_usd.values()) == pytest.approx(sum(map(sum, result.weekly_usd)))
    assert set(result.mwh) == set(MWH_ACCOUNTS) and set(result.work) == set(WORK_MEASURES)
    assert result.provenance.config == {"policy": "naive"} and result.provenance.command == "evaluate"
    assert result.provenance.created_utc <= datetime.now(UTC)
    assert Result.model_validate_json(result.model_dump_json()) == result


def test_every_use_of_gpus_has_its_own_power() -> None:
    """On the site of everything, with coins mined on idle GPUs and GPUs sold on demand."""
    task = load_task("texas_wind").model_copy(update={"site": "everything"})
    batch = year_batch(task, "validation", 1)
    week = roll_year(MarketClearing(), batch, 1, shown_week=0).week
    assert week.imbalance_mw() < 1e-3
    assert min(week.column("on_demand_mw").max(), week.column("gpu_mining_mw").max()) > 0
    assert week.column("gpu_idle_mw").min() >= 0
    idle_kw = batch.site.gpu.idle_kw if batch.site.gpu else 0
    assert week.column("gpu_idle_mw").max() <= 28.8 * idle_kw + 1e-3
