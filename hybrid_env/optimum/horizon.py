"""What the linear programme is told: periods of equal or unequal length, jobs, and the state of the site at the start.

`trace_periods` reads them from a trace, row by row, for the bound; a predictive controller fills the same object from
forecasts, with periods that grow with distance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_env.optimum import cooling, network, supply, tariff
from hybrid_env.sites import plant
from hybrid_env.sites.gpu import N_BUCKETS
from hybrid_env.traces.schema import Trace

MIDWAY_LEFT = 0.5
"""Share of small work still to do in a site that works steadily."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Jobs:
    """Gang jobs that are open at some time of the horizon, one entry a job.

    Attributes:
        key: number that names the job in every window, ascending: its place in the trace's table, negative for a
        lane's open jobs.
        open_row, deadline_row: trace rows; work counts in `open_row <= row < deadline_row`.
        left_gpu_h: work left at the start of the horizon.
        running: whether it runs at the start (else it must restart before it makes progress).
        data_left_s: time from `open_row` until its data is there.
    """

    key: Ints
    open_row: Ints
    deadline_row: Ints
    gpus: Floats
    left_gpu_h: Floats
    bid: Floats
    running: NDArray[np.bool_]
    data_left_s: Floats

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True)
class Periods:
    """All coefficients of the programme, one value a period (`T`), a slot (`S`, at most an hour, whole periods) or a
    job.

    Attributes:
        row: first trace row of each period; end_row: row after the last period.
        rows: the trace's columns in each period (dtype ROW, means where it has several rows): a mechanism reads its own
        coefficients from it.
        hours: length; month: number of the local month, any consecutive numbering; end_month: the month of `end_row`.
        slot: slot of each period; slot_row: first row of each slot; bucket: number of the six-hour bucket a slot
        lies in.
        due: whether a slot is the last of its bucket.
        buying_usd_per_mwh, selling_usd_per_mwh: all energy charges on an imported, and income from an exported, MWh.
        peak_usd_per_mw: coincident-peak charge on one MW imported all through the period.
        own_mw: what own generation delivers at least, the pond empty.
        hash_usd_per_ph_h: income from one PH/s for an hour, after the pool fee.
        chiller_specific: chiller power per unit of heat at the best admissible set-point; capacity_mw: heat the
        plant rejects.
        arrival_gpu_h: `[S, 8]`, small training work that comes in, by due bucket (0 = the slot's own).
    """

    row: Ints
    end_row: int
    rows: np.ndarray
    hours: Floats
    month: Ints
    end_month: int
    slot: Ints
    slot_row: Ints
    bucket: Ints
    due: NDArray[np.bool_]
    buying_usd_per_mwh: Floats
    selling_usd_per_mwh: Floats
    peak_usd_per_mw: Floats
    carbon_kg_per_mwh: Floats
    own_mw: Floats
    import_limit_mw: Floats
    export_limit_mw: Floats
    hash_usd_per_ph_h: Floats
    mining_allowed: Floats
    chiller_specific: Floats
    capacity_mw: Floats
    tenant_load: Floats
    inference_gpus: Floats
    spot_usd_per_gpu_h: Floats
    arrival_gpu_h: Floats
    jobs: Jobs

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class StartState:
    """The site as the first period begins; the fields of a lane that the programme needs.

    Attributes:
        awake: share of each fleet that is awake.
        bucket_gpu_h: `[8]`, small training work due at the next, the second next, ... six-hour boundary.
        jobs: open gang jobs; None takes those the trace has open at the start, part done in proportion to time.
        value_usd: worth of what is left over by the rule of the `terminal` account; None computes it.
        lane: the simulator's record, from which a mechanism reads what else it needs; None where nothing is known.
        carried: fields of a lane that a plan has led to; they come before `lane`.
    """

    awake: Floats
    soc_mwh: float
    gpu_hall_c: float
    mining_hall_c: float
    throttle_used_h: float
    bucket_gpu_h: Floats
    jobs: Jobs | None = None
    value_usd: float | None = None
    lane: np.void | None = None
    carried: Mapping[str, Any] = field(default_factory=dict)

    def known(self, name: str, otherwise: float) -> Any:
        """A field of the lane's record, or `otherwise` where no lane is known."""
        if name in self.carried:
            return self.carried[name]
        return otherwise if self.lane is None else self.lane[name]

    @classmethod
    def usual(cls, p: np.void) -> StartState:
        """All fleets awake, battery half full, halls at their set-points, no small work waiting."""
        return cls(
            np.ones(int(p["n_fleets"])), float(p["soc_min_mwh"] + p["soc_max_mwh"]) / 2, float(p["setpoint_max_c"]),
            float(p["mining_hall_setpoint_c"]), 0.0, np.zeros(N_BUCKETS),
        )  # fmt: skip

    @classmethod
    def midway(cls, p: np.void, training_load: float) -> StartState:
        """A guess of the site in the middle of a trace: as usual, with small work waiting, half done in the time it
        has had."""
        coming = training_load * p["training_gpus"] * p["rows_per_bucket"] * p["interval_h"] * p["arrival_share"]
        arrived = np.append(np.cumsum(coming[::-1])[::-1][1:], 0.0)
        return replace(cls.usual(p), bucket_gpu_h=MIDWAY_LEFT * arrived)

    @classmethod
    def from_lane(cls, lane: np.void, p: np.void) -> StartState:
        """Read it from a lane record of the simulator (`hybrid_env.sim.state.LANE`), in mid-episode too.

        `value_usd` is the worth at the *episode's* start, which the `terminal` account will subtract at its end.
        """
        n = int(lane["n_gang"])
        row = np.full(n, int(lane["row"]))
        jobs = Jobs(
            np.arange(-n, 0, dtype=np.int64), row, lane["gang_deadline_row"][:n].copy(), lane["gang_gpus"][:n].copy(),
            lane["gang_left_gpu_h"][:n].copy(), lane["gang_bid"][:n].copy(), lane["gang_running"][:n] > 0,
            np.maximum(0.0, lane["gang_data_left_s"][:n]),
        )  # fmt: skip
        return cls(
            lane["fleet_awake"][: int(p["n_fleets"])].copy(), float(lane["soc_mwh"]), float(lane["gpu_hall_c"]),
            float(lane["mining_hall_c"]), float(lane["throttle_used_h"]), lane["bucket_gpu_h"].copy(), jobs,
            float(lane["start_value_usd"]), lane.copy(),
        )  # fmt: skip


def trace_periods(p: np.void, trace: Trace, start: int, n: int, state: StartState | None = None) -> Periods:
    """Rows `start` to `start + n` of a trace as periods of one row each, with exact coefficients.

    Args:
        p: the site's record (`parameter_record(site)[0]`).
        state: names the jobs open at the start; without it the trace's own, part done in proportion to time.
    """
    rows = trace.rows[start : start + n]
    number = start + np.arange(n, dtype=np.int64)
    hour = number // int(p["rows_per_hour"])
    slot = hour - hour[0]
    first = np.flatnonzero(np.diff(slot, prepend=-1))
    month = np.concatenate([[0], np.cumsum(np.diff(trace.rows["month"]) != 0)])
    slot_bucket = number[first] // int(p["rows_per_bucket"])
    last_row = np.append(number[first][1:], start + n) - 1
    price, sells = tariff.settled_usd_per_mwh(p, rows), tariff.may_export(p, rows)
    arrival = np.bincount(slot, rows["training_load"]) * float(p["training_gpus"] * p["interval_h"])
    return Periods(
        row=number, end_row=start + n, rows=rows, hours=np.full(n, float(p["interval_h"])),
        month=month[number], end_month=int(month[min(start + n, len(month) - 1)]),
        slot=slot, slot_row=number[first], bucket=slot_bucket, due=(last_row + 1) % int(p["rows_per_bucket"]) == 0,
        buying_usd_per_mwh=price + p["adder_usd_per_mwh"],
        selling_usd_per_mwh=price + rows["basis_gen_usd_per_mwh"],
        peak_usd_per_mw=rows["cp_weight"] * p["peak_usd_per_mw_year"],
        carbon_kg_per_mwh=rows["carbon_average_kg_per_mwh"].copy(),
        own_mw=supply.at_hand_mw(p, rows),
        import_limit_mw=np.minimum(rows["import_limit_mw"], p["import_limit_mw"]),
        export_limit_mw=np.where(sells, np.minimum(rows["export_limit_mw"], p["export_limit_mw"]), 0.0),
        hash_usd_per_ph_h=network.hash_usd_per_ph_h(p, rows),
        mining_allowed=rows["mining_allowed"].copy(),
        chiller_specific=cooling.best_specific(p, rows),
        capacity_mw=plant.capacity_mw(p, rows),
        tenant_load=rows["tenant_load"].copy(),
        inference_gpus=rows["inference_load"] * p["inference_gpus"],
        spot_usd_per_gpu_h=rows["gpu_rent_usd_per_gpu_h"] * p["spot_price_frac"],
        arrival_gpu_h=arrival[:, None] * p["arrival_share"],
        jobs=_jobs(p, trace.jobs if p["training_gpus"] > 0 else trace.jobs[:0], start, n, state),
    )  # fmt: skip


def _jobs(p: np.void, table: np.ndarray, start: int, n: int, state: StartState | None) -> Jobs:
    """Those open at the start, then those that arrive; refused jobs never appear."""
    coming = np.flatnonzero(
        (table["refused"] == 0) & (table["arrival_row"] >= start) & (table["arrival_row"] < start + n)
    )
    new = jobs_from_table(p, table[coming], coming)
    if state is not None and state.jobs is not None:
        return joined(state.jobs, new)
    open_now = np.flatnonzero(
        (table["refused"] == 0) & (table["arrival_row"] < start) & (table["deadline_row"] > start)
    )
    return joined(started(jobs_from_table(p, table[open_now], open_now), start), new)


def jobs_from_table(p: np.void, rows: np.ndarray, key: Ints) -> Jobs:
    """Entries of a trace's table as jobs that have just arrived, by their places in it."""
    return Jobs(
        key.astype(np.int64), rows["arrival_row"].copy(), rows["deadline_row"].copy(), rows["gpus"].copy(),
        rows["gpu_hours"].copy(), rows["bid_usd_per_gpu_h"].copy(), np.zeros(len(rows), bool),
        rows["gpus"] * float(p["data_s_per_gpu"]),
    )  # fmt: skip


def started(jobs: Jobs, row: int) -> Jobs:
    """Jobs from before `row` as they may stand then: done in proportion to the time they have had, and running."""
    share = (jobs.deadline_row - row) / np.maximum(1, jobs.deadline_row - jobs.open_row)
    return replace(
        jobs,
        left_gpu_h=jobs.left_gpu_h * share,
        open_row=np.full(len(jobs), row),
        running=np.ones(len(jobs), bool),
        data_left_s=np.zeros(len(jobs)),
    )


def joined(first: Jobs, second: Jobs) -> Jobs:
    """Both lists of jobs, one after the other."""
    return Jobs(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in Jobs.__dataclass_fields__))


def throughput_at_knee(p: np.void) -> float:
    """Work rate of a training GPU at the lowest cap worth running at."""
    return float(np.min(p["training_slope"] * p["training_knee"] + p["training_offset"]))
