"""The balance at the grid connection."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim import generator, supply, tariff
from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import EXPORT_MWH, IMPORT_DROP_MW, IMPORT_LIMIT_H, IMPORT_MWH
from hybrid_env.sim.table import centre, clip, squash

STATE = [
    ("import_mw", np.float64), ("export_mw", np.float64), ("curtailed_mw", np.float64), ("ramp_from_mw", np.float64),
]  # fmt: skip
"""What the meters showed in the last interval; `ramp_from_mw` is the import that a ramp starts from, -1 before
the first."""

AT_LIMIT_MW = 1e-6
CURTAILED_SCALE_MW = 25.0


@part
def import_limit_mw(s, p, row):
    """The contract, less where the grid says so, and no more above the last import than a ramp allows."""
    limit = min(p.import_limit_mw, row.import_limit_mw)
    if p.ramp_mw > 0.0 and s.ramp_from_mw >= 0.0:
        limit = min(limit, s.ramp_from_mw + p.ramp_mw)
    return limit


@part
def export_limit_mw(p, row):
    """The contract, or less where the grid says so; nothing is exported where that is expected to cost."""
    if tariff.guide_usd_per_mwh(p, row) + row.basis_gen_usd_per_mwh < 0.0:
        return 0.0
    return min(p.export_limit_mw, row.export_limit_mw)


@part
def balance(s, p, row, renewable_mw, hydro_mw, offered_mw, net_load_mw, import_limit, export_limit, out):
    """Cover `net_load_mw` (loads and charging less discharging): own generation first, water last of it, then the
    generator where it is cheaper than the grid; or import first while the expected price is negative. Of the
    `hydro_mw` that there are, `offered_mw` come before the grid, the others where the grid cannot bring enough.

    Writes `s.import_mw`, `s.export_mw`, `s.curtailed_mw`. A negative net load is battery energy on its way out.
    """
    need = max(0.0, net_load_mw)
    price = tariff.guide_usd_per_mwh(p, row)
    if price >= 0.0:
        on_site = min(renewable_mw + hydro_mw, need, max(renewable_mw + offered_mw, need - import_limit))
        s.import_mw = need - on_site
    else:
        s.import_mw = min(need, import_limit)
        on_site = need - s.import_mw
    burnt = burnt_used = 0.0
    if p.generator_mw > 0.0:
        on_site = min(on_site, renewable_mw + hydro_mw)
        left = need - on_site
        burnt = generator.output_mw(p, row, left, import_limit, price + p.adder_usd_per_mwh)
        burnt_used = min(burnt, left)
        s.import_mw = left - burnt_used
        generator.burn(s, p, row, burnt, burnt_used, out)
    from_battery = max(0.0, -net_load_mw)
    water = clip(on_site - renewable_mw, 0.0, hydro_mw) if p.hydro_turbine_mw > 0.0 else 0.0
    renewable_left = renewable_mw - (on_site - water)
    own_out = max(0.0, min(renewable_left, export_limit - from_battery))
    s.curtailed_mw = renewable_left - own_out
    if p.hydro_turbine_mw > 0.0:
        room = export_limit - from_battery - own_out
        water_out, spilled = supply.pass_water(s, p, row, water, hydro_mw, room, out)
        own_out += water_out
        s.curtailed_mw += spilled
    s.curtailed_mw += burnt - burnt_used
    s.export_mw = from_battery + own_out
    supply.account(p, row, on_site + own_out + burnt_used, s.curtailed_mw, out)
    hours = p.interval_h
    out.mwh[IMPORT_MWH] += s.import_mw * hours
    out.mwh[EXPORT_MWH] += s.export_mw * hours
    if p.import_limit_mw > 0.0 and s.import_mw >= import_limit - AT_LIMIT_MW:  # an island is at no limit
        out.work[IMPORT_LIMIT_H] += hours
    if p.ramp_mw > 0.0:
        ramp(s, p, out)


@part
def ramp(s, p, out):
    """Count a fall that is steeper than the terms; the next rise starts from here."""
    if s.ramp_from_mw >= 0.0:
        out.work[IMPORT_DROP_MW] += max(0.0, s.ramp_from_mw - s.import_mw - p.ramp_mw)
    s.ramp_from_mw = s.import_mw


@part
def begin(s):
    """Meters show nothing yet."""
    s.import_mw = s.export_mw = s.curtailed_mw = 0.0
    s.ramp_from_mw = -1.0


@part
def generates(p):
    """Whether the site has energy of its own, which may be curtailed."""
    return p.has_own_energy > 0


def fields(p: np.void) -> list[Field]:
    """Observed of the connection; a site without import or export shows nothing of it."""
    out = []
    if p["import_limit_mw"] > 0:
        out += [
            Field("import_limit_frac", "now", "centre", "import limit now, a ramp's included, over the contract"),
            Field("import_frac", "settled", "centre", "import over the contract"),
        ]
    if p["export_limit_mw"] > 0:
        out += [
            Field("export_limit_frac", "now", "centre", "export limit now over the contract"),
            Field("export_frac", "settled", "centre", "export over the contract"),
        ]
    if generates(p):
        out.append(Field("curtailed_mw", "settled", "squash(x / 25)", "own energy that was curtailed"))
    return out


@part
def observe(s, p, now, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.import_limit_mw > 0.0:
        obs[k] = centre(import_limit_mw(s, p, now) / p.import_limit_mw)
        obs[k + 1] = centre(s.import_mw / p.import_limit_mw)
        k += 2
    if p.export_limit_mw > 0.0:
        obs[k] = centre(min(1.0, now.export_limit_mw / p.export_limit_mw))
        obs[k + 1] = centre(s.export_mw / p.export_limit_mw)
        k += 2
    if generates(p):
        obs[k] = squash(s.curtailed_mw / CURTAILED_SCALE_MW)
        k += 1
    return k
