"""A trained network as a policy of the benchmark, and the two files it lives in.

`policy.pt` holds the weights (read as data only, see `checkpoint`), `policy.json` what rebuilds the network.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from pydantic import BaseModel, ConfigDict, ValidationError
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.sac.policies import SACPolicy

from agents.checkpoint import CheckpointError, from_bytes, to_bytes
from agents.config import AgentConfig, PPOConfig, agent_adapter
from hybrid_env.baselines.naive import Naive
from hybrid_env.batch import Batch, Floats
from hybrid_env.scoring.result import explain, write_atomically
from hybrid_env.sim.action import ACTIONS

ACTIVATIONS = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}


class Description(BaseModel):
    """`policy.json`: what the weights belong to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    agent: dict[str, Any]
    task: str
    """Task id."""
    seed: int
    run: str
    """Hash of the training run."""
    observations: tuple[str, ...]
    """Names of the network's inputs, in order."""
    training_seconds: float
    training_steps: int


class AgentPolicy:
    """Acts by the mean of the network's distribution; actions it was not trained to move are naive's.

    Args:
        network: the trained policy network.
        free: names of the actions the network moves, in the site's order.
        name: under which results are filed.
    """

    def __init__(self, network: BasePolicy, free: tuple[str, ...], name: str) -> None:
        self.name = name
        self.network = network
        self.free = np.array([ACTIONS.index(action) for action in free])

    def reset(self, batch: Batch) -> None:
        """The network has no memory."""

    def act(self, batch: Batch) -> Floats:
        """Actions from the observations alone."""
        actions = Naive().act(batch)
        chosen, _ = self.network.predict(batch.observations, deterministic=True)
        actions[:, self.free] = np.clip(chosen, -1.0, 1.0)
        return actions


def network_arguments(config: AgentConfig) -> dict[str, Any]:
    """Layers and activation as SB3 wants them."""
    return {"net_arch": list(config.hidden), "activation_fn": ACTIVATIONS[config.activation]}


def make_network(config: AgentConfig, observations: int) -> BasePolicy:
    """An untrained policy network of the configured shape."""
    box = spaces.Box(-1.0, 1.0, (observations,), np.float32)
    moves = spaces.Box(-1.0, 1.0, (len(config.free),), np.float32)
    kind = ActorCriticPolicy if isinstance(config, PPOConfig) else SACPolicy
    return kind(box, moves, lambda _: config.learning_rate, **network_arguments(config))


def save_policy(folder: Path, weights: dict[str, torch.Tensor], description: Description) -> None:
    """Write both files, the description last."""
    write_atomically(folder / "policy.pt", to_bytes({"weights": weights}))
    write_atomically(folder / "policy.json", description.model_dump_json(indent=1))


def load_policy(folder: Path) -> tuple[AgentPolicy, Description]:
    """The trained policy of a run.

    Raises:
        CheckpointError: a file is missing, damaged, or does not fit the other.
    """
    description = load_description(folder)
    try:
        config = agent_adapter.validate_python(description.agent)
    except ValidationError as error:
        raise CheckpointError(explain(error, str(folder / "policy.json"))) from error
    path = folder / "policy.pt"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot be read ({error.strerror}); run the same training command again"
        ) from error
    weights = from_bytes(data, str(path)).get("weights")
    network = make_network(config, len(description.observations))
    try:
        network.load_state_dict(weights)  # type: ignore[arg-type]
    except (RuntimeError, TypeError) as error:
        raise CheckpointError(f"{path}: the weights do not fit policy.json beside it; train again") from error
    network.set_training_mode(False)
    torch.set_num_threads(config.threads)
    return AgentPolicy(network, config.free, config.name), description


def load_description(folder: Path) -> Description:
    """`policy.json` of a run.

    Raises:
        CheckpointError: missing or damaged.
    """
    path = folder / "policy.json"
    try:
        return Description.model_validate(json.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{folder}: no trained policy here (no policy.json); finish the training, or name its folder"
        ) from error
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise CheckpointError(f"{path}: damaged; run the same training command again") from error
