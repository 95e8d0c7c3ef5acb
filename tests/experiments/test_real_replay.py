"""Real years end to end on self-made series: made, played, ranked, written; and what is said to mistakes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import yaml
from rich.console import Console

pytest.importorskip("pandas")

from experiments.command import MISTAKE, UserError, run_programme
from experiments.evaluate import EvaluateSettings
from experiments.evaluate import main as evaluate_main
from experiments.real_columns import BEGIN, END, columns_text, replaced
from experiments.real_replay import BASELINES, ReplaySettings, chosen, main
from experiments.real_years import TRAIN_YEARS, VALIDATION_YEARS, folder_name, real_recipe, with_real_years
from experiments.replay_report import Played, ReplayReport, load_replay
from experiments.report.real_replay import ORIGINS, origin_table, replay_page, replay_table, tau_text
from experiments.train import TrainSettings
from experiments.train import main as train_main
from hybrid_env.baselines.registry import RULES
from hybrid_env.scoring.result import ResultError, load_result
from hybrid_env.tasks import load_task
from hybrid_env.traces.schema import COLUMNS
from tests.agents.tiny import TASK, overrides
from tests.experiments.made_series import write_series
from tests.scoring.made_up import TASK as TASK_ID
from tests.scoring.made_up import WORLDS, provenance

YEAR = f"task.test_seeds={list(TASK['test_seeds'])}"
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "real_replay.md"
DATA = ROOT.resolve().parent / "shared" / "data"


def place(folder: Path) -> list[str]:
    """What names the self-made series."""
    return [YEAR, f"task.real={write_series(folder)}", f"data={folder}", f"results={folder / 'results'}", "weeks=2"]


def made_up() -> ReplayReport:
    """Four policies, of which the middle two change places; the first column is real, all others are drawn."""
    gains = {"best": (9e3, 8e3), "second": (5e3, -2e3), "third": (4e3, 1e3), "naive": (0.0, 0.0)}
    places = {"best": (1, 1), "second": (2, 4), "third": (3, 2), "naive": (4, 3)}
    policies = tuple(
        Played(
            policy=name, kind="rule", generated_usd_per_week=a, real_usd_per_week=b, generated_rank=places[name][0],
            real_rank=places[name][1], weeks_above_naive_frac=0.5,
        )
        for name, (a, b) in gains.items()
    )  # fmt: skip
    origin = dict.fromkeys(COLUMNS, "synthetic") | {"price_rt_usd_per_mwh": "real"}
    return ReplayReport(
        task=TASK_ID, year=2023, weeks=52, generated_worlds=WORLDS, real_world=WORLDS[0], policies=policies,
        naive_usd_per_week=(8e5, 9e5), tau=1 / 3, tau_low=0.0, tau_high=1.0, p_value=0.75,
        swapped=(("second", "third"), ("second", "naive")), origin=origin, provenance=provenance(),
    )  # fmt: skip


def test_the_programme_ranks_both_worlds_and_writes_report_and_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policies = "policies=[breakeven,random,mining_only]"
    run_programme("real_replay", ReplaySettings, main, [*place(tmp_path), policies, f"folder={tmp_path / 'out'}"])
    folder = tmp_path / "out" / "texas_wind-2_weeks"
    assert sorted(path.name for path in folder.iterdir()) == ["2023.html", "2023.json"]
    report = load_replay(folder / "2023.json")
    assert {played.policy for played in report.policies} == {"naive", "breakeven", "random", "mining_only"}
    assert report.real_world == "place_2023" and report.origin["wind_cf"] == "derived"
    assert report.origin["price_rt_usd_per_mwh"] == "real" and report.origin["inference_load"] == "synthetic"
    assert report.origin["import_limit_mw"] == "given"
    printed = capsys.readouterr().out
    assert "Kendall's tau" in printed and "2023.json" in printed
    by_name = {played.policy: played for played in report.policies}
    results = tmp_path / "results"
    for world, attribute in (("texas_wind-2_weeks", "generated"), ("place_2023/texas_wind-2_weeks", "real")):
        naive, own = (load_result(results / world / f"{name}-0.json").weekly() for name in ("naive", "breakeven"))
        expected = getattr(by_name["breakeven"], f"{attribute}_usd_per_week")
        assert (own - naive).mean() == pytest.approx(expected)


def test_a_real_year_is_evaluated_by_name(tmp_path: Path) -> None:
    arguments = [*place(tmp_path), "policy=naive", "trace=real"]
    run_programme("evaluate", EvaluateSettings, evaluate_main, arguments)
    result = load_result(tmp_path / "results" / "place_2023" / "texas_wind-2_weeks" / "naive-0.json")
    assert result.worlds == ("place_2023",)
    assert (tmp_path / "results" / "real" / "texas_wind" / "place_2023.json").is_file()


def test_a_site_of_ones_own_gives_its_name_to_its_folders() -> None:
    assert folder_name(load_task("texas_wind")) == "texas_wind"
    other = load_task("texas_wind").model_copy(update={"site": "flare_gas"})
    assert folder_name(other) == "flare_gas"
    assert folder_name(other.model_copy(update={"name": "MyOwn"})) == "my_own"


def test_real_years_take_the_place_of_a_splits_generated_ones(tmp_path: Path) -> None:
    recipe = write_series(tmp_path, (2021, 2022))
    task = load_task("texas_wind").model_copy(update={"real": str(recipe)})
    task = with_real_years(task, {"train": (2021,), "validation": (2022,)}, tmp_path, tmp_path)
    assert task.library("train").names == ("place_2021",)
    assert task.library("validation").names == ("place_2022",)


def test_the_year_that_is_replayed_neither_trains_nor_picks_a_checkpoint() -> None:
    for programme in ("evaluate", "real_replay"):
        replayed = yaml.safe_load((ROOT / "configs" / f"{programme}.yaml").read_text("utf-8"))["year"]
        assert replayed not in {*TRAIN_YEARS, *VALIDATION_YEARS}
    assert not set(TRAIN_YEARS) & set(VALIDATION_YEARS)


def test_the_recipe_is_for_the_tasks_site_and_market() -> None:
    task = load_task("texas_wind")
    recipe = real_recipe(task, 2022)
    assert (recipe.name, recipe.import_limit_mw) == ("texas_2022", task.site_model.meter.import_limit_mw)
    assert recipe.synthetic is not None and recipe.synthetic.market == task.market


def test_where_real_years_come_from_is_no_part_of_a_run() -> None:
    task = load_task("texas_wind")
    assert task.real == "texas" and "real" not in task.model_dump()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["task.real=null"], "no real series for this task; tasks that have some: california_solar, flare_gas"),
        (["data=null"], "data=../shared/data"),
        (["data=nowhere"], "is no folder"),
        (["year=1999"], "place_1999.csv"),
        (["policies=[magic]"], "no 'magic'"),
        (["policies=[random]"], "at least 3"),
        (["weeks=4"], "ask for weeks=3"),
    ],
)
def test_a_mistake_is_named(
    arguments: list[str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [*place(tmp_path), f"folder={tmp_path / 'out'}", "policies=[random,breakeven]", *arguments]
    with pytest.raises(SystemExit) as left:
        run_programme("real_replay", ReplaySettings, main, given)
    message = capsys.readouterr().err
    assert left.value.code == MISTAKE and named in message and "Traceback" not in message


def test_every_rule_and_mpc_are_ranked_if_none_is_named() -> None:
    assert chosen(None) == BASELINES == (*RULES, "mpc")
    assert chosen(["mpc", "mpc"]) == ("naive", "mpc")


def test_a_report_names_the_origin_of_every_column() -> None:
    report = made_up()
    with pytest.raises(ValueError, match="origin does not say where wind_cf"):
        ReplayReport.model_validate({**report.model_dump(), "origin": {k: "real" for k in COLUMNS if k != "wind_cf"}})
    assert (report.best, report.worst) == (("best", "best"), ("naive", "second"))


def test_a_damaged_report_is_told(tmp_path: Path) -> None:
    path = made_up().save(tmp_path / "2023.json")
    assert load_replay(path) == made_up()
    path.write_text(path.read_text("utf-8")[:200], "utf-8")
    with pytest.raises(ResultError, match="cut short"):
        load_replay(path)


def test_table_and_page_show_both_ranks_and_what_changed(tmp_path: Path) -> None:
    output = io.StringIO()
    Console(file=output, width=200).print(replay_table(made_up()))
    bar = "\N{BOX DRAWINGS LIGHT VERTICAL}"
    rows = [[cell.strip() for cell in line.split(bar)[1:-1]] for line in output.getvalue().splitlines() if bar in line]
    assert ["second", "+5.0", "2", "\N{MINUS SIGN}2.0", "4", "50.0"] in rows
    assert tau_text(made_up()) == "Kendall's tau 0.33, 95 % interval over weeks 0.00 to 1.00, p 0.75"
    text = replay_page(made_up(), tmp_path / "page.html").read_text("utf-8")
    assert "2 of 6 pairs change places; best stays the best; the worst is second instead of naive." in text
    assert "1 real: measured, published" in text and f"{len(COLUMNS) - 1} synthetic: drawn" in text
    assert "http" not in text.replace("http-equiv", "")


def test_the_table_of_origins_has_a_row_a_column() -> None:
    table = origin_table({"A-v0": dict.fromkeys(COLUMNS, "real"), "B-v0": dict.fromkeys(COLUMNS, "default")})
    lines = table.splitlines()
    assert lines[0] == "| column | A-v0 | B-v0 |" and len(lines) == 2 + len(COLUMNS)
    assert all(line.endswith("| real | default |") for line in lines[2:])


def test_the_table_takes_its_place_in_a_page() -> None:
    assert replaced(f"a {BEGIN} old {END} b", "new", PAGE) == f"a {BEGIN}\n\nnew\n\n{END} b"
    with pytest.raises(UserError, match="has no place for the table"):
        replaced("no marks", "new", PAGE)


def test_the_docs_say_where_every_column_of_every_task_comes_from() -> None:
    if not (DATA / "market").is_dir():
        pytest.skip(f"real market data are not beside this checkout ({DATA})")
    text = columns_text(DATA, 2023)
    assert text in PAGE.read_text("utf-8"), "make it again: python -m experiments.real_columns data=../shared/data"
    cells = {cell.strip() for line in text.splitlines()[2:] if line[:1] == "|" for cell in line.split("|")[2:-1]}
    assert cells <= set(ORIGINS)


def test_training_takes_real_years_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = [f"task.real={write_series(tmp_path, (2021, 2022))}", "trace=real", f"data={tmp_path}"]
    run_programme("train", TrainSettings, train_main, [*overrides(), *real, f"runs={tmp_path / 'runs'}"])
    (folder,) = (tmp_path / "runs" / "texas_wind").iterdir()
    files = json.loads((folder / "task.yaml").read_text("utf-8"))["trace_files"]
    assert {split: [Path(file).stem for file in of] for split, of in files.items()} == {
        "train": ["place_2021"],
        "validation": ["place_2022"],
    }
    assert f"trace=real data={tmp_path}" in " ".join(capsys.readouterr().out.split())
