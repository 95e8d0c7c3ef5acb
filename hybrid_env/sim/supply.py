"""Own generation."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import (
    CURTAILED_MWH,
    GENERATOR_MWH,
    GEOTHERMAL_MWH,
    HYDRO_MWH,
    OWN_MWH,
    OWN_SUPPLY_USD,
    OWN_USED_MWH,
    SOLAR_MWH,
    WIND_MWH,
)
from hybrid_env.sim.table import centre, clip
from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES

STATE = [("pond_mwh", np.float64)]
"""Water in the pond, as energy."""

N_LEADS = len(FORECAST_LEADS_H)
WIND, SOLAR = FORECAST_VARIABLES.index("wind_cf"), FORECAST_VARIABLES.index("solar_cf")


@part
def renewable_mw(p, row):
    """What wind, sun and heat could deliver in this interval."""
    return (
        p.wind_nameplate_mw * row.wind_cf
        + p.solar_nameplate_mw * row.solar_cf
        + p.geothermal_nameplate_mw * row.geothermal_cf
    )


@part
def hydro_mw(s, p, row):
    """What the turbine could deliver all through this interval: inflow and pond, within what it can pass."""
    if p.hydro_turbine_mw <= 0.0:
        return 0.0
    return min(p.hydro_turbine_mw, p.hydro_nameplate_mw * row.hydro_cf + s.pond_mwh / p.interval_h)


@part
def offered_mw(s, p, row, share, most_mw):
    """What of `most_mw` is used before the grid: `share` of what need not be used, and all that would be spilled."""
    spare_mw = (p.pond_mwh - s.pond_mwh) / p.interval_h
    kept_mw = clip(p.hydro_nameplate_mw * row.hydro_cf - spare_mw, 0.0, most_mw)
    return kept_mw + share * (most_mw - kept_mw)


@part
def pass_water(s, p, row, used_mw, most_mw, export_room_mw, out):
    """Fill the pond with what is not used; what does not fit is exported within the room, or spilled.

    `pond' = pond + inflow - used - exported - spilled`, at most the pond's size. Only water that would be spilled is
    exported: the pond is kept for the site.

    Returns:
        MW exported, and MW spilled.
    """
    hours = p.interval_h
    stored = s.pond_mwh + (p.hydro_nameplate_mw * row.hydro_cf - used_mw) * hours
    over_mw = max(0.0, stored - p.pond_mwh) / hours
    exported = max(0.0, min(over_mw, min(most_mw - used_mw, export_room_mw)))
    s.pond_mwh = min(p.pond_mwh, max(0.0, stored))
    out.mwh[HYDRO_MWH] += (used_mw + over_mw) * hours
    return exported, over_mw - exported


@part
def account(p, row, used_mw, curtailed_mw, out):
    """Energy that was there and what became of it; take-or-pay on what was there."""
    hours = p.interval_h
    out.mwh[WIND_MWH] += p.wind_nameplate_mw * row.wind_cf * hours
    out.mwh[SOLAR_MWH] += p.solar_nameplate_mw * row.solar_cf * hours
    out.mwh[GEOTHERMAL_MWH] += p.geothermal_nameplate_mw * row.geothermal_cf * hours
    weather = out.mwh[WIND_MWH] + out.mwh[SOLAR_MWH] + out.mwh[GEOTHERMAL_MWH]
    out.mwh[OWN_MWH] += weather + out.mwh[HYDRO_MWH] + out.mwh[GENERATOR_MWH]
    out.mwh[OWN_USED_MWH] += used_mw * hours
    out.mwh[CURTAILED_MWH] += curtailed_mw * hours
    out.usd[OWN_SUPPLY_USD] -= (
        out.mwh[WIND_MWH] * p.wind_usd_per_mwh
        + out.mwh[SOLAR_MWH] * p.solar_usd_per_mwh
        + out.mwh[GEOTHERMAL_MWH] * p.geothermal_usd_per_mwh
        + p.hydro_nameplate_mw * row.hydro_cf * hours * p.hydro_usd_per_mwh
    )


@part
def begin(s, p, luck):
    """A pond between 10 and 90 % full."""
    s.pond_mwh = (0.1 + 0.8 * luck) * p.pond_mwh


@part
def leftover_usd(s, p):
    """What the water is worth when the books close."""
    return s.pond_mwh * p.pond_value_usd_per_mwh


def fields(p: np.void) -> list[Field]:
    """Observed of own generation."""
    out = []
    if p["wind_nameplate_mw"] > 0:
        out += [
            Field("wind_cf", "settled", "centre", "wind output as a share of nameplate"),
            *(Field(f"forecast_wind_{h}h_cf", "forecast", "centre", f"wind {h} h ahead") for h in FORECAST_LEADS_H),
        ]
    if p["solar_nameplate_mw"] > 0:
        out += [
            Field("solar_cf", "settled", "centre", "solar output as a share of nameplate"),
            *(Field(f"forecast_solar_{h}h_cf", "forecast", "centre", f"sun {h} h ahead") for h in FORECAST_LEADS_H),
        ]
    if p["geothermal_nameplate_mw"] > 0:
        out.append(Field("geothermal_cf", "settled", "centre", "geothermal output as a share of nameplate"))
    if p["hydro_nameplate_mw"] > 0:
        out.append(Field("hydro_cf", "settled", "centre", "inflow as a share of the river's nameplate"))
    if p["pond_mwh"] > 0:
        out.append(Field("pond_frac", "state", "centre", "water in the pond over its size"))
    return out


@part
def observe(s, p, last, issued, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.wind_nameplate_mw > 0.0:
        k = _observe_weather(last.wind_cf, issued, WIND, obs, k)
    if p.solar_nameplate_mw > 0.0:
        k = _observe_weather(last.solar_cf, issued, SOLAR, obs, k)
    if p.geothermal_nameplate_mw > 0.0:
        obs[k] = centre(last.geothermal_cf)
        k += 1
    if p.hydro_nameplate_mw > 0.0:
        obs[k] = centre(last.hydro_cf)
        k += 1
    if p.pond_mwh > 0.0:
        obs[k] = centre(s.pond_mwh / p.pond_mwh)
        k += 1
    return k


@part
def _observe_weather(settled, issued, variable, obs, k):
    obs[k] = centre(settled)
    for lead in range(N_LEADS):
        obs[k + 1 + lead] = centre(issued[variable, lead])
    return k + 1 + N_LEADS
