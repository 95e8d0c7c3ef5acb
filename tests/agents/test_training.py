"""Training chooses on validation years, and an interrupted run ends like an uninterrupted one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import agents.training
from agents.checkpoint import CheckpointWarning, checkpoints
from agents.policy import CheckpointError, load_policy
from agents.recipes import make_model
from agents.run import Run, RunError, locked
from agents.training import train
from agents.training_env import TrainingEnv
from hybrid_env.baselines.naive import Naive
from hybrid_env.sb3 import HybridVecEnv
from hybrid_env.scoring.evaluate import year_batch
from hybrid_env.sim.action import ACTIONS
from tests.agents.tiny import PPO, SAC, tiny_agent, tiny_run, tiny_task


class StoppedError(Exception):
    """Stands for a power cut."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = tiny_run(tmp_path_factory.mktemp("runs"))
    train(run)
    return run


def weights(run: Run) -> dict[str, torch.Tensor]:
    return load_policy(run.folder)[0].network.state_dict()


def stop_at(run: Run, steps: int) -> None:
    def report(done: int, seconds: float, gain: float | None) -> None:
        if done >= steps:
            raise StoppedError

    with pytest.raises(StoppedError):
        train(run, report)


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def curve(run: Run) -> list[tuple[float, float]]:
    summary = run.summary()
    assert summary is not None
    return [(point["steps"], point["gain_usd_per_week"]) for point in summary["curve"]]


def test_an_interrupted_run_ends_with_the_very_same_policy(finished: Run, tmp_path: Path) -> None:
    run = tiny_run(tmp_path)
    stop_at(run, 800)
    stop_at(run, 1_400)
    train(run)
    assert same(weights(run), weights(finished))
    assert curve(run) == curve(finished)


def test_a_damaged_checkpoint_costs_steps_but_not_the_result(finished: Run, tmp_path: Path) -> None:
    run = tiny_run(tmp_path)
    stop_at(run, 1_400)
    newest = checkpoints(run.checkpoints)[0]
    newest.write_bytes(newest.read_bytes()[:1000])
    with pytest.warns(CheckpointWarning, match=newest.name):
        train(run)
    assert same(weights(run), weights(finished))


def test_a_finished_run_is_not_trained_again(finished: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents.training, "_Training", None)
    assert train(finished) == finished.summary()


def test_the_best_validated_weights_are_kept(finished: Run) -> None:
    summary = finished.summary()
    assert summary is not None
    assert summary["best_gain_usd_per_week"] == max(gain for _, gain in curve(finished))


def test_another_seed_or_figure_is_another_folder(finished: Run, tmp_path: Path) -> None:
    folders = {
        run.folder.name for run in (tiny_run(tmp_path), tiny_run(tmp_path, seed=1), tiny_run(tmp_path, PPO, gamma=0.9))
    }
    assert len(folders) == 3 and finished.folder.name in folders


def test_two_processes_cannot_share_a_folder(tmp_path: Path) -> None:
    run = tiny_run(tmp_path)
    with locked(run.folder), pytest.raises(RunError, match="another process"):
        train(run)


def test_the_loaded_policy_acts_within_bounds_and_leaves_other_actions_to_naive(finished: Run) -> None:
    policy, description = load_policy(finished.folder)
    batch = year_batch(tiny_task(), "validation", 1)
    actions = policy.act(batch)
    assert actions.shape == (1, len(ACTIONS)) and np.all(np.abs(actions) <= 1)
    np.testing.assert_array_equal(actions[:, 1:5], Naive().act(batch)[:, 1:5])
    assert description.training_steps == 2_048


@pytest.mark.parametrize("name", ["policy.pt", "policy.json"])
def test_a_damaged_policy_is_named(tmp_path: Path, name: str) -> None:
    run = tiny_run(tmp_path, PPO, total_steps=256)
    train(run)
    path = run.folder / name
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(CheckpointError, match=name.replace(".", r"\.")):
        load_policy(run.folder)


def test_sac_trains_resumes_and_loads(tmp_path: Path) -> None:
    run = tiny_run(tmp_path, SAC)
    stop_at(run, 150)
    assert train(run)["steps"] == 256
    policy, _ = load_policy(run.folder)
    assert np.all(np.isfinite(policy.act(year_batch(tiny_task(), "validation", 1))))


@pytest.mark.parametrize(("recipe", "within"), [(PPO, 0.1), (SAC, 0.2)])
def test_an_untrained_agent_is_about_naive(recipe: dict, within: float) -> None:
    config = tiny_agent(recipe)
    sites = HybridVecEnv(4, traces=tiny_task().library("train").traces)
    model = make_model(config, TrainingEnv(sites, config.free, config.reward), 0)
    observations = sites.reset()
    chosen, _ = model.predict(observations, deterministic=True)  # type: ignore[arg-type]
    expected = [{"mining": 1.0, "training": 1.0, "battery": 0.0}[name] for name in config.free]
    np.testing.assert_allclose(chosen, np.tile(expected, (4, 1)), atol=within)
