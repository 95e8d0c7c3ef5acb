"""ASIC fleets: hash below the hull of "asleep, or awake at the floor or more", with starts that cost hash and wear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.optimum import cooling, failures, outdoor
from hybrid_env.optimum.horizon import Periods, StartState
from hybrid_env.optimum.programme import Columns, Floats, Lp, Term
from hybrid_env.sites import plant
from hybrid_env.sites.curves import N_LINES
from hybrid_env.sites.units import SECONDS_PER_HOUR


@dataclass(frozen=True)
class Mining:
    """Columns `[T, fleets]`: power above the sleep draw (MW), awake share, started share, hash (PH/s).

    `boot_ph` `[T, fleets]`: hash that a whole fleet loses while it boots within a period, at least.
    """

    power: Columns
    awake: Columns
    start: Columns
    hash: Columns
    sleep_off: tuple[Columns, Columns]
    boot_ph: Floats

    @property
    def hash_terms(self) -> list[Term]:
        """Hash (PH/s) by period, less what booting machines lose at least."""
        by = by_period(self.hash)
        return [(1.0, self.hash, by), (-self.boot_ph, self.start, by)]

    @property
    def it_terms(self) -> list[Term]:
        """Power above the constant sleep draw by period, less what has to be switched off."""
        columns, periods = self.sleep_off
        return [(1.0, self.power, by_period(self.power)), (-1.0, columns, periods)]

    def it_in(self, p: np.void, place: int) -> tuple[list[Term], float]:
        """Power of the fleets of one place by period, as terms and a constant (their sleep draw)."""
        asleep, every = float(p["sleep_by_place"][place]), float(p["sleep_mw"])
        mine = np.flatnonzero(p["fleet_place"][: self.power.shape[1]] == place)
        columns, periods = self.sleep_off
        switched_off = asleep / every if every > 0 else 0.0
        powers: list[Term] = [(1.0, self.power[:, f]) for f in mine]
        return [*powers, (-switched_off, columns, periods)], asleep


def by_period(columns: Columns) -> Columns:
    """Period of each member of a `[T, fleets]` block."""
    return np.broadcast_to(np.arange(len(columns))[:, None], columns.shape)


def add(lp: Lp, p: np.void, t: Periods, state: StartState, lines: tuple[int, ...]) -> Mining:
    """Per fleet and period: power P (MW above the sleep draw), awake share u, started share s, hash h (PH/s).

    `floor u <= P <= max u`, `h <= a_k P + b_k u`, `u <= u_before + stagger`, `s >= u - u_before`. A started share loses
    at least the floor's hash for its boot time within the period. Income is paid on h; a relaxation because a mix of
    sleep and any profile, without derating, lies under the hull, which the site's own dispatch attains.

    Args:
        lines: which of the hull's lines to keep; the first is implied by the floor.
    """
    n, fleets = len(t), int(p["n_fleets"])
    shape = (n, fleets)
    top, floor = p["fleet_max_mw"][:fleets], p["fleet_floor_mw"][:fleets]
    allowed, hours = (
        t.mining_allowed[:, None] * failures.most_healthy(p, t, state) * plant.fleet_runs(p, t.rows),
        t.hours[:, None],
    )
    earns = t.hash_usd_per_ph_h[:, None] * hours
    most_ph = np.min(p["hash_slope"][:fleets] * top[:, None] + p["hash_offset"][:fleets], axis=1)
    stagger = np.minimum(1.0, p["stagger_share"] * hours / p["interval_h"])
    boot_frac = np.minimum(p["boot_s"] / SECONDS_PER_HOUR, hours) / hours
    wear = p["wear_usd_per_mw_start"] * p["fleet_nameplate_mw"][:fleets]
    left_over = np.zeros(shape)
    left_over[-1] = wear
    power = lp.variable("mining_mw", shape, 0.0, top * allowed, -outdoor.water_usd_per_mw(p, t), keys=t.row)
    awake = lp.variable("awake", shape, 0.0, allowed, left_over, keys=t.row)
    derate = plant.fleet_derate(p, t.rows)
    boot_ph = p["fleet_floor_ph"][:fleets] * boot_frac * derate
    start = lp.variable("start", shape, 0.0, stagger, -earns * boot_ph - wear, keys=t.row)
    made = lp.variable("hash_ph", shape, 0.0, most_ph * allowed, earns, keys=t.row)
    lp.constrain("mining_top", shape, [(1.0, power), (-top, awake)], high=0.0, keys=t.row)
    lp.constrain("mining_floor", shape, [(1.0, power), (-floor, awake)], low=0.0, keys=t.row)
    for k in lines:
        slope, offset = p["hash_slope"][:fleets, k], p["hash_offset"][:fleets, k]
        lp.constrain(
            f"hash_line_{k}",
            shape,
            [(1.0, made), (-slope * derate, power), (-offset * derate, awake)],
            high=0.0,
            keys=t.row,
        )
    later = np.arange(fleets, n * fleets).reshape(n - 1, fleets)
    before = np.zeros(shape)
    before[0] = state.awake
    lp.constrain("awake_step", shape, [(1.0, awake), (-1.0, awake[:-1], later)], high=stagger + before, keys=t.row)
    lp.constrain("start_step", shape, [(1.0, awake), (-1.0, awake[:-1], later), (-1.0, start)], high=before, keys=t.row)
    short = cooling.short_periods(p, t)
    off = lp.variable("sleep_off_mw", (len(short),), 0.0, p["sleep_mw"], keys=t.row[short])
    return Mining(power, awake, start, made, (off, short), boot_ph)


ALL_LINES = tuple(range(1, N_LINES))
