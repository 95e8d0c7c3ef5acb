"""The policy protocol of baselines and agents, and the operator's view they decide on."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hybrid_env.batch import Batch, Floats, defaults
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sites.tariff import DAY_AHEAD, FIXED
from hybrid_env.traces.schema import CALENDAR, COLUMNS, FORECAST_LEADS_H, FORECAST_VARIABLES

Array = NDArray[np.float64]

FULL = 1.0
OFF = -1.0


class Policy(Protocol):
    """Decides for all lanes of a batch at once.

    A policy may read `batch.observations`, `batch.lanes` (the site's own state), `batch.parameters` and what `View`
    publishes; only those marked as foresight references read the trace directly.
    """

    name: str

    def reset(self, batch: Batch) -> None:
        """Forget everything; episodes begin in all lanes."""
        ...

    def act(self, batch: Batch) -> Floats:
        """Actions for the coming interval, float32 [n, A] in [-1, 1]."""
        ...


class View:
    """What has been published when the coming interval starts, in physical units, for all lanes of a batch."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.lanes = batch.lanes
        self.p = batch.parameters[0]
        self._world, self._row = batch.lanes["world"], batch.lanes["row"]

    def now(self, column: str) -> Array:
        """A column known as its interval starts, [n].

        Raises:
            KeyError: the column is published later.
        """
        if column not in CALENDAR and COLUMNS[column].lag_rows != 0:
            raise KeyError(f"{column} of the coming interval is not published yet; use last()")
        return self.batch.library.rows[column][self._world, self._row]

    def last(self, column: str) -> Array:
        """A column of the last settled interval, [n].

        Raises:
            KeyError: the column is hidden.
        """
        if COLUMNS[column].lag_rows < 0:
            raise KeyError(f"{column} is not published")
        return self.batch.library.rows[column][self._world, np.maximum(self._row - 1, 0)]

    def calendar(self, name: str) -> Array:
        """A calendar column of the coming interval, [n].

        Raises:
            KeyError: no such calendar column.
        """
        if name not in CALENDAR:
            raise KeyError(f"{name} is not a calendar column; use now() or last()")
        return self.batch.library.rows[name][self._world, self._row]

    def local_hour(self) -> Array:
        """Local standard time as the coming interval starts, hours from 0 to 24, [n]."""
        angle = np.arctan2(self.calendar("hour_sin"), self.calendar("hour_cos"))
        return np.round(angle / (2 * np.pi) * 24, 3) % 24

    def forecast(self, variable: str) -> Array:
        """A forecast as issued this hour, [n, leads]; leads are `FORECAST_LEADS_H` hours."""
        hour = self._row // self.p["rows_per_hour"]
        return self.batch.library.forecast[self._world, hour, FORECAST_VARIABLES.index(variable)].astype(np.float64)

    def hashprice_usd_per_ph_day(self, fees_weight: float = 1.0) -> Array:
        """From the last published price, fees and the current difficulty, [n]."""
        reward = self.now("subsidy_btc") + fees_weight * self.last("fees_btc_per_block")
        return 1e15 * 86_400 / (self.now("difficulty") * 2.0**32) * reward * self.last("btc_usd")

    def pool_usd_per_ph_day(self) -> Array:
        """What the site's pool counts for 1 PH/s and day, before its fee, [n]."""
        return self.hashprice_usd_per_ph_day(float(self.p["pool_fees_weight"]))

    def renewable_mw(self) -> Array:
        """Wind, sun and heat: the last settled output goes on, [n]."""
        p, names = self.p, ("wind", "solar", "geothermal")
        return np.sum([self.last(f"{name}_cf") * p[f"{name}_nameplate_mw"] for name in names], axis=0)

    def hydro_mw(self) -> Array:
        """What the turbine can deliver all through the interval: inflow goes on, and the pond is there, [n]."""
        p = self.p
        water = self.last("hydro_cf") * p["hydro_nameplate_mw"] + self.lanes["pond_mwh"] / p["interval_h"]
        return np.minimum(p["hydro_turbine_mw"], water)

    def own_mw(self) -> Array:
        """What own generation but the generator can deliver, [n]."""
        return self.renewable_mw() + self.hydro_mw()

    def generator_mw(self) -> Array:
        """What the generator can give: what there is fuel for, if it can run at that, [n]."""
        fuelled = self.now("fuel_cf") * self.p["generator_mw"]
        return np.where(fuelled >= self.p["generator_least_mw"], fuelled, 0.0)

    def generator_usd_per_mwh(self) -> Array:
        """Its cost at full load, [n]."""
        fuel = self.now("fuel_usd_per_mmbtu") * self.p["generator_mmbtu_per_mwh"]
        return fuel + self.p["generator_om_usd_per_mwh"]

    def on_hand_mw(self) -> Array:
        """All that can be had on top of the battery: import limit, own generation and generator, [n]."""
        return self.import_now_mw() + self.own_mw() + self.generator_mw()

    def price_usd_per_mwh(self) -> Array:
        """What a MWh is expected to be settled at in the coming interval, before wires, [n]."""
        return np.select(
            [self.p["price_index"] == DAY_AHEAD, self.p["price_index"] == FIXED],
            [self.now("price_da_usd_per_mwh"), np.full(len(self.lanes), self.p["fixed_usd_per_mwh"])],
            self.now("price_lmp_usd_per_mwh"),
        )

    def price_ahead_usd_per_mwh(self) -> Array:
        """The same as forecast this hour, [n, leads]."""
        ahead = self.forecast("price_usd_per_mwh")
        return np.full_like(ahead, self.p["fixed_usd_per_mwh"]) if self.p["price_index"] == FIXED else ahead

    def import_limit_mw(self) -> Array:
        """The limit in force, [n]."""
        return np.minimum(self.now("import_limit_mw"), self.p["import_limit_mw"])

    def import_now_mw(self) -> Array:
        """What may be imported in the coming interval: the limit in force, or what a ramp from the last allows, [n]."""
        start = self.lanes["ramp_from_mw"]
        ramps = (self.p["ramp_mw"] > 0) & (start >= 0)
        return np.where(ramps, np.minimum(self.import_limit_mw(), start + self.p["ramp_mw"]), self.import_limit_mw())


DAY_LEADS = np.array([h <= 24 for h in FORECAST_LEADS_H])
"""Mask of the leads up to a day ahead."""
WITHIN_DAY = np.array([h < 24 for h in FORECAST_LEADS_H])
LEAD_H = np.diff(FORECAST_LEADS_H)[WITHIN_DAY[:-1]].astype(float)
"""Leads that begin within the coming day, and the hours that each stands for, a day in all."""


def constant(n: int, **actions: float) -> Floats:
    """The same action in all lanes; what is not named stands at its default.

    Raises:
        ValueError: no such action.
    """
    out = defaults(n)
    for name, value in actions.items():
        out[:, ACTIONS.index(name)] = value
    return out


def as_action(share: Array) -> Array:
    """A share in [0, 1] as an action in [-1, 1]."""
    return 2.0 * np.clip(share, 0.0, 1.0) - 1.0
