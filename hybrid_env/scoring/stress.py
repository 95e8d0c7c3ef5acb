"""The stress suite: a policy and the naive one through a split's weeks, once as they were and once under each shock.

Faults of the sensors are among the shocks of a report: the years stay, what the policy is shown does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.policy import Policy
from hybrid_env.scoring.evaluate import Progress, YearRoll, library_batch, roll_year, year_batch
from hybrid_env.scoring.foresight import labelled
from hybrid_env.scoring.provenance import provenance
from hybrid_env.scoring.result import POLICY_PATTERN, Kind, Provenance, Record, Risk, load_record, write_atomically
from hybrid_env.scoring.sensor_faults import SENSOR_FAULTS, SensorFault, Through, seen_library
from hybrid_env.sim.ledger import USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.tasks import WEEKS, Split, Task
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import Trace
from hybrid_env.traces.stress import SHOCKS
from hybrid_env.traces.stress.shock import Shock, ShockError, changed_rows

STRESS_SCHEMA_VERSION = 1

OUTSIDE = "not in these weeks"
UNFELT = "without effect on this site and policy"
UNREAD = "not concerned: it decides the same without these readings"
FORESIGHT = "not played: this reference reads the years themselves, not what sensors deliver"

STRESSES: dict[str, Shock | SensorFault] = {**SHOCKS, **SENSOR_FAULTS}
"""Everything the suite plays, by name and in order: shocks of the years, then faults of the sensors."""


class Played(Record):
    """What one policy earned and did in one set of years."""

    weekly_usd: tuple[tuple[float, ...], ...]
    """[world][week]"""
    accounts_usd: dict[str, float]
    work: dict[str, float]
    shed_h: float = Field(ge=0)
    """Hours in which GPU work was cut because a limit would have broken, over all worlds."""
    risk: Risk = Risk()

    def weekly(self) -> NDArray[np.float64]:
        """[W, weeks]"""
        return np.asarray(self.weekly_usd, np.float64)

    @property
    def usd(self) -> float:
        """All weeks of all worlds."""
        return float(self.weekly().sum())

    @property
    def worst_week_usd(self) -> float:
        """The policy's own poorest week."""
        return float(self.weekly().min())

    @property
    def import_limit_h(self) -> float:
        """Hours at the import limit, over all worlds."""
        return self.work["import_limit_h"]


class Outcome(Record):
    """A policy and the naive one under one shock, or under none."""

    shock: str = ""
    """Empty for the years as they were."""
    meaning: str = ""
    sensors: bool = False
    """Whether the years are as they were and only what the policy is shown is not; naive, which reads nothing, then
    earns what it does without."""
    trace_hashes: dict[str, str] = {}
    """World as it was -> hash of its shocked trace, or of what faulty sensors show of it."""
    policy: Played | None = None
    naive: Played | None = None
    note: str = ""
    """Why there are no figures, or why they equal those without the shock."""


class StressReport(Record):
    """All outcomes of one policy; one JSON file."""

    schema_version: Literal[1] = STRESS_SCHEMA_VERSION
    task: str = Field(min_length=1)
    policy: str = Field(pattern=POLICY_PATTERN)
    kind: Kind
    seed: int = Field(ge=0)
    split: Split
    weeks: int = Field(gt=0, le=WEEKS)
    calm: Outcome
    shocks: tuple[Outcome, ...] = ()
    provenance: Provenance

    def figures(self) -> list[Figures]:
        """A line for the calm years and one for each shock that could be played, in order."""
        return [found for outcome in (self.calm, *self.shocks) if (found := figures(outcome, self.calm)) is not None]

    def save(self, path: str | Path) -> None:
        """Write to `path`, whole or not at all."""
        write_atomically(path, self.model_dump_json())


def make_stresses(names: Sequence[str]) -> tuple[Shock | SensorFault, ...]:
    """What is named, in the order of `STRESSES`.

    Raises:
        ShockError: there is no such shock or fault.
    """
    for name in names:
        if name not in STRESSES:
            raise ShockError(f"there is no shock {name!r}; known: {', '.join(STRESSES)}")
    return tuple(stress for name, stress in STRESSES.items() if name in names)


def load_report(path: str | Path) -> StressReport:
    """Read a report; errors are `ResultError`, as for results."""
    return load_record(StressReport, path, STRESS_SCHEMA_VERSION)


class Figures(Record):
    """What is reported of an outcome; USD over all worlds and weeks."""

    shock: str
    usd: float
    loss_usd: float
    """Against the same policy without the shock; above zero where the shock costs money."""
    naive_loss_usd: float
    over_naive_usd: float
    """Against the naive policy under the same shock."""
    worst_week_usd: float
    worst_week_over_naive_usd: float
    """The smallest weekly gain over naive under the same shock."""
    import_limit_h: float
    shed_h: float
    risk: Risk


def figures(outcome: Outcome, calm: Outcome) -> Figures | None:
    """An outcome beside the calm years; None where the shock could not be played."""
    own, naive = outcome.policy, outcome.naive
    if own is None or naive is None or calm.policy is None or calm.naive is None:
        return None
    return Figures(
        shock=outcome.shock,
        usd=own.usd,
        loss_usd=calm.policy.usd - own.usd,
        naive_loss_usd=calm.naive.usd - naive.usd,
        over_naive_usd=own.usd - naive.usd,
        worst_week_usd=own.worst_week_usd,
        worst_week_over_naive_usd=float((own.weekly() - naive.weekly()).min()),
        import_limit_h=own.import_limit_h,
        shed_h=own.shed_h,
        risk=own.risk,
    )


class Suite:
    """Plays one policy's outcomes one by one, so that a caller may keep each as it is there.

    Args:
        kind: of the policy; a reference has foresight and reads no sensors.
    """

    def __init__(
        self, policy: Policy, task: Task, split: Split = "test", weeks: int = WEEKS, kind: Kind = "rule"
    ) -> None:
        self.policy, self.task, self.weeks, self.kind = policy, task, weeks, kind
        self.split: Split = split
        self.library = task.library(split)

    def calm(self, earlier: Outcome | None = None, progress: Progress | None = None) -> Outcome:
        """The years as they are; an earlier outcome on the very same years is taken over."""
        return self._outcome("", "", self.library, earlier, progress)

    def under(
        self, shock: Shock, calm: Outcome, earlier: Outcome | None = None, progress: Progress | None = None
    ) -> Outcome:
        """One shock; an earlier outcome on the very same shocked years is taken over.

        A shock that cannot apply to one of the years gives an outcome without figures, whose note says why.
        """
        try:
            library = Library([shock.apply(trace) for trace in self.library.traces])
        except ShockError as error:
            return Outcome(shock=shock.name, meaning=shock.meaning, note=str(error))
        outcome = self._outcome(shock.name, shock.meaning, library, earlier, progress)
        return outcome.model_copy(update={"note": self._note(outcome, calm, library)})

    def through(
        self, fault: SensorFault, calm: Outcome, earlier: Outcome | None = None, progress: Progress | None = None
    ) -> Outcome:
        """One fault of the sensors, on the years as they are; an earlier outcome of the very same is taken over.

        A policy that reads nothing of what is faulty gives an outcome without figures, whose note says so.
        """
        seen = seen_library(self.library, fault)
        hashes = dict(zip(self.library.names, seen.hashes, strict=True))
        outcome = Outcome(shock=fault.name, meaning=fault.meaning, sensors=True, trace_hashes=hashes)
        if self.kind == "reference":
            return outcome.model_copy(update={"note": FORESIGHT})
        if earlier is not None and earlier.sensors and earlier.trace_hashes == hashes:
            return earlier
        own = self._play(Through(self.policy, fault), self.library, progress)
        if own == calm.policy:
            return outcome.model_copy(update={"note": UNREAD if self._touches(seen) else OUTSIDE})
        return outcome.model_copy(update={"policy": own, "naive": calm.naive})

    def _outcome(
        self, shock: str, meaning: str, library: Library, earlier: Outcome | None, progress: Progress | None
    ) -> Outcome:
        hashes = dict(zip(self.library.names, library.hashes, strict=True))
        if earlier is not None and earlier.trace_hashes == hashes and earlier.policy is not None:
            return earlier
        rolls = 1 if self.policy.name == Naive.name else 2  # the naive policy plays itself once
        own = self._play(self.policy, library, _part(progress, 0, rolls))
        naive = self._play(Naive(), library, _part(progress, 1, rolls)) if rolls > 1 else own
        return Outcome(shock=shock, meaning=meaning, trace_hashes=hashes, policy=own, naive=naive)

    def _play(self, policy: Policy, library: Library, progress: Progress | None) -> Played:
        batch = library_batch(self.task.site_model, library, self.weeks)
        return played(roll_year(policy, batch, self.weeks, shown_week=0, progress=progress))

    def _note(self, outcome: Outcome, calm: Outcome, library: Library) -> str:
        """Whether the shock touched these weeks and this site."""
        if not self._touches(library):
            return OUTSIDE
        same = (outcome.policy, outcome.naive) == (calm.policy, calm.naive)
        return UNFELT if same else ""

    def _touches(self, library: Library) -> bool:
        """Whether these years differ from the split's in the weeks played."""
        lanes = year_batch(self.task, self.split, self.weeks).lanes
        rows = slice(int(lanes["row"][0]), int(lanes["end_row"][0]))
        pairs = zip(self.library.traces, library.traces, strict=True)
        return any(_touched(before, after, rows) for before, after in pairs)


def _touched(before: Trace, after: Trace, rows: slice) -> bool:
    """Whether anything differs in the rows played: a column, a forecast, a job."""
    jobs = before.jobs != after.jobs
    arrivals = before.jobs["arrival_row"][jobs]
    return bool(changed_rows(before, after)[rows].any() or (arrivals < rows.stop).any())


def _part(progress: Progress | None, part: int, parts: int) -> Progress | None:
    """Progress of one of several rolls as progress of all of them."""
    if progress is None:
        return None
    return lambda done, total: progress(part * total + done, parts * total)


def played(roll: YearRoll) -> Played:
    """A roll as a record."""
    return Played(
        weekly_usd=tuple(tuple(float(x) for x in row) for row in roll.weekly_usd),
        accounts_usd=dict(zip(USD_ACCOUNTS, roll.usd.tolist(), strict=True)),
        work=dict(zip(WORK_MEASURES, roll.work.tolist(), strict=True)),
        shed_h=roll.shed_h,
        risk=roll.risk,
    )


def stress(
    policy: Policy, task: Task, kind: Kind, shocks: Sequence[Shock | SensorFault], *, split: Split = "test",
    seed: int = 0, weeks: int = WEEKS, config: Mapping[str, Any] | None = None, command: str = "",
    earlier: StressReport | None = None,
    keep: Callable[[StressReport], None] | None = None, progress: Callable[[str, int, int], None] | None = None,
) -> StressReport:  # fmt: skip
    """Play the calm years and every shock or fault of the sensors.

    Args:
        earlier: a report of the same policy, site and simulator; outcomes on the very same years are taken over.
        keep: called with the report so far after each outcome, so that a stopped suite goes on where it was.
        progress: called with the shock's name, intervals done and intervals in all.
    """
    suite = Suite(policy, task, split, weeks, kind)
    known = {} if earlier is None else {outcome.shock: outcome for outcome in (earlier.calm, *earlier.shocks)}

    def tell(name: str) -> Progress | None:
        return None if progress is None else partial(progress, name)

    calm = suite.calm(known.get(""), tell(""))
    name, kind = labelled(policy.name, kind, suite.library.names)
    report = StressReport(
        task=task.id, policy=name, kind=kind, seed=seed, split=split, weeks=weeks, calm=calm,
        provenance=provenance(year_batch(task, split, weeks), dict(config or {}), command),
    )  # fmt: skip
    outcomes: list[Outcome] = []
    for n, shock in enumerate(shocks):
        before, follow = known.get(shock.name), tell(shock.name)
        if isinstance(shock, SensorFault):
            outcomes.append(suite.through(shock, calm, before, follow))
        else:
            outcomes.append(suite.under(shock, calm, before, follow))
        if keep is not None:
            still_there = (known[later.name] for later in shocks[n + 1 :] if later.name in known)
            keep(report.model_copy(update={"shocks": (*outcomes, *still_there)}))
    return report.model_copy(update={"shocks": tuple(outcomes)})
