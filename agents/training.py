"""Training from nothing, or from where it was stopped, to a policy chosen on validation years."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger, TensorBoardOutputFormat
from torch.utils.tensorboard.writer import SummaryWriter

from agents.checkpoint import load_checkpoint, save_checkpoint
from agents.policy import AgentPolicy, Description, save_policy
from agents.recipes import make_model
from agents.run import Run, locked
from agents.state import capture, restore
from agents.training_env import TrainingEnv, roll_weeks, weekly_lanes
from hybrid_env.baselines.naive import Naive
from hybrid_env.batch import Batch
from hybrid_env.sb3 import HybridVecEnv
from hybrid_env.scoring.result import write_atomically
from hybrid_env.sim.ledger import USD_ACCOUNTS
from hybrid_env.spaces import observation_fields
from hybrid_env.tasks import WEEKS

Report = Callable[[int, float, float | None], None]
"""Called with steps done, seconds of training so far, and the best validation gain in USD a week."""

SEEDS_APART = 1_000_003
"""Lane i of training seed s is seeded with s times this, plus i: no two runs share a lane's luck."""


def train(run: Run, report: Report | None = None) -> dict[str, Any]:
    """Train until the run is finished and return its summary; a finished run is only read.

    Raises:
        RunError: another process trains in this folder.
        CheckpointError: no checkpoint of a started run can be read.
    """
    with locked(run.folder):
        done = run.summary()
        if done is not None:
            return done
        run.write_description()
        return _Training(run, report).finish()


class Validation:
    """Weeks of the validation years, spread over the year, each rolled on its own from the standard state."""

    def __init__(self, run: Run) -> None:
        self.name = run.agent.name
        self.site = Batch(run.task.site_model, run.task.library("validation"), 1)
        self.weeks: NDArray[np.int64] = np.linspace(0, WEEKS - 1, run.agent.validation_weeks).astype(np.int64)
        self.naive_usd = self._roll(Naive())

    def _roll(self, policy: Any) -> NDArray[np.float64]:
        return roll_weeks(policy, weekly_lanes(self.site, self.weeks))

    def gain_usd(self, model: BaseAlgorithm, free: tuple[str, ...]) -> NDArray[np.float64]:
        """True money over naive by account, USD a week."""
        usd = self._roll(AgentPolicy(model.policy, free, self.name))
        return (usd - self.naive_usd).mean(axis=0)


class _Training(BaseCallback):
    """Drives one model: validation, choice, checkpoints and logs between two updates."""

    def __init__(self, run: Run, report: Report | None) -> None:
        super().__init__()
        self.run, self.report = run, report or (lambda steps, seconds, gain: None)
        config = run.agent
        self.sites = HybridVecEnv(config.lanes, str(run.task_file), "train")
        self.training_model = make_model(config, TrainingEnv(self.sites, config.free, config.reward), run.seed)
        self.sites.seed(run.seed * SEEDS_APART)
        self.validation = Validation(run)
        self.curve: list[dict[str, float]] = []
        self.best_usd: float | None = None
        self.best: dict[str, torch.Tensor] = {}
        self.seconds, self.since = 0.0, time.perf_counter()
        self.validated_at = self.saved_at = -1
        self.accounts = np.zeros(len(USD_ACCOUNTS))
        self.episodes = 0
        saved = load_checkpoint(run.checkpoints)
        hidden_from = None if saved is None else saved["state"]["steps"] + 1
        self.training_model.set_logger(_logger(run.folder / "tensorboard", hidden_from))
        if saved is not None:
            self._resume(saved)

    # -- what a checkpoint holds ---------------------------------------------------------------------------------------

    def _resume(self, saved: dict[str, Any]) -> None:
        restore(self.training_model, self.sites, saved["state"])
        self.curve, self.best_usd, self.best = saved["curve"], saved["best_usd"], saved["best"]
        self.seconds = saved["seconds"]
        self.validated_at, self.saved_at = saved["validated_at"], saved["state"]["steps"]
        self.accounts, self.episodes = saved["accounts"].numpy().copy(), saved["episodes"]

    def _save(self) -> None:
        for output in self.training_model.logger.output_formats:
            if isinstance(output, TensorBoardOutputFormat) and output.writer is not None:
                output.writer.flush()
        self.saved_at = int(self.training_model.num_timesteps)
        save_checkpoint(
            self.run.checkpoints,
            self.saved_at,
            {
                "state": capture(self.training_model, self.sites),
                "curve": self.curve,
                "best_usd": self.best_usd,
                "best": self.best,
                "seconds": self._clock(),
                "validated_at": self.validated_at,
                "accounts": torch.from_numpy(self.accounts.copy()),
                "episodes": self.episodes,
            },
        )

    def _clock(self) -> float:
        return self.seconds + time.perf_counter() - self.since

    # -- between two updates -------------------------------------------------------------------------------------------

    def _on_rollout_start(self) -> None:
        steps, config = int(self.training_model.num_timesteps), self.run.agent
        if self.validated_at < 0 or steps - self.validated_at >= config.validate_every_steps:
            self._validate()
        if self.saved_at >= 0 and steps - self.saved_at >= config.checkpoint_every_steps:
            self._save()
        self.saved_at = max(self.saved_at, 0)

    def _validate(self) -> None:
        steps = int(self.training_model.num_timesteps)
        gain = self.validation.gain_usd(self.training_model, self.run.agent.free)
        total = float(gain.sum())
        self.curve.append({"steps": steps, "seconds": round(self._clock(), 1), "gain_usd_per_week": total})
        self.validated_at = steps
        self.training_model.logger.record("validation/gain_usd_per_week", total)
        for name, usd in zip(USD_ACCOUNTS, gain, strict=True):
            self.training_model.logger.record(f"validation_usd_per_week/{name}", float(usd))
        if self.best_usd is None or total > self.best_usd:
            self.best_usd, self.best = total, copy.deepcopy(self.training_model.policy.state_dict())

    def _on_step(self) -> bool:
        if self.locals["dones"].any():
            for info in self.locals["infos"]:
                if "ledger_usd" in info:
                    self.accounts += info["ledger_usd"]
                    self.episodes += 1
        return True

    def _on_rollout_end(self) -> None:
        if self.episodes:
            for name, usd in zip(USD_ACCOUNTS, self.accounts / self.episodes, strict=True):
                self.training_model.logger.record(f"episode_usd/{name}", float(usd))
            self.accounts[:], self.episodes = 0.0, 0
        self.report(int(self.training_model.num_timesteps), self._clock(), self.best_usd)

    # -- the end -------------------------------------------------------------------------------------------------------

    def finish(self) -> dict[str, Any]:
        """Train what is left, then write policy and summary."""
        config = self.run.agent
        left = config.total_steps - int(self.training_model.num_timesteps)
        if left > 0:
            every = _log_interval(self.run)
            self.training_model.learn(left, callback=self, log_interval=every, reset_num_timesteps=False)
        if self.validated_at < self.training_model.num_timesteps:
            self._validate()
            self.training_model.logger.dump(int(self.training_model.num_timesteps))
        if self.saved_at < self.training_model.num_timesteps:
            self._save()
        seconds, steps = self._clock(), int(self.training_model.num_timesteps)
        description = Description(
            agent=config.model_dump(mode="json"),
            task=self.run.task.id,
            seed=self.run.seed,
            run=self.run.hash,
            observations=tuple(field.name for field in observation_fields(self.run.task.site_model)),
            training_seconds=round(seconds, 1),
            training_steps=steps,
        )
        save_policy(self.run.folder, self.best, description)
        summary = {
            "hash": self.run.hash,
            "steps": steps,
            "seconds": round(seconds, 1),
            "best_gain_usd_per_week": self.best_usd,
            "curve": self.curve,
        }
        write_atomically(self.run.folder / "summary.json", json.dumps(summary, indent=1))
        return summary


def _log_interval(run: Run) -> int:
    """PPO logs once an update; SAC, whose episodes end together, once in all lanes' episodes."""
    return 1 if run.agent.algorithm == "ppo" else run.agent.lanes


class _TensorBoard(TensorBoardOutputFormat):
    """SB3's TensorBoard writer, except that a resumed run hides what it had logged after its checkpoint."""

    def __init__(self, folder: Path, purge_step: int | None) -> None:
        self.writer = SummaryWriter(str(folder), purge_step=purge_step)  # type: ignore[assignment]
        self._is_closed = False


def _logger(folder: Path, purge_step: int | None) -> Logger:
    folder.mkdir(parents=True, exist_ok=True)
    return Logger(str(folder), [_TensorBoard(folder, purge_step)])
