"""Bitcoin: diffusion and jumps of the price, retargets, from daily figures of the training span."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from experiments.command import UserError
from hybrid_env.traces.generate.bitcoin import draw_bitcoin
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.market import Bitcoin

FILE = "bitcoin_daily_2020-2023.csv"
LAST_DAY = "2022-12-31"
DAYS_A_YEAR = 365
JUMPS_A_DAY = np.geomspace(0.002, 0.3, 60)
JUMP_SDS = np.geomspace(0.01, 0.25, 80)
LARGE = 0.1
RETARGET_TAILS = (0.01, 0.99)
SETTLED_DAYS = 5
"""A level of difficulty that stood on so many days is an epoch's; the file's daily means mix two on one day."""


@dataclass(frozen=True)
class BitcoinFigures:
    """What is compared: annual volatility, kurtosis of daily returns, share of days beyond 10 %, mean and standard
    deviation of retargets."""

    volatility: float
    excess_kurtosis: float
    days_beyond_10_pct: float
    retarget_mean: float
    retarget_sd: float


def read_bitcoin(data: Path) -> tuple[np.ndarray, np.ndarray]:
    """Daily prices (USD) and the difficulty of each epoch, in order, to the end of the training span.

    Raises:
        UserError: the file is missing.
    """
    path = data / FILE
    if not path.is_file():
        raise UserError(f"{path}: no such file; data=... must name the folder that holds the real series")
    table = pd.read_csv(path, index_col="date_utc").loc[:LAST_DAY]
    return table["btc_usd"].to_numpy(float), epochs(table["difficulty"].to_numpy(float))


def epochs(difficulty: np.ndarray) -> np.ndarray:
    """Levels that stood for some days, in order."""
    turns = np.flatnonzero(np.abs(np.diff(difficulty)) > 1e-9 * difficulty[1:]) + 1
    runs = np.split(difficulty, turns)
    return np.array([run[0] for run in runs if len(run) >= SETTLED_DAYS])


def fit_bitcoin(price_usd: np.ndarray, epoch_difficulty: np.ndarray) -> dict[str, float]:
    """Fields of `Bitcoin`: Merton's three by the moments of daily returns, retargets by theirs.

    The level of price, difficulty, subsidy and fees is that of the market's own day and is not fitted.
    """
    calm_sd, jumps_a_day, jump_sd = _merton(np.diff(np.log(price_usd)))
    change = np.diff(epoch_difficulty) / epoch_difficulty[:-1]
    low, high = np.quantile(change, RETARGET_TAILS)
    return {
        "sigma_per_year": round(calm_sd * float(np.sqrt(DAYS_A_YEAR)), 3),
        "jumps_per_year": round(jumps_a_day * DAYS_A_YEAR, 1),
        "jump_mean": 0.0,  # the training span's jumps have no sign that can be told from chance
        "jump_sd": round(jump_sd, 4),
        "retarget_mean": round(float(change.mean()), 4),
        "retarget_sd": round(float(change.std()), 4),
        "retarget_low": round(float(low), 3),
        "retarget_high": round(float(high), 3),
        "retarget_price_share": 0.0,  # the spread above holds it already
    }


def _merton(returns: np.ndarray) -> tuple[float, float, float]:
    """Calm daily deviation, jumps a day and their deviation: variance exact, kurtosis and large days as near as can be.

    A day is calm, or has one jump; Merton (1976), of normal jumps of mean 0.
    """
    variance = returns.var()
    kurtosis = np.mean((returns - returns.mean()) ** 4) / variance**2
    large = np.mean(np.abs(returns) > LARGE)
    p, s = np.meshgrid(JUMPS_A_DAY, JUMP_SDS, indexing="ij")
    calm = variance - p * s**2
    possible = calm > 0.05 * variance
    calm = np.where(possible, calm, variance)
    fourth = 3 * ((1 - p) * calm**2 + p * (calm + s**2) ** 2) / variance**2
    beyond = 2 * ((1 - p) * norm.sf(LARGE / np.sqrt(calm)) + p * norm.sf(LARGE / np.sqrt(calm + s**2)))
    miss = np.where(possible, (np.log(fourth / kurtosis)) ** 2 + (np.log(beyond / large)) ** 2, np.inf)
    i, j = np.unravel_index(np.argmin(miss), miss.shape)
    return float(np.sqrt(calm[i, j])), float(p[i, j]), float(s[i, j])


def real_figures(price_usd: np.ndarray, epoch_difficulty: np.ndarray) -> BitcoinFigures:
    """Of daily prices and epochs."""
    returns = np.diff(np.log(price_usd))
    change = np.diff(epoch_difficulty) / epoch_difficulty[:-1]
    z = (returns - returns.mean()) / returns.std()
    return BitcoinFigures(
        volatility=float(returns.std() * np.sqrt(DAYS_A_YEAR)),
        excess_kurtosis=float(np.mean(z**4) - 3),
        days_beyond_10_pct=float(100 * np.mean(np.abs(returns) > LARGE)),
        retarget_mean=float(change.mean()),
        retarget_sd=float(change.std()),
    )


def generated_figures(bitcoin: Bitcoin, seeds: range) -> BitcoinFigures:
    """Means over single generated years."""
    years = []
    for seed in seeds:
        clock = make_clock(2022, 3600, 0.0)
        drawn = draw_bitcoin(bitcoin, clock, seed)
        hours = clock.year_hours
        turns = drawn.difficulty[hours][np.concatenate([[True], np.diff(drawn.difficulty[hours]) != 0])]
        years.append(real_figures(drawn.btc_usd[hours][::24], turns))
    return BitcoinFigures(
        *(float(np.mean([getattr(y, name) for y in years])) for name in BitcoinFigures.__annotations__)
    )
