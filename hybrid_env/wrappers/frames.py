"""The last few observations as one, for agents without memory."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from hybrid_env.batch import Floats, StateError
from hybrid_env.wrappers.own import site_env

HEAD_BYTES = 8
"""Two little-endian integers before the frames of a saved state: how many, and how long."""


class LastObservations(gymnasium.ObservationWrapper[Floats, Any, Floats], gymnasium.utils.RecordConstructorArgs):
    """Shows the last k observations, oldest first, as one flat `Box` of k times the length.

    After a reset the first observation stands for those before it. Unlike Gymnasium's `FrameStackObservation` with
    `FlattenObservation`, it is saved and restored: use `get_state` and `set_state` of this wrapper. What is restored
    through `env.unwrapped.set_state` leaves the older observations as they were.

    Args:
        env: a `HybridEnv`, with or without wrappers.
        k: how many.
    """

    def __init__(self, env: gymnasium.Env[Floats, Any], k: int = 4) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(self, k=k)
        super().__init__(env)
        site_env(env)
        if k < 1:
            raise ValueError(f"at least one observation is shown; found k = {k}")
        seen = env.observation_space
        if not isinstance(seen, spaces.Box) or len(seen.shape) != 1:
            raise TypeError(f"flat observations are needed; {type(env).__name__} offers {seen}")
        self.observation_space = spaces.Box(np.tile(seen.low, k), np.tile(seen.high, k), dtype=np.float32)
        self._frames = np.zeros((k, seen.shape[0]), np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Floats, dict[str, Any]]:
        """As the environment; the first observation k times."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._frames[:] = observation
        return self._frames.flatten(), info

    def observation(self, observation: Floats) -> Floats:
        """The newest observation joins, the oldest goes."""
        self._frames[:-1] = self._frames[1:]
        self._frames[-1] = observation
        return self._frames.flatten()

    def get_state(self) -> bytes:
        """The full state of what is below, and the observations shown."""
        head = b"".join(n.to_bytes(HEAD_BYTES // 2, "little") for n in self._frames.shape)
        return head + self._frames.tobytes() + self.env.get_wrapper_attr("get_state")()

    def set_state(self, state: bytes) -> Floats:
        """Restore a state of this wrapper and return its observation.

        Raises:
            StateError: it belongs to another site, trace, version or number of observations.
        """
        half, body = HEAD_BYTES // 2, HEAD_BYTES + self._frames.nbytes
        saved = tuple(int.from_bytes(state[i : i + half], "little") for i in (0, half))
        if saved != self._frames.shape or len(state) < body:
            raise StateError(
                f"the state does not hold {self._frames.shape[0]} observations of {self._frames.shape[1]} numbers;"
                " restore what get_state() of the same wrapper gave"
            )
        self.env.get_wrapper_attr("set_state")(state[body:])
        self._frames[:] = np.frombuffer(state[HEAD_BYTES:body], np.float32).reshape(self._frames.shape)
        return self._frames.flatten()
