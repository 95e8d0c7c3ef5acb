"""The year roll: a policy through 52 consecutive weeks of every world of a split, state carried over."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_env.baselines.policy import Policy
from hybrid_env.batch import Batch
from hybrid_env.scoring.foresight import labelled
from hybrid_env.scoring.proof import Months
from hybrid_env.scoring.provenance import provenance
from hybrid_env.scoring.result import Kind, Proof, Result, Risk, WeekTrace
from hybrid_env.scoring.risk import Weeks
from hybrid_env.sim.ledger import KG_ACCOUNTS, LEDGER, MWH_ACCOUNTS, SHED_MWH, USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.sim.state import N_START_UNIFORMS
from hybrid_env.sites.site import Site
from hybrid_env.tasks import WEEKS, Split, Task
from hybrid_env.traces.library import Library

HOURS_PER_WEEK = 168
LATENCY_SAMPLES = 512
GPU_USES = ("reserved", "inference", "on_demand", "training", "spot")
SHED_FROM_MWH = 1e-6
"""Less than this in one interval is rounding."""

Progress = Callable[[int, int], None]
"""Called with intervals done and intervals in all."""


@dataclass
class YearRoll:
    """What a policy earned and did.

    Attributes:
        weekly_usd: [W, weeks].
        usd, mwh, kg, work: totals by account over all worlds.
        decision_ms: median time of one decision for one site.
        week: series of one week of the first world, for the dispatch plot.
        proofs: claims of carbon-free energy by span, as in a result.
        accounts_by_world: [W, accounts].
        shed_h: time in which GPU work was cut because a limit would have broken, over all worlds.
        risk: how often AI buyers and the operator were let down.
    """

    weekly_usd: NDArray[np.float64]
    usd: NDArray[np.float64]
    mwh: NDArray[np.float64]
    kg: NDArray[np.float64]
    work: NDArray[np.float64]
    decision_ms: float
    week: WeekTrace
    accounts_by_world: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    proofs: dict[str, Proof] = field(default_factory=dict)
    shed_h: float = 0.0
    risk: Risk = field(default_factory=Risk)


def year_batch(task: Task, split: Split, weeks: int = WEEKS) -> Batch:
    """One lane a world of the split, at the first hour that has a past, in the standard starting state."""
    return library_batch(task.site_model, task.library(split), weeks)


def library_batch(site: Site, library: Library, weeks: int = WEEKS) -> Batch:
    """As `year_batch`, over any years."""
    batch = Batch(site, library, len(library.names))
    first = 3600 // batch.site.interval_s
    rows = weeks * HOURS_PER_WEEK * first
    worlds = np.arange(batch.n)
    begins = np.stack([worlds, np.full(batch.n, first), np.full(batch.n, first + rows)], axis=1).astype(np.int64)
    batch.begin(worlds, begins, np.full((batch.n, N_START_UNIFORMS), 0.5))
    return batch


def roll_year(
    policy: Policy, batch: Batch, weeks: int = WEEKS, shown_week: int | None = None, progress: Progress | None = None
) -> YearRoll:
    """Roll a batch made by `year_batch` to its end.

    Args:
        shown_week: week of world 0 to keep interval by interval; None takes the one `interesting_week` names.
    """
    rows_per_week = HOURS_PER_WEEK * 3600 // batch.site.interval_s
    total = weeks * rows_per_week
    shown = interesting_week(batch, weeks) if shown_week is None else shown_week
    first_row = int(batch.lanes["row"][0])
    weekly = np.zeros((batch.n, weeks))
    sums = np.zeros(batch.n, LEDGER)
    series, months, marked = _Series(), Months(), Weeks(batch, weeks)
    latency = []
    shed_rows = 0
    policy.reset(batch)
    for t in range(total):
        began = time.perf_counter()
        actions = policy.act(batch)
        if len(latency) < LATENCY_SAMPLES or t % 64 == 0:
            latency.append((time.perf_counter() - began) / batch.n)
        month = batch.library.rows["month"][batch.lanes["world"], batch.lanes["row"]].astype(np.int64)
        batch.step(batch.actions(actions))
        ledger = batch.ledger
        months.add(month, ledger)
        for part in ("usd", "mwh", "kg", "work"):
            sums[part] += ledger[part]
        shed_rows += int(np.count_nonzero(ledger["work"][:, SHED_MWH] > SHED_FROM_MWH))
        marked.add(t // rows_per_week, batch)
        weekly[:, t // rows_per_week] += ledger["usd"].sum(axis=1)
        if t // rows_per_week == shown:
            series.add(batch)
        if progress is not None and (t + 1) % 96 == 0:
            progress(t + 1, total)
    trace = batch.library.traces[0]
    start = trace.start + timedelta(seconds=(first_row + shown * rows_per_week) * batch.site.interval_s)
    week = WeekTrace.from_arrays(trace.name, shown, start, batch.site.interval_s, series.columns)
    return YearRoll(
        weekly, sums["usd"].sum(axis=0), sums["mwh"].sum(axis=0), sums["kg"].sum(axis=0), sums["work"].sum(axis=0),
        float(np.median(latency) * 1e3), week, sums["usd"].copy(), dict(months.proofs()),
        shed_rows * batch.site.interval_h, marked.risk(),
    )  # fmt: skip


def interesting_week(batch: Batch, weeks: int = WEEKS) -> int:
    """The week of world 0 that holds its second coincident peak, or else its highest price."""
    rows = batch.library.rows[0][: int(batch.library.length[0])]
    per_week = HOURS_PER_WEEK * 3600 // batch.site.interval_s
    first = 3600 // batch.site.interval_s
    peaks = np.flatnonzero(rows["cp_weight"] > 0)
    row = peaks[1] if len(peaks) > 1 else int(np.argmax(rows["price_rt_usd_per_mwh"]))
    return int(np.clip((row - first) // per_week, 0, weeks - 1))


class _Series:
    """One week of lane 0, interval by interval."""

    def __init__(self) -> None:
        self.columns: dict[str, list[float]] = {}

    def add(self, batch: Batch) -> None:
        lane, page, hours = batch.lanes[0], batch.ledger[0], batch.site.interval_h
        row = batch.library.rows[lane["world"], lane["row"] - 1]
        power = {
            f"{k}_mw": float(lane[f"{k}_mw"]) for k in (*GPU_USES, "mining", "cooling", "import", "export", "curtailed")
        } | {"gpu_mining_mw": float(lane["pow_mw"])}
        working = power["gpu_mining_mw"] + sum(power[f"{k}_mw"] for k in GPU_USES)
        mwh = {k: float(v) / hours for k, v in zip(MWH_ACCOUNTS, page["mwh"], strict=True)}
        values: dict[str, Any] = {
            **power,
            "gpu_idle_mw": float(lane["gpu_mw"]) - working,
            "price_usd_per_mwh": float(row["price_rt_usd_per_mwh"]),
            "import_limit_mw": min(batch.site.meter.import_limit_mw, float(row["import_limit_mw"])),
            "charge_mw": mwh["battery_charge"], "discharge_mw": mwh["battery_discharge"], "wind_mw": mwh["own_used"],
            "soc_mwh": float(lane["soc_mwh"]), "mining_hall_c": float(lane["mining_hall_c"]),
            "gpu_hall_c": float(lane["gpu_hall_c"]),
        }  # fmt: skip
        for name, value in values.items():
            self.columns.setdefault(name, []).append(value)


def evaluate(
    policy: Policy, task: Task, kind: Kind, *, split: Split = "test", seed: int = 0, weeks: int = WEEKS,
    training_seconds: float = 0.0, training_steps: int = 0, config: dict[str, Any] | None = None, command: str = "",
    progress: Progress | None = None,
) -> Result:  # fmt: skip
    """Roll a policy through a split and return its result, ready to be saved and scored.

    On years with perfect forecasts it is a reference, and named so (see `foresight`).
    """
    batch = year_batch(task, split, weeks)
    name, kind = labelled(policy.name, kind, batch.library.names)
    roll = roll_year(policy, batch, weeks, progress=progress)
    return Result(
        task=task.id, policy=name, kind=kind, seed=seed, worlds=batch.library.names,
        weekly_usd=tuple(tuple(float(x) for x in row) for row in roll.weekly_usd),
        accounts_usd=_named(USD_ACCOUNTS, roll.usd), mwh=_named(MWH_ACCOUNTS, roll.mwh),
        kg=_named(KG_ACCOUNTS, roll.kg), work=_named(WORK_MEASURES, roll.work), proofs=roll.proofs, risk=roll.risk,
        decision_latency_ms=roll.decision_ms,
        training_seconds=training_seconds, training_steps=training_steps,
        provenance=provenance(batch, config or {}, command), week_trace=roll.week,
    )  # fmt: skip


def _named(names: tuple[str, ...], values: NDArray[np.float64]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}
