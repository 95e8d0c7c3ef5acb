"""From an agent's configuration to a Stable-Baselines3 model that starts out as the naive policy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from stable_baselines3 import PPO, SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.type_aliases import Schedule
from stable_baselines3.common.vec_env import VecEnv

from agents.config import AgentConfig, PPOConfig, SACConfig
from agents.policy import network_arguments
from hybrid_env.sim.action import ACTIONS, DEFAULTS

NAIVE: dict[str, float] = dict(zip(ACTIONS, DEFAULTS, strict=True))
"""Where the untrained network starts."""


def make_model(config: AgentConfig, env: VecEnv, seed: int) -> BaseAlgorithm:
    """An untrained model whose mean action is the naive policy's, with the configured first spread."""
    torch.set_num_threads(config.threads)
    network = network_arguments(config)
    if isinstance(config, PPOConfig):
        return _ppo(config, env, seed, network)
    return _sac(config, env, seed, network)


def _ppo(config: PPOConfig, env: VecEnv, seed: int, network: dict[str, Any]) -> PPO:
    model = PPO(
        "MlpPolicy",
        env,
        learning_rate=_falling(config),
        n_steps=config.steps_per_lane,
        batch_size=config.minibatch,
        n_epochs=config.epochs,
        gamma=config.gamma,
        gae_lambda=config.gae_lambda,
        clip_range=config.clip_range,
        ent_coef=config.entropy_bonus,
        vf_coef=config.value_weight,
        max_grad_norm=config.max_grad_norm,
        policy_kwargs=network,
        seed=seed,
        device="cpu",
    )
    with torch.no_grad():
        model.policy.log_std.copy_(torch.log(torch.tensor([config.actions[name] for name in config.free])))  # type: ignore[operator]
        model.policy.action_net.bias.copy_(torch.tensor([NAIVE[name] for name in config.free]))  # type: ignore[union-attr, operator]
    return model


def _falling(config: PPOConfig) -> Schedule:
    first, last = config.learning_rate, config.learning_rate * config.final_learning_rate_frac

    def rate(remaining: float) -> float:
        return last + (first - last) * remaining

    return rate


def _sac(config: SACConfig, env: VecEnv, seed: int, network: dict[str, Any]) -> SAC:
    model = SAC(
        "MlpPolicy",
        env,
        learning_rate=config.learning_rate,
        buffer_size=config.buffer_steps,
        learning_starts=config.start_steps,
        batch_size=config.minibatch,
        tau=config.tau,
        gamma=config.gamma,
        train_freq=1,
        gradient_steps=config.updates_per_step,
        policy_kwargs=network,
        seed=seed,
        device="cpu",
    )
    start = np.clip([NAIVE[name] for name in config.free], -0.95, 0.95)
    with torch.no_grad():
        model.actor.mu.bias.copy_(torch.tensor(np.arctanh(start), dtype=torch.float32))  # type: ignore[union-attr, operator]
        model.actor.mu.weight.mul_(0.01)  # type: ignore[union-attr, operator]
    return model
