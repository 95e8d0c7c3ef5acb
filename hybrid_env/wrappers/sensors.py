"""Faulty sensors: readings that are lost, late or noisy, for one site and for many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv, VectorWrapper
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from hybrid_env.batch import Floats
from hybrid_env.sim.field import Field
from hybrid_env.traces.schema import CALENDAR
from hybrid_env.vector_env import HybridVectorEnv
from hybrid_env.wrappers.own import check_known, site_env

GROUPS = ("now", "settled", "forecast", "state")
"""Fields by the line they come in on: dispatch signals, settled meter readings, forecasts, the site's own sensors. They
are `Field.known`; the calendar needs no line and never fails."""


class SensorModel:
    """What happens to readings between the site and the policy; no state.

    Attributes:
        group: int64 [D], the group of each field, -1 for the calendar.
        dropout: [groups], probability that a group's readings are lost in an interval.
        delay: intervals from reading to showing.
        noise: standard deviation of Gaussian noise on each reading, in scaled units.
    """

    def __init__(self, fields: Sequence[Field], dropout: float | Mapping[str, float], delay: int, noise: float) -> None:
        probability = dict.fromkeys(GROUPS, dropout) if isinstance(dropout, float | int) else dict(dropout)
        check_known("sensor groups", tuple(probability), GROUPS)
        for name, value in probability.items():
            if not 0 <= value < 1:
                raise ValueError(f"dropout of {name!r} = {value!r}; a probability from 0 and below 1 is needed")
        if not (isinstance(delay, int | np.integer) and delay >= 0):
            raise ValueError(f"delay = {delay!r}; a whole number of intervals from 0 is needed")
        if not 0 <= noise < np.inf:
            raise ValueError(f"noise = {noise!r}; a standard deviation from 0 is needed")
        self.group = np.array([-1 if f.name in CALENDAR else GROUPS.index(f.known) for f in fields], np.int64)
        self.dropout = np.array([probability.get(name, 0.0) for name in GROUPS])
        self.delay, self.noise = int(delay), float(noise)

    def space(self) -> spaces.Box[np.float32]:
        """The site's observation and one age a group."""
        return spaces.Box(-1.0, 1.0, (len(self.group) + len(GROUPS),), np.float32)


class SensorLine:
    """The readings of one site on their way: what was read lately, what is shown, and how old it is.

    Luck is keyed by seed, episode and step, so it does not depend on what a policy does.

    Attributes:
        begun: whether an episode has begun, so that there is a seed to go on with.
    """

    def __init__(self, model: SensorModel) -> None:
        self._model = model
        self.begun = False
        self._seed, self._episode, self._step = 0, 0, 0
        self._read = np.zeros((model.delay + 1, len(model.group)), np.float32)  # oldest first
        self._shown = np.zeros(len(model.group), np.float32)
        self._age = np.zeros(len(GROUPS), np.int64)

    def begin(self, observation: Floats, seed: int | None) -> Floats:
        """A new episode, the first of `seed` or the next one; its first readings all arrive, in time."""
        self._episode = self._episode + 1 if seed is None else 0
        self._seed = self._seed if seed is None else seed
        self._step, self.begun = 0, True
        self._read[:] = observation
        self._age[:] = 0
        return self._show(np.ones(len(GROUPS), np.bool_))

    def see(self, observation: Floats) -> Floats:
        """What a policy is shown when this is read."""
        self._step += 1
        self._read[:-1] = self._read[1:]
        self._read[-1] = observation
        return self._show(None)

    def _show(self, arrives: NDArray[np.bool_] | None) -> Floats:
        model = self._model
        rng = np.random.default_rng([self._seed, self._episode, self._step])
        luck = rng.random(len(GROUPS))
        noise = model.noise * rng.standard_normal(len(model.group))
        arrives = luck >= model.dropout if arrives is None else arrives
        self._age = np.where(arrives, min(self._step, model.delay), self._age + 1)
        own = model.group >= 0
        fresh = own & arrives[model.group]
        noisy = np.clip(self._read[0].astype(np.float64) + noise, -1.0, 1.0)
        self._shown[fresh] = noisy[fresh]
        self._shown[~own] = self._read[-1][~own]  # the calendar
        return np.concatenate([self._shown, self._age / (1.0 + self._age)]).astype(np.float32)


class SensorFaults(gymnasium.Wrapper[Floats, Any, Floats, Any], gymnasium.utils.RecordConstructorArgs):
    """Shows what faulty sensors deliver; what happens on the site, and what it earns, is as without.

    The observation is the site's own followed by the age of each group's readings (`GROUPS`) in intervals, as
    `age / (1 + age)`. Three faults, in this order:

    * delay: what is shown was read `delay` intervals ago (at first: at the reset).
    * noise: Gaussian, on each arriving reading, clipped to [-1, 1].
    * dropout: with its probability, the readings of a group are lost in an interval; the last good ones stay, with the
      noise they had.

    Luck is keyed by (seed, episode, step): two policies meet the same faults, and `reset(seed=...)` begins them anew.
    `get_state` of the environment below does not hold the readings on their way; copy or pickle the wrapper instead.

    Args:
        env: a `HybridEnv` whose observation is its own; wrappers of observations go around this one.
        dropout: probability for all groups, or by name for some.
        delay: intervals.
        noise: standard deviation, in the scaled units of the observation (1 is half its range).
    """

    def __init__(
        self,
        env: gymnasium.Env[Floats, Any],
        dropout: float | Mapping[str, float] = 0.0,
        delay: int = 0,
        noise: float = 0.0,
    ) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(self, dropout=dropout, delay=delay, noise=noise)
        super().__init__(env)
        base = site_env(env)
        if env.observation_space is not base.observation_space:
            raise TypeError(
                f"sensors are read on the site itself, but {type(env).__name__} below shows {env.observation_space};"
                " wrap it around SensorFaults"
            )
        model = SensorModel(base.batch.fields, dropout, delay, noise)
        self.observation_space = model.space()
        self._line = SensorLine(model)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Floats, dict[str, Any]]:
        """As the environment; faults begin anew with a seed, and go on to the next episode without."""
        observation, info = self.env.reset(seed=seed, options=options)
        if seed is None and not self._line.begun:
            seed = self.unwrapped.np_random_seed
        return self._line.begin(observation, seed), info

    def step(self, action: Any) -> tuple[Floats, Any, bool, bool, dict[str, Any]]:
        """As the environment, through the sensors."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return self._line.see(observation), reward, terminated, truncated, info


class VectorSensorFaults(VectorWrapper):
    """`SensorFaults` for the native vector environment, in every autoreset mode.

    Lane i meets to the bit what `SensorFaults` around `HybridEnv` reset with `seed + i` meets. Lanes are read one by
    one, at some tens of microseconds each.

    Args:
        env: a `HybridVectorEnv`.
        dropout, delay, noise: as in `SensorFaults`.
    """

    def __init__(
        self, env: VectorEnv, dropout: float | Mapping[str, float] = 0.0, delay: int = 0, noise: float = 0.0
    ) -> None:
        super().__init__(env)
        if not isinstance(env, HybridVectorEnv):
            raise TypeError(f"this wrapper is for a HybridVectorEnv; found {type(env).__name__}")
        self._mode = env.autoreset_mode
        model = SensorModel(env.batch.fields, dropout, delay, noise)
        self.single_observation_space = model.space()
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self._lines = [SensorLine(model) for _ in range(self.num_envs)]
        self._shown = np.zeros(self.observation_space.shape or (), np.float32)
        self._over = np.zeros(self.num_envs, np.bool_)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Floats, dict[str, Any]]:
        """As the environment; a lane without a seed goes on with its luck."""
        mask = (options or {}).get("reset_mask")
        observations, infos = self.env.reset(seed=seed, options=options)  # type: ignore[arg-type]
        seeds: list[int | None]
        if isinstance(seed, int | np.integer):
            seeds = [int(seed) + i for i in range(self.num_envs)]
        else:
            seeds = [None] * self.num_envs if seed is None else [None if s is None else int(s) for s in seed]
        for i in range(self.num_envs) if mask is None else np.flatnonzero(mask):
            self._begin(int(i), observations[i], seeds[i])
        return self._shown.copy(), infos

    def step(self, actions: Any) -> tuple[Floats, NDArray[Any], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """As the environment, through the sensors; `final_obs` is what the ended episode showed last."""
        observations, rewards, terminations, truncations, infos = self.env.step(actions)
        done = terminations | truncations
        at_once = self._mode == AutoresetMode.SAME_STEP
        begins = done if at_once else self._over
        for i in range(self.num_envs):
            if not begins[i]:
                self._shown[i] = self._lines[i].see(observations[i])
                continue
            if at_once:
                infos["final_obs"][i] = self._lines[i].see(infos["final_obs"][i])
            self._begin(i, observations[i], None)
        self._over = done & (self._mode == AutoresetMode.NEXT_STEP)
        return self._shown.copy(), rewards, terminations, truncations, infos

    def _begin(self, i: int, observation: Floats, seed: int | None) -> None:
        line = self._lines[i]
        if seed is None and not line.begun:
            seed = int(np.random.SeedSequence().generate_state(1)[0])
        self._shown[i] = line.begin(observation, seed)
        self._over[i] = False
