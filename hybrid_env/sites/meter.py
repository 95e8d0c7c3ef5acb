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
    ramp_mw_per_min: float | None = Field(default=None, gt=0, le=10_000)
    """How fast the import may rise, and should fall: 10 to 20 MW a minute are usual terms; without it as fast as it
    likes. Holds between the means of intervals."""


RECORD = [("import_limit_mw", _F), ("export_limit_mw", _F), ("ramp_mw", _F)]
"""`ramp_mw` is from one interval to the next; 0 where nothing limits it."""

SECONDS_PER_MINUTE = 60.0


def fill(p: np.void, site: Site) -> None:
    """Write the connection into the site's record."""
    p["import_limit_mw"], p["export_limit_mw"] = site.meter.import_limit_mw, site.meter.export_limit_mw
    if site.meter.ramp_mw_per_min is not None:
        p["ramp_mw"] = site.meter.ramp_mw_per_min * site.interval_s / SECONDS_PER_MINUTE
