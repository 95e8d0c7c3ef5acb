"""N sites side by side: state records, buffers, and calls into the kernel. Every face is a thin view of a `Batch`."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hybrid_env.sim.action import ACTION_TOLERANCE, ACTIONS, DEFAULTS
from hybrid_env.sim.ledger import LEDGER, USD_ACCOUNTS
from hybrid_env.sim.state import LANE, N_START_UNIFORMS
from hybrid_env.sim.step import look, start, step
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.site import Site
from hybrid_env.spaces import action_names, observation_fields

if TYPE_CHECKING:
    from hybrid_env.traces.library import Library

Floats = NDArray[np.float32]

STATE_VERSION = 1


class StateError(ValueError):
    """A saved state does not belong to this site or trace; the message names both hashes."""


class ActionError(ValueError):
    """An action has the wrong shape or holds something that is not a number in [-1, 1]."""


@dataclass(frozen=True)
class Rollout:
    """What `Batch.branch` returns.

    Attributes:
        reward: float64 [H, n, K].
        usd: float64 [n, K, accounts], summed over the H intervals.
        lanes: LANE [n, K], the states at the end.
        observations: float32 [n, K, D], at the end.
        done: bool [n, K], whether the episode is over (its later rewards are 0).
    """

    reward: NDArray[np.float64]
    usd: NDArray[np.float64]
    lanes: np.ndarray
    observations: Floats
    done: NDArray[np.bool_]


class Batch:
    """The states of N lanes of one site over a library of traces."""

    def __init__(self, site: Site, library: Library, n: int, threads: int = 1) -> None:
        if n < 1:
            raise ValueError(f"a batch needs at least one lane; found {n}")
        if not 1 <= threads <= n:
            raise ValueError(f"threads must be from 1 to the number of lanes ({n}); found {threads}")
        if library.interval_s != site.interval_s:
            raise ValueError(
                f"site {site.name} has intervals of {site.interval_s} s, the traces of {library.interval_s} s;"
                " they must agree"
            )
        self.site, self.library, self.n = site, library, n
        self._pool = ThreadPoolExecutor(threads, "hybrid_env") if threads > 1 else None
        self._parts = [slice(i * n // threads, (i + 1) * n // threads) for i in range(threads)]
        self.fields = observation_fields(site)
        self.action_names = action_names(site)
        self.native = np.array([ACTIONS.index(name) for name in self.action_names])
        self.parameters = parameter_record(site)
        self.lanes = np.zeros(n, LANE)
        self.ledger = np.zeros(n, LEDGER)
        self.observations = np.zeros((n, len(self.fields)), np.float32)

    def begin(self, which: NDArray[np.int64], begins: NDArray[np.int64], uniforms: NDArray[np.float64]) -> None:
        """Start episodes in some lanes.

        Args:
            which: lanes, [m].
            begins: int64 [m, 3]: world, first row, row before which the episode is cut.
            uniforms: float64 [m, 8] in [0, 1), the luck of the starting state.
        """
        library = self.library
        full = np.empty((len(which), 6), np.int64)
        full[:, 0] = 0
        full[:, 1:4] = begins
        full[:, 4] = library.job_start[begins[:, 0]]
        full[:, 5] = library.job_start[begins[:, 0] + 1]
        lanes = np.zeros(len(which), LANE)
        observations = np.empty((len(which), self.observations.shape[1]), np.float32)
        start(lanes, self.parameters, library.rows, library.jobs, library.forecast, full, uniforms, observations)
        self.lanes[which] = lanes
        self.observations[which] = observations

    def step(self, actions: Floats, held: NDArray[np.int64] | None = None) -> None:
        """Advance all lanes but those `held`, whose ledger page is empty; results are in `ledger` and `observations`.

        Raises:
            ActionError: an action is not a number in [-1, 1]; then no lane has moved.
        """
        if held is not None and len(held):
            lanes, observations = self.lanes[held].copy(), self.observations[held].copy()
            self.lanes["row"][held] = np.minimum(lanes["row"], lanes["end_row"] - 1)
            try:
                self._step(actions)
            finally:
                self.lanes[held], self.observations[held] = lanes, observations
            self.ledger[held] = np.zeros(len(held), LEDGER)
        else:
            self._step(actions)

    def _step(self, actions: Floats) -> None:
        if self._pool is None:
            bad = self._advance(self.lanes, actions, self.observations, self.ledger)
        else:  # the kernel holds no lock; all actions are checked before any lane moves
            wrong = ~(np.abs(actions) <= 1.0 + ACTION_TOLERANCE)
            bad = int(np.argmax(wrong)) if wrong.any() else -1
            if bad < 0:
                list(self._pool.map(partial(self._step_part, actions), self._parts))
        if bad >= 0:
            raise bad_action(actions, bad)

    def _step_part(self, actions: Floats, part: slice) -> int:
        return self._advance(self.lanes[part], actions[part], self.observations[part], self.ledger[part])

    def _advance(self, lanes: np.ndarray, actions: Floats, observations: Floats, ledger: np.ndarray) -> int:
        library = self.library
        return step(
            lanes, self.parameters, library.rows, library.jobs, library.forecast, actions, observations, ledger
        )  # fmt: skip

    def expand(self, actions: Any, n: int | None = None) -> Floats:
        """All actions [n, A] from those the site has, [n, len(action_names)]; the others stand at their default.

        Raises:
            ActionError: the shape is wrong, or something is not a number.
        """
        given = as_numbers(actions)
        expected = (self.n if n is None else n, len(self.action_names))
        if given.shape != expected:
            raise ActionError(
                f"actions must have shape {expected} (lanes, {', '.join(self.action_names)}); found {given.shape}"
            )
        full = defaults(len(given))
        full[:, self.native] = given
        return full

    def actions(self, actions: Any, n: int | None = None) -> Floats:
        """A policy's actions as float32 [n, A], all of them, without changing them.

        Raises:
            ActionError: the shape is wrong, or something is not a number.
        """
        given = as_numbers(actions)
        expected = (self.n if n is None else n, len(ACTIONS))
        if given.shape != expected:
            raise ActionError(f"actions must have shape {expected} (lanes, {', '.join(ACTIONS)}); found {given.shape}")
        return np.ascontiguousarray(given)

    def first_rows(self, world: int, horizon_rows: int) -> tuple[int, int]:
        """First and last row from which an episode of this length fits in a world; both start an hour."""
        per_hour = int(self.parameters["rows_per_hour"][0])
        last = (int(self.library.length[world]) - 1 - horizon_rows) // per_hour * per_hour
        if last < per_hour:
            raise ValueError(
                f"an episode of {horizon_rows} rows does not fit in trace {self.library.names[world]}"
                f" of {self.library.length[world]} rows"
                f" (one hour of history and one row beyond the end are needed)"
            )
        return per_hour, last

    def draw(
        self, generator: np.random.Generator, horizon_rows: int
    ) -> tuple[tuple[int, int, int], NDArray[np.float64]]:
        """World, rows and luck of a new episode: ten numbers from the generator, in a fixed order."""
        luck = generator.random(2 + N_START_UNIFORMS)
        world = int(luck[0] * len(self.library.names))
        first, last = self.first_rows(world, horizon_rows)
        per_hour = first
        row = first + int(luck[1] * ((last - first) // per_hour + 1)) * per_hour
        return (world, row, row + horizon_rows), luck[2:]

    # -- saving, restoring, branching ---------------------------------------------------------------------------------

    def _header(self, body: bytes) -> dict[str, Any]:
        return {
            "version": STATE_VERSION, "bytes": LANE.itemsize, "site": self.site.hash,
            "traces": list(self.library.hashes), "crc32": zlib.crc32(body),
        }  # fmt: skip

    def get_state(self, which: Sequence[int] | NDArray[np.int64]) -> bytes:
        """The full state of some lanes: a header that names site and traces, and the records."""
        body = self.lanes[np.asarray(which, np.int64)].tobytes()
        header = json.dumps(self._header(body)).encode()
        return len(header).to_bytes(4, "little") + header + body

    def set_state(self, which: Sequence[int] | NDArray[np.int64], state: bytes) -> None:
        """Restore lanes from `get_state`.

        Raises:
            StateError: the state is damaged or belongs to another site, trace or version; then nothing has changed.
        """
        index = np.asarray(which, np.int64)
        size = int.from_bytes(state[:4], "little")
        body = state[4 + size :]
        mine = self._header(body)
        try:
            theirs = json.loads(state[4 : 4 + size])
        except ValueError as error:
            raise StateError("not a saved state: its header cannot be read") from error
        if not isinstance(theirs, dict):
            raise StateError("not a saved state: its header cannot be read")
        for key in ("version", "bytes", "site", "traces"):
            if theirs.get(key) != mine[key]:
                raise StateError(f"the state was saved with another {key}: {theirs.get(key)}, here {mine[key]}")
        if len(body) != len(index) * LANE.itemsize:
            raise StateError(
                f"the state holds {len(body)} bytes for {len(index)} lanes; {len(index) * LANE.itemsize} expected"
            )
        if theirs.get("crc32") != mine["crc32"]:
            raise StateError("the state is damaged: its checksum does not match its content")
        self.lanes[index] = np.frombuffer(body, LANE)
        self.observe(index)

    def observe(self, index: NDArray[np.int64]) -> None:
        """Make the observations of some lanes anew from their state and the library."""
        lanes = self.lanes[index]
        observations = np.empty((len(index), self.observations.shape[1]), np.float32)
        look(lanes, self.parameters, self.library.rows, self.library.forecast, observations)
        self.observations[index] = observations

    def branch(
        self, which: Sequence[int], k: int, actions: Floats | Callable[[Floats], Floats], horizon: int
    ) -> Rollout:
        """Roll K copies of some lanes forward on the same luck; the lanes themselves do not move.

        Args:
            which: n lanes.
            k: copies of each.
            actions: float32 [H, n, K, A], all actions, or a policy from observations [n * K, D] to all actions
            [n * K, A].
            horizon: intervals H to roll.
        """
        index = np.repeat(np.asarray(which, np.int64), k)
        m = len(index)
        copy = Batch.__new__(Batch)
        copy.__dict__.update(self.__dict__)
        copy.n, copy._pool, copy._parts = m, None, [slice(None)]
        copy.lanes, copy.observations = self.lanes[index].copy(), self.observations[index].copy()
        copy.ledger = np.zeros(m, LEDGER)
        plan = None if callable(actions) else as_numbers(actions)
        if plan is not None:
            if plan.size != horizon * m * len(ACTIONS):
                shape = (horizon, m // k, k, len(ACTIONS))
                raise ActionError(
                    f"a plan must have shape {shape} (intervals, lanes, copies, actions); found {plan.shape}"
                )
            plan = np.ascontiguousarray(plan).reshape(horizon, m, len(ACTIONS))
        reward = np.zeros((horizon, m))
        usd = np.zeros((m, len(USD_ACCOUNTS)))
        done = copy.lanes["row"] >= copy.lanes["end_row"]  # a finished lane has nowhere to go
        for h in range(horizon):
            chosen = copy.actions(actions(copy.observations.copy())) if callable(actions) else plan[h]  # type: ignore[index]
            copy.step(chosen, np.flatnonzero(done))
            reward[h] = copy.ledger["reward"]
            usd += copy.ledger["usd"]
            done |= copy.ledger["truncated"] == 1
        shape = (m // k, k)
        return Rollout(
            reward.reshape(horizon, *shape), usd.reshape(*shape, -1), copy.lanes.reshape(shape),
            copy.observations.reshape(*shape, -1), done.reshape(shape),
        )  # fmt: skip


def defaults(n: int) -> Floats:
    """The default of every action, float32 [n, A]."""
    return np.repeat(np.array([DEFAULTS], np.float32), n, axis=0)


def as_numbers(action: Any) -> Floats:
    """The caller's action as float32.

    Raises:
        ActionError: something in it is not a number.
    """
    try:
        return np.asarray(action, np.float32)
    except (TypeError, ValueError) as error:
        raise ActionError(
            f"an action must hold one number for each of {', '.join(ACTIONS)}; found {action!r}"
        ) from error


def bad_action(actions: Floats, flat_index: int) -> ActionError:
    """The error for the first impossible action."""
    lane, k = divmod(flat_index, actions.shape[1])
    return ActionError(
        f"action {ACTIONS[k]!r} of lane {lane} is {actions[lane, k]!r}; a finite number in [-1, 1] is needed"
        " (no site was moved)"
    )
