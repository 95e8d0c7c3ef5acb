"""The bitcoin network as the site meets it: through its pool."""

from __future__ import annotations

from pydantic import Field

from hybrid_env.sites.base import SiteModel


class Network(SiteModel):
    """Pool terms. The pool pays the expected reward (FPPS)."""

    pool_fee_frac: float = Field(default=0.01, ge=0, le=0.2)
    """FPPS pools take 1 to 4 %; 1 % is common for institutions."""
