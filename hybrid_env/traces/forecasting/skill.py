"""How good forecasts are: error, skill and coverage by variable and lead, over the same hours for every method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.forecasting.features import WARM_UP_H
from hybrid_env.traces.forecasting.learned import HIGH, LOW, Learned
from hybrid_env.traces.forecasting.methods import Forecaster
from hybrid_env.traces.forecasting.past import Floats, truth_at_leads, within_range
from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES, Trace


@dataclass(frozen=True)
class Skill:
    """One method, variable and lead.

    Attributes:
        mae, rmse: mean absolute and root mean square error, in the variable's unit.
        covered: share of hours between the 10 and the 90 % quantile; None for a method that states none.
        pairs: hours counted.
    """

    method: str
    variable: str
    lead_h: int
    mae: float
    rmse: float
    covered: float | None
    pairs: int


@dataclass(frozen=True)
class ErrorBand:
    """The 10 and 90 % quantiles of a method's errors in the training split, by variable and lead: laid around its
    forecasts they are its band."""

    low: Floats
    high: Floats

    def around(self, forecast: Floats) -> tuple[Floats, Floats]:
        """The band of each forecast."""
        return within_range(forecast + self.low), within_range(forecast + self.high)


def error_band(forecaster: Forecaster, training: Sequence[Trace]) -> ErrorBand:
    """Measure a method's errors on training traces."""
    misses = [(truth_at_leads(t) - forecaster.forecast(t))[WARM_UP_H:] for t in training]
    low, high = np.nanquantile(np.concatenate(misses), (LOW, HIGH), axis=0)
    return ErrorBand(low, high)


def measure(
    forecaster: Forecaster, test: Sequence[Trace], training: Sequence[Trace], banded: bool = True
) -> list[Skill]:
    """Every variable and lead over all test traces together.

    Args:
        training: where bands of methods that state no quantiles of their own come from.
        banded: False leaves coverage out.
    """
    misses, inside = [], []
    band = error_band(forecaster, training) if banded and not isinstance(forecaster, Learned) else None
    for trace in test:
        truth, forecast = truth_at_leads(trace)[WARM_UP_H:], forecaster.forecast(trace)
        misses.append(forecast[WARM_UP_H:] - truth)
        if banded:
            low, high = forecaster.band(trace) if isinstance(forecaster, Learned) else band.around(forecast)  # type: ignore[union-attr]
            hit = (truth >= low[WARM_UP_H:]) & (truth <= high[WARM_UP_H:])
            inside.append(np.where(np.isfinite(truth), hit, np.nan))
    miss = np.concatenate(misses)
    known = np.isfinite(miss)
    mae, rmse = np.nanmean(np.abs(miss), axis=0), np.sqrt(np.nanmean(miss**2, axis=0))
    covered = np.nanmean(np.concatenate(inside), axis=0) if banded else None
    return [
        Skill(
            forecaster.name, variable, lead, float(mae[v, k]), float(rmse[v, k]),
            None if covered is None else float(covered[v, k]), int(known[:, v, k].sum()),
        )
        for v, variable in enumerate(FORECAST_VARIABLES)
        for k, lead in enumerate(FORECAST_LEADS_H)
    ]  # fmt: skip
