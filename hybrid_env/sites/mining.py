"""ASIC fleets: what the site owns and how quickly it can be woken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from hybrid_env.sites import curves
from hybrid_env.sites.base import SiteModel
from hybrid_env.sites.catalogue import asic
from hybrid_env.sites.curves import asic_lines
from hybrid_env.sites.failures import Failures
from hybrid_env.sites.outdoor import Air, Kind, Loop

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F, _I = np.float64, np.int64

MAX_FLEETS = 4
N_SEGMENTS = MAX_FLEETS * curves.N_LINES


class Fleet(SiteModel):
    """One group of equal mining machines."""

    model: str
    """Name in the ASIC catalogue (`hybrid_env/sites/catalogue.yaml`)."""
    nameplate_mw: float = Field(gt=0, le=5_000)
    """Power of the whole fleet at 100 % hashrate, fans included."""
    cooling: Kind = "hall"
    """Where its heat goes: the mining `hall`; once-through outdoor `air`; a warm loop of `hydro` or `immersion`."""

    @field_validator("model")
    @classmethod
    def _is_in_the_catalogue(cls, value: str) -> str:
        asic(value)
        return value

    @model_validator(mode="after")
    def _water_reaches_its_plates(self) -> Fleet:
        if asic(self.model).cooling == "hydro" and self.cooling != "hydro":
            raise ValueError(
                f"cooling = {self.cooling!r} does not cool a {self.model}, which has no fans and runs on water;"
                " write cooling: hydro (fleets in different places need control: per_fleet), or buy another model"
            )
        return self


class Mining(SiteModel):
    """All fleets and the properties they share. Defaults: domain figures 1.7 to 1.10 (vendor documents and field
    tests).
    """

    fleets: tuple[Fleet, ...] = Field(min_length=1, max_length=4)
    control: Literal["shared", "per_fleet"] = "shared"
    """`shared`: one action, spent where a megawatt hashes most. `per_fleet`: an action for each fleet (`mining`,
    `mining_1`, ...), served in order of J/TH."""
    max_hash_frac: float = Field(default=1.2, ge=1.0, le=1.4)
    """Highest overclocking profile, as a share of nameplate hashrate."""
    floor_hash_frac: float = Field(default=0.4, ge=0.2, le=1.0)
    """Lowest profile at which a machine still hashes; below it, machines sleep."""
    sleep_draw_frac: float = Field(default=0.01, ge=0, le=0.1)
    """Draw of a sleeping machine, as a share of nameplate power."""
    availability_frac: float = Field(default=0.95, gt=0, le=1)
    """Share of machines that work (field uptime 92 to 98 %)."""
    boot_s: float = Field(default=360, ge=0, le=7_200)
    """From wake-up to full hashrate; the machine draws power and earns nothing."""
    stagger_share_per_h: float = Field(default=2.4, gt=0, le=60)
    """Largest share of a fleet that may be woken in an hour (20 % in five minutes)."""
    wear_usd_per_mw_start: float = Field(default=20.0, ge=0, le=1_000)
    """Wear of one cold start of a megawatt of machines (0.02 USD/kW)."""
    derate_start_c: float = Field(default=40.0, ge=20, le=60)
    """Hall temperature from which machines slow down (S21 field test: -10 % above 40 C)."""
    derate_frac_per_c: float = Field(default=0.03, ge=0, le=0.5)
    """Share of hashrate lost per kelvin above `derate_start_c`."""
    air: Air = Air()
    loop: Loop = Loop()
    failures: Failures | None = None
    """Breakdowns in the course of time; without them `availability_frac` is all there is."""

    @model_validator(mode="after")
    def _ordered(self) -> Mining:
        if self.floor_hash_frac >= self.max_hash_frac:
            raise ValueError(
                f"floor_hash_frac ({self.floor_hash_frac:g}) must be below max_hash_frac ({self.max_hash_frac:g})"
            )
        if len({fleet.cooling for fleet in self.fleets}) > 1 and self.control != "per_fleet":
            raise ValueError("fleets that are cooled in different ways need control: per_fleet")
        places = {fleet.cooling for fleet in self.fleets}
        for part, used_by in (("air", {"air"}), ("loop", {"hydro", "immersion"})):
            if getattr(self, part) != type(self).model_fields[part].default and not places & used_by:
                raise ValueError(
                    f"{part} is set, and no fleet has cooling: {' or '.join(sorted(used_by))} (found:"
                    f" {', '.join(sorted(places))}); cool a fleet that way or remove {part}"
                )
        asic_lines(self.floor_hash_frac, self.max_hash_frac, self.sleep_draw_frac)  # refuses a floor that is too low
        return self


RECORD = [
    ("n_fleets", _I), ("per_fleet", _I), ("fleet_order", _I, MAX_FLEETS),
    ("fleet_nameplate_mw", _F, MAX_FLEETS), ("fleet_floor_mw", _F, MAX_FLEETS),
    ("fleet_max_mw", _F, MAX_FLEETS), ("fleet_ph", _F, MAX_FLEETS), ("fleet_floor_ph", _F, MAX_FLEETS),
    ("fleet_j_per_th", _F, MAX_FLEETS), ("sleep_mw", _F),
    ("hash_slope", _F, (MAX_FLEETS, curves.N_LINES)), ("hash_offset", _F, (MAX_FLEETS, curves.N_LINES)),
    ("n_segments", _I), ("segment_fleet", _I, N_SEGMENTS), ("segment_mw", _F, N_SEGMENTS),
    ("segment_ph_per_mw", _F, N_SEGMENTS), ("mining_max_mw", _F), ("boot_s", _F),
    ("stagger_share", _F), ("wear_usd_per_mw_start", _F), ("mining_derate_start_c", _F),
    ("mining_derate_per_c", _F),
]  # fmt: skip
"""Fleet powers (`fleet_floor_mw`, `fleet_max_mw`, segments, `hash_slope`, `hash_offset`) are of working machines and
counted above their sleep draw; `sleep_mw` is the sleep draw of all fleets, drawn always. `hash_slope`, `hash_offset`
are lines of PH/s against MW and awake share; `stagger_share` is the most of a fleet woken in one interval. Segments of
all fleets' hulls stand in merit order, most hash per megawatt first; `fleet_order` is the order of J/TH, best first."""


def fill(p: np.void, site: Site) -> None:
    """Write fleets and their tables into the site's record; without mining all is zero."""
    mining = site.mining
    if mining is None:
        return
    slope, offset, power_knots, hash_knots = curves.asic_lines(
        mining.floor_hash_frac, mining.max_hash_frac, mining.sleep_draw_frac
    )
    segments = []
    p["n_fleets"], p["per_fleet"] = len(mining.fleets), mining.control == "per_fleet"
    p["fleet_order"][: len(mining.fleets)] = np.argsort(
        [asic(fleet.model).j_per_th for fleet in mining.fleets], kind="stable"
    )
    for f, fleet in enumerate(mining.fleets):
        j_per_th = asic(fleet.model).j_per_th
        working_mw = fleet.nameplate_mw * mining.availability_frac
        ph = working_mw * 1e6 / j_per_th / 1e3
        p["fleet_nameplate_mw"][f], p["fleet_ph"][f], p["fleet_j_per_th"][f] = working_mw, ph, j_per_th
        p["fleet_floor_mw"][f], p["fleet_max_mw"][f] = working_mw * power_knots[1], working_mw * power_knots[-1]
        p["fleet_floor_ph"][f] = ph * hash_knots[1]
        p["sleep_mw"] += working_mw * mining.sleep_draw_frac
        p["hash_slope"][f], p["hash_offset"][f] = slope * ph / working_mw, offset * ph
        widths = np.diff(power_knots) * working_mw
        segments += [(s * ph / working_mw, f, w) for s, w in zip(slope, widths, strict=True)]
    segments.sort(key=lambda item: -item[0])
    p["n_segments"] = len(segments)
    for k, (ph_per_mw, f, width) in enumerate(segments):
        p["segment_fleet"][k], p["segment_mw"][k], p["segment_ph_per_mw"][k] = f, width, ph_per_mw
    p["mining_max_mw"] = p["fleet_max_mw"].sum()
    p["boot_s"] = mining.boot_s
    p["stagger_share"] = mining.stagger_share_per_h * site.interval_h
    p["wear_usd_per_mw_start"] = mining.wear_usd_per_mw_start
    p["mining_derate_start_c"], p["mining_derate_per_c"] = mining.derate_start_c, mining.derate_frac_per_c
