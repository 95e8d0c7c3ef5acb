"""The balance at the grid connection."""

from __future__ import annotations

from hybrid_env.sim.compiler import part
from hybrid_env.sim.ledger import CURTAILED_MWH, EXPORT_MWH, IMPORT_LIMIT_H, IMPORT_MWH, WIND_MWH, WIND_USED_MWH

AT_LIMIT_MW = 1e-6


@part
def import_limit_mw(p, row):
    """The contract, or less where the grid says so."""
    return min(p.import_limit_mw, row.import_limit_mw)


@part
def export_limit_mw(p, row):
    """The contract, or less where the grid says so; nothing is exported at a negative dispatch price at the generation
    node.
    """
    if row.price_lmp_usd_per_mwh + row.basis_gen_usd_per_mwh < 0.0:
        return 0.0
    return min(p.export_limit_mw, row.export_limit_mw)


@part
def balance(s, p, row, wind_mw, net_load_mw, import_limit, export_limit, out):
    """Cover `net_load_mw` (loads and charging less discharging): wind first, or import first while the dispatch price
    is negative.

    Writes `s.import_mw`, `s.export_mw`, `s.curtailed_mw`. A negative net load is battery energy on its way out.
    """
    need = max(0.0, net_load_mw)
    if row.price_lmp_usd_per_mwh >= 0.0:
        on_site = min(wind_mw, need)
        s.import_mw = need - on_site
    else:
        s.import_mw = min(need, import_limit)
        on_site = need - s.import_mw
    from_battery = max(0.0, -net_load_mw)
    wind_out = max(0.0, min(wind_mw - on_site, export_limit - from_battery))
    s.export_mw = from_battery + wind_out
    s.curtailed_mw = wind_mw - on_site - wind_out
    hours = p.interval_h
    out.mwh[IMPORT_MWH] += s.import_mw * hours
    out.mwh[EXPORT_MWH] += s.export_mw * hours
    out.mwh[WIND_MWH] += wind_mw * hours
    out.mwh[WIND_USED_MWH] += (on_site + wind_out) * hours
    out.mwh[CURTAILED_MWH] += s.curtailed_mw * hours
    if s.import_mw >= import_limit - AT_LIMIT_MW:
        out.work[IMPORT_LIMIT_H] += hours
