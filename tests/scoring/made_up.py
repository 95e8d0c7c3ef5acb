"""Made-up runs and references for tests of scoring and reports: small, exact, and on one page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from hybrid_env.scoring.result import Kind, Provenance, Result, WeekTrace
from hybrid_env.scoring.score import References, split_bound

WORLDS = ("made_up/1", "made_up/2")
TRACES = {world: f"{index:016x}" for index, world in enumerate(WORLDS)}
TASK = "hybrid_env/MadeUp-v0"
WEEKS = 52


def weeks(seed: int, mean: float, spread: float, worlds: int = len(WORLDS)) -> np.ndarray:
    """Random weekly money, [W, 52]."""
    return np.random.default_rng(seed).normal(mean, spread, size=(worlds, WEEKS))


def rows(values: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())


def accounts(total_usd: float) -> dict[str, float]:
    """A ledger that adds up to `total_usd`."""
    parts = {"mining": 0.3, "reserved": 0.6, "training": 0.4, "energy_import": -0.25, "coincident_peak": -0.05}
    return {name: part * total_usd for name, part in parts.items()}


def provenance(**changes: object) -> Provenance:
    values = {
        "versions": {"python": "3.11", "numpy": "2.0"},
        "git_commit": "0" * 40, "site_hash": "5" * 16,
        "trace_hashes": TRACES, "kernel_hash": "7" * 16, "machine": "Some Processor",
        "created_utc": datetime(2024, 8, 5, tzinfo=UTC), "command": "python -m experiments.evaluate",
        "config": {"task": {"id": TASK}, "rates": [0.1, 0.2]},
    }  # fmt: skip
    return Provenance.model_validate({**values, **changes})


def week_trace(seed: int = 0, rows: int = 672) -> WeekTrace:
    """A week in which supply and use balance."""
    rng = np.random.default_rng(seed)
    hour = np.arange(rows) / 4
    day = 0.5 + 0.5 * np.sin(2 * np.pi * (hour - 9) / 24)
    price = np.where(rng.random(rows) < 0.01, 2_000.0, 25 + 40 * day + rng.normal(0, 6, rows)) - 30 * (hour % 24 < 4)
    loads = {
        "reserved_mw": 11 + 2 * day, "inference_mw": 4 + 5 * day, "training_mw": 6 + 0 * day,
        "spot_mw": 3.0 * (price < 40), "gpu_idle_mw": np.full(rows, 6.0),
        "mining_mw": 60.0 * (price < 70), "cooling_mw": 6 + 4 * day,
    }  # fmt: skip
    charge, discharge = 15.0 * (price < 15), 15.0 * (price > 75)
    wind = 25 + 15 * np.sin(hour / 15)
    net = sum(loads.values()) + charge - discharge - wind
    columns = {
        **loads, "price_usd_per_mwh": price, "import_limit_mw": np.full(rows, 100.0), "charge_mw": charge,
        "wind_mw": wind, "discharge_mw": discharge, "import_mw": np.maximum(net, 0), "export_mw": np.maximum(-net, 0),
        "soc_mwh": np.clip(30 + np.cumsum(charge - discharge) / 4, 0, 60),
        "mining_hall_c": 32 + 4 * day, "gpu_hall_c": 25 + day,
    }  # fmt: skip
    return WeekTrace.from_arrays(WORLDS[0], 31, datetime(2024, 8, 5, tzinfo=UTC), 900, columns)


def result(
    policy: str = "rule", seed: int = 0, kind: Kind = "rule", weekly: np.ndarray | None = None, **changes: Any
) -> Result:
    weekly = weeks(seed, 100_000.0, 30_000.0) if weekly is None else weekly
    values = {
        "task": TASK, "policy": policy, "kind": kind, "seed": seed, "worlds": WORLDS, "weekly_usd": rows(weekly),
        "accounts_usd": accounts(float(weekly.sum())), "mwh": {"mining": 1e5}, "kg": {"location": 5e6},
        "work": {"btc": 12.5}, "decision_latency_ms": 0.2, "provenance": provenance(), "week_trace": week_trace(seed),
    }  # fmt: skip
    return Result.model_validate({**values, **changes})


def room() -> np.ndarray:
    """What the bound earns over naive by week: on average 40,000 USD, most of it in a few weeks."""
    shares = np.random.default_rng(98).gamma(0.6, 1.0, (len(WORLDS), WEEKS))
    return shares * (40_000.0 * WEEKS / shares.sum(axis=1))[:, None]


def naive() -> np.ndarray:
    return weeks(99, 90_000.0, 20_000.0)


def references(**changes: Any) -> References:
    base, most = naive(), room()
    bound = (base + most).sum(axis=1)
    values = {
        "task": TASK, "worlds": WORLDS, "trace_hashes": TRACES, "site_hash": "5" * 16, "naive_usd": rows(base),
        "bound_usd": tuple(bound.tolist()), "bound_weekly_usd": rows(split_bound(base + most, bound)),
        "p24_usd": rows(base + 0.93 * most), "reachable_usd": rows(base + 0.96 * most),
        "naive_accounts_usd": accounts(float(base.sum())),
    }  # fmt: skip
    return References.model_validate({**values, **changes})
