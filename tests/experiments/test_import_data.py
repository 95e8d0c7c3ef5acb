"""From a stranger's files to a week of play: the programme, its page, and the naive policy on the trace."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from experiments.command import MISTAKE, run_programme
from experiments.evaluate import EvaluateSettings
from experiments.evaluate import main as evaluate_main
from experiments.import_data import ImportSettings, main
from hybrid_env.scoring.result import load_result
from hybrid_env.traces import load_trace
from tests.traces.importers.made_site import write_site


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programme has run here."""
    folder = tmp_path_factory.mktemp("import")
    write_site(folder)
    run_programme("import_data", ImportSettings, main, [f"recipe={folder / 'my_site.yaml'}", f"out={folder / 'out'}"])
    return folder


def mistake(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as left:
        run_programme("import_data", ImportSettings, main, list(arguments))
    assert left.value.code == MISTAKE
    return capsys.readouterr().err


def test_what_is_odd_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_site(tmp_path)
    run_programme("import_data", ImportSettings, main, [f"recipe={tmp_path / 'my_site.yaml'}", f"out={tmp_path}"])
    told = capsys.readouterr().out
    assert "weather.epw: warned: wind is measured at 10 m only" in told and "more notes of the readers" in told


def test_the_programme_writes_the_trace_its_tables_and_one_page(folder: Path) -> None:
    names = ["made_site.html", "made_site.json", "made_site.npz", "made_site.parquet", "made_site_jobs.parquet"]
    assert sorted(path.name for path in (folder / "out").iterdir()) == names


def test_the_page_tells_what_was_read_filled_and_dropped_and_needs_no_network(folder: Path) -> None:
    page = (folder / "out" / "made_site.html").read_text("utf-8")
    own = page[page.index("<body>") :]
    for told in ("weather.epw", "ercot_spp", "a later file holds again", "typical year", "28", "drawn from a market"):
        assert told in own
    assert "8,760 rows read, 336 after its models" in own  # a typical year, laid on 14 days
    assert load_trace(folder / "out" / "made_site.npz").hash in own
    assert own.count("Plotly.newPlot") >= 6
    assert not re.search(r'(?:src|href)="https?:', own) and "default-src 'none'" in page


def test_a_week_of_the_naive_policy_is_played_on_it(folder: Path) -> None:
    trace, results = folder / "out" / "made_site.npz", folder / "results"
    arguments = ["policy=naive", f"trace={trace}", "weeks=1", f"results={results}"]
    run_programme("evaluate", EvaluateSettings, evaluate_main, arguments)
    result = load_result(results / "made_site" / "texas_wind-1_weeks" / "naive-0.json")
    assert result.worlds == ("made_site",) and result.weekly_usd[0][0] > 0
    assert result.provenance.trace_hashes == {"made_site": load_trace(trace).hash}


def test_a_site_of_ones_own_gives_its_name_to_its_results_and_a_policys_gain_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (resources.files("hybrid_env") / "configs" / "site" / "texas_wind.yaml").read_text("utf-8")
    site = tmp_path / "mine.yaml"
    site.write_text(re.sub("^name: .*$", "name: my_barn", text, count=1, flags=re.MULTILINE), "utf-8")
    trace = folder / "out" / "made_site.npz"
    arguments = [f"task.site={site}", f"trace={trace}", "weeks=1", f"results={tmp_path}"]

    def told(policy: str) -> str:
        run_programme("evaluate", EvaluateSettings, evaluate_main, [*arguments, f"policy={policy}"])
        return capsys.readouterr().out

    assert "run the same command with policy=naive" in told("breakeven")
    assert "naive" not in told("naive").splitlines()[-1].replace("naive-0.json", "")
    own = tmp_path / "made_site" / "my_barn-1_weeks"
    assert sorted(path.name for path in own.iterdir()) == ["breakeven-0.json", "naive-0.json"]
    gain = [load_result(own / f"{name}-0.json").weekly().mean() for name in ("breakeven", "naive")]
    said = told("breakeven").splitlines()[-1]
    assert said.startswith(f"{(gain[0] - gain[1]) / 1e3:+,.1f} k USD a week over naive ({gain[1] / 1e3:,.1f})")
    assert said.endswith("of 1 weeks")


def test_a_trace_too_short_for_the_weeks_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["policy=naive", f"trace={folder / 'out' / 'made_site.npz'}", f"results={folder}"]
    with pytest.raises(SystemExit):
        run_programme("evaluate", EvaluateSettings, evaluate_main, arguments)
    assert "hold 1 whole weeks after an hour of history; ask for weeks=1" in capsys.readouterr().err


def test_one_file_is_described(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_programme("import_data", ImportSettings, main, [f"file={folder / 'da.csv'}"])
    told = capsys.readouterr().out
    assert "ERCOT settlement point prices" in told and "points: HB_NORTH, HB_WEST" in told


def test_mistakes_are_told(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "name a recipe" in mistake(capsys)
    assert "no such file" in mistake(capsys, f"recipe={tmp_path / 'none.yaml'}")
    assert "found an unknown format" in mistake(capsys, f"file={folder / 'my_site.yaml'}")


def test_names_in_a_note_are_set_as_code_on_the_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (folder / "out" / "made_site.html").read_text("utf-8")
    notes = re.findall(r'<ul class="notes">.*?</ul>', page)
    assert notes and not any("`" in part for part in notes) and any("<code>" in part for part in notes)
    run_programme("import_data", ImportSettings, main, [f"file={folder / 'load.csv'}"])
    assert "`" not in capsys.readouterr().out
