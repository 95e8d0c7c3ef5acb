"""Carbon of a plan (accounted, no cost), and the premium on load that is matched by certificates of its hour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hybrid_env.optimum.horizon import Periods, StartState
from hybrid_env.optimum.programme import Columns, Floats, Lp, Term
from hybrid_env.sites import plant


def kg(p: np.void, t: Periods, import_mw: Floats, own_used_mw: Floats, burnt_mw: Floats) -> Floats:
    """CO2 (kg) by period: imports at the grid's average intensity, own generation and what is burnt at theirs."""
    own = own_used_mw * p["own_kg_per_mwh"] + burnt_mw * p["generator_kg_per_mwh"]
    return (import_mw * t.carbon_kg_per_mwh + own) * t.hours


def contracted_mw(p: np.void, t: Periods) -> Floats:
    """Certificates that the contracted plant makes, by period."""
    return (
        p["contracted_flat_mw"]
        + p["contracted_wind_mw"] * t.rows["wind_cf"]
        + p["contracted_solar_mw"] * t.rows["solar_cf"]
    )


def add(
    lp: Lp, p: np.void, t: Periods, state: StartState,
    own: Sequence[Term], load: tuple[Sequence[Term], float], gpu_heat: Columns,
) -> Columns | None:  # fmt: skip
    """`matched <= load`, `matched <= certificates` in each slot (MWh), paid the premium; None where there is none.

    Certificates of the contracted plant cost the same whatever is done. The simulator may run its chillers at a lower
    set-point than the programme, which knows only the cheapest: what that draws more counts as load and as own
    energy used.

    Args:
        own: terms of own carbon-free power used, by period.
        load: terms of all power used by period, without charging, and its constant part in MW.
    """
    bought = contracted_mw(p, t) * t.hours
    lp.constant_usd -= float(p["contracted_usd_per_mwh"] * bought.sum())
    if not p["matched_premium_usd_per_mwh"] > 0:
        return None
    n, highest = len(t.slot_row), lp.bounds[1]
    certified: Floats = np.bincount(t.slot, bought, n).astype(np.float64)
    used = np.bincount(t.slot, t.hours, n) * load[1]
    certified[0] += float(state.known("hour_cert_mwh", 0.0))
    used[0] += float(state.known("hour_load_mwh", 0.0))
    more: Term = ((plant.dearest_specific(p, t.rows) - t.chiller_specific) * t.hours, gpu_heat, t.slot)
    kept = [by_slot(t, term) for term in own] if p["own_certificates"] > 0 else []
    sources = [*kept, more] if kept else []
    most = certified.copy()
    for coefficient, columns, slot in sources:  # type: ignore[misc]
        most += np.bincount(slot, coefficient * highest[columns], n)
    premium = float(p["matched_premium_usd_per_mwh"])
    matched = lp.variable("matched_mwh", (n,), 0.0, most, premium, axis="slot", keys=t.slot_row)
    loads = [*(by_slot(t, term) for term in load[0]), more]
    for name, terms, known in (("matched_load", loads, used), ("matched_certificates", sources, certified)):
        drawn: list[Term] = [(-np.asarray(c), *rest) for c, *rest in terms]  # type: ignore[misc]
        lp.constrain(name, (n,), [(1.0, matched), *drawn], high=known, axis="slot", keys=t.slot_row)
    return matched


def by_slot(t: Periods, term: Term) -> Term:
    """Power by period as energy by slot."""
    columns = term[1]
    period = np.arange(len(t)) if len(term) == 2 else term[2]
    coefficient = np.broadcast_to(np.asarray(term[0], np.float64), columns.shape).ravel() * t.hours[period.ravel()]
    return coefficient, columns.ravel(), t.slot[period.ravel()]
