"""The native Stable-Baselines3 `VecEnv`: any number of sites in one process, without copies of Python environments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvObs, VecEnvStepReturn

from hybrid_env.batch import Batch
from hybrid_env.episodes import Recipe, choose, lane_generators
from hybrid_env.layout import Layout, LayoutName
from hybrid_env.sim.ledger import USD_ACCOUNTS
from hybrid_env.sites.site import Site
from hybrid_env.tasks import Split
from hybrid_env.traces.schema import Trace


class EpisodeSums(NamedTuple):
    """What episodes in play add up to, one a lane.

    Attributes:
        returns: rewards so far, float64 [N].
        lengths: intervals so far, int64 [N].
        usd: ledger so far by account, float64 [N, accounts].
    """

    returns: np.ndarray
    lengths: np.ndarray
    usd: np.ndarray


class HybridVecEnv(VecEnv):
    """N lanes for SB3. Infos are empty but at episode ends, where they hold `terminal_observation`,
    `TimeLimit.truncated`, the episode's return (`episode`) and its ledger by account (`ledger_usd`).

    Lane i behaves to the bit like `HybridEnv` reset with `seed + i`.

    Args:
        num_envs: N; threads: workers that share the lanes (same results to the bit); the rest as in `HybridEnv`.
    """

    def __init__(
        self, num_envs: int = 1, task: str = "texas_wind", split: Split = "train", horizon_rows: int | None = None,
        site: Site | None = None, traces: Sequence[Trace] | None = None, threads: int = 1,
        layout: LayoutName = "native",
    ) -> None:  # fmt: skip
        self.recipe = Recipe(task, split, horizon_rows, site, None if traces is None else tuple(traces))
        self.threads = threads
        self._layout_name: LayoutName = layout
        self._take(self.recipe.batch(num_envs, threads))
        self.render_mode = None
        self._horizon = self.recipe.horizon
        self._generators = lane_generators(None, num_envs)
        self._sums = EpisodeSums(
            np.zeros(num_envs), np.zeros(num_envs, np.int64), np.zeros((num_envs, len(USD_ACCOUNTS)))
        )
        self._pending: np.ndarray | None = None
        super().__init__(num_envs, self.layout.observation_space, self.layout.action_space)

    def _take(self, batch: Batch) -> None:
        self.batch = batch
        self.layout = Layout(batch.site, self._layout_name)
        self._pages = tuple(batch.ledger[name] for name in ("reward", "truncated", "usd"))  # views, made once

    def reset(self) -> VecEnvObs:
        """Start an episode in every lane; seeds given by `seed()` are used once."""
        for i, seed in enumerate(self._seeds):
            if seed is not None:
                self._generators[i] = lane_generators([seed], 1)[0]
        self._begin(np.arange(self.num_envs), [dict(o) for o in self._options])
        self._reset_seeds()
        self._reset_options()
        return self.layout.show(self.batch.observations)

    def _begin(self, which: np.ndarray, options: Sequence[dict[str, Any]] | None = None) -> None:
        chosen = [
            choose(self.batch, self._generators[i], self._horizon, None if options is None else options[i])
            for i in which
        ]
        self.batch.begin(which, np.array([c[0] for c in chosen], np.int64), np.array([c[1] for c in chosen]))
        for array in self._sums:
            array[which] = 0

    def step_async(self, actions: np.ndarray) -> None:
        """Keep the actions for `step_wait`."""
        self._pending = self.layout.expand(self.batch, actions)

    def step_wait(self) -> VecEnvStepReturn:
        """Advance all lanes; finished ones start anew at once."""
        if self._pending is None:
            raise RuntimeError("step_wait() without step_async()")
        batch = self.batch
        batch.step(self._pending)
        self._pending = None
        reward, truncated, usd = self._pages
        rewards = reward.astype(np.float32)
        dones = truncated == 1
        returns, lengths, accounts = self._sums
        returns += reward
        lengths += 1
        accounts += usd
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if dones.any():
            over = np.flatnonzero(dones)
            for i in over:
                infos[i] = {
                    "terminal_observation": self.layout.show(batch.observations[i]), "TimeLimit.truncated": True,
                    "episode": {"r": float(returns[i]), "l": int(lengths[i]), "t": 0.0},
                    "ledger_usd": accounts[i].copy(),
                }  # fmt: skip
            self._begin(over)
        return self.layout.show(batch.observations), rewards, dones, infos

    def close(self) -> None:
        """Nothing to release."""

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """The attribute of this object, once for every index."""
        value = getattr(self, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute of this object (lanes share it)."""
        setattr(self, attr_name, value)

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any
    ) -> list[Any]:
        """Call a method of this object once and return its result for every index."""
        result = getattr(self, method_name)(*method_args, **method_kwargs)
        return [result for _ in self._get_indices(indices)]

    def env_is_wrapped(self, wrapper_class: type, indices: VecEnvIndices = None) -> list[bool]:
        """Lanes are never wrapped one by one."""
        return [False for _ in self._get_indices(indices)]

    def get_state(self) -> bytes:
        """The full state of all sites; `luck` and `episode_sums` hold the rest of what an exact continuation needs."""
        return self.batch.get_state(range(self.num_envs))

    def set_state(self, state: bytes) -> np.ndarray:
        """Restore all sites and return their observations.

        Raises:
            StateError: the state belongs to another site, trace or version.
        """
        self.batch.set_state(range(self.num_envs), state)
        return self.layout.show(self.batch.observations)

    @property
    def luck(self) -> list[dict[str, Any]]:
        """State of each lane's generator, which draws the episodes to come. Setting it voids seeds not yet used."""
        return [dict(generator.bit_generator.state) for generator in self._generators]

    @luck.setter
    def luck(self, states: Sequence[Mapping[str, Any]]) -> None:
        for generator, state in zip(self._generators, states, strict=True):
            generator.bit_generator.state = state
        self._reset_seeds()

    @property
    def episode_sums(self) -> EpisodeSums:
        """What the running episodes add up to, copied."""
        return EpisodeSums(*(array.copy() for array in self._sums))

    @episode_sums.setter
    def episode_sums(self, sums: EpisodeSums) -> None:
        for mine, given in zip(self._sums, sums, strict=True):
            mine[:] = given

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in {"batch", "_pages"}} | {"state": self.get_state()}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        state = saved.pop("state")
        vars(self).update(saved)
        self._take(self.recipe.batch(self.num_envs, self.threads))
        self.batch.set_state(range(self.num_envs), state)
