"""The whole site as one linear programme: a line for each mechanism."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.optimum import (
    battery,
    carbon,
    cooling,
    events,
    gang,
    gpu,
    meter,
    mining,
    network,
    regulation,
    reserves,
    space,
    supply,
    tariff,
    transformer,
)
from hybrid_env.optimum.horizon import Periods, StartState
from hybrid_env.optimum.programme import Lp, Term
from hybrid_env.sites.outdoor import HALL, LOOP

ALL_LINES = mining.ALL_LINES
COARSE_LINES = (1, 3, 5)
"""Fewer lines of the concave curves: looser, so still a relaxation, and quicker."""


@dataclass(frozen=True)
class SiteModel:
    """The programme and the columns of each mechanism."""

    lp: Lp
    mining: mining.Mining
    gpu: gpu.Gpu
    gang: gang.Gang
    cooling: cooling.Cooling
    battery: battery.Battery | None
    meter: meter.Meter
    supply: supply.Supply
    reserves: reserves.Reserves | None


def build(p: np.void, t: Periods, state: StartState, lines: tuple[int, ...] = ALL_LINES) -> SiteModel:
    """Write the programme of a site over `t`, from `state`.

    Its objective is the ledger's total in USD: all accounts, `terminal` (worth of what is left less worth at the
    start) included.

    Args:
        p: the site's record, `parameter_record(site)[0]`.
        lines: which lines of the hash and throughput curves to keep.
    """
    lp = Lp()
    asics = mining.add(lp, p, t, state, lines)
    network.add(lp, p, t, asics)
    classes = gpu.add(lp, p, t, state, lines)
    gangs = gang.add(lp, p, t)
    gpu.add_backlog(lp, p, t, state, classes.training_work, gangs.work_terms)
    space.add(lp, p, t, asics, classes, gangs)
    gpu_it = (classes.it_terms, classes.idle_mw)
    on_loop = asics.it_in(p, LOOP) if (p["fleet_place"] == LOOP).any() else None
    plant = cooling.add(lp, p, t, state, gpu_it, asics.it_in(p, HALL), on_loop)
    store = battery.add(lp, p, t, state)
    sold = reserves.add(lp, p, t, state, asics.power, None if store is None else store.charge)
    own = supply.add(lp, p, t, state)
    sources: list[Term] = [*([] if store is None else store.supply_terms), *own.supply_terms]
    load = [*classes.it_terms, *asics.it_terms, *plant.power_terms]
    constant_mw = classes.idle_mw + float(p["sleep_mw"])
    connection = meter.add(lp, p, t, state, sources, load, constant_mw)
    events.add(lp, p, t, connection)
    regulation.add(lp, p, t, asics, connection)
    transformer.add(lp, p, t, state, connection)
    carbon.add(lp, p, t, state, own.clean_terms, (load, constant_mw), plant.gpu_heat)
    lp.constant_usd += tariff.positions_usd(p, t) - leftover_usd(p, t, state)
    return SiteModel(lp, asics, classes, gangs, plant, store, connection, own, sold)


def leftover_usd(p: np.void, t: Periods, state: StartState) -> float:
    """Worth of the start's charge, water, open work, awake machines and throttle hours, by the `terminal` account's
    rule."""
    if state.value_usd is not None:
        return state.value_usd
    fleets = int(p["n_fleets"])
    open_now = t.jobs.open_row <= t.row[0]
    old = open_now & (t.jobs.running | (t.jobs.key < 0))
    work = p["training_price"] * state.bucket_gpu_h.sum() + (t.jobs.bid * t.jobs.left_gpu_h)[old].sum()
    return supply.leftover_usd(p, state) + float(
        state.soc_mwh * p["discharge_efficiency"] * p["charge_value_usd_per_mwh"]
        + p["open_work_frac"] * work
        + (state.awake * p["fleet_nameplate_mw"][:fleets]).sum() * p["wear_usd_per_mw_start"]
        + max(0.0, p["throttle_budget_h"] - state.throttle_used_h) * p["throttle_value_usd_per_h"]
    )
