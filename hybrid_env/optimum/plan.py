"""A plan: what the programme would do in each row, to be replayed in the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hybrid_env.optimum import carbon, gpu, meter, model, supply, tariff
from hybrid_env.optimum.horizon import Jobs, Periods, StartState, trace_periods
from hybrid_env.optimum.model import SiteModel
from hybrid_env.optimum.programme import Columns, Floats
from hybrid_env.sites.gpu import N_BUCKETS
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.site import Site
from hybrid_env.traces.schema import Trace

MIDWAY_WORTH = 0.7
"""Worth of open training work in the last row of a programme that ends before the books close, as a share of its
price: less than what spot rental could earn instead."""


@dataclass(frozen=True)
class Plan:
    """Power by period (MW, averages), `[T]` unless said otherwise; mining and GPU powers as the simulator's actions
    mean them.

    Attributes:
        row: first trace row of each period.
        mining_mw: `[T, fleets]`, above the sleep draw.
        reserved_mw, inference_mw, training_mw, spot_mw: dynamic power, above idle.
        on_demand_mw: the same for on-demand rental; ask: place in its menu of prices (the one of most weight).
        gpu_mining_mw: the same for proof of work on idle GPUs.
        battery_mw: discharge positive, charge negative.
        water_mw: of own hydro.
        setpoint_c: the GPU hall's set-point (the highest is the cheapest).
        carbon_kg: location-based.
    """

    row: np.ndarray
    mining_mw: Floats
    awake: Floats
    reserved_mw: Floats
    inference_mw: Floats
    training_mw: Floats
    spot_mw: Floats
    on_demand_mw: Floats
    ask: np.ndarray
    gpu_mining_mw: Floats
    battery_mw: Floats
    water_mw: Floats
    import_mw: Floats
    export_mw: Floats
    soc_mwh: Floats
    gpu_hall_c: Floats
    mining_hall_c: Floats
    setpoint_c: Floats
    carbon_kg: Floats


def plan_from(site: SiteModel, columns: Floats, p: np.void, t: Periods) -> Plan:
    """Read a plan out of a point of the programme."""

    def of(block: Columns) -> Floats:
        return columns[block]

    nothing = np.zeros(len(t))
    battery = site.battery
    burnt = nothing if site.supply.burnt is None else of(site.supply.burnt)
    own_used = sum((of(source) for source in site.supply.used), nothing)
    customers, mined = site.gpu.on_demand, site.gpu.mining
    flow = nothing if battery is None else of(battery.discharge) - of(battery.charge)
    stored = nothing if battery is None else of(battery.stored)
    bought = of(site.meter.bought)
    return Plan(
        t.row, of(site.mining.power), of(site.mining.awake), of(site.gpu.reserved), of(site.gpu.inference),
        of(site.gpu.training), of(site.gpu.spot),
        nothing if customers is None else of(customers.power),
        nothing.astype(int) if customers is None else of(customers.weight).argmax(axis=1),
        nothing if mined is None else of(mined.gpus) * mined.each_mw,
        flow, nothing if site.supply.water is None else of(site.supply.water), bought, of(site.meter.sold), stored,
        of(site.cooling.gpu_hall), of(site.cooling.mining_hall),
        np.full(len(t), float(p["setpoint_max_c"])), carbon.kg(p, t, bought, own_used, burnt),
    )  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """Rows `first` to `after` of a rolled plan: the programme they come from, which looks further, and its solution."""

    first: int
    after: int
    site: SiteModel
    t: Periods
    columns: Floats


def roll(
    p: np.void, trace: Trace, start: int, n: int, state: StartState, rows: int, ahead: int, lines: tuple[int, ...]
) -> Iterator[Stretch]:
    """Solve `rows + ahead` rows, keep `rows`, go on from the state they lead to.

    Unlike the windows of a bound, each begins where the last has ended: charge, temperatures, backlog and jobs are
    consistent in time, and all stretches together are a point of the whole horizon's programme.
    """
    for first in range(start, start + n, rows):
        after, end = min(first + rows, start + n), min(first + rows + ahead, start + n)
        t = trace_periods(p, trace, first, end - first, state)
        site = model.build(p if end == start + n else midway_record(p), t, state, lines)
        columns = site.lp.solve("simplex").columns
        yield Stretch(first, after, site, t, columns)
        if after < start + n:
            state = state_after(site, columns, p, t, state, rows)


def midway_record(p: np.void) -> np.void:
    """The site's record for a programme that ends before the books close: open training work counts for more."""
    record = np.array([p])[0]
    record["open_work_frac"] = MIDWAY_WORTH
    return record


def plan(
    site: Site, trace: Trace, start: int, n: int, state0: StartState | None = None, *,
    rows: int | None = None, ahead: int | None = None, lines: tuple[int, ...] = model.ALL_LINES,
) -> Plan:  # fmt: skip
    """Plan `n` rows with full knowledge by rolling.

    Args:
        state0: the site as row `start` begins; by default fleets awake, battery half full, no small work waiting.
        rows: kept from each solve (default a week; whole hours).
        ahead: looked ahead beyond them (default two days).
    """
    p = parameter_record(site)[0]
    day = int(p["rows_per_day"])
    state = StartState.usual(p) if state0 is None else state0
    stretches = roll(p, trace, start, n, state, rows or 7 * day, 2 * day if ahead is None else ahead, lines)
    parts = [_head(plan_from(s.site, s.columns, p, s.t), s.after - s.first) for s in stretches]
    return Plan(*(np.concatenate([getattr(part, name) for part in parts]) for name in Plan.__dataclass_fields__))


def _head(whole: Plan, rows: int) -> Plan:
    return Plan(*(getattr(whole, name)[:rows] for name in Plan.__dataclass_fields__))


def state_after(site: SiteModel, columns: Floats, p: np.void, t: Periods, state: StartState, rows: int) -> StartState:
    """The site after the first `rows` periods of a solved programme (a whole number of slots), as the programme sees
    it."""
    last = rows - 1
    slot = int(t.slot[last])
    throttled = columns[site.gpu.throttle][:rows] / np.maximum(
        p["throttle_depth"] * (t.tenant_load * gpu.contracted_gpus(p, t))[:rows] * p["gpu_dyn_mw"], 1e-12
    )
    same_month = t.month[:rows] == t.month[rows]
    used = float((throttled * t.hours[:rows])[same_month].sum())
    used += state.throttle_used_h if t.month[0] == t.month[rows] else 0.0
    backlog = columns[site.lp.variables["backlog_gpu_h"].span].reshape(-1, N_BUCKETS)[slot]
    number = t.bucket[slot] + int(t.due[slot]) + np.arange(N_BUCKETS)
    waiting = backlog[number % N_BUCKETS].copy()
    if t.due[slot]:
        waiting[-1] = 0.0
    soc = float(columns[site.battery.stored[last]]) if site.battery is not None else state.soc_mwh
    return StartState(
        columns[site.mining.awake[last]].clip(0, 1), soc, float(columns[site.cooling.gpu_hall[last]]),
        float(columns[site.cooling.mining_hall[last]]), used, waiting.clip(0), jobs_after(site, columns, p, t, rows),
        carried=supply.carried(site.supply, columns, last)
        | tariff.carried(site.meter.demand_peak, columns, t, last)
        | meter.carried(site.meter, columns, last),
    )  # fmt: skip


def jobs_after(site: SiteModel, columns: Floats, p: np.void, t: Periods, rows: int) -> Jobs:
    """Jobs still open after `rows` periods, with the work left. One that has been given work counts as running."""
    row, entries = int(t.row[rows]), site.gang
    early = entries.slot <= t.slot[rows - 1]
    given = np.bincount(entries.job[early], columns[entries.given][early], len(t.jobs))
    started = (given > 1e-6) | t.jobs.running
    left = t.jobs.left_gpu_h - given * entries.delivered_frac
    keep = (t.jobs.open_row < row) & (t.jobs.deadline_row > row) & (left > 1e-6)
    data = np.maximum(0.0, t.jobs.data_left_s - (row - t.jobs.open_row) * float(p["interval_s"]))
    return Jobs(
        t.jobs.key[keep], np.full(int(keep.sum()), row), t.jobs.deadline_row[keep], t.jobs.gpus[keep], left[keep],
        t.jobs.bid[keep], started[keep], data[keep],
    )  # fmt: skip
