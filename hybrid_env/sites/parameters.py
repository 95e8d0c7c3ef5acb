"""The parameter record: a site as the compiled kernel and the optimiser read it.

Each mechanism declares its own part (`RECORD`) and writes it (`fill`), in its own file.
"""

from __future__ import annotations

import numpy as np

from hybrid_env.sites import (
    battery,
    carbon,
    cash,
    cooling,
    events,
    failures,
    gang,
    generator,
    gpu,
    gpu_mining,
    meter,
    mining,
    network,
    on_demand,
    outdoor,
    regulation,
    reserves,
    sla,
    space,
    supply,
    tariff,
    transformer,
)
from hybrid_env.sites.gpu import BUCKET_S
from hybrid_env.sites.site import Site

MECHANISMS = (
    meter,
    tariff,
    supply,
    generator,
    network,
    carbon,
    mining,
    outdoor,
    failures,
    gpu,
    sla,
    on_demand,
    gang,
    gpu_mining,
    cooling,
    battery,
    transformer,
    reserves,
    cash,
    events,
    regulation,
    space,
)

_F, _I = np.float64, np.int64
CLOCK = [
    ("interval_h", _F), ("interval_s", _F), ("rows_per_hour", _I), ("rows_per_day", _I), ("rows_per_bucket", _I),
    ("reward_scale_usd", _F),
]  # fmt: skip

PARAMETERS = np.dtype([*CLOCK, *(field for mechanism in MECHANISMS for field in mechanism.RECORD)])
"""One record a site. Powers in MW, energies in MWh, hash in PH/s, prices in USD. What a site does not have is zero."""


def parameter_record(site: Site) -> np.ndarray:
    """The site as one record, shape `(1,)`, dtype `PARAMETERS`."""
    record = np.zeros(1, PARAMETERS)
    p = record[0]
    p["interval_h"], p["interval_s"] = site.interval_h, site.interval_s
    p["rows_per_hour"] = 3600 // site.interval_s
    p["rows_per_day"] = 86_400 // site.interval_s
    p["rows_per_bucket"] = BUCKET_S // site.interval_s
    p["reward_scale_usd"] = site.reward_scale_usd
    for mechanism in MECHANISMS:
        mechanism.fill(p, site)
    return record
