"""A trace that every shock can strike: weather and prices in a daily wave, an import limit, honest forecasts."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.forecast import forecast_from_past
from hybrid_env.traces.schema import JOB, Trace, build_trace
from tests.strategies import START

OFFSET_H = -6.0
INTERVAL_S = 900
PER_H = 4


def lively(days: float = 30, **given: float | np.ndarray) -> Trace:
    """From 30 January 2025 on, so that 30 days hold the middle of February; `given` columns replace the usual."""
    n = int(days * 24 * PER_H)
    hour = np.arange(n) / PER_H + OFFSET_H
    wave = np.cos(2 * np.pi * (hour - 15) / 24)
    slow = np.sin(2 * np.pi * hour / (24 * 9.7))
    usual = {
        "price_rt_usd_per_mwh": 40 + 20 * wave + 5 * slow, "price_lmp_usd_per_mwh": 41 + 20 * wave,
        "price_da_usd_per_mwh": 42 + 18 * wave, "system_load_mw": 48_000 + 6_000 * wave + 900 * slow,
        "drybulb_c": 18 + 6 * wave + 5 * slow, "wetbulb_c": 12 + 3 * wave + 3 * slow, "wind_cf": 0.4 - 0.2 * wave,
        "btc_usd": 100_000, "difficulty": 1.2e14, "import_limit_mw": 100, "fuel_cf": 1, "tenant_contract_frac": 1,
        "gpu_rent_usd_per_gpu_h": 2.2,
    }  # fmt: skip
    columns = {name: np.broadcast_to(np.asarray(v, float), n).copy() for name, v in (usual | given).items()}
    jobs = np.array([(9, 200, 512, 900.0, 1.5, 0, 0.25), (30, 260, 1024, 4_000.0, 2.5, 0, 0.5)], JOB)
    forecast = forecast_from_past(START, INTERVAL_S, OFFSET_H, columns)
    return build_trace(
        "lively",
        START,
        INTERVAL_S,
        OFFSET_H,
        columns,
        jobs[jobs["arrival_row"] < n],
        forecast,
        dict.fromkeys(columns, "real"),
    )
