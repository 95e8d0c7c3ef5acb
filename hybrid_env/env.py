"""The single-site Gymnasium environment: a view of a batch of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from hybrid_env.batch import ActionError, Floats, as_numbers, defaults
from hybrid_env.episodes import Recipe, choose
from hybrid_env.layout import Layout, LayoutName
from hybrid_env.render import Day, draw_day
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sim.ledger import KG_ACCOUNTS, MWH_ACCOUNTS, USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.sites.site import Site
from hybrid_env.tasks import Split
from hybrid_env.traces.schema import Trace


class HybridEnv(gymnasium.Env[Floats, Floats]):
    """A site that mines bitcoin and runs GPU work behind one meter.

    **Action**: `Box(-1, 1, (A,))`: one number for each of `action_names`, those the site has (`docs/spaces.md`).

    **Observation**: `Box(-1, 1, (D,))`, only what an operator would know at that time (`docs/spaces.md`).

    **Reward**: the interval's ledger total in USD over the site's `reward_scale_usd`, and nothing else.

    **Start**: a random hour of a random year of the split, in a plausible state; `reset(options=...)` fixes `world`,
    `row`, `horizon_rows` or the `standard_start`.

    **End**: truncation after `horizon_rows` intervals; never terminated.

    **Info**: `ledger_usd`, `ledger_mwh`, `ledger_kg`, `work` (arrays; names in the class attributes of the same name),
    `clipped_mw` (how much of the action could not be done), `world`, `row`.

    Args:
        task: packaged task name or path of a task's YAML file.
        split: "train", "validation" or "test".
        horizon_rows: length of an episode; None takes the task's.
        site, traces: replace the task's site and years by your own.
        render_mode: None or "rgb_array" (a picture of the site's last day).
        layout: "native", or "universal" for agents that run several sites (`hybrid_env/layout.py`).

    Version history: v0, first release.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}
    usd_accounts = USD_ACCOUNTS
    mwh_accounts = MWH_ACCOUNTS
    kg_accounts = KG_ACCOUNTS
    work_measures = WORK_MEASURES

    def __init__(
        self, task: str = "texas_wind", split: Split = "train", horizon_rows: int | None = None,
        site: Site | None = None, traces: Sequence[Trace] | None = None, render_mode: str | None = None,
        layout: LayoutName = "native",
    ) -> None:  # fmt: skip
        if render_mode not in (None, "rgb_array"):
            raise ValueError(f"render_mode must be None or 'rgb_array'; found {render_mode!r}")
        self.render_mode = render_mode
        self._layout_name: LayoutName = layout
        self.recipe = Recipe(task, split, horizon_rows, site, None if traces is None else tuple(traces))
        self._set_up()

    def _set_up(self) -> None:
        batch = self.recipe.batch(1)
        self.batch = batch
        self.layout = Layout(batch.site, self._layout_name)
        self.action_names = self.layout.action_names
        self.action_space, self.observation_space = self.layout.action_space, self.layout.observation_space
        self._horizon = self.recipe.horizon
        self._action = defaults(1)
        self._shape, self._given = (len(self.action_names),), _places(self.action_names)
        self._reward, self._truncated, self._clipped = (batch.ledger[k] for k in ("reward", "truncated", "clipped_mw"))
        self._usd, self._mwh, self._kg, self._work = (batch.ledger[k][0] for k in ("usd", "mwh", "kg", "work"))
        self._row, self._world = batch.lanes["row"], batch.lanes["world"]
        self._playing = False
        self._day = Day(batch.site) if self.render_mode else None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Floats, dict[str, Any]]:
        """Start an episode; see the class for `options`."""
        super().reset(seed=seed)
        begins, luck = choose(self.batch, self.np_random, self._horizon, options)
        self.batch.begin(np.zeros(1, np.int64), np.array([begins], np.int64), luck[None])
        self._playing = True
        if self._day is not None:
            self._day.clear()
        return self.layout.show(self.batch.observations[0]), {"world": self._world.item(0), "row": self._row.item(0)}

    def step(self, action: Floats) -> tuple[Floats, float, bool, bool, dict[str, Any]]:
        """Play one interval.

        Raises:
            ActionError: wrong shape, not a number, or outside [-1, 1]; the site has then not moved.
            gymnasium.error.ResetNeeded: the episode is over or was never started.
        """
        if not self._playing:
            raise gymnasium.error.ResetNeeded("call reset() before step(): no episode is running")
        given = as_numbers(action)
        if given.shape != self._shape:
            raise ActionError(
                f"an action must have shape {self._shape} ({', '.join(self.action_names)}); found {given.shape}"
            )
        self._action[0, self._given] = given
        batch = self.batch
        batch.step(self._action)
        truncated = self._truncated.item(0) == 1
        self._playing = not truncated
        if self._day is not None:
            self._day.add(batch)
        info = {
            "ledger_usd": self._usd.copy(), "ledger_mwh": self._mwh.copy(), "ledger_kg": self._kg.copy(), "work":
            self._work.copy(), "clipped_mw": self._clipped.item(0), "world": self._world.item(0), "row":
            self._row.item(0),
        }  # fmt: skip
        return self.layout.show(batch.observations[0]), self._reward.item(0), False, truncated, info

    def render(self) -> NDArray[np.uint8] | None:  # type: ignore[override]
        """The site's last day as a picture, uint8 [height, width, 3]; None without a render mode."""
        return None if self._day is None else draw_day(self._day)

    def get_state(self) -> bytes:
        """The full state of the site; `set_state` continues from it exactly."""
        return self.batch.get_state([0])

    def set_state(self, state: bytes) -> Floats:
        """Restore a state and return its observation.

        Raises:
            StateError: it belongs to another site, trace or version.
        """
        self.batch.set_state([0], state)
        self._playing = bool(self.batch.lanes["row"][0] < self.batch.lanes["end_row"][0])
        return self.layout.show(self.batch.observations[0])

    def __getstate__(self) -> dict[str, Any]:
        return {
            "recipe": self.recipe, "render_mode": self.render_mode, "layout": self._layout_name,
            "state": self.get_state(), "playing": self._playing,
            "np_random": self._np_random, "np_random_seed": self._np_random_seed,
        }  # fmt: skip

    def __setstate__(self, saved: dict[str, Any]) -> None:
        self.recipe, self.render_mode, self._layout_name = saved["recipe"], saved["render_mode"], saved["layout"]
        self._np_random, self._np_random_seed = saved["np_random"], saved["np_random_seed"]
        self._set_up()
        if saved["playing"]:
            self.set_state(saved["state"])


def _places(names: Sequence[str]) -> slice | NDArray[np.int64]:
    """Where these stand among all actions: a slice where they are the first, as filling one is quicker."""
    return slice(len(names)) if tuple(names) == ACTIONS[: len(names)] else np.array([ACTIONS.index(n) for n in names])
