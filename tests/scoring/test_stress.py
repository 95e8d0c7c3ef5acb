"""The stress suite: the same weeks under each shock, with figures that add up."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.rules import Breakeven
from hybrid_env.scoring.evaluate import library_batch, roll_year
from hybrid_env.scoring.result import ResultError
from hybrid_env.scoring.stress import OUTSIDE, UNFELT, StressReport, Suite, figures, load_report, stress
from hybrid_env.tasks import Task, load_task
from hybrid_env.traces.library import Library
from hybrid_env.traces.stress import SHOCKS, Shock
from hybrid_env.traces.stress.shock import Draft, ShockError

NAMES = ("bitcoin_crash", "heat_dome", "mining_ban", "forecast_bias")


@cache
def tiny() -> Task:
    return load_task("texas_wind").model_copy(update={"test_seeds": (3001,)})


@cache
def report() -> StressReport:
    """One week of one world."""
    return stress(
        Breakeven(), tiny(), "rule", [SHOCKS[name] for name in NAMES], weeks=1, config={"policy": "breakeven"}
    )


def test_every_shock_has_figures_beside_the_calm_week() -> None:
    assert [found.shock for found in report().figures()] == ["", *NAMES]
    calm, crash, _, ban, _ = report().figures()
    assert calm.loss_usd == calm.naive_loss_usd == 0
    assert crash.loss_usd > 0 and crash.naive_loss_usd > 0 and ban.loss_usd > 0
    for found in report().figures():
        assert found.worst_week_usd == pytest.approx(found.usd)  # one week
        assert found.worst_week_over_naive_usd == pytest.approx(found.over_naive_usd)
        assert 0 <= found.shed_h <= 168 and 0 <= found.import_limit_h <= 168


def test_an_outcome_is_a_roll_over_the_shocked_years() -> None:
    years = Library([SHOCKS["bitcoin_crash"].apply(trace) for trace in tiny().library("test").traces])
    outcome = report().shocks[0]
    assert outcome.trace_hashes == {"texas/3001": years.hashes[0]}
    for policy, kept in ((Breakeven(), outcome.policy), (Naive(), outcome.naive)):
        roll = roll_year(policy, library_batch(tiny().site_model, years, 1), 1)
        assert kept is not None
        np.testing.assert_array_equal(kept.weekly(), roll.weekly_usd)
        assert sum(kept.accounts_usd.values()) == pytest.approx(kept.usd)


def test_a_shock_out_of_the_weeks_played_and_one_that_nobody_feels_are_noted() -> None:
    notes = {outcome.shock: outcome.note for outcome in report().shocks}
    assert notes == {"bitcoin_crash": "", "heat_dome": OUTSIDE, "mining_ban": "", "forecast_bias": UNFELT}


def test_a_policy_that_plans_by_forecasts_feels_their_bias() -> None:
    suite = Suite(MarketClearing(), tiny(), weeks=1)
    calm = suite.calm()
    assert suite.under(SHOCKS["forecast_bias"], calm).note == ""


def test_a_shock_that_cannot_apply_has_no_figures_but_a_reason() -> None:
    def fail(draft: Draft) -> None:
        raise ShockError("there is no sun at night; leave this shock out")

    found = stress(Naive(), tiny(), "rule", [Shock("eclipse", "no sun", (), fail, "assumed")], weeks=1)
    assert found.shocks[0].policy is None
    assert found.shocks[0].note == "texas/3001: eclipse: there is no sun at night; leave this shock out"
    assert [line.shock for line in found.figures()] == [""]


def test_the_naive_policy_is_level_with_itself() -> None:
    suite = Suite(Naive(), tiny(), weeks=1)
    calm = suite.calm()
    found = figures(suite.under(SHOCKS["mining_ban"], calm), calm)
    assert found is not None and found.over_naive_usd == 0 and found.loss_usd == found.naive_loss_usd > 0


def test_what_was_played_is_taken_over_and_what_changed_is_not() -> None:
    first = report()
    stale = first.shocks[0].model_copy(update={"trace_hashes": {"texas/3001": "0" * 16}})
    earlier = first.model_copy(update={"shocks": (stale, *first.shocks[1:])})
    seen: set[str] = set()
    kept: list[StressReport] = []
    again = stress(
        Breakeven(), tiny(), "rule", [SHOCKS[name] for name in NAMES], weeks=1, earlier=earlier, keep=kept.append,
        progress=lambda name, done, total: seen.add(name),
    )  # fmt: skip
    assert seen == {"bitcoin_crash"}
    assert again.shocks == first.shocks and again.calm == first.calm
    assert [[outcome.shock for outcome in so_far.shocks] for so_far in kept] == [list(NAMES)] * 4


def test_a_suite_that_is_stopped_keeps_what_is_done() -> None:
    kept: list[StressReport] = []
    shocks = [SHOCKS["mining_ban"], SHOCKS["bitcoin_crash"]]
    stress(Naive(), tiny(), "rule", shocks, weeks=1, keep=kept.append)
    assert [[outcome.shock for outcome in so_far.shocks] for so_far in kept] == [
        ["mining_ban"],
        ["mining_ban", "bitcoin_crash"],
    ]


def test_progress_runs_from_nothing_to_all_of_each_shock() -> None:
    seen: list[tuple[str, int, int]] = []
    stress(
        Breakeven(), tiny(), "rule", [SHOCKS["mining_ban"]], weeks=1,
        progress=lambda name, done, total: seen.append((name, done, total)),
    )  # fmt: skip
    for name in ("", "mining_ban"):
        done = [d for n, d, _ in seen if n == name]
        assert done == sorted(done) and done[-1] == 2 * 672
    assert {total for *_, total in seen} == {2 * 672}


def test_a_report_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    report().save(tmp_path / "breakeven-0.json")
    assert load_report(tmp_path / "breakeven-0.json") == report()
    (tmp_path / "cut.json").write_text(report().model_dump_json()[:-50], "utf-8")
    with pytest.raises(ResultError, match="cut short"):
        load_report(tmp_path / "cut.json")
