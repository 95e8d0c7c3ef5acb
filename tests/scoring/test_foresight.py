"""Perfect forecasts label themselves wherever results are made or shown."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from experiments.command import run_programme
from experiments.evaluate import EvaluateSettings
from experiments.evaluate import main as evaluate_main
from experiments.leaderboard import LeaderboardSettings
from experiments.leaderboard import main as leaderboard_main
from experiments.report import stress_table
from hybrid_env.baselines.market import MarketClearing
from hybrid_env.scoring.evaluate import evaluate
from hybrid_env.scoring.foresight import labelled
from hybrid_env.scoring.result import load_results
from hybrid_env.scoring.stress import make_stresses, stress
from hybrid_env.tasks import Task, load_task
from hybrid_env.traces import write_trace
from hybrid_env.traces.forecasting import METHODS, make_forecaster, reissue
from hybrid_env.traces.forecasting.methods import reference_method
from hybrid_env.traces.stress import SHOCKS


@cache
def told() -> Task:
    """One test year, with perfect forecasts."""
    return load_task("texas_wind").model_copy(update={"test_seeds": (3001,), "forecasts": "perfect"})


def test_a_years_name_says_whether_it_holds_the_future() -> None:
    assert reference_method("texas/2001@perfect") == "perfect"
    assert reference_method("texas/2001@perfect+heat_dome") == "perfect"
    assert reference_method("texas/2001@perfect@learned") == "perfect"
    for name in ("texas/2001", "texas/2001@learned", "perfect/2001", "texas/2001+heat_dome"):
        assert reference_method(name) is None
    assert [name for name, method in METHODS.items() if method.reference] == ["perfect"]


def test_whoever_reads_it_is_a_reference_by_name_and_kind_and_naive_stays_the_zero() -> None:
    years = ("texas/2001", "texas/2002@perfect")
    assert labelled("mpc", "mpc", years) == ("mpc@perfect", "reference")
    assert labelled("ppo", "agent", years) == ("ppo@perfect", "reference")
    assert labelled("naive", "rule", years) == ("naive", "rule")
    assert labelled("mpc", "mpc", years[:1]) == ("mpc", "mpc")


def test_a_result_is_labelled_whoever_asks_for_it() -> None:
    result = evaluate(MarketClearing(), told(), "rule", weeks=1)
    assert (result.policy, result.kind) == ("market_clearing@perfect", "reference")
    assert result.file_name == "market_clearing@perfect-0.json"


def test_a_stress_report_is_labelled() -> None:
    report = stress(MarketClearing(), told(), "rule", make_stresses(["bitcoin_crash"]), weeks=1)
    assert (report.policy, report.kind) == ("market_clearing@perfect", "reference")
    assert "market_clearing@perfect" in str(stress_table(report).title)
    year = told().library("test").traces[0]
    assert reference_method(SHOCKS["bitcoin_crash"].apply(year).name) == "perfect"


@pytest.mark.parametrize("saved", [False, True], ids=["forecasts=perfect", "a saved trace"])
def test_programmes_file_and_show_the_label(saved: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["task.test_seeds=[3001]", "weeks=1"]
    if saved:
        year = load_task("texas_wind").library("test").traces[0]
        path = write_trace(reissue(year, make_forecaster("perfect")), tmp_path)
        asked, shown, results = [f"trace={path}"], [f"+task.trace_files={{test: ['{path}']}}"], tmp_path / path.stem
    else:
        asked, shown, results = ["forecasts=perfect"], ["+task.forecasts=perfect"], tmp_path
    evaluate_arguments = [*given, *asked, "policy=market_clearing", f"results={tmp_path}"]
    for _ in range(2):
        run_programme("evaluate", EvaluateSettings, evaluate_main, evaluate_arguments)
    told_twice = capsys.readouterr().out
    assert told_twice.count("k USD a week") == 1 and told_twice.count("is up to date") == 2
    folder = next(path for path in results.iterdir() if path.is_dir())
    assert [(r.policy, r.kind) for r in load_results(folder)] == [("market_clearing@perfect", "reference")]
    run_programme("leaderboard", LeaderboardSettings, leaderboard_main, [*given, *shown, f"results={results}"])
    printed = capsys.readouterr().out
    assert "market_clearing@perfect" in printed and "reference" in printed
