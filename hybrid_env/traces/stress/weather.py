"""Shocks of weather, with what it does to load, prices and orders."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.schema import COLUMNS
from hybrid_env.traces.stress.outlook import PRICE_CAP_USD_PER_MWH, follow, prices
from hybrid_env.traces.stress.shock import Draft, ShockError
from hybrid_env.traces.stress.window import between_hours, extreme, from_date, only

PRICES = ("price_rt_usd_per_mwh", "price_lmp_usd_per_mwh")

DOME_DAYS, DOME_DRYBULB_K, DOME_WETBULB_K = 10, 8.0, 4.0
MOST_WETBULB_C = 31.0
DOME_LOAD_FRAC_PER_K = 0.02
DOME_PRICE_FACTOR, DOME_EVENING_USD_PER_MWH, DOME_EVENING_H = 1.5, 1_000.0, (17, 21)

STORM_MONTH, STORM_DAY, STORM_DAYS = 2, 14, 4
STORM_MEAN_C = -10.0
STORM_WARNING_SHARE = 0.25
"""Of the storm: dear power and high load come first, the cap and the orders a day later."""
STORM_FIRST_DAY_USD_PER_MWH, STORM_FIRST_DAY_LOAD = 1_000.0, 1.3
STORM_LIMIT_FRAC = 0.4
STORM_WIND_LEFT = 0.25

DROUGHT_DAYS, DROUGHT_WIND_LEFT = 14, 0.25


def heat_dome(draft: Draft) -> None:
    """Ten days in the hottest part of the trace: dry bulb +8 K, wet bulb up to +4 K, load +16 %, prices up.

    The wet bulb stays at or below the dry bulb and 31 C (or what it was). Prices above zero are half as high again, and
    at least 1,000 USD/MWh from 17 to 21 h. A month's coincident peak moves to its new highest load.

    Source: Pacific Northwest, June 2021: daily highs 16 to 20 K above normal (White et al. 2023, Nature Communications
    14, 727), here a milder and longer one; 31 C is the highest wet bulb of the present climate (Sherwood and Huber
    2010, PNAS 107, 9552). Load: 1,880 MW/K on about 80 GW (ERCOT 2022 and 2023: 2.3 %/K), less because not all plants
    can run harder. Scarcity sits in summer evenings at ERCOT (17 to 21 h); large loads left at 750 to 1,000 USD/MWh.
    """
    columns, was = draft.columns, draft.trace.rows
    window = extreme(draft, columns["drybulb_c"], DOME_DAYS)
    inside = only(draft, window)
    columns["drybulb_c"][window] += DOME_DRYBULB_K
    draft.clip("drybulb_c")
    wet = columns["wetbulb_c"][window]
    most = np.minimum(np.maximum(MOST_WETBULB_C, wet), np.maximum(columns["drybulb_c"][window], wet))
    wet[:] = np.minimum(wet + DOME_WETBULB_K, most)
    columns["system_load_mw"][window] *= 1 + DOME_LOAD_FRAC_PER_K * DOME_DRYBULB_K
    draft.clip("system_load_mw")
    evening = inside & between_hours(draft, *DOME_EVENING_H)
    for name in PRICES:
        price = columns[name]
        price[inside] = np.where(was[name][inside] > 0, DOME_PRICE_FACTOR * price[inside], price[inside])
        price[evening] = np.maximum(price[evening], DOME_EVENING_USD_PER_MWH)
        price[inside] = np.minimum(price[inside], np.maximum(was[name][inside], PRICE_CAP_USD_PER_MWH))
    _move_peaks(draft)
    prices(draft)
    follow(draft, "system_load_mw", "drybulb_c")


def winter_storm(draft: Draft) -> None:
    """Four days from 14 February (or the coldest): frost, little wind, then prices at the cap and load-shed orders.

    Dry and wet bulb fall until the storm's mean is -10 C; wind is at a quarter. In its first quarter power costs at
    least 1,000 USD/MWh and load is up 30 %; in the rest the price is at the cap of 5,000 USD/MWh, imports are ordered
    down to 40 % of the limit, and load is back, for what is shed is not served.

    Source: Texas, 14 to 18 February 2021 (FERC and NERC report, November 2021): firm load shed for 70.5 h, up to 20,000
    MW; prices at the cap, 9,000 then and 5,000 since 2022, for most of four days; means of about -10 C in Dallas.
    Orders to 35 to 60 % of the limit are this project's usual ones.

    Raises:
        ShockError: the trace states no import limit, of which an order could be a share, or is as cold already.
    """
    columns = draft.columns
    cold = from_date(draft, STORM_MONTH, STORM_DAY, STORM_DAYS) or extreme(draft, -columns["drybulb_c"], STORM_DAYS)
    fall = float(columns["drybulb_c"][cold].mean()) - STORM_MEAN_C
    if fall <= 0:
        raise ShockError(f"its coldest days have a mean below {STORM_MEAN_C:g} C already; leave this shock out")
    for name in ("drybulb_c", "wetbulb_c"):
        columns[name][cold] -= fall
        draft.clip(name)
    columns["wind_cf"][cold] *= STORM_WIND_LEFT
    hours = (cold.stop - cold.start) // draft.rows_per_h
    turn = cold.start + max(1, round(STORM_WARNING_SHARE * hours)) * draft.rows_per_h
    before, crisis = slice(cold.start, turn), slice(turn, cold.stop)
    columns["system_load_mw"][before] *= STORM_FIRST_DAY_LOAD
    draft.clip("system_load_mw")
    for name in PRICES:
        columns[name][before] = np.maximum(columns[name][before], STORM_FIRST_DAY_USD_PER_MWH)
        columns[name][crisis] = np.maximum(columns[name][crisis], PRICE_CAP_USD_PER_MWH)
    limit = columns["import_limit_mw"]
    limit[crisis] = np.minimum(limit[crisis], STORM_LIMIT_FRAC * _usual_limit_mw(draft))
    _move_peaks(draft)
    prices(draft)
    follow(draft, "system_load_mw", "drybulb_c", "wind_cf")


def wind_drought(draft: Draft) -> None:
    """The site's wind is at a quarter during the two weeks that would have had most of it.

    Source: assumed in depth; calm spells of weeks hit the fleets around the North Sea in the summer of 2021.

    Raises:
        ShockError: the trace has no wind.
    """
    wind = draft.columns["wind_cf"]
    if not wind.any():
        raise ShockError("the trace has no wind (wind_cf is 0 in every row); leave this shock out")
    wind[extreme(draft, wind, DROUGHT_DAYS)] *= DROUGHT_WIND_LEFT
    follow(draft, "wind_cf")


def _usual_limit_mw(draft: Draft) -> float:
    """The highest import limit that the trace states."""
    limit, none = draft.trace.rows["import_limit_mw"], COLUMNS["import_limit_mw"].default
    stated = limit[limit != none]
    if not len(stated) or stated.max() == 0:
        raise ShockError(
            "the trace states no import limit, of which a load-shed order is a share; state one"
            " (column import_limit_mw, or read_trace(..., import_limit_mw=...)) or leave this shock out"
        )
    return float(stated.max())


def _move_peaks(draft: Draft) -> None:
    """A coincident peak that stood on its month's highest load goes where the highest load is now."""
    was, month = draft.trace.rows, draft.trace.rows["month"]
    weight = draft.columns["cp_weight"]
    for m in np.unique(month[weight > 0]):
        rows = np.flatnonzero(month == m)
        peaks = rows[weight[rows] > 0]
        if len(peaks) == 1 and was["system_load_mw"][peaks[0]] == was["system_load_mw"][rows].max():
            share, weight[peaks[0]] = weight[peaks[0]], 0.0
            weight[rows[np.argmax(draft.columns["system_load_mw"][rows])]] = share
