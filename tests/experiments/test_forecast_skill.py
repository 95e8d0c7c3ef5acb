"""The forecast programme end to end: what it prints and writes, and what it says to mistakes."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from experiments.command import MISTAKE, run_programme
from experiments.evaluate import results_folder
from experiments.forecast_skill import ForecastSettings, SkillReport, as_csv, main
from experiments.report.forecasts import skill_over
from hybrid_env.tasks import load_task
from hybrid_env.traces.forecasting.skill import Skill
from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES
from hybrid_env.traces.store import write_trace
from tests.traces.forecast_years import columns_of, trace_of


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("years")
    return [str(write_trace(trace_of(columns_of(seed), f"made/{seed}"), folder)) for seed in (1, 2)]


def run(folder: Path, train: str, test: str, methods: str) -> None:
    arguments = [f"train=[{train}]", f"test=[{test}]", f"folder={folder}", "name=made", f"methods={methods}"]
    run_programme("forecast_skill", ForecastSettings, main, arguments)


def test_the_programme_writes_every_number_and_one_page(
    tmp_path: Path, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, files[0], files[1], "[persistence,seasonal,perfect]")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.csv", "made.html", "made.json"]
    with (tmp_path / "made.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * len(FORECAST_VARIABLES) * len(FORECAST_LEADS_H)
    report = SkillReport.model_validate(json.loads((tmp_path / "made.json").read_text("utf-8")))
    assert list(report.train) == ["made/1"] and list(report.test) == ["made/2"] and len(report.rows) == len(rows)
    assert {row.mae for row in report.rows if row.method == "perfect"} == {0.0}
    assert all((row.covered is None) == (row.method == "perfect") for row in report.rows)
    assert "perfect (reference)" in capsys.readouterr().out
    page = (tmp_path / "made.html").read_text("utf-8")
    own = page[page.index("<body>") :]
    assert "perfect (reference)" in own and report.test["made/2"] in own
    assert own.count("Plotly.newPlot") == 3 * len(FORECAST_VARIABLES)
    assert not re.search(r'(?:src|href)="https?:', own) and "default-src 'none'" in page


@pytest.mark.parametrize(
    ("train", "methods", "named"),
    [(1, "[persistence]", "both trained on and tested"), (0, "[oracle]", "persistence"), (0, "[]", "at least one")],
)
def test_a_mistake_is_named(
    tmp_path: Path, files: list[str], train: int, methods: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        run(tmp_path, files[train], files[1], methods)
    message = capsys.readouterr().err
    assert left.value.code == MISTAKE and named in message and "Traceback" not in message


def test_skill_is_the_share_of_the_floors_error_that_is_saved() -> None:
    floor, better = (
        Skill("persistence", "wind_cf", 3, 0.2, 0.3, 0.8, 9),
        Skill("learned", "wind_cf", 3, 0.05, 0.1, None, 9),
    )
    assert skill_over(better, floor) == pytest.approx(0.75)
    assert as_csv([floor, better]).splitlines()[-1] == "learned,wind_cf,3,0.05,0.1,,9,0.75"


def test_results_of_other_forecasts_have_a_folder_of_their_own() -> None:
    task = load_task("texas_wind")
    assert results_folder(Path("r"), task) == Path("r/texas_wind")
    other = task.model_copy(update={"forecasts": "learned"})
    assert results_folder(Path("r"), other, "validation", 3) == Path(
        "r/texas_wind-learned_forecasts-validation-3_weeks"
    )
