"""The programmes end to end, in small: what they write, what they reuse, and what `kill -9` does to them."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from agents.checkpoint import KEPT, checkpoints
from agents.policy import load_policy
from agents.run import Run
from agents.training import train
from experiments.command import UserError, run_programme
from experiments.demo import DemoSettings
from experiments.demo import main as demo_main
from experiments.evaluate import EvaluateSettings, check_writable, evaluate_run
from experiments.evaluate import main as evaluate_main
from experiments.leaderboard import LeaderboardSettings
from experiments.leaderboard import main as leaderboard_main
from experiments.references import ReferencesSettings, joined
from experiments.references import main as references_main
from experiments.train import TrainSettings, make_run
from experiments.train import main as train_main
from hybrid_env.scoring.result import Result, load_result, load_results
from hybrid_env.scoring.score import load_references
from tests.agents.tiny import TASK, overrides, tiny_task

ROOT = Path(__file__).parents[2]
YEAR = f"task.test_seeds={list(TASK['test_seeds'])}"


def evaluate_here(*arguments: str, weeks: int = 1) -> None:
    run_programme("evaluate", EvaluateSettings, evaluate_main, [YEAR, f"weeks={weeks}", *arguments])


def composed(*arguments: str) -> Run:
    """The run that these arguments of `experiments.train` mean."""
    seen: list[TrainSettings] = []
    run_programme("train", TrainSettings, seen.append, list(arguments))
    return make_run(seen[0].task, seen[0].agent, seen[0].seed, seen[0].runs)


def start(module: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"experiments.{module}", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def kill_after(process: subprocess.Popen[bytes], begun: Callable[[], bool] | None, delay_s: float) -> None:
    """`kill -9`, `delay_s` after `begun` has become true."""
    deadline = time.perf_counter() + 60
    while begun is not None and not begun() and process.poll() is None and time.perf_counter() < deadline:
        time.sleep(0.02)
    time.sleep(delay_s)
    process.kill()
    process.communicate()


def finish(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors.decode()


def scalars(run: Run) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard shows, but for times and rates."""
    events = EventAccumulator(str(run.folder / "tensorboard"))
    events.Reload()
    names = [name for name in events.Tags()["scalars"] if not name.startswith("time/")]
    return {name: [(event.step, event.value) for event in events.Scalars(name)] for name in names}


def money(result: Result) -> dict[str, object]:
    """What must not depend on interruptions."""
    return result.model_dump(include={"task", "policy", "worlds", "weekly_usd", "accounts_usd", "mwh", "kg", "work"})


@pytest.mark.slow
def test_training_killed_at_random_moments_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    undisturbed = composed(*overrides(), f"runs={tmp_path / 'a'}")
    killed = composed(*overrides(), f"runs={tmp_path / 'b'}")
    train(undisturbed)
    luck = random.Random(0)
    for kill in range(2):
        process = start("train", [*overrides(), f"runs={tmp_path / 'b'}"])
        kill_after(process, lambda kill=kill: len(checkpoints(killed.checkpoints)) > kill, 0.2 * luck.random())
    finish(start("train", [*overrides(), f"runs={tmp_path / 'b'}"]))
    for a, b in zip(weights(undisturbed), weights(killed), strict=True):
        assert torch.equal(a, b)
    assert scalars(undisturbed) == scalars(killed)
    assert len(checkpoints(killed.checkpoints)) == KEPT


def weights(run: Run) -> list[torch.Tensor]:
    return list(load_policy(run.folder)[0].network.state_dict().values())


@pytest.mark.slow
def test_a_killed_evaluation_and_leaderboard_leave_whole_files_or_none(tmp_path: Path) -> None:
    arguments = [YEAR, "weeks=8", "policy=breakeven", f"results={tmp_path}"]
    evaluate_here("policy=breakeven", f"results={tmp_path / 'undisturbed'}", weeks=8)
    folder = tmp_path / "texas_wind-8_weeks"
    process = start("evaluate", arguments)
    kill_after(process, None, 3.0 + random.Random(1).random())
    assert [path.suffix for path in folder.glob("*") if not path.name.startswith(".")] in ([], [".json"])
    finish(start("evaluate", arguments))
    found, expected = load_results(folder), load_results(tmp_path / "undisturbed" / "texas_wind-8_weeks")
    assert [money(result) for result in found] == [money(result) for result in expected]
    shown = [YEAR, "weeks=8", f"results={tmp_path}"]
    kill_after(start("leaderboard", shown), None, 3.0)
    run_programme("leaderboard", LeaderboardSettings, leaderboard_main, shown)
    assert [money(result) for result in load_results(folder)] == [money(result) for result in expected]


def test_an_evaluation_that_is_there_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate_here("policy=naive", f"results={tmp_path}")
    path = tmp_path / "texas_wind-1_weeks" / "naive-0.json"
    before = path.stat().st_mtime_ns
    evaluate_here("policy=naive", f"results={tmp_path}")
    assert path.stat().st_mtime_ns == before
    evaluate_here("policy=naive", f"results={tmp_path}", "overwrite=true")
    assert path.stat().st_mtime_ns > before


def test_a_damaged_or_outdated_result_is_made_again(tmp_path: Path) -> None:
    evaluate_here("policy=naive", f"results={tmp_path}")
    path = tmp_path / "texas_wind-1_weeks" / "naive-0.json"
    whole = load_result(path)
    path.write_text(path.read_text("utf-8")[:100], "utf-8")
    evaluate_here("policy=naive", f"results={tmp_path}")
    assert money(load_result(path)) == money(whole)
    old = whole.model_copy(update={"provenance": whole.provenance.model_copy(update={"kernel_hash": "older"})})
    old.save(path.parent)
    evaluate_here("policy=naive", f"results={tmp_path}")
    assert load_result(path).provenance.kernel_hash == whole.provenance.kernel_hash


def test_a_results_folder_that_cannot_be_written_is_named_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"file.* cannot be written"):
        check_writable(tmp_path / "file" / "results")


def test_a_trained_run_is_evaluated_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_programme("train", TrainSettings, train_main, [*overrides(), "agent.total_steps=256", f"runs={tmp_path / 'r'}"])
    (folder,) = (tmp_path / "r" / "texas_wind").iterdir()
    evaluate_here(f"run={folder}", f"results={tmp_path}")
    result = load_result(tmp_path / "texas_wind-1_weeks" / "ppo-0.json")
    assert (result.kind, result.training_steps, result.seed) == ("agent", 256, 0)
    seen = tiny_task().model_copy(update={"train_seeds": TASK["test_seeds"], "test_seeds": TASK["train_seeds"]})
    with pytest.raises(UserError, match="learned from texas/1001 and cannot be judged by it"):
        evaluate_run(folder, seen, "test", 1, tmp_path)
    run_programme("leaderboard", LeaderboardSettings, leaderboard_main, [YEAR, "weeks=1", f"results={tmp_path}"])
    assert "ppo" in capsys.readouterr().out


def test_references_are_put_together_from_parts_and_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("highspy")
    arguments = [YEAR, "weeks=1", "parts=[naive,bound]", f"work={tmp_path / 'w'}"]
    arguments += [f"stored={tmp_path / 's'}", "processes=1"]
    run_programme("references", ReferencesSettings, references_main, arguments)
    references = load_references(tmp_path / "s" / "references.json")
    assert references.bound()[0] > references.naive().sum()
    (bound,) = (tmp_path / "w").rglob("bound-*.json")
    before = bound.stat().st_mtime_ns
    capsys.readouterr()
    run_programme("references", ReferencesSettings, references_main, arguments)
    assert "2 of 2 parts" in capsys.readouterr().out
    assert bound.stat().st_mtime_ns == before


def test_results_of_single_worlds_join_to_one(tmp_path: Path) -> None:
    evaluate_here("policy=naive", f"results={tmp_path}")
    one = load_result(tmp_path / "texas_wind-1_weeks" / "naive-0.json")
    hashes = {"other": "x"}
    provenance = one.provenance.model_copy(update={"trace_hashes": hashes})
    both = joined([one, one.model_copy(update={"worlds": ("other",), "provenance": provenance})])
    Result.model_validate(both.model_dump())
    assert both.weekly().shape == (2, 1)
    assert sum(both.accounts_usd.values()) == pytest.approx(2 * sum(one.accounts_usd.values()))


def test_the_demo_trains_evaluates_and_shows_and_reuses_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*overrides(), "agent.total_steps=256", "weeks=1", "policies=[naive,breakeven]", f"folder={tmp_path}"]
    run_programme("demo", DemoSettings, demo_main, arguments)
    assert "against the on/off breakeven rule" in capsys.readouterr().out
    run_programme("demo", DemoSettings, demo_main, arguments)
    assert "nothing to do" in capsys.readouterr().out
