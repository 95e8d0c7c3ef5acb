"""What an operator can see as an interval begins, scaled into [-1, 1].

Reads only what has been published: `now` for columns known as the interval starts (lag 0), `last` for those known after
settlement (lag 1), and forecasts issued at the start of the current hour. Each mechanism declares its numbers
(`fields`) and writes them (`observe`), in one order; the two are tested against each other.
"""

from __future__ import annotations

import numpy as np

from hybrid_env.sim import (
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
    regulation,
    reserves,
    sla,
    space,
    supply,
    tariff,
    transformer,
)
from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.table import centre


def fields(p: np.void) -> list[Field]:
    """All numbers of a site's observation, in order; `p` is the site's parameter record."""
    return [
        Field("hour_sin", "now", "as is", "local time of day"),
        Field("hour_cos", "now", "as is", "local time of day"),
        Field("season_sin", "now", "as is", "time of year"),
        Field("season_cos", "now", "as is", "time of year"),
        Field("weekend", "now", "centre", "1 on Saturday and Sunday"),
        Field("month_frac", "now", "centre", "share of the month that is over"),
        *tariff.fields(p),
        *network.fields(p),
        *supply.fields(p),
        *generator.fields(p),
        *cooling.fields(p),
        *meter.fields(p),
        *transformer.fields(p),
        *carbon.fields(p),
        *mining.fields(p),
        *failures.fields(p),
        *battery.fields(p),
        *gpu.fields(p),
        *sla.fields(p),
        *on_demand.fields(p),
        *gang.fields(p),
        *gpu_mining.fields(p),
        *reserves.fields(p),
        *cash.fields(p),
        *events.fields(p),
        *regulation.fields(p),
        *space.fields(p),
    ]


@part
def observe(s, p, rows, forecast, obs):
    """Fill one observation vector."""
    world, row = s.world, s.row
    now, last, before = rows[world, row], rows[world, max(0, row - 1)], rows[world, max(0, row - 2)]
    issued = forecast[world, row // p.rows_per_hour]
    obs[0], obs[1], obs[2], obs[3] = now.hour_sin, now.hour_cos, now.season_sin, now.season_cos
    obs[4], obs[5] = centre(now.weekend), centre(now.month_frac)
    k = tariff.observe(s, p, now, last, before, network.reference_usd_per_mwh(p, last), issued, obs, 6)
    k = network.observe(p, last, obs, k)
    k = supply.observe(s, p, last, issued, obs, k)
    k = generator.observe(s, p, now, obs, k)
    k = cooling.observe(s, p, last, issued, obs, k)
    k = meter.observe(s, p, now, obs, k)
    k = transformer.observe(s, p, obs, k)
    k = carbon.observe(s, p, last, obs, k)
    k = mining.observe(s, p, now, obs, k)
    k = failures.observe(s, p, obs, k)
    k = battery.observe(s, p, obs, k)
    k = gpu.observe(s, p, now, last, issued, obs, k)
    k = sla.observe(s, p, obs, k)
    k = on_demand.observe(s, p, last, obs, k)
    pool = max(1.0, p.gpus - p.reserved_gpus)
    k = gang.observe(s, p, pool, obs, k)
    k = gpu_mining.observe(s, p, now, pool, obs, k)
    k = reserves.observe(s, p, now, obs, k)
    k = cash.observe(s, p, obs, k)
    k = events.observe(p, now, obs, k)
    k = regulation.observe(p, now, obs, k)
    space.observe(s, p, obs, k)
