"""Rules that operators use, from the simplest to breakeven with coincident-peak avoidance."""

from __future__ import annotations

import numpy as np

from hybrid_env.baselines.fleets import most_mw
from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.policy import DAY_LEADS, FULL, OFF, Array, View, constant
from hybrid_env.batch import Batch, Floats
from hybrid_env.sim.action import ACTIONS, BATTERY, FLEET_ACTIONS, MINING

SUMMER_MONTHS = (6, 7, 8, 9)
NIGHT_FROM_H, NIGHT_TO_H = 22.0, 6.0


class Random:
    """Uniform actions: what exploration without learning earns."""

    name = "random"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._generator = np.random.default_rng(seed)

    def reset(self, batch: Batch) -> None:
        """Start the sequence anew."""
        self._generator = np.random.default_rng(self._seed)

    def act(self, batch: Batch) -> Floats:
        """Uniform in [-1, 1]."""
        return self._generator.uniform(-1, 1, (batch.n, len(ACTIONS))).astype(np.float32)


class MiningOnly:
    """A miner who lets GPU work sleep as far as contracts allow."""

    name = "mining_only"

    def reset(self, batch: Batch) -> None:
        """Nothing to forget."""

    def act(self, batch: Batch) -> Floats:
        """All power to mining."""
        return constant(batch.n, mining=FULL, reserved=OFF, inference=OFF, training=OFF, spot=OFF)


class NightMining:
    """AI first; mining takes the surplus power of the night, 22:00 to 6:00 local, and rests by day."""

    name = "ai_first_night_mining"

    def reset(self, batch: Batch) -> None:
        """Nothing to forget."""

    def act(self, batch: Batch) -> Floats:
        """Naive at night; no mining by day."""
        actions = Naive().act(batch)
        hour = View(batch).local_hour()
        night = (hour >= NIGHT_FROM_H) | (hour < NIGHT_TO_H)
        actions[:, FLEET_ACTIONS] = np.where(night, FULL, OFF)[:, None]
        return actions


class Breakeven:
    """On/off by fleet: off when the dispatch price stays above the fleet's breakeven, on when it stays below.

    Args:
        windows_down, windows_up: intervals the price must stay beyond breakeven (Foreman's defaults: 2 down, 4 up).
        margin_frac: price over breakeven at which a fleet is switched.
        peak_ratio: if set, mining also rests in summer while the forecast load of this hour is at least this share of
            the highest seen or forecast this month (coincident peaks).
    """

    def __init__(
        self, windows_down: int = 2, windows_up: int = 4, margin_frac: float = 0.0, peak_ratio: float | None = None
    ) -> None:
        self.name = "breakeven" if peak_ratio is None else "breakeven_peaks"
        self.windows_down, self.windows_up, self.margin_frac, self.peak_ratio = (
            windows_down,
            windows_up,
            margin_frac,
            peak_ratio,
        )

    def reset(self, batch: Batch) -> None:
        """All fleets on, no window counted."""
        shape = (batch.n, int(batch.parameters["n_fleets"][0]))
        self._on = np.ones(shape, np.bool_)
        self._above, self._below = np.zeros(shape, np.int64), np.zeros(shape, np.int64)

    def act(self, batch: Batch) -> Floats:
        """Fleets that are on take what is left."""
        view = View(batch)
        even = breakeven_usd_per_mwh(view)
        price = (view.price_usd_per_mwh() + view.p["adder_usd_per_mwh"])[:, None]
        above = price > even * (1 + self.margin_frac)
        self._above = np.where(above, self._above + 1, 0)
        self._below = np.where(above, 0, self._below + 1)
        self._on = np.where(self._on, self._above < self.windows_down, self._below >= self.windows_up)
        on = self._on.copy()
        if self.peak_ratio is not None:
            on &= ~(peak_ratio(view) >= self.peak_ratio)[:, None]
        actions = Naive().act(batch)
        if view.p["per_fleet"]:
            actions[:, FLEET_ACTIONS[: on.shape[1]]] = np.where(on, FULL, OFF)
        else:
            wanted = (on * most_mw(view.p, view.lanes["fleet_healthy"])).sum(axis=1)
            actions[:, MINING] = share_of_left(view, wanted)
        actions[:, BATTERY] = 0.0
        return actions


def breakeven_usd_per_mwh(view: View) -> Array:
    """Breakeven of each fleet at nameplate, [n, fleets]."""
    fleets = int(view.p["n_fleets"])
    return (
        view.pool_usd_per_ph_day()[:, None]
        * (1 - view.p["pool_fee_frac"])
        / (view.p["fleet_j_per_th"][:fleets] * 24e-3)
    )


def peak_ratio(view: View) -> Array:
    """Forecast load of this hour over the highest of the month so far or of the next day, [n]; 0 outside summer."""
    load = view.forecast("system_load_mw")
    highest = np.maximum(view.lanes["month_peak_mw"], load[:, DAY_LEADS].max(axis=1))
    summer = np.isin(view.calendar("month"), SUMMER_MONTHS)
    return np.where(summer, load[:, 0] / np.maximum(highest, 1.0), 0.0)


def left_for_mining_mw(view: View) -> Array:
    """Estimate of the power left after GPU work and cooling, if the coming interval is like the last, [n]."""
    cooling_mw = view.lanes["cooling_mw"]
    return np.maximum(view.on_hand_mw() - view.lanes["gpu_mw"] - cooling_mw - view.p["sleep_mw"], 0.0)


def share_of_left(view: View, wanted_mw: Array) -> Array:
    """The mining action, in [-1, 1], that gives about `wanted_mw`."""
    left = np.minimum(left_for_mining_mw(view), most_mw(view.p, view.lanes["fleet_healthy"]).sum(axis=1))
    share = np.where(left > 0, wanted_mw / np.maximum(left, 1e-6), 1.0)
    return 2.0 * np.clip(share, 0.0, 1.0) - 1.0
