"""What the grid charges and pays."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import DAY_AHEAD_USD, DEMAND_PEAK_MW, DEMAND_USD, EXPORT_USD, IMPORT_USD, PEAK_USD, PPA_USD
from hybrid_env.sim.table import centre, squash
from hybrid_env.sites.tariff import DAY_AHEAD, FIXED
from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES

STATE = [("month_peak_mw", np.float64), ("month_import_peak_mw", np.float64)]
"""Highest load of the whole grid seen this calendar month, and the site's own highest import that has been charged."""

N_LEADS = len(FORECAST_LEADS_H)
N_DAY_LEADS = 14
"""Leads up to 24 h ahead."""
PRICE, LOAD = FORECAST_VARIABLES.index("price_usd_per_mwh"), FORECAST_VARIABLES.index("system_load_mw")
PRICE_SCALE_USD_PER_MWH = 50.0
PEAK_ZOOM = 20.0
"""What matters of a load is how near it comes to a peak: 5 % off is half of the scale."""
LEAST_LOAD_MW = 1.0
"""Stands for a grid without load, so that nothing is divided by 0."""


@part
def settled_usd_per_mwh(p, row):
    """The price at which energy is settled, before wires."""
    if p.price_index == FIXED:
        return p.fixed_usd_per_mwh
    return row.price_da_usd_per_mwh if p.price_index == DAY_AHEAD else row.price_rt_usd_per_mwh


@part
def guide_usd_per_mwh(p, row):
    """What the operator expects of it as the interval starts: the dispatch price stands for the real-time price."""
    if p.price_index == FIXED:
        return p.fixed_usd_per_mwh
    return row.price_da_usd_per_mwh if p.price_index == DAY_AHEAD else row.price_lmp_usd_per_mwh


@part
def charge(s, p, row, out):
    """Energy, positions settled against the real-time price whatever is used, and the coincident-peak charge.

    `cp_weight` is a row's share of the year's charge: with four peaks at 70 USD/kW-year, a megawatt in one costs 17,500
    USD (16 TAC 25.192). It is booked where it is incurred and observed by nobody before the month is over.
    """
    price = settled_usd_per_mwh(p, row)
    out.usd[IMPORT_USD] -= s.import_mw * p.interval_h * (price + p.adder_usd_per_mwh)
    out.usd[EXPORT_USD] += s.export_mw * p.interval_h * (price + row.basis_gen_usd_per_mwh)
    if p.day_ahead_mw != 0.0:
        gain = row.price_rt_usd_per_mwh - row.price_da_usd_per_mwh
        out.usd[DAY_AHEAD_USD] += p.day_ahead_mw * p.interval_h * gain
    if p.ppa_flat_mw + p.ppa_wind_mw + p.ppa_solar_mw > 0.0:
        mw = p.ppa_flat_mw + p.ppa_wind_mw * row.wind_cf + p.ppa_solar_mw * row.solar_cf
        out.usd[PPA_USD] += mw * p.interval_h * (row.price_rt_usd_per_mwh - p.ppa_strike_usd_per_mwh)
    out.usd[PEAK_USD] -= row.cp_weight * p.peak_usd_per_mw_year * s.import_mw
    if p.demand_usd_per_mw_month > 0.0:
        rise = max(0.0, s.import_mw - s.month_import_peak_mw)
        s.month_import_peak_mw += rise
        out.usd[DEMAND_USD] -= p.demand_usd_per_mw_month * rise
        out.work[DEMAND_PEAK_MW] += rise


@part
def begin(s, world_rows, row):
    """The grid's month so far is known; the site has imported nothing in it."""
    s.month_peak_mw = s.month_import_peak_mw = 0.0
    k = row - 1
    while k >= 0 and world_rows[k].month == world_rows[row].month:
        s.month_peak_mw = max(s.month_peak_mw, world_rows[k].system_load_mw)
        k -= 1


@part
def close(s, row, next_row):
    """Remember the month's highest load; forget it, and the site's own peak, as the month ends."""
    if next_row.month != row.month:
        s.month_peak_mw = s.month_import_peak_mw = 0.0
    else:
        s.month_peak_mw = max(s.month_peak_mw, row.system_load_mw)


@part
def connected(p):
    """Whether there is a grid to trade with; its prices are nothing to an island."""
    return p.import_limit_mw > 0.0 or p.export_limit_mw > 0.0


@part
def follows_market(p):
    """Whether the market's price moves any money: of energy, unless its price is fixed, of a position, or of a
    contract for differences."""
    settled = p.price_index != FIXED or p.day_ahead_mw != 0.0
    return connected(p) and (settled or p.ppa_flat_mw + p.ppa_wind_mw + p.ppa_solar_mw > 0.0)


def fields(p: np.void) -> list[Field]:
    """Observed of prices and, where coincident peaks are charged, of the grid's load."""
    price = "squash((x - breakeven) / 50 USD/MWh)"
    out = [
        Field("price_lmp_usd_per_mwh", "now", price, "dispatch price, against the breakeven of the first fleet"),
        Field("price_da_usd_per_mwh", "now", price, "day-ahead price of this hour"),
        Field("price_rt_usd_per_mwh", "settled", price, "settled price of the last interval"),
        Field("price_rt_before_usd_per_mwh", "settled", price, "settled price of the interval before"),
        Field("price_spread_usd_per_mwh", "now", "squash(x / 50)", "dispatch price less day-ahead price"),
        Field("price_low_24h_usd_per_mwh", "forecast", price, "lowest forecast price of the next 24 h"),
        Field("price_high_24h_usd_per_mwh", "forecast", price, "highest forecast price of the next 24 h"),
        Field("price_mean_24h_usd_per_mwh", "forecast", price, "mean forecast price of the next 24 h"),
        Field("price_rank_24h", "forecast", "centre", "share of the next 24 h forecast to be cheaper than now"),
        *(Field(f"forecast_price_{h}h_usd_per_mwh", "forecast", price, f"price {h} h ahead") for h in FORECAST_LEADS_H),
    ]
    if not follows_market(p):
        out = []
    if p["demand_usd_per_mw_month"] > 0 and p["import_limit_mw"] > 0:
        out.append(Field("month_import_peak_frac", "state", "centre", "the month's highest import over the contract"))
    if not p["peak_usd_per_mw_year"] > 0:
        return out
    load, over = "centre(x / system_peak_mw)", "squash(20 (x - 1))"
    return [
        *out,
        *(Field(f"forecast_load_{h}h_mw", "forecast", load, f"grid load {h} h ahead") for h in FORECAST_LEADS_H),
        Field("system_load_mw", "settled", load, "load of the grid"),
        Field("load_over_month_peak", "forecast", over, "forecast load this hour over the month's highest so far"),
        Field("load_24h_over_month_peak", "forecast", over, "highest forecast load in 24 h over the month's highest"),
        Field("load_over_24h_peak", "forecast", over, "forecast load this hour over the highest in 24 h"),
    ]


@part
def scaled_price(price, even):
    """A price against breakeven."""
    return squash((price - even) / PRICE_SCALE_USD_PER_MWH)


@part
def observe(s, p, now, last, before, even, issued, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if follows_market(p):
        k = _observe_prices(now, last, before, even, issued, obs, k)
    if p.demand_usd_per_mw_month > 0.0 and p.import_limit_mw > 0.0:
        obs[k] = centre(s.month_import_peak_mw / p.import_limit_mw)
        k += 1
    return _observe_load(s, p, last, issued, obs, k) if p.peak_usd_per_mw_year > 0.0 else k


@part
def _observe_prices(now, last, before, even, issued, obs, k):
    lmp = now.price_lmp_usd_per_mwh
    obs[k], obs[k + 1] = scaled_price(lmp, even), scaled_price(now.price_da_usd_per_mwh, even)
    obs[k + 2] = scaled_price(last.price_rt_usd_per_mwh, even)
    obs[k + 3] = scaled_price(before.price_rt_usd_per_mwh, even)
    obs[k + 4] = scaled_price(lmp, now.price_da_usd_per_mwh)
    low, high, total, cheaper = issued[PRICE, 0], issued[PRICE, 0], 0.0, 0.0
    for lead in range(N_DAY_LEADS):
        price = issued[PRICE, lead]
        low, high, total = min(low, price), max(high, price), total + price
        cheaper += 1.0 if price < lmp else 0.0
    obs[k + 5], obs[k + 6] = scaled_price(low, even), scaled_price(high, even)
    obs[k + 7] = scaled_price(total / N_DAY_LEADS, even)
    obs[k + 8] = centre(cheaper / N_DAY_LEADS)
    k += 9
    for lead in range(N_LEADS):
        obs[k + lead] = scaled_price(issued[PRICE, lead], even)
    return k + N_LEADS


@part
def _observe_load(s, p, last, issued, obs, k):
    for lead in range(N_LEADS):
        obs[k + lead] = centre(issued[LOAD, lead] / p.system_peak_mw)
    k += N_LEADS
    obs[k] = centre(last.system_load_mw / p.system_peak_mw)
    peak, highest = max(s.month_peak_mw, LEAST_LOAD_MW), issued[LOAD, 0]
    for lead in range(1, N_DAY_LEADS):
        highest = max(highest, issued[LOAD, lead])
    obs[k + 1] = squash(PEAK_ZOOM * (issued[LOAD, 0] / peak - 1.0))
    obs[k + 2] = squash(PEAK_ZOOM * (highest / peak - 1.0))
    obs[k + 3] = squash(PEAK_ZOOM * (issued[LOAD, 0] / max(highest, LEAST_LOAD_MW) - 1.0))
    return k + 4
