"""What the grid charges and pays."""

from __future__ import annotations

from hybrid_env.sim.compiler import part
from hybrid_env.sim.ledger import EXPORT_USD, IMPORT_USD, PEAK_USD


@part
def charge(s, p, row, out):
    """Real-time energy, and the coincident-peak charge on its rows.

    `cp_weight` is a row's share of the year's charge: with four peaks at 70 USD/kW-year, a megawatt in one costs 17,500
    USD (16 TAC 25.192). It is booked where it is incurred and observed by nobody before the month is over.
    """
    out.usd[IMPORT_USD] -= s.import_mw * p.interval_h * (row.price_rt_usd_per_mwh + p.adder_usd_per_mwh)
    out.usd[EXPORT_USD] += s.export_mw * p.interval_h * (row.price_rt_usd_per_mwh + row.basis_gen_usd_per_mwh)
    out.usd[PEAK_USD] -= row.cp_weight * p.peak_usd_per_mw_year * s.import_mw
