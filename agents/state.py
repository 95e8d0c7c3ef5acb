"""All that training depends on, as data: weights, optimisers, sites, and every source of luck."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm

from hybrid_env.sb3 import EpisodeSums, HybridVecEnv


def capture(model: BaseAlgorithm, sites: HybridVecEnv) -> dict[str, Any]:
    """State between two updates, ready for `checkpoint.save_checkpoint`."""
    return {
        "parameters": model.get_parameters(),
        "variables": {name: _variable(model, name).detach().clone() for name in _variable_names(model)},
        "steps": int(model.num_timesteps),
        "updates": int(model._n_updates),
        "remaining": float(model._current_progress_remaining),
        "episode_starts": torch.from_numpy(np.asarray(model._last_episode_starts, np.float32).copy()),
        "episodes": [(float(e["r"]), int(e["l"])) for e in model.ep_info_buffer or ()],
        "logged": _logged(model),
        "torch_luck": torch.get_rng_state(),
        "numpy_luck": _numpy_luck(),
        "sites": torch.from_numpy(np.frombuffer(sites.get_state(), np.uint8).copy()),
        "site_luck": json.dumps(sites.luck),
        "site_sums": {name: torch.from_numpy(array) for name, array in sites.episode_sums._asdict().items()},
    }


def restore(model: BaseAlgorithm, sites: HybridVecEnv, saved: dict[str, Any]) -> None:
    """Make model and sites go on exactly where `capture` saw them. A replay buffer starts empty.

    Raises:
        StateError: the sites were saved with another site, trace or version.
    """
    observations = sites.set_state(saved["sites"].numpy().tobytes())
    sites.luck = json.loads(saved["site_luck"])
    sites.episode_sums = EpisodeSums(**{name: array.numpy() for name, array in saved["site_sums"].items()})
    model.set_parameters(saved["parameters"], exact_match=True, device="cpu")
    for name in _variable_names(model):
        _variable(model, name).data.copy_(saved["variables"][name])
    model.num_timesteps = saved["steps"]
    model._n_updates = saved["updates"]
    model._current_progress_remaining = saved["remaining"]
    model._last_obs = observations
    model._last_episode_starts = saved["episode_starts"].numpy().astype(np.bool_)
    episodes = [{"r": r, "l": n, "t": 0.0} for r, n in saved["episodes"]]
    model.ep_info_buffer = deque(episodes, maxlen=model._stats_window_size)
    model.ep_success_buffer = deque(maxlen=model._stats_window_size)
    for name, (value, hidden) in saved["logged"].items():
        model.logger.record(name, value, exclude=tuple(hidden))
    torch.set_rng_state(saved["torch_luck"])
    kind, keys, position, has_gauss, gauss = json.loads(saved["numpy_luck"])
    np.random.set_state((kind, np.array(keys, np.uint32), position, has_gauss, gauss))


def _logged(model: BaseAlgorithm) -> dict[str, tuple[float, list[str]]]:
    """What is recorded and not yet written, and by which writers it must not be."""
    values: dict[str, Any] = model.logger.name_to_value
    hidden = model.logger.name_to_excluded
    return {
        name: (float(value), list(hidden[name]))
        for name, value in values.items()
        if isinstance(value, float | int | np.number)
    }


def _numpy_luck() -> str:
    """SB3 shuffles minibatches with NumPy's global generator."""
    kind, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)  # type: ignore[misc]
    return json.dumps([kind, np.asarray(keys).tolist(), int(position), int(has_gauss), float(gauss)])


def _variable_names(model: BaseAlgorithm) -> list[str]:
    """Trained tensors outside the networks (the entropy coefficient of SAC)."""
    return list(model._get_torch_save_params()[1])


def _variable(model: BaseAlgorithm, name: str) -> torch.Tensor:
    return getattr(model, name)
