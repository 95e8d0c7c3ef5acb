"""One synthetic year from a market and a seed."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.generate.bitcoin import draw_bitcoin
from hybrid_env.traces.generate.carbon import carbon_free_frac, carbon_kg_per_mwh, draw_marginal_kg_per_mwh
from hybrid_env.traces.generate.clock import Clock, make_clock
from hybrid_env.traces.generate.failures import draw_failure_uniforms
from hybrid_env.traces.generate.flexibility import draw_events, draw_reserves
from hybrid_env.traces.generate.grid import draw_import_limit_mw, draw_load_mw
from hybrid_env.traces.generate.noise import Stream, stream, wander
from hybrid_env.traces.generate.outlook import draw_outlook
from hybrid_env.traces.generate.price import PriceYear, draw_prices
from hybrid_env.traces.generate.regulation import regulation_columns
from hybrid_env.traces.generate.supply import (
    draw_fuel_cf,
    draw_hydro_cf,
    draw_site_solar_cf,
    fuel_usd_per_mmbtu,
    geothermal_cf,
)
from hybrid_env.traces.generate.weather import draw_weather
from hybrid_env.traces.generate.work import (
    draw_contract_frac,
    draw_gang_jobs,
    draw_on_demand,
    draw_proof_of_work_usd_per_gpu_h,
    draw_work,
)
from hybrid_env.traces.market import Market
from hybrid_env.traces.peaks import coincident_peak_weights
from hybrid_env.traces.schema import Trace, build_trace

FIRST_YEAR = 2001
CALENDAR_CYCLE = 28
"""Years after which weekdays and dates meet again."""


def generate_year(
    market: Market, seed: int, site_import_limit_mw: float, interval_s: int = 900, utc_offset_h: float = -6,
    year: int | None = None,
) -> Trace:  # fmt: skip
    """Draw one calendar year (365 days from 1 January 00:00 local standard time).

    Args:
        market: what to draw from.
        seed: names the year; the same seed gives the same trace.
        site_import_limit_mw: the site's own limit, which emergency orders cut.
        interval_s: seconds a row; divides an hour.
        utc_offset_h: local standard time minus UTC.
        year: calendar year; else the market's, else one chosen by the seed.

    Returns:
        A checked `Trace` named `<market>/<seed>`.
    """
    label = year or market.year or FIRST_YEAR + seed % CALENDAR_CYCLE
    clock = make_clock(label, interval_s, utc_offset_h)
    weather = draw_weather(market.weather, market.wind, clock, seed)
    load = draw_load_mw(market.load, clock, weather.drybulb_c, seed)
    wind_mw = weather.system_wind_cf * market.price.wind_capacity_mw
    solar_mw = weather.system_solar_cf * market.price.solar_capacity_mw
    prices = draw_prices(market.price, clock, load, wind_mw, solar_mw, weather.site_wind_cf, seed)
    work = draw_work(market.work, clock, seed)
    solar = market.solar
    site_solar = None if solar is None else draw_site_solar_cf(solar, market.weather, clock, weather, seed)
    outlook = draw_outlook(market, clock, weather, site_solar, load, prices, work, utc_offset_h, seed)
    bitcoin = draw_bitcoin(market.bitcoin, clock, seed)
    load = load.round()
    limit = draw_import_limit_mw(market.orders, clock, prices.tightness[clock.year], site_import_limit_mw, seed)
    every_row = {
        "price_rt_usd_per_mwh": prices.real_time,
        "price_lmp_usd_per_mwh": prices.dispatch,
        "price_da_usd_per_mwh": clock.by_row(outlook.day_ahead),
        "basis_gen_usd_per_mwh": prices.basis,
        "system_load_mw": load,
        "drybulb_c": weather.drybulb_c,
        "wetbulb_c": weather.wetbulb_c,
        "wind_cf": weather.site_wind_cf,
        "btc_usd": clock.by_row(bitcoin.btc_usd),
        "difficulty": clock.by_row(bitcoin.difficulty),
        "fees_btc_per_block": clock.by_row(bitcoin.fees_btc_per_block),
        "subsidy_btc": bitcoin.subsidy_btc,
        "gpu_rent_usd_per_gpu_h": work.rent_usd_per_gpu_h,
        "inference_load": work.inference,
        "tenant_load": work.tenant,
        "training_load": work.training,
        "mining_allowed": np.ones(len(clock)),
    }
    if site_solar is not None:
        every_row["solar_cf"] = site_solar
    every_row |= _supply(market, clock, weather.drybulb_c, prices, seed)
    every_row |= _carbon(market, clock, load, wind_mw, solar_mw, prices, seed)
    every_row |= _work(market, clock, seed)
    if market.regulation is not None:
        every_row |= regulation_columns(market.regulation, clock)
    columns = {name: values[clock.year] for name, values in every_row.items()}
    columns["cp_weight"] = coincident_peak_weights(
        columns["system_load_mw"], clock.month[clock.year], market.price.peak_months
    )
    columns["import_limit_mw"] = limit
    tightness = prices.tightness[clock.year]
    columns |= draw_reserves(market.reserves, clock, outlook.day_ahead[clock.year_hours], tightness, seed)
    if market.events is not None:
        columns |= draw_events(market.events, clock, tightness, seed)
    columns |= draw_failure_uniforms(len(tightness), seed)
    return build_trace(
        name=f"{market.name}/{seed}",
        start=clock.start,
        interval_s=interval_s,
        utc_offset_h=utc_offset_h,
        columns=columns,
        jobs=draw_gang_jobs(market.work, clock, seed),
        forecast=outlook.forecast,
        origin=dict.fromkeys(columns, "synthetic"),
    )


def _supply(market: Market, clock: Clock, drybulb_c: np.ndarray, prices: PriceYear, seed: int) -> dict[str, np.ndarray]:
    """Columns of the water, heat and fuel that the market describes."""
    columns = {}
    if market.hydro is not None:
        columns["hydro_cf"] = draw_hydro_cf(market.hydro, clock, seed)
    if market.geothermal is not None:
        columns["geothermal_cf"] = geothermal_cf(market.geothermal, drybulb_c)
    if market.fuel is not None:
        columns["fuel_usd_per_mmbtu"] = fuel_usd_per_mmbtu(market.fuel, clock, prices.gas)
        columns["fuel_cf"] = draw_fuel_cf(market.fuel, clock, seed)
    return columns


def _carbon(
    market: Market, clock: Clock, load_mw: np.ndarray, wind_mw: np.ndarray, solar_mw: np.ndarray, prices: PriceYear,
    seed: int,
) -> dict[str, np.ndarray]:  # fmt: skip
    """The grid's average intensity and, where the market describes it, its margin and its carbon-free share."""
    noise = wander(stream(seed, Stream.CARBON), len(clock), market.price.outage_tau_h, clock.interval_h)
    columns = {"carbon_average_kg_per_mwh": carbon_kg_per_mwh(market.price, load_mw, wind_mw, solar_mw, noise)}
    if market.carbon is not None:
        columns["carbon_marginal_kg_per_mwh"] = draw_marginal_kg_per_mwh(
            market.carbon, clock, prices.tightness, prices.real_time, seed
        )
        columns["grid_cfe_frac"] = carbon_free_frac(market.carbon, load_mw, wind_mw, solar_mw)
    return columns


def _work(market: Market, clock: Clock, seed: int) -> dict[str, np.ndarray]:
    """Columns of the optional demand for GPUs that the market describes."""
    work, columns = market.work, {}
    if work.on_demand is not None:
        columns["on_demand_load"] = draw_on_demand(work.on_demand, clock, seed)
    if work.gpu_pow is not None:
        columns["gpu_pow_usd_per_gpu_h"] = draw_proof_of_work_usd_per_gpu_h(work.gpu_pow, clock, seed)
    if work.tenants is not None:
        columns["tenant_contract_frac"] = draw_contract_frac(work.tenants, clock, seed)
    return columns
