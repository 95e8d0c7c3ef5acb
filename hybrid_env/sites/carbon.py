"""Carbon accounting of the energy used, and the certificates that claims rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64

NEWEST_MONTHS = 36.0
"""Plants older than this add nothing that was not there anyway: the age up to which the EU's delegated act on
renewable hydrogen and the US rules for section 45V count generation as additional."""


class Quality(SiteModel):
    """What decides whether a certificate counts as additional: same zone, new plant, and built for this use."""

    same_zone: bool = True
    """The plant lies in the site's own price zone."""
    vintage_months: float = Field(default=0.0, ge=0, le=1_200)
    """Age of the plant."""
    additional: bool = True
    """The plant was built because of this contract."""

    @property
    def counts(self) -> bool:
        """Whether all three hold."""
        return self.same_zone and self.additional and self.vintage_months <= NEWEST_MONTHS


class Certificates(Quality):
    """Certificates of own carbon-free generation, of what is used on site as of what is exported."""

    own: bool = True
    """The site keeps them; false where they are sold, so that own energy counts as the grid's."""


class Contracted(Quality):
    """Certificates bought under contract, as they are made hour by hour."""

    mw: float = Field(gt=0, le=10_000)
    """Nameplate of the contracted plant; its output is `wind_cf` or `solar_cf` times this, or flat."""
    shape: Literal["flat", "wind", "solar"] = "wind"
    usd_per_mwh: float = Field(default=0.0, ge=0, le=500)
    """Price of a certificate."""


class Carbon(SiteModel):
    """Location-based, market-based and marginal accounting; certificates and their hourly matching."""

    own_kg_per_mwh: float = Field(default=0.0, ge=0, le=1_500)
    """Direct emissions of own generation (0 for wind)."""
    certificates: Certificates | None = None
    """Of own generation; none where they are not kept account of."""
    contracted: Contracted | None = None
    matched_premium_usd_per_mwh: float = Field(default=0.0, ge=0, le=500)
    """Customers' pay for each MWh of load that is matched by certificates of the same hour."""

    @model_validator(mode="after")
    def _premium_needs_certificates(self) -> Carbon:
        if self.matched_premium_usd_per_mwh > 0 and self.certificates is None and self.contracted is None:
            raise ValueError("matched_premium_usd_per_mwh needs `certificates`, `contracted` or both to match with")
        return self


RECORD = [
    ("own_kg_per_mwh", _F), ("certificates", _F), ("own_certificates", _F), ("own_null", _F), ("own_additional", _F),
    ("contracted_flat_mw", _F), ("contracted_wind_mw", _F), ("contracted_solar_mw", _F),
    ("contracted_additional", _F), ("contracted_usd_per_mwh", _F), ("matched_premium_usd_per_mwh", _F),
]  # fmt: skip
"""`certificates`, `own_certificates`, `own_null` and the two `additional` are 1 or 0; `own_null` says that the
certificates of own energy are sold."""


def fill(p: np.void, site: Site) -> None:
    """Write accounting factors and certificates into the site's record."""
    c = site.carbon
    p["own_kg_per_mwh"], p["matched_premium_usd_per_mwh"] = c.own_kg_per_mwh, c.matched_premium_usd_per_mwh
    if c.certificates is not None:
        p["certificates"] = 1.0
        p["own_certificates"], p["own_null"] = float(c.certificates.own), float(not c.certificates.own)
        p["own_additional"] = float(c.certificates.own and c.certificates.counts)
    if c.contracted is not None:
        p["certificates"] = 1.0
        p[f"contracted_{c.contracted.shape}_mw"] = c.contracted.mw
        p["contracted_additional"] = float(c.contracted.counts)
        p["contracted_usd_per_mwh"] = c.contracted.usd_per_mwh
