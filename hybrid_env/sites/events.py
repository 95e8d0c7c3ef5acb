"""Demand-response events that the grid announces and pays for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site


class Events(SiteModel):
    """The programme the site takes part in; when it calls and what it pays is in the trace. Taking part is free of
    penalty, as in the voluntary programme of Texas's Senate Bill 6 (at least 24 h of notice)."""

    baseline_mw: float = Field(gt=0, le=10_000)
    """Import that the site is taken to have without an event; agreed, not measured."""


RECORD = [("event_baseline_mw", np.float64)]
"""Zero without a programme."""


def fill(p: np.void, site: Site) -> None:
    """Write the baseline into the site's record."""
    if site.events is not None:
        p["event_baseline_mw"] = site.events.baseline_mw
