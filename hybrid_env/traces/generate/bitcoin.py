"""The bitcoin network's market: price, difficulty, fees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.generate.clock import DAYS, Clock
from hybrid_env.traces.generate.noise import Stream, decay, memory_of, stream, wander
from hybrid_env.traces.market import Bitcoin

HOURS_A_YEAR = DAYS * 24
EPOCH_H = 14 * 24
"""2,016 blocks of ten minutes."""
EPOCH_S = EPOCH_H * 3600
RETARGET_LIMIT = 4.0
"""Consensus rule: an epoch is never taken as shorter than a quarter, or longer than four times, of its target."""
HASHES_PER_DIFFICULTY = 2.0**32
HASHPRICE_SCALE = 1e15 * 86_400
"""Hashes of one PH/s in a day."""


@dataclass(frozen=True)
class BitcoinYear:
    """Hourly series, but `subsidy_btc` by row; lead-in and lead-out included."""

    btc_usd: np.ndarray
    difficulty: np.ndarray
    fees_btc_per_block: np.ndarray
    subsidy_btc: np.ndarray


def hashprice_usd_per_ph_day(
    difficulty: np.ndarray | float, btc_per_block: np.ndarray | float, btc_usd: np.ndarray | float
) -> np.ndarray | float:
    """Expected revenue of one PH/s for a day: `1e15 * 86400 / (difficulty * 2^32) * btc_per_block * btc_usd`."""
    return HASHPRICE_SCALE / (difficulty * HASHES_PER_DIFFICULTY) * btc_per_block * btc_usd


def retarget(difficulty: float, epoch_s: float) -> float:
    """Difficulty after an epoch of 2,016 blocks: `difficulty * clip(1,209,600 / epoch_s, 1/4, 4)`.

    The consensus rule (Bitcoin Core, `CalculateNextWorkRequired`), without its rounding to compact form.
    """
    return difficulty * min(max(EPOCH_S / epoch_s, 1 / RETARGET_LIMIT), RETARGET_LIMIT)


def draw_bitcoin(bitcoin: Bitcoin, clock: Clock, seed: int) -> BitcoinYear:
    """Merton (1976) jump diffusion without drift, retargets that follow it, fees with bursts, perhaps a halving.

    A halving cuts revenue at once. Machines that no longer pay leave over the next `halving_epochs`, and difficulty
    falls in each as it would if the price had fallen by that part of the halving.
    """
    rng = stream(seed, Stream.BITCOIN)
    hours = len(clock) // clock.rows_per_h
    start_hashprice = bitcoin.hashprice_usd_per_ph_day * np.exp(bitcoin.hashprice_sigma * rng.standard_normal())
    start_difficulty = bitcoin.difficulty * np.exp(bitcoin.difficulty_sigma * rng.standard_normal())
    log_move = _log_price(bitcoin, hours, rng)
    halved = clock.season_day >= np.inf if bitcoin.halving_day is None else clock.season_day >= bitcoin.halving_day
    answered = np.minimum(np.cumsum(clock.hourly(halved)) / (bitcoin.halving_epochs * EPOCH_H), 1)
    difficulty = _difficulty(bitcoin, start_difficulty, log_move - np.log(2) * answered, rng)
    start_price = start_hashprice / hashprice_usd_per_ph_day(start_difficulty, bitcoin.subsidy_btc + bitcoin.fee_btc, 1)
    return BitcoinYear(
        btc_usd=start_price * np.exp(log_move),
        difficulty=difficulty,
        fees_btc_per_block=_fees(bitcoin, hours, rng),
        subsidy_btc=bitcoin.subsidy_btc * np.where(halved, 0.5, 1.0),
    )


def _log_price(bitcoin: Bitcoin, hours: int, rng: np.random.Generator) -> np.ndarray:
    """Cumulated hourly log returns whose exponential is a martingale."""
    step = 1 / HOURS_A_YEAR
    jump_gain = np.exp(bitcoin.jump_mean + bitcoin.jump_sd**2 / 2) - 1
    drift = -(bitcoin.sigma_per_year**2) / 2 - bitcoin.jumps_per_year * jump_gain
    jumps = rng.random(hours) < bitcoin.jumps_per_year * step
    sizes = bitcoin.jump_mean + bitcoin.jump_sd * rng.standard_normal(hours)
    moves = drift * step + bitcoin.sigma_per_year * np.sqrt(step) * rng.standard_normal(hours) + jumps * sizes
    return np.cumsum(moves)


def _difficulty(bitcoin: Bitcoin, start: float, log_revenue: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One retarget an epoch; an epoch before a rise is shorter, for its blocks came faster."""
    hours = len(log_revenue)
    out = np.full(hours, start)
    last, level = 0, start
    now = float(rng.uniform(0, EPOCH_H))
    while now < hours:
        hour = int(now)
        follow = bitcoin.retarget_price_share * (log_revenue[hour] - log_revenue[last])
        change = bitcoin.retarget_mean + bitcoin.retarget_sd * rng.standard_normal() + follow
        change = float(np.clip(change, bitcoin.retarget_low, bitcoin.retarget_high))
        epoch_h = EPOCH_H / (1 + change)
        level = retarget(level, epoch_h * 3600)
        out[hour:] = level
        last = hour
        now += epoch_h
    return out


def _fees(bitcoin: Bitcoin, hours: int, rng: np.random.Generator) -> np.ndarray:
    """Lognormal fees a block with bursts that decay."""
    calm = bitcoin.fee_btc * np.exp(bitcoin.fee_sigma * wander(rng, hours, bitcoin.fee_tau_h, 1.0))
    hits = rng.random(hours) < bitcoin.fee_bursts_per_year / HOURS_A_YEAR
    heights = bitcoin.fee_burst_btc * np.exp(bitcoin.fee_burst_sigma * rng.standard_normal(hours))
    heights = np.minimum(heights, bitcoin.fee_burst_max_btc)
    return calm + decay(np.where(hits, heights, 0.0), memory_of(bitcoin.fee_burst_decay_h, 1.0))
