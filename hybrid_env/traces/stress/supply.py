"""Shocks of what a site may use: fuel, and what authorities charge and forbid."""

from __future__ import annotations

from hybrid_env.traces.stress.shock import Draft
from hybrid_env.traces.stress.window import at_share, between_hours

OUTAGE_SHARES, OUTAGE_DAYS, OUTAGE_MOST = (1 / 4, 1 / 2, 3 / 4), 3, 1 / 12
CARBON_USD_PER_T = 80.0
BAN_H = (16, 21)
LEVY_USD_PER_MWH = 20.0


def fuel_outage(draft: Draft) -> None:
    """No fuel for the site's generator for three days, at a quarter, a half and three quarters of the trace.

    Source: assumed; flare-gas generators are available 70 to 90 % of the time, and gas wells freeze (Texas, February
    2021).
    """
    for share in OUTAGE_SHARES:
        draft.columns["fuel_cf"][at_share(draft, share, OUTAGE_DAYS, OUTAGE_MOST)] = 0.0


def carbon_price(draft: Draft) -> None:
    """A tonne of CO2 costs 80 USD more all year.

    Source: about the mean of the European Union's allowances in 2022 and 2023 (80 to 85 EUR/t).
    """
    draft.columns["carbon_usd_per_t"] += CARBON_USD_PER_T
    draft.clip("carbon_usd_per_t")


def mining_ban(draft: Draft) -> None:
    """Mining is forbidden from 16 to 21 h local time all year, and pays a levy of 20 USD/MWh more in all hours.

    Source: the levy is the lowest rate of New York's bill A9138/S8518 (2 to 5 c/kWh from 2027, in committee); the hours
    are those of peak tariffs and of ERCOT's coincident peaks. British Columbia has taken no new mining since 2022.
    """
    draft.columns["mining_allowed"][between_hours(draft, *BAN_H)] = 0.0
    draft.columns["mining_levy_usd_per_mwh"] += LEVY_USD_PER_MWH
    draft.clip("mining_levy_usd_per_mwh")
