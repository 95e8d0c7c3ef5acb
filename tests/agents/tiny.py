"""The smallest task and agents that still go through every part of the code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agents.config import AgentConfig, agent_adapter
from agents.run import Run
from hybrid_env.tasks import Task, load_task

TASK = {"train_seeds": (1001,), "validation_seeds": (2001,), "test_seeds": (3001,), "horizon_rows": 48}
PPO: dict[str, Any] = {
    "name": "ppo",
    "algorithm": "ppo",
    "total_steps": 2_048,
    "lanes": 8,
    "hidden": [8],
    "actions": {"mining": 0.4, "battery": 0.4},
    "gamma": 0.95,
    "gae_lambda": 0.9,
    "learning_rate": 1e-3,
    "final_learning_rate_frac": 0.1,
    "steps_per_lane": 32,
    "minibatch": 64,
    "epochs": 1,
    "clip_range": 0.2,
    "validate_every_steps": 512,
    "validation_weeks": 1,
    "checkpoint_every_steps": 256,
}
SAC: dict[str, Any] = {
    "name": "sac",
    "algorithm": "sac",
    "total_steps": 256,
    "lanes": 4,
    "hidden": [8],
    "actions": {"mining": 0.4, "training": 0.1},
    "gamma": 0.95,
    "learning_rate": 1e-3,
    "buffer_steps": 1_000,
    "start_steps": 32,
    "minibatch": 16,
    "tau": 0.01,
    "updates_per_step": 1,
    "validate_every_steps": 128,
    "validation_weeks": 1,
    "checkpoint_every_steps": 64,
}


def tiny_task() -> Task:
    """One short year for each split."""
    return load_task("texas_wind").model_copy(update=TASK)


def tiny_agent(recipe: dict[str, Any] = PPO, **changes: Any) -> AgentConfig:
    """A recipe with some fields changed."""
    return agent_adapter.validate_python({**recipe, **changes})


def tiny_run(root: Path, recipe: dict[str, Any] = PPO, seed: int = 0, **changes: Any) -> Run:
    """A run that trains in a second or two."""
    task = tiny_task()
    return Run(task, tiny_agent(recipe, **changes), seed, task.library("train").hashes, root)


def overrides(recipe: dict[str, Any] = PPO) -> list[str]:
    """The same run as command-line overrides."""
    task = [f"task.{key}={list(value) if isinstance(value, tuple) else value}" for key, value in TASK.items()]
    plain = {key: value for key, value in recipe.items() if key not in {"actions", "name", "algorithm"}}
    return [*task, f"agent={recipe['name']}", *(f"agent.{key}={value}" for key, value in plain.items())]
