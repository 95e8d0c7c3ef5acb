"""What the wrappers ask of the environment below them: its site, its own actions, whether an episode runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from hybrid_env.batch import ActionError, Floats
from hybrid_env.env import HybridEnv
from hybrid_env.sim.action import ACTIONS


def site_env(env: gymnasium.Env[Any, Any]) -> HybridEnv:
    """The site's environment under any wrappers.

    Raises:
        TypeError: it is another kind of environment.
    """
    base = env.unwrapped
    if not isinstance(base, HybridEnv):
        raise TypeError(f"this wrapper is for a HybridEnv (one site); found {type(base).__name__}")
    return base


def site_actions(env: gymnasium.Env[Any, Any]) -> tuple[str, ...]:
    """Names of the site's own actions, in the order of its action space.

    Raises:
        ValueError: another wrapper has changed the actions already.
    """
    base = site_env(env)
    if env.action_space is not base.action_space:  # equal is not enough: seven prices look like seven actions
        raise ValueError(
            f"this wrapper sets the site's own actions, but {type(env).__name__} below it offers {env.action_space};"
            " use one of the two"
        )
    return base.action_names


def places(names: Sequence[str]) -> NDArray[np.int64]:
    """Places of some actions in a baseline's action, which holds all actions there are."""
    return np.array([ACTIONS.index(name) for name in names], np.int64)


def check_known(what: str, given: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a name that is not one of the known.

    Raises:
        ValueError: with the names that are known.
    """
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"{what}: unknown name {unknown[0]!r}; known here: {', '.join(known)}")


def checked(action: Any, names: Sequence[str]) -> Floats:
    """The caller's action as float32, one number in [-1, 1] for each name.

    Raises:
        ActionError: wrong shape, not a number, or out of range.
    """
    try:
        given = np.asarray(action, np.float32)
    except (TypeError, ValueError) as error:
        raise ActionError(f"an action must hold one number for each of {', '.join(names)}; found {action!r}") from error
    if given.shape != (len(names),):
        raise ActionError(f"an action must have shape ({len(names)},) ({', '.join(names)}); found {given.shape}")
    wrong = np.flatnonzero(~(np.abs(given) <= 1.0))
    if len(wrong):
        raise ActionError(
            f"action {names[wrong[0]]!r} is {given[wrong[0]]!r}; a finite number in [-1, 1] is needed"
            " (the site was not moved)"
        )
    return given


def need_episode(base: HybridEnv) -> None:
    """Refuse to decide where no episode runs.

    Raises:
        gymnasium.error.ResetNeeded: the episode is over or was never started.
    """
    lane = base.batch.lanes[0]
    if lane["row"] >= lane["end_row"]:
        raise gymnasium.error.ResetNeeded("call reset() before step(): no episode is running")
