"""GPU work by class: reserved, inference, on demand, training (gangs, then small jobs), spot, served in that order.

`room` below is dynamic power (MW above idle) still free under the limits; shedding is what room forces on top of the
action.
"""

from __future__ import annotations

import numpy as np

from hybrid_env.sim import (
    gang,
    gpu_mining,
    on_demand,
    sla,
    space,
)
from hybrid_env.sim.action import (
    ASKING_PRICE,
    GPU_MINING,
    INFERENCE,
    ON_DEMAND,
    RESERVED,
    SPOT,
    TRAINING,
    share,
)
from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import (
    ARRIVED_H,
    CREDIT_USD,
    INFERENCE_H,
    INFERENCE_USD,
    LATE_H,
    LATE_USD,
    RESERVED_H,
    RESERVED_USD,
    SHED_MWH,
    SPOT_H,
    SPOT_USD,
    THROTTLE_H,
    TRAINING_H,
    TRAINING_USD,
    UNDELIVERED_H,
)
from hybrid_env.sim.table import centre, lines, squash
from hybrid_env.sites.gpu import N_BUCKETS
from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES

STATE = [
    ("throttle_used_h", np.float64), ("bucket_gpu_h", np.float64, N_BUCKETS), ("gpu_mw", np.float64),
    ("reserved_mw", np.float64), ("inference_mw", np.float64), ("training_mw", np.float64), ("spot_mw", np.float64),
    ("training_gpus", np.float64), ("spot_gpus", np.float64), ("spot_wanted_gpus", np.float64),
]  # fmt: skip
"""Throttle hours used this month; `bucket_gpu_h[j]` is small training work due at the (j+1)-th next boundary; the rest
is of the last interval; `spot_wanted_gpus` are those that ran on spot without being under notice."""

INFERENCE_FORECAST = FORECAST_VARIABLES.index("inference_load")
N_LEADS = len(FORECAST_LEADS_H)
RENT_SCALE = 5.0


@part
def arrive(s, p, row, out):
    """Small training work of this interval joins the buckets of its due boundaries."""
    arriving = row.training_load * p.training_gpus * p.interval_h
    for j in range(N_BUCKETS):
        s.bucket_gpu_h[j] += p.arrival_share[j] * arriving
    out.work[ARRIVED_H] += arriving


@part
def run(s, p, row, a, room, out):
    """Run all classes as the action `a` asks within `room`; returns dynamic MW used."""
    derate = max(0.0, 1.0 - p.gpu_derate_per_c * max(0.0, s.gpu_hall_c - p.gpu_derate_start_c))
    contracted = p.reserved_gpus * row.tenant_contract_frac
    s.reserved_mw = _reserved(s, p, row, contracted, share(a[RESERVED]), space.online_mw(s, p, room), out)
    space.take(s, p, 0.0, s.reserved_mw)  # their GPUs are spoken for
    left = room - s.reserved_mw
    s.inference_mw = _inference(s, p, row, share(a[INFERENCE]), space.online_mw(s, p, left), derate, out)
    space.take(s, p, 0.0, s.inference_mw)
    left -= s.inference_mw
    pool = p.gpus - contracted - row.inference_load * p.inference_gpus
    if p.on_demand_gpus > 0.0:
        online, online_mw = space.online_gpus(s, p, pool), space.online_mw(s, p, left)
        s.on_demand_mw = on_demand.run(
            s, p, row, share(a[ASKING_PRICE]), share(a[ON_DEMAND]), online, online_mw, derate, out
        )
        space.take(s, p, s.on_demand_gpus, s.on_demand_mw)
        left -= s.on_demand_mw
        pool -= s.on_demand_gpus
    s.training_mw = _training(s, p, share(a[TRAINING]), pool, left, derate, out)
    left -= s.training_mw
    s.spot_mw = _spot(s, p, row, share(a[SPOT]), pool - s.training_gpus, left, derate, out)
    left -= s.spot_mw
    if p.pow_power_frac > 0.0:
        idle = pool - s.training_gpus - s.spot_gpus
        each_mw = p.pow_power_frac * p.gpu_dyn_mw
        fits = space.batch_gpus(s, p, max(0.0, left) / each_mw, each_mw) * each_mw if p.halls > 0 else left
        left -= gpu_mining.run(s, p, row, share(a[GPU_MINING]), idle, fits, derate, out)
        space.place(s, p, s.pow_gpus, each_mw)
    return room - left


@part
def _reserved(s, p, row, contracted, share, room, out):
    """Take-or-pay: all GPUs under contract are paid, whatever is used of them.

    A cut within depth and budget is free, the rest is credited per GPU-hour withheld.
    """
    out.usd[RESERVED_USD] += p.reserved_price * contracted * p.interval_h
    full_mw = row.tenant_load * contracted * p.gpu_dyn_mw * (1.0 - s.withdrawn_frac)
    if full_mw <= 0.0:
        return 0.0
    asked_mw = full_mw * (1.0 - p.throttle_depth * (1.0 - share))
    mw = min(asked_mw, room)
    out.work[SHED_MWH] += (asked_mw - mw) * p.interval_h
    cut_mw = full_mw - mw
    allowed_mw = min(cut_mw, p.throttle_depth * full_mw)
    throttle_h = p.interval_h * allowed_mw / (p.throttle_depth * full_mw)
    free_h = min(throttle_h, max(0.0, p.throttle_budget_h - s.throttle_used_h))
    s.throttle_used_h += free_h
    credited_mw = cut_mw - (allowed_mw * free_h / throttle_h if throttle_h > 0.0 else 0.0)
    withheld_h = credited_mw / p.gpu_dyn_mw * p.interval_h
    out.usd[CREDIT_USD] -= p.reserved_credit_frac * p.reserved_price * withheld_h
    out.work[THROTTLE_H] += throttle_h
    out.work[UNDELIVERED_H] += withheld_h
    out.work[RESERVED_H] += mw / p.gpu_dyn_mw * p.interval_h
    return mw


@part
def _inference(s, p, row, share, room, derate, out):
    """Answered now or lost: pay for what is delivered, credit for what is not."""
    gpus = row.inference_load * p.inference_gpus
    asked_mw = gpus * p.gpu_dyn_mw * (p.inference_min_power + (1.0 - p.inference_min_power) * share)
    mw = min(asked_mw, room)
    out.work[SHED_MWH] += (asked_mw - mw) * p.interval_h
    delivered_h = lines(mw / p.gpu_dyn_mw, gpus, p.inference_slope, p.inference_offset) * derate * p.interval_h
    missed_h = max(0.0, gpus * p.interval_h - delivered_h)
    if p.n_sla_tiers > 0:
        out.usd[INFERENCE_USD] += p.inference_price * gpus * p.interval_h
        sla.settle(s, p, gpus * p.interval_h, missed_h, out)
    else:
        out.usd[INFERENCE_USD] += p.inference_price * delivered_h
        out.usd[CREDIT_USD] -= p.inference_credit_frac * p.inference_price * missed_h
    out.work[INFERENCE_H] += delivered_h
    out.work[UNDELIVERED_H] += missed_h
    return mw


@part
def _training(s, p, share, pool, room, derate, out):
    """Gangs by deadline, then small jobs by due time; returns dynamic MW, and writes `s.training_gpus`.

    A share below the knee pauses GPUs rather than capping deeper: throughput per megawatt is best at the knee.
    """
    power_frac = max(share, p.training_knee)
    allowed = pool * min(1.0, share / p.training_knee)
    each_mw = power_frac * p.gpu_dyn_mw
    fits = max(0.0, room) / each_mw
    gpus = min(allowed, fits)
    rate = lines(power_frac, 1.0, p.training_slope, p.training_offset) * derate
    used = gang.run(s, p, space.gang_gpus(s, p, gpus, each_mw), rate, out)
    space.take(s, p, used, used * each_mw)
    small = _small_jobs(s, p, space.batch_gpus(s, p, gpus - used, each_mw), rate, out)
    space.place(s, p, small, each_mw)
    used += small
    s.training_gpus = used
    return used * power_frac * p.gpu_dyn_mw


@part
def _small_jobs(s, p, gpus, rate, out):
    """Earliest due first; returns the GPUs used."""
    can_do = gpus * rate * p.interval_h
    left = can_do
    for j in range(N_BUCKETS):
        done = min(left, s.bucket_gpu_h[j])
        s.bucket_gpu_h[j] -= done
        left -= done
    done = can_do - left
    out.usd[TRAINING_USD] += p.training_price * done
    out.work[TRAINING_H] += done
    return gpus * done / can_do if can_do > 0.0 else 0.0


@part
def _spot(s, p, row, share, free_gpus, room, derate, out):
    """Fill what is left, as far as the spot market takes it; who is cut runs and pays until the notice is over."""
    gpus = max(0.0, min(p.spot_gpus, free_gpus))
    power_frac = max(share, p.inference_knee)
    each_mw = power_frac * p.gpu_dyn_mw
    fits = space.batch_gpus(s, p, max(0.0, room) / each_mw, each_mw)
    running = min(gpus * min(1.0, share / p.inference_knee), fits)
    if p.spot_notice_share > 0.0:
        held = min(s.spot_wanted_gpus * p.spot_notice_share, gpus, fits)
        s.spot_wanted_gpus = running
        running = max(running, held)
    s.spot_gpus = running
    space.place(s, p, running, each_mw)
    delivered_h = running * lines(power_frac, 1.0, p.inference_slope, p.inference_offset) * derate * p.interval_h
    out.usd[SPOT_USD] += p.spot_price_frac * row.gpu_rent_usd_per_gpu_h * delivered_h
    out.work[SPOT_H] += delivered_h
    return running * power_frac * p.gpu_dyn_mw


@part
def close(s, p, next_row, out):
    """At a due boundary, penalise what is left of the first bucket and move the others up."""
    if next_row % p.rows_per_bucket != 0:
        return
    late_h = s.bucket_gpu_h[0]
    out.work[LATE_H] += late_h
    out.usd[LATE_USD] -= p.late_penalty_frac * p.training_price * late_h
    for j in range(N_BUCKETS - 1):
        s.bucket_gpu_h[j] = s.bucket_gpu_h[j + 1]
    s.bucket_gpu_h[N_BUCKETS - 1] = 0.0


@part
def forget_month(s):
    """A new month has its own throttle budget."""
    s.throttle_used_h = 0.0


@part
def begin(s, p, now, throttle_luck, backlog_luck):
    """Part of the month's throttle budget used, some small work waiting."""
    s.throttle_used_h = throttle_luck * now.month_frac * p.throttle_budget_h
    due_later = 1.0
    hours = p.rows_per_bucket * p.interval_h
    for j in range(N_BUCKETS):
        s.bucket_gpu_h[j] = 0.6 * backlog_luck * due_later * p.training_gpus * hours * 0.25
        due_later -= p.arrival_share[j]
    s.gpu_mw = s.training_gpus = s.spot_gpus = s.spot_wanted_gpus = 0.0
    s.reserved_mw = s.inference_mw = s.training_mw = s.spot_mw = 0.0


@part
def leftover_usd(s, p):
    """Open small work at a share of its pay, and unused throttle hours."""
    usd = max(0.0, p.throttle_budget_h - s.throttle_used_h) * p.throttle_value_usd_per_h
    for j in range(N_BUCKETS):
        usd += p.open_work_frac * p.training_price * s.bucket_gpu_h[j]
    return usd


def fields(p: np.void) -> list[Field]:
    """Observed of GPU work; a class that a site lacks shows nothing."""
    if not p["gpus"] > 0:
        return []
    out = [
        Field("gpu_frac", "settled", "centre", "GPU power over its highest"),
        Field("gpu_rent_usd_per_gpu_h", "now", "centre(x / 5)", "market rent of a GPU"),
    ]
    if p["reserved_gpus"] > 0:
        out += [
            Field("throttle_used_frac", "state", "centre", "share of the month's throttle budget that is used"),
            Field("tenant_load", "settled", "centre", "share of contracted GPUs in use"),
            Field("tenant_contract_frac", "now", "centre", "share of reserved GPUs that is under contract"),
        ]
    if p["inference_gpus"] > 0:
        out.append(Field("inference_load", "settled", "centre", "inference demand as a share of its peak"))
        out += [
            Field(f"forecast_inference_{h}h", "forecast", "centre", f"inference load {h} h ahead")
            for h in FORECAST_LEADS_H[::4]
        ]
    if p["spot_gpus"] > 0:
        out.append(Field("spot_gpus_frac", "settled", "centre", "GPUs in spot rental over all that are not reserved"))
    return [*out, *_training_fields()] if p["training_gpus"] > 0 else out


def _training_fields() -> list[Field]:
    return [
        Field("training_load", "settled", "squash(x - 1)", "small training work that arrived, over its base"),
        Field("training_gpus_frac", "settled", "centre", "GPUs in training over all that are not reserved"),
        *(
            Field(f"bucket_{j}_gpu_h", "state", "squash(8 x / (pool 6 h))", f"small work due at boundary {j + 1}")
            for j in range(N_BUCKETS)
        ),
        Field("boundary_left_frac", "state", "centre", "time to the next due boundary over 6 h"),
    ]


@part
def observe(s, p, now, last, issued, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.gpus <= 0.0:
        return k
    obs[k] = centre(s.gpu_mw / (p.gpus * p.gpu_dyn_mw + p.gpu_idle_mw))
    obs[k + 1] = centre(now.gpu_rent_usd_per_gpu_h / RENT_SCALE)
    k += 2
    if p.reserved_gpus > 0.0:
        obs[k] = centre(s.throttle_used_h / p.throttle_budget_h) if p.throttle_budget_h > 0.0 else 1.0
        obs[k + 1] = centre(last.tenant_load)
        obs[k + 2] = centre(now.tenant_contract_frac)
        k += 3
    if p.inference_gpus > 0.0:
        obs[k] = centre(last.inference_load)
        k += 1
        for lead in range(0, N_LEADS, 4):
            obs[k] = centre(issued[INFERENCE_FORECAST, lead])
            k += 1
    pool = max(1.0, p.gpus - p.reserved_gpus)
    if p.spot_gpus > 0.0:
        obs[k] = centre(s.spot_gpus / pool)
        k += 1
    return _observe_training(s, p, last, pool, obs, k) if p.training_gpus > 0.0 else k


@part
def _observe_training(s, p, last, pool, obs, k):
    obs[k] = squash(last.training_load - 1.0)
    obs[k + 1] = centre(s.training_gpus / pool)
    k += 2
    bucket_h = p.rows_per_bucket * p.interval_h
    for j in range(N_BUCKETS):
        obs[k + j] = squash(s.bucket_gpu_h[j] / (pool * bucket_h) * 8.0)
    k += N_BUCKETS
    obs[k] = centre((p.rows_per_bucket - s.row % p.rows_per_bucket) / p.rows_per_bucket)
    return k + 1
