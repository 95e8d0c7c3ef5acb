"""What imported and exported energy costs and earns, by MW held for a period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hybrid_env.optimum.programme import Columns, Floats, Lp
from hybrid_env.sites.tariff import DAY_AHEAD, FIXED

if TYPE_CHECKING:
    from hybrid_env.optimum.horizon import Periods, StartState


def settled_usd_per_mwh(p: np.void, rows: np.ndarray) -> Floats:
    """The price at which energy is settled, before wires."""
    if p["price_index"] == FIXED:
        return np.full(len(rows), float(p["fixed_usd_per_mwh"]))
    return rows["price_da_usd_per_mwh" if p["price_index"] == DAY_AHEAD else "price_rt_usd_per_mwh"]


def may_export(p: np.void, rows: np.ndarray) -> np.ndarray:
    """Where the simulator exports: the price expected at the generation node is not negative."""
    settled = settled_usd_per_mwh(p, rows)
    guide = settled if p["price_index"] in (FIXED, DAY_AHEAD) else rows["price_lmp_usd_per_mwh"]
    return guide + rows["basis_gen_usd_per_mwh"] >= 0


def positions_usd(p: np.void, t: Periods) -> float:
    """Day-ahead position and power purchase contract: settled whatever the site does, so a constant."""
    rows, real_time = t.rows, t.rows["price_rt_usd_per_mwh"]
    mw = p["ppa_flat_mw"] + p["ppa_wind_mw"] * rows["wind_cf"] + p["ppa_solar_mw"] * rows["solar_cf"]
    gain = mw * (real_time - p["ppa_strike_usd_per_mwh"])
    return float(((gain + p["day_ahead_mw"] * (real_time - rows["price_da_usd_per_mwh"])) * t.hours).sum())


def import_usd_per_mw(t: Periods) -> Floats:
    """Energy charges, and the coincident-peak charge on the rows known to carry it (never known to an operator in
    time)."""
    return -t.buying_usd_per_mwh * t.hours - t.peak_usd_per_mw


def export_usd_per_mw(t: Periods) -> Floats:
    """Income; negative where selling costs."""
    return t.selling_usd_per_mwh * t.hours


def add_demand_charge(lp: Lp, p: np.void, t: Periods, state: StartState, bought: Columns) -> Columns | None:
    """`peak[month] >= import`, charged by its rise above what the start has paid for; None without the charge."""
    if not p["demand_usd_per_mw_month"] > 0:
        return None
    months, place = np.unique(t.month, return_inverse=True)
    paid = np.zeros(len(months))
    paid[0] = float(state.known("month_import_peak_mw", 0.0))
    highest = np.maximum(paid, float(p["import_limit_mw"]))
    rate = float(p["demand_usd_per_mw_month"])
    peak = lp.variable("demand_peak_mw", (len(months),), paid, highest, -rate, axis="month", keys=months)
    lp.constant_usd += rate * paid[0]
    lp.constrain("demand_peak", (len(t),), [(1.0, bought), (-1.0, peak[place])], high=0.0, keys=t.row)
    return peak


def carried(peak: Columns | None, columns: Floats, t: Periods, last: int) -> dict[str, float]:
    """What a lane would hold after period `last` of a plan: its month's peak, as far as the plan means to go."""
    after = t.month[last + 1] if last + 1 < len(t) else t.end_month
    if peak is None or after != t.month[last]:
        return {"month_import_peak_mw": 0.0}
    return {"month_import_peak_mw": float(columns[peak[int(t.month[last] - t.month[0])]])}
