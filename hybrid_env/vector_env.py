"""The native vector environment: N sites stepped by one call into the kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from hybrid_env.batch import ActionError, Floats, Rollout, as_numbers
from hybrid_env.episodes import Recipe, choose, lane_generators
from hybrid_env.layout import Layout, LayoutName
from hybrid_env.sim.ledger import KG_ACCOUNTS, MWH_ACCOUNTS, USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.sites.site import Site
from hybrid_env.tasks import Split
from hybrid_env.traces.schema import Trace


class HybridVectorEnv(VectorEnv[Floats, Floats, NDArray[Any]]):
    """N lanes of one site, each in its own year and season.

    Lane i behaves to the bit like `HybridEnv` reset with `seed + i`.

    Args:
        num_envs: N.
        autoreset_mode: NEXT_STEP (a finished lane is reset by the next step, whose reward is 0), SAME_STEP (at once;
            `final_obs` and `final_info` in infos) or DISABLED (reset with `options={"reset_mask": mask}`).
        task, split, horizon_rows, site, traces, layout: as in `HybridEnv`.
        threads: workers that share the lanes; results are the same to the bit.
        render_mode: only None; render a single environment instead.

    Infos: `ledger_usd` float64 [N, accounts] and `clipped_mw` float64 [N]; `ledger()` gives every account of the last
    step.
    """

    usd_accounts = USD_ACCOUNTS
    mwh_accounts = MWH_ACCOUNTS
    kg_accounts = KG_ACCOUNTS
    work_measures = WORK_MEASURES

    def __init__(
        self, num_envs: int = 1, task: str = "texas_wind", split: Split = "train", horizon_rows: int | None = None,
        site: Site | None = None, traces: Sequence[Trace] | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP, render_mode: str | None = None,
        threads: int = 1, layout: LayoutName = "native",
    ) -> None:  # fmt: skip
        if render_mode is not None:
            raise ValueError("the vector environment draws no pictures; use HybridEnv(render_mode='rgb_array')")
        self.render_mode = None
        self.num_envs = num_envs
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {"render_modes": [], "autoreset_mode": self.autoreset_mode}
        self.threads = threads
        self._layout_name: LayoutName = layout
        self.recipe = Recipe(task, split, horizon_rows, site, None if traces is None else tuple(traces))
        self._set_up()
        self._generators = lane_generators(None, num_envs)
        self._started = np.zeros(num_envs, np.bool_)
        self._finished = np.zeros(num_envs, np.bool_)

    def _set_up(self) -> None:
        self.batch = self.recipe.batch(self.num_envs, self.threads)
        self._horizon = self.recipe.horizon
        self.layout = Layout(self.batch.site, self._layout_name)
        self.action_names = self.layout.action_names
        self.single_action_space = self.layout.action_space
        self.single_observation_space = self.layout.observation_space
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Floats, dict[str, Any]]:
        """Start episodes in all lanes, or in those of `options["reset_mask"]` (bool [N]); else as in `HybridEnv`."""
        options = dict(options or {})
        mask = options.pop("reset_mask", None)
        which = np.arange(self.num_envs) if mask is None else self._masked(mask)
        if seed is not None:
            fresh = lane_generators(seed, self.num_envs)
            unseeded = set() if isinstance(seed, int | np.integer) else {i for i, s in enumerate(seed) if s is None}
            for i in which:
                if i not in unseeded:  # a lane without a seed goes on with its luck
                    self._generators[i] = fresh[i]
        self._begin(which, options)
        return self.layout.show(self.batch.observations), {}

    def _masked(self, mask: Any) -> NDArray[np.int64]:
        if (
            not isinstance(mask, np.ndarray)
            or mask.shape != (self.num_envs,)
            or mask.dtype != np.bool_
            or not mask.any()
        ):
            raise ValueError(
                f"options['reset_mask'] must be a bool array of shape ({self.num_envs},) with a True; found {mask!r}"
            )
        return np.flatnonzero(mask)

    def _begin(self, which: NDArray[np.int64], options: dict[str, Any] | None = None) -> None:
        chosen = [choose(self.batch, self._generators[i], self._horizon, options) for i in which]
        self.batch.begin(which, np.array([c[0] for c in chosen], np.int64), np.array([c[1] for c in chosen]))
        self._started[which] = True
        self._finished[which] = False

    def step(
        self, actions: Floats
    ) -> tuple[Floats, NDArray[Any], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Advance every lane by one interval.

        Raises:
            ActionError: wrong shape, not a number, or outside [-1, 1]; no site has then moved.
            gymnasium.error.ResetNeeded: a lane was never started, or is over in DISABLED mode.
        """
        if not self._started.all() or (self.autoreset_mode == AutoresetMode.DISABLED and self._finished.any()):
            lane = int(np.flatnonzero(~self._started | self._finished)[0])
            raise gymnasium.error.ResetNeeded(f"lane {lane} needs reset() before step()")
        batch = self.batch
        given = self.layout.expand(batch, actions)
        if self.autoreset_mode == AutoresetMode.NEXT_STEP and self._finished.any():
            over = np.flatnonzero(self._finished)
            batch.step(given, over)
            self._begin(over)
        else:
            batch.step(given)
        ledger = batch.ledger
        reward = ledger["reward"].copy()
        truncated = ledger["truncated"] == 1
        infos: dict[str, Any] = {"ledger_usd": ledger["usd"].copy(), "clipped_mw": ledger["clipped_mw"].copy()}
        if truncated.any():
            if self.autoreset_mode == AutoresetMode.SAME_STEP:
                self._restart_at_once(np.flatnonzero(truncated), truncated, infos)
            else:
                self._finished |= truncated
        return self.layout.show(batch.observations), reward, np.zeros(self.num_envs, np.bool_), truncated, infos

    def _restart_at_once(self, over: NDArray[np.int64], mask: NDArray[np.bool_], infos: dict[str, Any]) -> None:
        final = np.full(self.num_envs, None, dtype=object)
        for i in over:
            final[i] = self.layout.show(self.batch.observations[i])
        infos["final_obs"], infos["_final_obs"] = final, mask.copy()
        infos["final_info"] = {name: infos[name].copy() for name in ("ledger_usd", "clipped_mw")}
        infos["final_info"].update({f"_{name}": mask.copy() for name in ("ledger_usd", "clipped_mw")})
        infos["_final_info"] = mask.copy()
        self._begin(over)

    def ledger(self) -> NDArray[Any]:
        """Every account of the last step, a copy; dtype `hybrid_env.sim.ledger.LEDGER`, shape [N]."""
        return self.batch.ledger.copy()

    def get_state(self, lanes: Sequence[int] | None = None) -> bytes:
        """The full state of some lanes (all by default)."""
        return self.batch.get_state(range(self.num_envs) if lanes is None else lanes)

    def set_state(self, state: bytes, lanes: Sequence[int] | None = None) -> Floats:
        """Restore lanes and return all observations.

        Raises:
            StateError: the state belongs to another site, trace or version.
        """
        index = list(range(self.num_envs) if lanes is None else lanes)
        self.batch.set_state(index, state)
        self._started[index] = True
        self._finished[index] = self.batch.lanes["row"][index] >= self.batch.lanes["end_row"][index]
        return self.layout.show(self.batch.observations)

    def branch(
        self, lanes: Sequence[int], k: int, actions: Floats | Callable[[Floats], Floats], horizon: int
    ) -> Rollout:
        """Roll K copies of some lanes forward on the same luck, with a plan [H, n, K, A] or a policy; lanes stay."""
        m, given = len(lanes) * k, actions
        if callable(given):
            rolled = self.batch.branch(
                lanes, k, lambda seen: self.layout.expand(self.batch, given(self.layout.show(seen)), m), horizon
            )
        else:
            plan = as_numbers(given)
            shape = (horizon, len(lanes), k, len(self.action_names))
            if plan.size != np.prod(shape):
                raise ActionError(
                    f"a plan must have shape {shape} (intervals, lanes, copies, actions); found {plan.shape}"
                )
            every = self.layout.expand(self.batch, plan.reshape(horizon * m, -1), horizon * m)
            rolled = self.batch.branch(lanes, k, every, horizon)
        return replace(rolled, observations=self.layout.show(rolled.observations))

    def __getstate__(self) -> dict[str, Any]:
        state = self.batch.get_state(np.flatnonzero(self._started))
        return {k: v for k, v in self.__dict__.items() if k != "batch"} | {"state": state}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        state = saved.pop("state")
        self.__dict__.update(saved)
        self._set_up()
        self.batch.set_state(np.flatnonzero(self._started), state)
