"""What statistics are made of: correlations over gaps, runs, profiles. Missing values count nowhere."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's correlation over the pairs that are both there; NaN with fewer than three or without spread."""
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < 3 or x[both].std() == 0 or y[both].std() == 0:
        return float("nan")
    return float(np.corrcoef(x[both], y[both])[0, 1])


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Spearman's correlation over the pairs that are both there."""
    both = np.isfinite(x) & np.isfinite(y)
    return correlation(rankdata(x[both]), rankdata(y[both]))


def autocorrelation(days: np.ndarray, steps: int) -> float:
    """Correlation of a series [days, steps a day] with itself `steps` later."""
    flat = days.ravel()
    return correlation(flat[steps:], flat[:-steps])


def run_lengths(flags: np.ndarray) -> np.ndarray:
    """Lengths of the unbroken runs of true values, in order."""
    edges = np.diff(np.concatenate([[0], flags.ravel().astype(np.int8), [0]]))
    return np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)


def mean_run_h(flags: np.ndarray, steps_per_h: int) -> float:
    """Mean length of a run, hours; 0 without one."""
    runs = run_lengths(flags)
    return float(runs.mean() / steps_per_h) if len(runs) else 0.0


def day_clustering(flags: np.ndarray) -> float:
    """How much likelier a day with a true value is after such a day than in general, as a ratio; 1 = by chance.

    NaN with fewer than five such days.
    """
    hit = np.asarray(flags.any(axis=1))
    if hit.sum() < 5:
        return float("nan")
    return float(hit[1:][hit[:-1]].mean() / hit.mean())


def hour_profile(days: np.ndarray) -> np.ndarray:
    """Mean of each hour less the mean of all [24]."""
    profile = np.nanmean(days, axis=0)
    return profile - profile.mean()


def month_profile(days: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Mean of each month less the mean of all months [12]."""
    profile = np.array([np.nanmean(days[month == m]) for m in range(1, 13)])
    return profile - profile.mean()


def daily_anomaly(days: np.ndarray, window: int = 31) -> np.ndarray:
    """Daily means less a running mean of `window` days [days]."""
    daily = days.mean(axis=1)
    half = window // 2
    padded = np.pad(daily, half, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, window)
    there = np.isfinite(around)
    total = np.where(there, around, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return daily - total
