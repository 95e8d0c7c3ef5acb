"""Classifier two-sample test: how well a learner tells a real day from a generated one.

Lopez-Paz and Oquab (2017), "Revisiting classifier two-sample tests": if no classifier does better than chance on days
it has not seen, the samples cannot be told apart by it. Area under the ROC curve: 0.5 cannot be told apart, 1 always.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.calibrate.series import Series, squeeze

BLOCK_DAYS = 28
"""Days of one block of the calendar, of both sides and of all years, are in one fold together and drawn together in
the bootstrap. Neighbouring days are alike; and a season that one side has in training and the other in the test would
teach the wrong answer."""
FOLDS = 5
RESAMPLES = 400
SEED = 5
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "everything": ("rt", "within", "price_da", "load", "wind", "solar", "drybulb"),
    "real-time price": ("rt", "within"),
    "prices": ("rt", "within", "price_da"),
    "day-ahead price": ("price_da",),
    "load": ("load",),
    "wind": ("wind",),
    "solar": ("solar",),
    "temperature": ("drybulb",),
}
"""Subject -> features of a day: 24 hourly values each; `within` is the spread of quarters in each hour."""


@dataclass(frozen=True)
class Verdict:
    """Area under the curve with a 95 % interval (bootstrap over blocks), and how many days of each kind."""

    subject: str
    auc: float
    low: float
    high: float
    days: int


def two_sample(subject: str, first: Sequence[Series], second: Sequence[Series], *, shuffle: bool = False) -> Verdict:
    """Learn to tell days of the first from days of the second, on blocks not seen; `shuffle` mixes the labels first.

    Days with a missing price are left out; other gaps are the classifier's to handle. Both sides get equally many
    days, taken evenly.

    Raises:
        ModuleNotFoundError: scikit-learn is not installed; tolerances can be checked without it.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    names = [n for n in SUBJECTS[subject] if all(_has(s, n) for s in (*first, *second))]
    parts = [_days(side, names) for side in (first, second)]
    count = min(len(part[0]) for part in parts)
    picks = [np.linspace(0, len(part[0]) - 1, count).astype(int) for part in parts]
    x = np.concatenate([part[0][pick] for part, pick in zip(parts, picks, strict=True)])
    labels = np.repeat([0, 1], count)
    blocks = np.concatenate([part[1][pick] for part, pick in zip(parts, picks, strict=True)])
    rng = np.random.default_rng(SEED)
    if shuffle:
        labels = rng.permutation(labels)
    score = np.empty(len(x))
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=SEED).split(x, labels, blocks):
        model = HistGradientBoostingClassifier(max_iter=80, learning_rate=0.1, max_leaf_nodes=15, random_state=SEED)
        score[test] = model.fit(x[train], labels[train]).predict_proba(x[test])[:, 1]
    groups = [np.flatnonzero(blocks == b) for b in np.unique(blocks)]
    drawn = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([groups[g] for g in rng.integers(len(groups), size=len(groups))])
        if 0 < labels[rows].mean() < 1:
            drawn.append(roc_auc_score(labels[rows], score[rows]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Verdict(subject, float(roc_auc_score(labels, score)), float(low), float(high), count)


def distinct_subjects(series: Series) -> list[str]:
    """Subjects that the series has features of, less those that come to the same features as one before."""
    features = {subject: tuple(name for name in names if _has(series, name)) for subject, names in SUBJECTS.items()}
    first = {found: subject for subject, found in reversed(features.items()) if found}
    return [subject for subject in features if subject in first.values()]


def _has(series: Series, name: str) -> bool:
    return name == "rt" or (name == "within" and series.steps_per_h > 1) or name in series.hourly


def _days(years: Sequence[Series], names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Features [days, ...] of the days with a price, and the block of the calendar of each."""
    features, blocks = [], []
    for year in years:
        there = np.isfinite(year.price_rt_hourly).all(axis=1) & (year.month > 0)
        columns = [_feature(year, name)[there] for name in names]
        features.append(np.hstack(columns))
        blocks.append(np.flatnonzero(there) // BLOCK_DAYS)
    return np.concatenate(features), np.concatenate(blocks)


def _feature(year: Series, name: str) -> np.ndarray:
    if name == "rt":
        return squeeze(year.price_rt_hourly)
    if name == "within":
        return squeeze(year.price_rt.reshape(len(year), 24, -1).std(axis=2))
    values = year.hourly[name]
    if name == "solar":  # meters creep a little at night; a model's night is exactly dark
        return values.round(2)
    return squeeze(values) if name == "price_da" else values
