"""The grid connection."""

from __future__ import annotations

from pydantic import Field

from hybrid_env.sites.base import SiteModel


class Meter(SiteModel):
    """Contracted limits; the trace may lower them for a while, never raise them."""

    import_limit_mw: float = Field(ge=0, le=10_000)
    export_limit_mw: float = Field(default=0.0, ge=0, le=10_000)
