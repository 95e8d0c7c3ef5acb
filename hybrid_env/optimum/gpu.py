"""GPU work: take-or-pay tenants with a budget of throttling, inference, training in small jobs, spot rental
(on-demand rental is in `on_demand`, proof of work in `gpu_mining`).

All use *dynamic* power above idle; idle power is drawn always and is a constant. Delivered work lies under the
hull of the throughput curve, `x <= a_k P / dyn + b_k n` for `n` GPUs that draw P together. Derating for heat is left
out (best case).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybrid_env.optimum import (
    cooling,
    gpu_mining,
    on_demand,
    sla,
)
from hybrid_env.optimum.horizon import Periods, StartState
from hybrid_env.optimum.programme import Columns, Floats, Lp, Term
from hybrid_env.sites.gpu import N_BUCKETS


@dataclass(frozen=True)
class Gpu:
    """Columns `[T]` of MW of dynamic power by class, of GPUs and of training work (GPU-hours an hour)."""

    reserved: Columns
    throttle: Columns
    inference: Columns
    training: Columns
    spot: Columns
    training_gpus: Columns
    spot_gpus: Columns
    training_work: Columns
    on_demand: on_demand.OnDemand | None
    mining: gpu_mining.GpuMining | None
    idle_mw: float
    idle_off: tuple[Columns, Columns]

    @property
    def it_terms(self) -> list[Term]:
        """Draw above the constant idle draw by period, less what has to be switched off."""
        columns, periods = self.idle_off
        rented: list[Term] = [] if self.on_demand is None else [(1.0, self.on_demand.power)]
        mined: list[Term] = [] if self.mining is None else self.mining.it_terms
        return [
            (1.0, self.reserved),
            (1.0, self.inference),
            (1.0, self.training),
            (1.0, self.spot),
            (-1.0, columns, periods),
            *rented,
            *mined,
        ]


def add(lp: Lp, p: np.void, t: Periods, state: StartState, lines: tuple[int, ...]) -> Gpu:
    """All classes and their common pool of GPUs: the others share what reservations and inference leave."""
    reserved, throttle = _reserved(lp, p, t, state)
    inference = _inference(lp, p, t, state, lines)
    pool = np.maximum(0.0, p["gpus"] - contracted_gpus(p, t) - t.inference_gpus)
    gpus, power, work = _class(lp, p, t, "training", pool, 0.0, lines)
    rented = np.minimum(pool, p["spot_gpus"])
    spot_gpus, spot, _ = _class(lp, p, t, "spot", rented, t.spot_usd_per_gpu_h * t.hours, lines)
    customers = on_demand.add(lp, p, t, np.maximum(0.0, pool - p["batch_gpus"]), lines)
    shared: list[Term] = [(1.0, gpus), (1.0, spot_gpus)]
    shared += [] if customers is None else [(1.0, customers.gpus)]
    mined = gpu_mining.add(lp, p, t, state, pool)
    shared += [] if mined is None else mined.pool_terms
    lp.constrain("gpu_pool", (len(t),), shared, high=pool, keys=t.row)
    short = cooling.short_periods(p, t)
    off = lp.variable("idle_off_mw", (len(short),), 0.0, p["gpu_idle_mw"], keys=t.row[short])
    idle_mw = float(p["gpu_idle_mw"])
    return Gpu(
        reserved, throttle, inference, power, spot, gpus, spot_gpus, work, customers, mined, idle_mw, (off, short),
    )  # fmt: skip


def contracted_gpus(p: np.void, t: Periods) -> Floats:
    """Reserved GPUs that tenants have under contract, by period."""
    return t.rows["tenant_contract_frac"] * float(p["reserved_gpus"])


def _reserved(lp: Lp, p: np.void, t: Periods, state: StartState) -> tuple[Columns, Columns]:
    """P + throttle + shed = what tenants want. The month's throttle hours are limited; shed is credited.

    Months are the site's local calendar months; the first has what the start has not used. A site that throttles
    beyond the budget or the depth is credited for it, and that part is `shed` here.
    """
    n = len(t)
    contracted = contracted_gpus(p, t)
    full = t.tenant_load * contracted * float(p["gpu_dyn_mw"])
    price = float(p["reserved_price"])
    lp.constant_usd += price * float(contracted @ t.hours)
    credit = float(p["reserved_credit_frac"]) * price / float(p["gpu_dyn_mw"])
    power = lp.variable("reserved_mw", (n,), 0.0, full, keys=t.row)
    throttle = lp.variable("throttle_mw", (n,), 0.0, p["throttle_depth"] * full, keys=t.row)
    shed = lp.variable("shed_mw", (n,), 0.0, full, -credit * t.hours, keys=t.row)
    lp.constrain("reserved_split", (n,), [(1.0, power), (1.0, throttle), (1.0, shed)], full, full, keys=t.row)
    months = np.unique(np.append(t.month, t.end_month))
    budget = np.full(len(months), float(p["throttle_budget_h"]))
    budget[0] = max(0.0, budget[0] - state.throttle_used_h)
    value = np.zeros(len(months))
    value[-1] = p["throttle_value_usd_per_h"]
    kept = lp.variable("throttle_kept_h", (len(months),), 0.0, budget, value, axis="month", keys=months)
    wanted = np.where(full > 0, full, 1.0)
    used = (t.hours / (p["throttle_depth"] * wanted), throttle, t.month - months[0])
    lp.constrain("throttle_budget", (len(months),), [used, (1.0, kept)], high=budget, axis="month", keys=months)
    return power, throttle


def _inference(lp: Lp, p: np.void, t: Periods, state: StartState, lines: tuple[int, ...]) -> Columns:
    """Work x of the GPUs asked for; what is not served is not paid (unless tiers credit it) and credited."""
    n, asked, price = len(t), t.inference_gpus, float(p["inference_price"])
    miss = price * float(p["inference_lost_frac"] + p["inference_credit_frac"])
    lp.constant_usd += (price - miss) * float(asked @ t.hours)
    power = lp.variable("inference_mw", (n,), 0.0, asked * p["gpu_dyn_mw"], keys=t.row)
    work = lp.variable("inference_work", (n,), 0.0, asked, miss * t.hours, keys=t.row)
    for k in (0, *lines):
        slope, offset = p["inference_slope"][k] / p["gpu_dyn_mw"], p["inference_offset"][k]
        lp.constrain(f"inference_line_{k}", (n,), [(1.0, work), (-slope, power)], high=offset * asked, keys=t.row)
    sla.add(lp, p, t, state, work)
    return power


def _class(
    lp: Lp, p: np.void, t: Periods, name: str, most: np.ndarray, usd: np.ndarray | float, lines: tuple[int, ...]
) -> tuple[Columns, Columns, Columns]:
    """GPUs, power and work of a class whose number of GPUs is chosen."""
    n, curve = len(t), "training" if name == "training" else "inference"
    gpus = lp.variable(f"{name}_gpus", (n,), 0.0, most, keys=t.row)
    power = lp.variable(f"{name}_mw", (n,), 0.0, most * p["gpu_dyn_mw"], keys=t.row)
    work = lp.variable(f"{name}_work", (n,), 0.0, most, usd, keys=t.row)
    lp.constrain(f"{name}_top", (n,), [(1.0, power), (-p["gpu_dyn_mw"], gpus)], high=0.0, keys=t.row)
    for k in (0, *lines):
        slope, offset = p[f"{curve}_slope"][k] / p["gpu_dyn_mw"], p[f"{curve}_offset"][k]
        terms: list[Term] = [(1.0, work), (-slope, power)]
        if k:
            terms.append((-offset, gpus))
        lp.constrain(f"{name}_line_{k}", (n,), terms, high=0.0, keys=t.row)
    return gpus, power, work


def add_backlog(lp: Lp, p: np.void, t: Periods, state: StartState, work: Columns, gang: Sequence[Term]) -> None:
    """Small training jobs by due bucket, and the split of each slot's training work between them and gang jobs.

    Backlog `q[s, c]` of the bucket whose number is c modulo 8: arrivals add, work z subtracts, and as its boundary
    passes what is left is penalised and forgotten. Paid as it is done. Exact but for the slot's length: work that
    arrives late in a slot may be done early in it.
    """
    slots, price = len(t.slot_row), float(p["training_price"])
    shape, place = (slots, N_BUCKETS), np.arange(slots)
    number = t.bucket[:, None] + np.arange(N_BUCKETS)
    column = number % N_BUCKETS
    arrival, initial, most = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    arrival[place[:, None], column] = t.arrival_gpu_h
    initial[0, column[0]] = state.bucket_gpu_h
    total = np.bincount((number - number[0, 0]).ravel(), t.arrival_gpu_h.ravel())
    total[:N_BUCKETS] += state.bucket_gpu_h
    most[place[:, None], column] = total[number - number[0, 0]]
    carried = np.ones(shape)
    passed = np.diff(t.bucket, prepend=t.bucket[0])
    for s in np.flatnonzero(passed):
        carried[s, (t.bucket[s] - 1 - np.arange(min(N_BUCKETS, passed[s]))) % N_BUCKETS] = 0.0
    cost = np.zeros(shape)
    ends = np.flatnonzero(t.due)
    cost[ends, t.bucket[ends] % N_BUCKETS] = -float(p["late_penalty_frac"]) * price
    lasting = column[-1] if not t.due[-1] else column[-1][1:]
    cost[-1, lasting] += float(p["open_work_frac"]) * price
    backlog = lp.variable("backlog_gpu_h", shape, 0.0, most, cost, "slot", t.slot_row)
    hours = np.bincount(t.slot, t.hours)[:, None]
    done = lp.variable("small_gpu_h", shape, 0.0, np.minimum(most, p["gpus"] * hours), price, "slot", t.slot_row)
    later = np.arange(N_BUCKETS, slots * N_BUCKETS).reshape(slots - 1, N_BUCKETS)
    terms: list[Term] = [(1.0, backlog), (1.0, done), (-carried[1:], backlog[:-1], later)]
    lp.constrain("backlog_step", shape, terms, arrival + initial, arrival + initial, "slot", t.slot_row)
    every = np.broadcast_to(place[:, None], shape)
    split: list[Term] = [(1.0, done, every), *gang, (-t.hours, work, t.slot)]
    lp.constrain("training_split", (slots,), split, 0.0, 0.0, "slot", t.slot_row)
