"""Real Texas years as traces, for tests only: the data stay outside the project.

`texas_real_trace(year)`: ERCOT HB_WEST real-time by 15 minutes, day-ahead by hour, system load and wind; Dallas
weather; Electricity Maps carbon; bitcoin by day. Gap policy, stated once: real-time gaps hold the
quarter before them for an hour and then take the day-ahead price of their hour; other gaps hold for up to six hours;
anything longer fails. The dispatch price is the last settled one: the source has none. 2023 has no day-ahead price at
the West hub: the hub average's stands in. Fees, GPU demand and jobs are the generator's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from hybrid_env.traces.forecast import forecast_from_past
from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.generate.weather import wetbulb_c
from hybrid_env.traces.market import load_market
from hybrid_env.traces.peaks import coincident_peak_weights
from hybrid_env.traces.schema import COLUMNS, Trace, build_trace

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
UTC_OFFSET_H = -6
WIND_RECORD_MW = {2021: 19_700.0, 2022: 24_500.0, 2023: 27_000.0}
"""The wind fleet's highest output before each year."""
FLEET_PEAK_CF = 0.75
"""The fleet never blows all at once: its record as a share of nameplate."""


@cache
def texas_real_trace(year: int, site_import_limit_mw: float = 100.0) -> Trace:
    """A real year from local midnight of 1 January to the end of the UTC year; skips where the data are absent."""
    pd = pytest.importorskip("pandas")
    if not (DATA / "market").is_dir():
        pytest.skip(f"real market data are not beside this checkout ({DATA})")
    start = pd.Timestamp(f"{year}-01-01T06:00Z")
    grid = pd.date_range(start, f"{year}-12-31T23:45Z", freq="15min")

    def load(name: str):
        table = pd.read_csv(DATA / name)
        table.index = pd.DatetimeIndex(pd.to_datetime(table.pop("timestamp_utc"), utc=True))
        return table

    def by_row(hourly):
        filled = hourly.reindex(pd.date_range(grid[0], grid[-1], freq="h")).ffill(limit=6).bfill(limit=6)
        return filled.reindex(grid, method="ffill").to_numpy(float)

    quarter, hour = load(f"market/ercot_15min_{year}.csv.gz"), load(f"market/ercot_hourly_{year}.csv.gz")
    city = load(f"texas_{year}.csv.gz")
    da_column = "price_da_usd_per_mwh" if "price_da_usd_per_mwh" in hour else "price_da_hubavg_usd_per_mwh"
    day_ahead = by_row(hour[da_column])
    real_time = quarter["price_rt_usd_per_mwh"].reindex(grid).ffill(limit=4).to_numpy(float)
    real_time = np.where(np.isnan(real_time), day_ahead, real_time)
    wind = quarter["wind_mw"].reindex(grid).ffill(limit=24).bfill(limit=24)
    record = np.fmax(WIND_RECORD_MW[year], quarter["wind_mw"].cummax().reindex(grid).ffill().to_numpy(float))
    system_load = by_row(hour["system_load_mw"])
    coins = pd.read_csv(DATA / "bitcoin_daily_2020-2023.csv", index_col="date_utc")
    coins.index = pd.DatetimeIndex(pd.to_datetime(coins.index, utc=True))
    coins = coins.reindex(grid, method="ffill")
    local_month = np.asarray(grid.tz_convert("Etc/GMT+6").month)
    drybulb = by_row(city["drybulb_c"])

    spare = generate_year(load_market("texas"), 10_000 + year, site_import_limit_mw, year=year)
    synthetic = ("fees_btc_per_block", "gpu_rent_usd_per_gpu_h", "inference_load", "tenant_load", "training_load")
    columns = {
        "price_rt_usd_per_mwh": real_time,
        "price_lmp_usd_per_mwh": np.concatenate([real_time[:1], real_time[:-1]]),
        "price_da_usd_per_mwh": day_ahead,
        "system_load_mw": system_load,
        "cp_weight": coincident_peak_weights(system_load, local_month, "4CP"),
        "drybulb_c": drybulb,
        "wetbulb_c": wetbulb_c(drybulb, by_row(city["relative_humidity_pct"])),
        "wind_cf": np.clip(wind.to_numpy(float) / record * FLEET_PEAK_CF, 0, 1),
        "carbon_average_kg_per_mwh": by_row(city["carbon_direct_kg_per_mwh"]),
        "btc_usd": coins["btc_usd"].to_numpy(float),
        "difficulty": coins["difficulty"].to_numpy(float),
        "subsidy_btc": coins["subsidy_btc"].to_numpy(float),
        "import_limit_mw": np.full(len(grid), site_import_limit_mw),
        **{name: spare.rows[name][: len(grid)] for name in synthetic},
    }
    origin = dict.fromkeys(columns, "real")
    origin |= dict.fromkeys(("price_lmp_usd_per_mwh", "wetbulb_c", "wind_cf", "cp_weight"), "derived")
    origin |= dict.fromkeys(synthetic, "synthetic")
    jobs = spare.jobs[spare.jobs["arrival_row"] < len(grid)]
    first = datetime(year, 1, 1, 6, tzinfo=UTC)
    rounded = {n: np.round(v / COLUMNS[n].resolution) * COLUMNS[n].resolution for n, v in columns.items()}
    forecast = forecast_from_past(first, 900, UTC_OFFSET_H, rounded)
    return build_trace(f"texas_real/{year}", first, 900, UTC_OFFSET_H, columns, jobs, forecast, origin)
