"""Generation behind the meter."""

from __future__ import annotations

from pydantic import Field

from hybrid_env.sites.base import SiteModel


class Supply(SiteModel):
    """Own generation: used on site, exported, or curtailed."""

    wind_mw: float = Field(default=0.0, ge=0, le=10_000)
    """Nameplate of the wind farm; output is `wind_cf` times this."""
