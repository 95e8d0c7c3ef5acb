"""The stress programme end to end: what it prints, writes and takes over, and what it says to mistakes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from experiments.command import MISTAKE, run_programme
from experiments.report import stress_notes, stress_page, stress_table
from experiments.stress import StressSettings, main
from hybrid_env.scoring.result import Risk
from hybrid_env.scoring.stress import Outcome, Played, StressReport, load_report
from tests.agents.tiny import TASK
from tests.scoring.made_up import TASK as TASK_ID
from tests.scoring.made_up import provenance

YEAR = f"task.test_seeds={list(TASK['test_seeds'])}"


def play(folder: Path, *arguments: str) -> None:
    run_programme("stress", StressSettings, main, [YEAR, "weeks=1", f"folder={folder}", *arguments])


def made_up() -> StressReport:
    """A policy that softens a storm, dislikes a ban, and could not be put under the last shock."""

    def outcome(shock: str, own: float, naive: float, note: str = "") -> Outcome:
        def one(usd: float) -> Played:
            work = {"import_limit_h": 33.6}
            risk = Risk(withdrawn_week_frac=0.5)
            weekly = ((usd, 2 * usd),)
            return Played(weekly_usd=weekly, accounts_usd={"mining": 3 * usd}, work=work, shed_h=6.72, risk=risk)

        return Outcome(
            shock=shock,
            meaning=f"{shock} <strikes>",
            trace_hashes={"w": "0"},
            policy=one(own),
            naive=one(naive),
            note=note,
        )

    calm = outcome("", 100e3, 80e3)
    shocks = (outcome("storm", 60e3, 20e3), outcome("ban", 70e3, 74e3), Outcome(shock="calm", note="no wind <here>"))
    return StressReport(
        task=TASK_ID, policy="rule", kind="rule", seed=0, split="test", weeks=2, calm=calm, shocks=shocks,
        provenance=provenance(),
    )  # fmt: skip


def test_the_programme_writes_one_report_and_one_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    play(tmp_path, "policy=breakeven", "shocks=[mining_ban,wind_drought]")
    folder = tmp_path / "texas_wind-1_weeks"
    assert sorted(path.name for path in folder.iterdir()) == ["breakeven-0.html", "breakeven-0.json"]
    report = load_report(folder / "breakeven-0.json")
    assert [outcome.shock for outcome in report.shocks] == ["wind_drought", "mining_ban"]
    printed = capsys.readouterr().out
    assert "mining_ban" in printed and "not in these weeks" in printed and "breakeven-0.json" in printed


def test_what_is_there_is_not_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play(tmp_path, "policy=naive", "shocks=[mining_ban]")
    path = tmp_path / "texas_wind-1_weeks" / "naive-0.json"
    first = load_report(path)
    from hybrid_env.scoring import stress as suite

    played = []
    monkeypatch.setattr(suite, "roll_year", lambda *a, **k: played.append(1) or pytest.fail("played again"))
    play(tmp_path, "policy=naive", "shocks=[mining_ban]")
    assert load_report(path).shocks == first.shocks and not played
    with pytest.raises(pytest.fail.Exception, match="played again"):
        play(tmp_path, "policy=naive", "shocks=[mining_ban]", "overwrite=true")


def test_a_damaged_or_outdated_report_is_played_again(tmp_path: Path) -> None:
    play(tmp_path, "policy=naive", "shocks=[mining_ban]")
    path = tmp_path / "texas_wind-1_weeks" / "naive-0.json"
    whole = load_report(path)
    path.write_text(path.read_text("utf-8")[:100], "utf-8")
    play(tmp_path, "policy=naive", "shocks=[mining_ban]")
    assert load_report(path).shocks == whole.shocks
    old = whole.model_copy(update={"provenance": whole.provenance.model_copy(update={"kernel_hash": "older"})})
    old.save(path)
    play(tmp_path, "policy=naive", "shocks=[mining_ban]")
    assert load_report(path).provenance.kernel_hash == whole.provenance.kernel_hash


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "either a policy"),
        (["policy=naive", "run=somewhere"], "either a policy"),
        (["policy=naive", "shocks=[meteor]"], "bitcoin_crash"),
        (["policy=naive", "shocks=[]"], "at least one"),
        (["policy=naive", "shocks=some"], "shocks"),
        (["policy=magic"], "breakeven"),
        (["run=nowhere"], "nowhere"),
    ],
)
def test_a_mistake_is_named(
    arguments: list[str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        play(tmp_path, *arguments)
    message = capsys.readouterr().err
    assert left.value.code == MISTAKE and named in message and "Traceback" not in message


def test_the_table_shows_money_a_week_and_hours_a_year() -> None:
    output = io.StringIO()
    Console(file=output, width=200).print(stress_table(made_up()))
    bar = "\N{BOX DRAWINGS LIGHT VERTICAL}"
    rows = [[cell.strip() for cell in line.split(bar)[1:-1]] for line in output.getvalue().splitlines() if bar in line]
    cells = {row[0]: row[1:] for row in rows}
    assert cells["storm"] == ["90.0", "60.0", "90.0", "+60.0", "60.0", "+40.0", "876", "175.2", "50.0", "–"]
    assert cells["as it was"][:4] == ["150.0", "–", "–", "+30.0"]
    assert cells["ban"][3] == "−6.0" and set(cells["calm"]) == {"–"}
    assert stress_notes(made_up()) == ["calm: no wind <here>"]


def test_the_page_says_what_costs_most_and_where_naive_is_better(tmp_path: Path) -> None:
    path = stress_page(made_up(), tmp_path / "page.html", command="python -m experiments.stress")
    text = path.read_text("utf-8")
    assert "<strong>storm</strong> costs most: 60.0 thousand USD a week of 150.0" in text
    assert "less than the naive policy under ban." in text
    assert "no wind &lt;here&gt;" in text and "storm &lt;strikes&gt;" in text
    assert text.count('class="bar loss"') == 4 and "http" not in text.replace("http-equiv", "")


def test_a_fault_of_the_sensors_is_held_against_no_loss_of_naives(tmp_path: Path) -> None:
    report = made_up()
    storm = report.shocks[0].model_copy(update={"shock": "late", "sensors": True, "naive": report.calm.naive})
    report = report.model_copy(update={"shocks": (storm,)})
    output = io.StringIO()
    Console(file=output, width=200).print(stress_table(report))
    line = next(line for line in output.getvalue().splitlines() if "late" in line)
    assert [cell.strip() for cell in line.split("\N{BOX DRAWINGS LIGHT VERTICAL}")[2:6]] == [
        "90.0",
        "60.0",
        "–",
        "−30.0",
    ]
    text = stress_page(report, tmp_path / "page.html").read_text("utf-8")
    assert text.count('class="bar loss"') == 1 and "seen through faulty" in text
