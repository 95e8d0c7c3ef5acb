"""Small worlds for policies: lanes at chosen rows, changed futures, and a site on which a plan can be kept exactly."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from hybrid_env.baselines.policy import Policy, View
from hybrid_env.batch import Batch
from hybrid_env.sites.site import Site, load_site
from hybrid_env.traces.forecast import day_ahead_known_until
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import COLUMNS, FORECAST_LEADS_H, FORECAST_VARIABLES, Trace, build_trace
from tests.strategies import perturbed
from tests.workbench import Workbench, calm_trace, site_with

TEXAS = load_site("texas_wind")
DAY = 96

EXACT: dict[str, Any] = {
    "interval_s": 3600,
    "battery": None,
    "tariff.energy_adder_usd_per_mwh": 1,
    "mining.wear_usd_per_mw_start": 0,
    "cooling": {
        "capacity_mw": 1_000, "fan_frac": 0, "free_cooling_below_c": 25, "mining_specific_kw_per_kw": 0,
        "setpoint_gain_frac_per_c": 0, "gpu_hall_mj_per_k": 1, "mining_hall_mj_per_k": 1,
    },
}  # fmt: skip
"""The bench site without boot time, starts, gang jobs, fans or halls that store heat: what a programme plans, the
simulator can do."""
STORE = {"power_mw": 20, "energy_mwh": 60}


def lanes(site: Site, trace: Trace, rows: list[int], end: int | None = None) -> Batch:
    """A lane at each of these rows, in the middle of the road."""
    batch = Batch(site, Library([trace]), len(rows))
    begins = np.array([[0, row, len(trace) - 1 if end is None else end] for row in rows], np.int64)
    batch.begin(np.arange(len(rows)), begins, np.full((len(rows), 8), 0.5))
    return batch


def view(site: Site, trace: Trace, *rows: int) -> View:
    """The operator's view at these rows."""
    return View(lanes(site, trace, list(rows)))


def rebuilt(trace: Trace, start: datetime | None = None, forecast: np.ndarray | None = None, **columns: Any) -> Trace:
    """The same trace with another start, other forecasts or other columns."""
    values = {name: trace.rows[name].copy() for name in COLUMNS}
    values |= {name: np.broadcast_to(np.asarray(v, float), len(trace)).copy() for name, v in columns.items()}
    return build_trace(
        "rebuilt", start or trace.start, trace.interval_s, trace.utc_offset_h, values, trace.jobs,
        trace.forecast if forecast is None else forecast,
    )  # fmt: skip


def with_another_future(trace: Trace, row: int, seed: int) -> Trace:
    """The same trace but for all that is unknown as interval `row` begins; published day-ahead prices are known."""
    other = perturbed(trace, row, seed)
    per_hour = 3600 // trace.interval_s
    hours = len(trace.forecast)
    known = int(day_ahead_known_until(trace.start, trace.utc_offset_h, hours)[row // per_hour]) * per_hour
    day_ahead = other.rows["price_da_usd_per_mwh"].copy()
    day_ahead[:known] = trace.rows["price_da_usd_per_mwh"][:known]
    return rebuilt(other, price_da_usd_per_mwh=day_ahead)


def last_action(policy: Policy, trace: Trace, first: int, row: int) -> np.ndarray:
    """What a policy does at `row`, having played since `first` on the Texas site."""
    batch = lanes(TEXAS, trace, [first])
    policy.reset(batch)
    for _ in range(row - first):
        batch.step(policy.act(batch))
    return policy.act(batch)


def flat_forecast(hours: int, **values: float) -> np.ndarray:
    """The same forecast in every hour and at every lead; zero for what is not named."""
    out = np.zeros((hours, len(FORECAST_VARIABLES), len(FORECAST_LEADS_H)), np.float32)
    for name, value in values.items():
        out[:, FORECAST_VARIABLES.index(name)] = value
    return out


def perfect_price_forecast(price: np.ndarray) -> np.ndarray:
    """For hourly prices: forecasts that come true (the last price stands in for those after the end)."""
    hours = len(price)
    out = flat_forecast(hours)
    ahead = np.minimum(np.arange(hours)[:, None] + np.array(FORECAST_LEADS_H), hours - 1)
    out[:, FORECAST_VARIABLES.index("price_usd_per_mwh")] = price[ahead]
    return out


def spiky_trace(days: int = 4, seed: int = 0, price: np.ndarray | None = None, **columns: Any) -> Trace:
    """Hourly prices, by default with a spike of 400 USD/MWh in a tenth of all hours, and forecasts that come true."""
    rng = np.random.default_rng(seed)
    if price is None:
        price = np.round(rng.normal(60, 40, days * 24) + 400 * (rng.random(days * 24) < 0.1), 2)
    calm = {"price_rt_usd_per_mwh": price, "price_lmp_usd_per_mwh": price, "wetbulb_c": 10.0, "drybulb_c": 15.0}
    return rebuilt(calm_trace(3600, days, **(calm | columns)), forecast=perfect_price_forecast(price))


def exact_batch(changes: dict[str, Any] | None = None, row: int = 24, rows: int = 48, **columns: Any) -> Batch:
    """A lane of the exact site at `row` of a spiky trace, for `rows` rows."""
    site = site_with(EXACT | (changes or {}))
    return Workbench(site, spiky_trace(**columns), row, rows).batch


def earned_usd(policy: Policy, batch: Batch) -> float:
    """What a policy earns from the first lane's row to its end; the batch is moved."""
    policy.reset(batch)
    usd = 0.0
    for _ in range(int(batch.lanes["end_row"][0] - batch.lanes["row"][0])):
        batch.step(policy.act(batch))
        usd += float(batch.ledger["usd"][0].sum())
    return usd
