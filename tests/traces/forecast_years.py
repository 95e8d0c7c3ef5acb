"""Short made-up traces with daily and weekly courses, on which forecasters can be told apart."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from hybrid_env.traces.forecast import forecast_from_past
from hybrid_env.traces.schema import COLUMNS, JOB, Trace, build_trace

START, OFFSET_H, DAYS = datetime(2021, 3, 1, 6, tzinfo=UTC), -6, 24


def columns_of(seed: int) -> dict[str, np.ndarray]:
    """Three weeks and more with daily and weekly courses and slow noise."""
    rng = np.random.default_rng(seed)
    rows = DAYS * 96
    hour, day = np.arange(rows) / 4 % 24, np.arange(rows) // 96

    def noise(memory: float) -> np.ndarray:
        out = np.zeros(rows)
        for row in range(1, rows):
            out[row] = memory * out[row - 1] + rng.normal()
        return out * np.sqrt(1 - memory**2)

    course = np.sin(2 * np.pi * (hour - 9) / 24)
    day_ahead = np.repeat((40 + 20 * course + 3 * noise(0.99))[::4], 4)
    real_time = day_ahead + 15 * noise(0.9)
    return {
        "price_da_usd_per_mwh": day_ahead,
        "price_rt_usd_per_mwh": real_time,
        "price_lmp_usd_per_mwh": np.concatenate([real_time[:1], real_time[:-1]]),
        "system_load_mw": 50_000 + 8_000 * course - 4_000 * (day % 7 >= 5) + 1_500 * noise(0.995),
        "wind_cf": np.clip(0.4 + 0.2 * noise(0.99), 0, 1),
        "drybulb_c": 20 + 6 * course + 2 * noise(0.99),
        "inference_load": np.clip(0.6 + 0.2 * course + 0.03 * noise(0.95), 0, 1),
        "btc_usd": np.full(rows, 40_000.0),
        "difficulty": np.full(rows, 2e13),
        "subsidy_btc": np.full(rows, 6.25),
        "gpu_rent_usd_per_gpu_h": np.full(rows, 2.0),
    }


def trace_of(columns: dict[str, np.ndarray], name: str, forecast: np.ndarray | None = None) -> Trace:
    rounded = {n: np.round(v / COLUMNS[n].resolution) * COLUMNS[n].resolution for n, v in columns.items()}
    if forecast is None:
        forecast = forecast_from_past(START, 900, OFFSET_H, rounded)
    return build_trace(name, START, 900, OFFSET_H, columns, np.zeros(0, JOB), forecast)
