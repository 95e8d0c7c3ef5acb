"""Learned: gradient-boosted trees that correct the forecasts a trace was issued with.

One model a variable, lead among its features, so that leads teach each other; trained on the training split alone. The
target is what the issued forecast missed, so that a year with a larger grid or dearer gas is no new country. Squared
error gives the best estimate, pinball loss its 10 and 90 % quantiles.

No model is ever stored: training is repeated to the bit on one machine (one thread, fixed seed, no early stopping),
and what is kept is the forecasts (`kept.py`). The method is scikit-learn's HistGradientBoostingRegressor; the idea of
one model over all leads is the "direct" strategy with the horizon as input (Januschowski et al., Int. J. Forecasting
36, 2020, 167-177).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_env.traces.forecast import LEADS
from hybrid_env.traces.forecasting import kept
from hybrid_env.traces.forecasting.features import NAMES, WARM_UP_H, Outlook, features, look
from hybrid_env.traces.forecasting.past import Floats, column_of, hourly, truth_at_leads, within_range
from hybrid_env.traces.schema import FORECAST_VARIABLES, Trace, TraceError

logger = logging.getLogger("hybrid_env.traces")

LOW, HIGH = 0.1, 0.9
"""Quantiles between which four of five hours should fall."""
TRAINING_PAIRS = 120_000
"""Pairs of issue and lead a model is trained on at most; issues are then taken at equal steps."""
PRICE_MISS_LIMIT_USD_PER_MWH = 150.0
"""Larger misses count as this much: a few hours of scarcity would else bend every forecast (as in `nudge_price`)."""
TREES = {
    "max_iter": 180, "learning_rate": 0.07, "max_leaf_nodes": 31, "min_samples_leaf": 150, "l2_regularization": 1.0,
    "max_bins": 127, "early_stopping": False, "random_state": 0,
}  # fmt: skip
BLOCK_H, BLOCKS = 14 * 24, 4
"""Quantiles are fitted on three of every four blocks of two weeks, and calibrated on the fourth: trees are too sure of
hours that they have seen (conformalised quantile regression: Romano, Patterson and Candès, NeurIPS 2019)."""
SMALLEST_SPREAD = 1e-6
"""Misses of a lead are learned in units of their spread; this one stands in where there is none."""
MISSING = 'learned forecasts need scikit-learn: pip install "hybrid-env[forecast]"'


@dataclass(frozen=True)
class _Model:
    """Trees that foretell a miss in units of its lead's spread: a near lead's small misses count as much as far ones.

    Attributes:
        spread: [leads], in units of the variable's scale.
        shift: [leads], in units of the spread: what hours that were held out say a quantile is off.
    """

    trees: Any
    spread: Floats
    shift: Floats


class Learned:
    """Forecasts corrected by trees that have seen only other years.

    Args:
        training: traces of the training split. A trace that is among them is forecast by trees trained on the rest, so
            that no forecast has seen its own outcome.

    Raises:
        TraceError: no training trace.
        ImportError: scikit-learn is not installed (when a forecast is made that is not kept).
    """

    name = "learned"

    def __init__(self, training: Sequence[Trace]) -> None:
        if not training:
            raise TraceError("learned forecasts need at least one training trace; name some, or take another method")
        self.training = tuple(training)
        self._models: dict[tuple[Any, ...], dict[int, _Model]] = {}

    def forecast(self, trace: Trace) -> Floats:
        """Best estimates, [issue_hour, variable, lead]."""
        return self._kept(trace, None)

    def band(self, trace: Trace) -> tuple[Floats, Floats]:
        """The 10 and 90 % quantiles, both [issue_hour, variable, lead]; the lower one never above the higher."""
        low, high = self._kept(trace, LOW), self._kept(trace, HIGH)
        return np.minimum(low, high), np.maximum(low, high)

    def _kept(self, trace: Trace, quantile: float | None) -> Floats:
        teachers = self._teachers(trace)
        key = kept.key([*(t.hash for t in teachers), trace.hash, repr(quantile)])
        found = kept.load(key, (len(trace.forecast), len(FORECAST_VARIABLES), len(LEADS)))
        if found is None:
            found = self._predict(trace, teachers, quantile)
            kept.save(key, found)
        return found

    def _teachers(self, trace: Trace) -> tuple[Trace, ...]:
        teachers = tuple(t for t in self.training if t.hash != trace.hash)
        if not teachers:
            raise TraceError(
                f"{trace.name}: is the only training trace, and no forecast may have seen its own outcome;"
                " train on one more"
            )
        return teachers

    def _predict(self, trace: Trace, teachers: tuple[Trace, ...], quantile: float | None) -> Floats:
        models = self._trained(teachers, quantile)
        seen = look(trace)
        out = trace.forecast.astype(np.float64)
        with _one_thread():
            for variable, model in models.items():
                table = features(seen, variable)
                miss = model.trees.predict(table.reshape(-1, len(NAMES))).reshape(out[:, variable].shape)
                out[:, variable] += (miss + model.shift) * model.spread * seen.scale[variable][:, None]
        out[:WARM_UP_H] = trace.forecast[:WARM_UP_H]
        return within_range(out)

    def _trained(self, teachers: tuple[Trace, ...], quantile: float | None) -> dict[int, _Model]:
        key = (quantile, *(t.hash for t in teachers))
        if key not in self._models:
            began = time.perf_counter()
            seen = [look(teacher) for teacher in teachers]
            self._models[key] = {
                v: _fit(seen, v, quantile) for v, name in enumerate(FORECAST_VARIABLES) if _moves(teachers, name)
            }
            what = "best estimate" if quantile is None else f"{quantile:.0%} quantile"
            logger.info("trained %s on %d years in %.0f s", what, len(teachers), time.perf_counter() - began)
        return self._models[key]


def _moves(teachers: Sequence[Trace], variable: str) -> bool:
    """Whether there is anything to learn: a site without a field of its own has no sun."""
    return any(np.ptp(hourly(teacher, column_of(variable))) > 0 for teacher in teachers)


def _fit(seen: Sequence[Outlook], variable: int, quantile: float | None) -> _Model:
    """One variable's trees; a quantile's are fitted on three blocks of four and shifted by what the fourth shows."""
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
    except ImportError as error:
        raise ImportError(MISSING) from error
    pairs = [_pairs(outlook, variable, _step(seen)) for outlook in seen]
    table, miss, held = (np.concatenate(part) for part in zip(*pairs, strict=True))
    spread = np.maximum(np.nanstd(miss, axis=0), SMALLEST_SPREAD)
    target = miss / spread
    known = np.isfinite(target)
    if quantile is None:
        with _one_thread():
            trees = HistGradientBoostingRegressor(loss="squared_error", **TREES).fit(table[known], target[known])
        return _Model(trees, spread, np.zeros(len(LEADS)))
    learned = known & ~held[:, None]
    trees = HistGradientBoostingRegressor(loss="quantile", quantile=quantile, **TREES)
    with _one_thread():
        trees.fit(table[learned], target[learned])
        if not held.any():  # less than four blocks: nothing to calibrate on
            return _Model(trees, spread, np.zeros(len(LEADS)))
        off = target[held] - trees.predict(table[held].reshape(-1, len(NAMES))).reshape(-1, len(LEADS))
    return _Model(trees, spread, np.nanquantile(off, quantile, axis=0))


def _pairs(outlook: Outlook, variable: int, step: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Features and misses of every `step`-th issue, [issues, leads, features] and [issues, leads], in units of the
    variable's scale; beyond the trace's end a miss is not a number. And which issues are held out, [issues]."""
    issues = np.arange(WARM_UP_H, len(outlook.trace.forecast), step)
    truth = truth_at_leads(outlook.trace)[issues, variable]
    miss = truth - outlook.trace.forecast[issues, variable]
    if FORECAST_VARIABLES[variable] == "price_usd_per_mwh":
        miss = np.clip(miss, -PRICE_MISS_LIMIT_USD_PER_MWH, PRICE_MISS_LIMIT_USD_PER_MWH)
    held = issues // BLOCK_H % BLOCKS == BLOCKS - 1
    return features(outlook, variable)[issues], miss / outlook.scale[variable][issues][:, None], held


def _step(seen: Sequence[Outlook]) -> int:
    """Hours between the issues that are learned from: as few as give `TRAINING_PAIRS`, and no divisor of a day."""
    pairs = sum(max(len(outlook.trace.forecast) - WARM_UP_H, 0) for outlook in seen) * len(LEADS)
    step = max(1, math.ceil(pairs / TRAINING_PAIRS))
    while math.gcd(step, 24) > 1:
        step += 1
    return step


def _one_thread() -> Any:
    """Sums of one thread are the same every time."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise ImportError(MISSING) from error
    return threadpool_limits(1)
