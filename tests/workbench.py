"""One small site on a calm trace, played by hand: for tests that compare the kernel with a calculation on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hybrid_env.batch import Batch
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sim.ledger import KG_ACCOUNTS, MWH_ACCOUNTS, USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.sim.state import leftover_usd
from hybrid_env.sites.site import Site
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import COLUMNS, FORECAST_LEADS_H, FORECAST_VARIABLES, JOB, Trace, build_trace
from tests.strategies import START

DESCRIPTION: dict[str, Any] = {
    "name": "bench",
    "meter": {"import_limit_mw": 200, "export_limit_mw": 50},
    "mining": {
        "fleets": [{"model": "S21", "nameplate_mw": 40}],
        "availability_frac": 1,
        "boot_s": 0,
        "stagger_share_per_h": 60,
    },
    "gpu": {
        "gpus": 10_000,
        "busy_kw": 1.0,
        "idle_kw": 0.2,
        "reserved": {"gpus": 2_000, "price_usd_per_gpu_h": 2},
        "inference": {"peak_gpus": 2_000, "price_usd_per_gpu_h": 3},
        "training": {"base_gpus": 1_000, "price_usd_per_gpu_h": 1},
        "spot": {"max_gpus": 2_000, "price_frac": 0.25},
    },
    "cooling": {"capacity_mw": 300},
    "battery": {"power_mw": 20, "energy_mwh": 100, "self_discharge_frac_per_month": 0},
}
"""Round numbers: 0.8 kW of dynamic power a GPU; nothing binds unless a test makes it."""

CALM: dict[str, float] = {
    "price_rt_usd_per_mwh": 30, "price_lmp_usd_per_mwh": 30, "price_da_usd_per_mwh": 30, "btc_usd": 100_000,
    "difficulty": 1.2e14, "fees_btc_per_block": 0, "inference_load": 0.5, "tenant_load": 1, "training_load": 0,
}  # fmt: skip
FULL = {name: 1.0 for name in ACTIONS} | {"battery": 0.0, "setpoint": -1.0}
OFF = {name: -1.0 for name in ACTIONS} | {"battery": 0.0}


def site_with(changes: dict[str, Any] | None = None, base: dict[str, Any] | None = None) -> Site:
    """The bench site with some fields changed: `{"mining.boot_s": 360, "battery": None}`."""
    return Site.model_validate(description_with(changes or {}, base))


def description_with(changes: dict[str, Any], base: dict[str, Any] | None = None) -> dict[str, Any]:
    """A site's description with some fields changed, by dotted name."""
    description = _copy(base or DESCRIPTION)
    for path, value in changes.items():
        *folders, name = path.split(".")
        place = description
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    return description


def calm_trace(
    interval_s: int = 900, days: float = 2, jobs: Sequence[tuple[int, int, float, float, float]] = (), **columns: Any
) -> Trace:
    """Constant columns unless given; jobs as (arrival_row, deadline_row, gpus, gpu_hours, bid)."""
    n = int(days * 86_400) // interval_s
    table = np.array([(*job, 0, 0.0) for job in jobs], JOB) if jobs else np.zeros(0, JOB)
    values = {name: np.broadcast_to(np.asarray(v, float), n).copy() for name, v in (CALM | columns).items()}
    forecast = np.zeros((n * interval_s // 3600, len(FORECAST_VARIABLES), len(FORECAST_LEADS_H)), np.float32)
    return build_trace("calm", START, interval_s, 0.0, values, table, forecast)


def column(values: dict[int, float], usual: float, rows: int = 192) -> np.ndarray:
    """A column that is `usual` but in some rows."""
    out = np.full(rows, float(usual))
    for row, value in values.items():
        out[row] = value
    return out


class Page:
    """A ledger page whose accounts are read by name."""

    def __init__(self, page: np.void) -> None:
        self.page = page

    def usd(self, account: str) -> float:
        """Dollars of an account."""
        return float(self.page["usd"][USD_ACCOUNTS.index(account)])

    def mwh(self, account: str) -> float:
        """Energy of an account."""
        return float(self.page["mwh"][MWH_ACCOUNTS.index(account)])

    def kg(self, account: str) -> float:
        """Carbon of an account."""
        return float(self.page["kg"][KG_ACCOUNTS.index(account)])

    def work(self, measure: str) -> float:
        """A measure of work."""
        return float(self.page["work"][WORK_MEASURES.index(measure)])

    @property
    def total_usd(self) -> float:
        """All accounts."""
        return float(self.page["usd"].sum())


class Workbench:
    """A batch of one lane at row `row`: half charged, halls at the lowest set-point, machines awake, no work open."""

    def __init__(
        self,
        site: Site | None = None,
        trace: Trace | None = None,
        row: int = 4,
        horizon: int | None = None,
        **columns: Any,
    ) -> None:
        site = site or site_with()
        trace = trace or calm_trace(site.interval_s, **columns)
        self.batch = Batch(site, Library([trace]), 1)
        end = len(trace) - 1 if horizon is None else row + horizon
        self.batch.begin(np.zeros(1, np.int64), np.array([[0, row, end]]), np.full((1, 8), 0.5))
        self.lane["bucket_gpu_h"] = 0
        self.lane["throttle_used_h"] = 0
        self.lane["setpoint_c"] = self.lane["gpu_hall_c"] = site.cooling.setpoint_min_c
        self.lane["start_value_usd"] = leftover_usd(self.lane, self.p)

    @property
    def lane(self) -> np.void:
        """The state; assigning to a field changes it."""
        return self.batch.lanes[0]

    @property
    def p(self) -> np.void:
        """The parameter record."""
        return self.batch.parameters[0]

    def play(self, base: dict[str, float] | None = None, **action: float) -> Page:
        """One interval: full use with the battery idle and the lowest set-point, but for what is named."""
        values = (base or FULL) | action
        self.batch.step(np.array([[values[name] for name in ACTIONS]], np.float32))
        return Page(self.batch.ledger[0].copy())

    def observed(self, name: str) -> float:
        """One number of the current observation, by name."""
        names = [field.name for field in self.batch.fields]
        return float(self.batch.observations[0, names.index(name)])


def unpublished(name: str) -> bool:
    """Whether a column is known only after its interval."""
    return COLUMNS[name].lag_rows != 0


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _copy(v) for k, v in value.items()}
    return [_copy(v) for v in value] if isinstance(value, list) else value
