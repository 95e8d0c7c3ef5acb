"""Own generation: used, kept in the pond, or curtailed at no cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hybrid_env.optimum import generator
from hybrid_env.optimum.programme import Columns, Floats, Lp, Term

if TYPE_CHECKING:
    from hybrid_env.optimum.horizon import Periods, StartState

POND_START_FRAC = 0.5
"""How full a pond is of which nothing is known."""


@dataclass(frozen=True)
class Supply:
    """Columns `[T]` of each source that a site has: MW used, what it could have given at most, those of water,
    water kept (MWh), and MW of the generator, of those there is fuel for."""

    used: list[Columns]
    most: list[Floats]
    water: Columns | None
    pond: Columns | None
    burnt: Columns | None
    fuelled: Floats

    @property
    def clean_terms(self) -> list[Term]:
        """Supply (MW) by period that burns nothing."""
        return [(1.0, columns) for columns in self.used]

    @property
    def supply_terms(self) -> list[Term]:
        """Supply (MW) by period."""
        return self.clean_terms if self.burnt is None else [*self.clean_terms, (1.0, self.burnt)]

    def unused_mw(self, x: Floats) -> Floats:
        """What a plan leaves of each period's own generation."""
        unburnt = self.fuelled - (0.0 if self.burnt is None else x[self.burnt])
        return sum((most - x[columns] for most, columns in zip(self.most, self.used, strict=True)), unburnt)


def renewable_mw(p: np.void, rows: np.ndarray) -> Floats:
    """Wind, sun and heat."""
    wind, sun = rows["wind_cf"] * p["wind_nameplate_mw"], rows["solar_cf"] * p["solar_nameplate_mw"]
    return wind + sun + rows["geothermal_cf"] * p["geothermal_nameplate_mw"]


def most_mw(p: np.void, rows: np.ndarray, pond_mwh: Floats | float) -> Floats:
    """The most that own generation can deliver for an interval from a pond that holds `pond_mwh`."""
    water = rows["hydro_cf"] * p["hydro_nameplate_mw"] + pond_mwh / p["interval_h"]
    return renewable_mw(p, rows) + np.minimum(p["hydro_turbine_mw"], water) + generator.most_mw(p, rows)


def at_hand_mw(p: np.void, rows: np.ndarray) -> Floats:
    """What is there whatever has been done before: as `most_mw`, from an empty pond."""
    return most_mw(p, rows, 0.0)


def add(lp: Lp, p: np.void, t: Periods, state: StartState) -> Supply:
    """Wind, sun and heat as one, at most what is there; water from a pond: `pond' <= pond + (inflow - used) h`.

    The simulator's order (own generation first, or import first at negative prices) and its rule of exporting only
    water that would be spilled are choices among those allowed here. Take-or-pay is a constant.
    """
    used: list[Columns] = []
    most: list[Floats] = []
    water = pond = None
    rows, inflow = t.rows, t.rows["hydro_cf"] * p["hydro_nameplate_mw"]
    names = ("wind", "solar", "geothermal", "hydro")
    lp.constant_usd -= sum(
        float((rows[f"{n}_cf"] * p[f"{n}_nameplate_mw"] * t.hours).sum() * p[f"{n}_usd_per_mwh"]) for n in names
    )
    free = renewable_mw(p, rows)
    if any(p[f"{name}_nameplate_mw"] > 0 for name in names[:3]):
        used.append(lp.variable("own_used_mw", (len(t),), 0.0, free, keys=t.row))
        most.append(free)
    if p["hydro_turbine_mw"] > 0:
        stored = np.full(len(t), float(p["pond_mwh"]))
        stored[0] = start_mwh(p, state)
        limit = np.minimum(p["hydro_turbine_mw"], inflow + stored / t.hours)
        water = lp.variable("hydro_used_mw", (len(t),), 0.0, limit, keys=t.row)
        used.append(water)
        most.append(limit)
    if p["pond_mwh"] > 0:
        assert water is not None  # a pond has a turbine
        pond = _add_pond(lp, p, t, state, water, inflow)
    return Supply(used, most, water, pond, generator.add(lp, p, t), generator.most_mw(p, rows))


def _add_pond(lp: Lp, p: np.void, t: Periods, state: StartState, used: Columns, inflow: Floats) -> Columns:
    n = len(t)
    value, known = np.zeros(n), inflow * t.hours
    value[-1] = p["pond_value_usd_per_mwh"]
    known[0] += start_mwh(p, state)
    pond = lp.variable("pond_mwh", (n,), 0.0, float(p["pond_mwh"]), value, keys=t.row)
    step: list[Term] = [(1.0, pond), (-1.0, pond[:-1], np.arange(1, n)), (t.hours, used)]
    lp.constrain("pond_step", (n,), step, high=known, keys=t.row)
    return pond


def start_mwh(p: np.void, state: StartState) -> float:
    """Water in the pond at the start."""
    return float(state.known("pond_mwh", POND_START_FRAC * float(p["pond_mwh"])))


def leftover_usd(p: np.void, state: StartState) -> float:
    """Worth of the start's water."""
    return start_mwh(p, state) * float(p["pond_value_usd_per_mwh"])


def carried(own: Supply, columns: Floats, last: int) -> dict[str, float]:
    """What a lane would hold after period `last` of a plan."""
    return {} if own.pond is None else {"pond_mwh": float(columns[own.pond[last]])}
