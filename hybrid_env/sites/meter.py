"""The grid connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64


class Meter(SiteModel):
    """Contracted limits; the trace may lower them for a while, never raise them."""

    import_limit_mw: float = Field(ge=0, le=10_000)
    export_limit_mw: float = Field(default=0.0, ge=0, le=10_000)


RECORD = [("import_limit_mw", _F), ("export_limit_mw", _F)]


def fill(p: np.void, site: Site) -> None:
    """Write the connection into the site's record."""
    p["import_limit_mw"], p["export_limit_mw"] = site.meter.import_limit_mw, site.meter.export_limit_mw
