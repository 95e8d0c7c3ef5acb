"""Tables from made to shown prices (quantile mapping), and shifts of tightness by month and hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm, rankdata

from experiments.calibrate.fit_weather import sharpen
from experiments.calibrate.measures import hour_profile
from experiments.calibrate.series import Series
from hybrid_env.traces.generate.price import mapped
from hybrid_env.traces.market import Price, PriceMap

PERCENT = np.array(
    [0.02, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65,
     70, 75, 80, 84, 88, 90, 92, 94, 95, 96, 97, 98, 98.5, 99, 99.25, 99.5, 99.7, 99.8, 99.9, 99.95, 99.98]
)  # fmt: skip
SUMMER_HALF, WINTER_HALF = (5, 6, 7, 8, 9), (11, 12, 1, 2, 3)
LEAST_STEP_USD_PER_MWH = 0.01
MOST_SHIFT_MW_FRAC = 0.25
"""No month or hour is shifted by more than this share of the spread between low and high net load of the stack."""


@dataclass(frozen=True)
class Maps:
    """Both tables; None where the market shows no such price."""

    real_time: PriceMap
    day_ahead: PriceMap | None

    def apply(self, made: Series) -> Series:
        """The series with its prices as the market shows them."""
        hourly = dict(made.hourly)
        if self.day_ahead is not None:
            hourly["price_da"] = mapped(self.day_ahead, made.hourly["price_da"])
        return replace(made, price_rt=mapped(self.real_time, made.price_rt), hourly=hourly)


def fit_maps(made: Series, real: Series, price: Price) -> Maps:
    """Tables that give the made prices the quantiles of the real ones."""
    real_time = price_map(made.price_rt, real.price_rt, price)
    day_ahead = None
    if "price_da" in real.hourly:
        day_ahead = price_map(made.hourly["price_da"], real.hourly["price_da"], price)
    return Maps(real_time, day_ahead)


def price_map(made: np.ndarray, real: np.ndarray, price: Price) -> PriceMap:
    """Quantile against quantile, closed at the market's floor and cap."""
    x = np.nanpercentile(made, PERCENT).round(2)
    y = np.clip(np.nanpercentile(real, PERCENT), price.floor_usd_per_mwh, price.cap_usd_per_mwh).round(2)
    xs, ys = [float(x[0])], [float(y[0])]
    for a, b in zip(x[1:], y[1:], strict=True):
        if a >= xs[-1] + LEAST_STEP_USD_PER_MWH:
            xs.append(float(a))
            ys.append(float(max(b, ys[-1])))
        else:  # many made prices are the same: they become the middle of theirs
            ys[-1] = float(max(ys[-1], (ys[-1] + b) / 2))
    low, high = float(np.nanmin(real)), float(np.nanmax(real))
    if xs[0] > price.floor_usd_per_mwh:
        xs.insert(0, price.floor_usd_per_mwh)
        ys.insert(0, max(price.floor_usd_per_mwh, min(low, ys[0])))
    if xs[-1] < price.cap_usd_per_mwh:
        xs.append(price.cap_usd_per_mwh)
        ys.append(min(price.cap_usd_per_mwh, max(high, ys[-1])))
    return PriceMap(made_usd_per_mwh=xs, shown_usd_per_mwh=[round(v, 2) for v in ys])


def improve_shifts(price: Price, made: Series, real: Series, gain: float) -> Price:
    """Shift months and hours by what separates their normal scores from the real ones.

    Scores are those of the rank within all hours, so that a tail of prices does not decide a month. A unit of score is
    taken as a third of the stack's width; `gain` damps the step.
    """
    width = (price.stack_net_load_mw[-1] - price.stack_net_load_mw[0]) / 3
    most = MOST_SHIFT_MW_FRAC * 3 * width
    ours, theirs = (_scores(s.price_rt_hourly) for s in (made, real))
    months = np.array([np.nanmean(theirs[real.month == m]) - np.nanmean(ours[made.month == m]) for m in range(1, 13)])
    summer, winter = (
        sharpen(hour_profile(theirs[np.isin(real.month, half)]) - hour_profile(ours[np.isin(made.month, half)]))
        for half in (SUMMER_HALF, WINTER_HALF)
    )

    def moved(before: Sequence[float] | None, step: np.ndarray) -> list[float]:
        now = (np.zeros(len(step)) if before is None else np.array(before)) + gain * width * (step - step.mean())
        return [round(float(v)) + 0.0 for v in np.clip(now, -most, most)]

    return price.model_copy(
        update={
            "month_shift_mw": moved(price.month_shift_mw, months),
            "hour_shift_mw": moved(price.hour_shift_mw, summer),
            "winter_hour_shift_mw": moved(price.winter_hour_shift_mw, winter),
        }
    )


def _scores(values: np.ndarray) -> np.ndarray:
    """Normal scores of ranks; missing stays missing."""
    out = np.full(values.shape, np.nan)
    there = np.isfinite(values)
    out[there] = norm.ppf((rankdata(values[there]) - 0.5) / there.sum())
    return out
