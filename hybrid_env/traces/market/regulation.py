"""What the authorities have decided: levies, a carbon price, hours without mining."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hybrid_env.traces.market.base import DayOfYear, MarketModel, Month


class MiningLevy(MarketModel):
    """A charge on energy used for mining, from a day of the year on."""

    usd_per_mwh: Annotated[float, Field(ge=0, le=500)]
    from_day: DayOfYear = 0.0
    """Days after 1 January 00:00 local."""


class CarbonPrice(MarketModel):
    """A price of emissions, from a day of the year on."""

    usd_per_t: Annotated[float, Field(ge=0, le=1_000)]
    from_day: DayOfYear = 0.0
    """Days after 1 January 00:00 local."""


class MiningBan(MarketModel):
    """Local hours of certain months in which mining is forbidden."""

    hours: list[Annotated[int, Field(ge=0, le=23)]] = Field(default_factory=lambda: list(range(24)), min_length=1)
    """Hours of the day that begin within the ban; all if left out."""
    months: list[Month] = Field(default_factory=lambda: list(range(1, 13)), min_length=1)
    """All if left out."""


class Regulation(MarketModel):
    """Each part may be left out."""

    mining_levy: MiningLevy | None = None
    carbon_price: CarbonPrice | None = None
    mining_ban: MiningBan | None = None
