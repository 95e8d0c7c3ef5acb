"""What there is to win on a task: between naive and the bound, what each policy, mechanism and action is worth.

Under a full year, starts are spread evenly over the year, each a lane that begins in the standard state and goes on for
some weeks: few weeks then show all seasons. Each lane meets a month's demand charge anew, so where a peak is charged it
should be as long as a month.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.policy import Policy
from hybrid_env.baselines.registry import make_policy
from hybrid_env.batch import Batch, Floats
from hybrid_env.scoring.evaluate import HOURS_PER_WEEK, YearRoll, library_batch, roll_year
from hybrid_env.scoring.provenance import provenance
from hybrid_env.scoring.result import Provenance, Record, write_atomically
from hybrid_env.scoring.score import score, split_bound
from hybrid_env.scoring.statistics import score_interval
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sim.ledger import WORK_MEASURES
from hybrid_env.sim.state import N_START_UNIFORMS
from hybrid_env.sites.gang import Gang
from hybrid_env.sites.site import Site
from hybrid_env.sites.supply import Supply
from hybrid_env.spaces import action_names
from hybrid_env.tasks import WEEKS, Split, Task
from hybrid_env.traces.library import Library

Array = NDArray[np.float64]
Tell = Callable[[str, int, int], None]
"""Called with what is under way, how much of it is done, and how much there is."""

LANES_AT_A_TIME = 2
CONSTANTS = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""What each action is held at in turn."""
UNLIMITED = 10.0
"""A cooling plant so many times larger never binds."""

Change = Callable[[Site], dict[str, object]]

WITHOUT_POND: dict[str, object] = {
    "supply.hydro_pond_mwh": 0.0, "supply.pond_value_usd_per_mwh": Supply().pond_value_usd_per_mwh,
}  # fmt: skip

SWITCHES: dict[str, Change] = {
    "battery": lambda s: {"battery": None},
    "reserves": lambda s: {"reserves": None},
    "events": lambda s: {"events": None},
    "coincident peaks": lambda s: {"tariff.coincident_peak_usd_per_kw_year": 0.0},
    "demand charge": lambda s: {"tariff.demand_usd_per_kw_month": 0.0},
    "wind": lambda s: {"supply.wind_mw": 0.0, "supply.wind_usd_per_mwh": 0.0},
    "solar": lambda s: {"supply.solar_mw": 0.0, "supply.solar_usd_per_mwh": 0.0},
    "geothermal": lambda s: {"supply.geothermal_mw": 0.0, "supply.geothermal_usd_per_mwh": 0.0},
    "hydro": lambda s: {
        "supply.hydro_mw": 0.0, "supply.hydro_usd_per_mwh": 0.0, "supply.hydro_turbine_mw": None, **WITHOUT_POND,
    },
    "pond": lambda s: WITHOUT_POND,
    "generator": lambda s: {"supply.generator": None},
    "export": lambda s: {"meter.export_limit_mw": 0.0},
    "cooling limit": lambda s: {
        "cooling.capacity_mw": UNLIMITED * s.cooling.capacity_mw, "cooling.fan_frac": s.cooling.fan_frac / UNLIMITED,
    },
    "training": lambda s: {"gpu.training": None, "gpu.admission": False, "gang": Gang().model_dump()},
    "spot": lambda s: {"gpu.spot": None},
    "on demand": lambda s: {"gpu.on_demand": None},
    "GPU mining": lambda s: {"gpu.gpu_mining": None},
    "levies": lambda s: {"regulation": None},
    "matched premium": lambda s: {"carbon.matched_premium_usd_per_mwh": 0.0},
}  # fmt: skip
"""Mechanism -> what is written into the site to be without it."""


def switched_off(site: Site, name: str) -> Site | None:
    """The site without a mechanism; None where it has none.

    Raises:
        ValueError: no such mechanism, or the site cannot be without it.
    """
    if name not in SWITCHES:
        raise ValueError(f"mechanisms must be of {', '.join(SWITCHES)}; found {name!r}")
    data = site.model_dump()
    for path, value in SWITCHES[name](site).items():
        *above, last = path.split(".")
        place = data
        for part in above:
            place = place[part]
            if place is None:
                return None
        place[last] = value
    changed = Site.model_validate(data)
    return None if changed == site else changed


class Line(Record):
    """One policy."""

    policy: str
    usd: tuple[tuple[float, ...], ...]
    """[worlds x starts][length], as the report's naive."""
    score: float
    low: float | None
    high: float | None
    """95 % interval; None where nothing could be resampled."""


class Without(Record):
    """The site without one mechanism."""

    mechanism: str
    naive_usd: float
    bound_usd: float


class Frozen(Record):
    """A policy one of whose actions is held at a constant."""

    action: str
    constant: float
    """The best of those tried."""
    usd: float


class HeadroomReport(Record):
    """What `experiments.headroom` writes."""

    task: str
    split: Split
    starts: int = Field(gt=0, le=WEEKS)
    length: int = Field(gt=0, le=WEEKS)
    naive_usd: tuple[tuple[float, ...], ...]
    """[worlds x starts][length]"""
    bound_usd: tuple[float, ...]
    """[worlds x starts]"""
    limit_binding_frac: float
    """Share of the time under naive in which imports stand at their limit; means nothing on an island."""
    lines: tuple[Line, ...]
    without: tuple[Without, ...]
    frozen_policy: str | None
    frozen: tuple[Frozen, ...]
    provenance: Provenance

    @property
    def room_usd(self) -> float:
        """Bound less naive."""
        return sum(self.bound_usd) - float(np.sum(self.naive_usd))

    def share(self, without: Without) -> float:
        """Share of the headroom that is gone without a mechanism; negative where there is more without it."""
        return 1 - (without.bound_usd - without.naive_usd) / self.room_usd

    def worth(self, frozen: Frozen) -> float:
        """Score lost by holding an action still."""
        line = next(line for line in self.lines if line.policy == self.frozen_policy)
        return (float(np.sum(line.usd)) - frozen.usd) / self.room_usd

    def save(self, path: Path) -> Path:
        """Write the report, whole or not at all."""
        write_atomically(path, self.model_dump_json(indent=1))
        return path


@dataclass(frozen=True)
class Weeks:
    """Which weeks of a year are played: `starts` of them, from each of which `length` weeks follow one another."""

    starts: int
    length: int = 1

    def __post_init__(self) -> None:
        if not (self.starts > 0 and self.length > 0 and self.starts * self.length <= WEEKS):
            found = f"{self.starts} times {self.length} weeks"
            raise ValueError(f"starts times length must be from 1 to {WEEKS} weeks; found {found}")


def spread_batch(site: Site, library: Library, weeks: Weeks) -> Batch:
    """A lane a world and start, in the middles of equal parts of the year; one start of 52 weeks is the year roll."""
    if weeks.length == WEEKS:
        return library_batch(site, library)
    first = 3600 // site.interval_s
    per_week = HOURS_PER_WEEK * first
    free = WEEKS + 1 - weeks.length
    starts = first + per_week * ((np.arange(weeks.starts) + 0.5) * free // weeks.starts).astype(np.int64)
    worlds, rows = np.repeat(np.arange(len(library.names)), weeks.starts), np.tile(starts, len(library.names))
    batch = Batch(site, library, len(rows))
    begins = np.stack([worlds, rows, rows + weeks.length * per_week], axis=1).astype(np.int64)
    batch.begin(np.arange(batch.n), begins, np.full((batch.n, N_START_UNIFORMS), 0.5))
    return batch


class Held:
    """A policy one of whose actions stands still."""

    def __init__(self, policy: Policy, action: str, constant: float) -> None:
        self.name = f"{policy.name}, {action} {constant:g}"
        self._policy, self._action, self._constant = policy, ACTIONS.index(action), constant

    def reset(self, batch: Batch) -> None:
        """As the policy does."""
        self._policy.reset(batch)

    def act(self, batch: Batch) -> Floats:
        """The policy's actions but for one."""
        out = batch.actions(self._policy.act(batch)).copy()
        out[:, self._action] = self._constant
        return out


def measure(
    task: Task, split: Split, weeks: Weeks, worlds: int | None, *, policies: Sequence[str], off: Mapping[str, Site],
    frozen: str | None, command: str = "", progress: Tell = lambda *_: None,
) -> HeadroomReport:  # fmt: skip
    """Measure the headroom of a task and its parts.

    Args:
        worlds: how many of the split's years; None for all.
        policies: names in the registry, besides naive.
        off: mechanism -> the site without it.
        frozen: policy whose actions are held still one by one; it must be one of `policies`.
    """
    if frozen is not None and frozen not in policies:
        raise ValueError(f"frozen must be one of policies ({', '.join(policies)}); found {frozen!r}")
    whole = task.library(split)
    library = Library.of(whole.traces[:worlds])
    site = task.site_model

    def roll(policy: Policy, of: Site = site) -> YearRoll:
        tell = lambda done, total: progress(policy.name, done, total)  # noqa: E731
        return roll_year(policy, spread_batch(of, library, weeks), weeks.length, shown_week=0, progress=tell)

    always = roll(Naive())
    naive = always.weekly_usd
    hours = naive.size * HOURS_PER_WEEK
    bounds = bounds_usd(site, library, weeks, progress)
    made = {name: roll(make_policy(name)).weekly_usd for name in policies}
    split_by = made.get("p24", naive)
    weekly_bound = split_bound(split_by, bounds)
    return HeadroomReport(
        task=task.id, split=split, starts=weeks.starts, length=weeks.length, naive_usd=_rows(naive),
        bound_usd=tuple(bounds.tolist()),
        limit_binding_frac=float(always.work[WORK_MEASURES.index("import_limit_h")]) / hours,
        lines=tuple(_line(name, usd, naive, bounds, weekly_bound) for name, usd in made.items()),
        without=tuple(
            Without(
                mechanism=name, naive_usd=float(roll(Naive(), other).weekly_usd.sum()),
                bound_usd=float(bounds_usd(other, library, weeks, progress).sum()),
            )
            for name, other in off.items()
        ),
        frozen_policy=frozen,
        frozen=() if frozen is None else tuple(
            _best(action, {c: float(roll(Held(make_policy(frozen), action, c)).weekly_usd.sum()) for c in CONSTANTS})
            for action in action_names(site)
        ),
        provenance=provenance(spread_batch(site, library, weeks), {"split": split, **asdict(weeks)}, command),
    )  # fmt: skip


def bounds_usd(site: Site, library: Library, weeks: Weeks, progress: Tell = lambda *_: None) -> Array:
    """The certified bound of each lane of `spread_batch`, two at a time."""
    from hybrid_env.optimum.bound import bound
    from hybrid_env.optimum.horizon import StartState

    batch = spread_batch(site, library, weeks)
    found = np.zeros(batch.n)

    def solve(lane: int) -> tuple[int, float]:
        record = batch.lanes[lane]
        trace, row = library.traces[int(record["world"])], int(record["row"])
        state = StartState.from_lane(record, batch.parameters[0])
        return lane, bound(site, trace, row, int(record["end_row"]) - row, state).value_usd

    with ThreadPoolExecutor(LANES_AT_A_TIME) as pool:
        for done, future in enumerate(as_completed([pool.submit(solve, lane) for lane in range(batch.n)]), 1):
            lane, value = future.result()
            found[lane] = value
            progress("bound", done, batch.n)
    return found


def _line(name: str, usd: Array, naive: Array, bounds: Array, weekly_bound: Array) -> Line:
    interval = score_interval(usd, naive, weekly_bound)
    low, high = (interval.low, interval.high) if interval.known else (None, None)
    return Line(policy=name, usd=_rows(usd), score=score(usd, naive, bounds), low=low, high=high)


def _best(action: str, earned: Mapping[float, float]) -> Frozen:
    constant = max(earned, key=lambda c: earned[c])
    return Frozen(action=action, constant=constant, usd=earned[constant])


def _rows(usd: Array) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in usd.tolist())
