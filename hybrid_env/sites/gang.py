"""Gang jobs: training runs that need all their GPUs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64


class Gang(SiteModel):
    """How gang jobs checkpoint and restart. The jobs themselves are in the trace."""

    checkpoint_interval_s: float = Field(default=3_600, gt=0, le=86_400)
    """Running time between checkpoints; Young-Daly gives 19 min at 16,000 GPUs and 77 min at 1,000."""
    restart_s: float = Field(default=600, ge=0, le=7_200)
    """Power drawn without progress at each start or restart (5 to 20 min)."""


RECORD = [("checkpoint_s", _F), ("restart_s", _F)]


def fill(p: np.void, site: Site) -> None:
    """Write checkpoint and restart times into the site's record."""
    p["checkpoint_s"], p["restart_s"] = site.gang.checkpoint_interval_s, site.gang.restart_s
