"""Levies, a carbon price and bans, as the authorities have decided them: nothing here is random."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.generate.clock import Clock
from hybrid_env.traces.market import Regulation


def regulation_columns(regulation: Regulation, clock: Clock) -> dict[str, np.ndarray]:
    """The columns of those parts that the regulation has, every row, lead-in and lead-out included."""
    columns = {}
    levy, carbon, ban = regulation.mining_levy, regulation.carbon_price, regulation.mining_ban
    if levy is not None:
        columns["mining_levy_usd_per_mwh"] = np.where(clock.season_day >= levy.from_day, levy.usd_per_mwh, 0.0)
    if carbon is not None:
        columns["carbon_usd_per_t"] = np.where(clock.season_day >= carbon.from_day, carbon.usd_per_t, 0.0)
    if ban is not None:
        banned = np.isin(np.floor(clock.hour), ban.hours) & np.isin(clock.month, ban.months)
        columns["mining_allowed"] = 1.0 - banned
    return columns
