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
HASHES_PER_DIFFICULTY = 2.0**32
HASHPRICE_SCALE = 1e15 * 86_400
"""Hashes of one PH/s in a day."""


@dataclass(frozen=True)
class BitcoinYear:
    """Hourly series, lead-in and lead-out included."""

    btc_usd: np.ndarray
    difficulty: np.ndarray
    fees_btc_per_block: np.ndarray


def hashprice_usd_per_ph_day(
    difficulty: np.ndarray | float, btc_per_block: np.ndarray | float, btc_usd: np.ndarray | float
) -> np.ndarray | float:
    """Expected revenue of one PH/s for a day: `1e15 * 86400 / (difficulty * 2^32) * btc_per_block * btc_usd`."""
    return HASHPRICE_SCALE / (difficulty * HASHES_PER_DIFFICULTY) * btc_per_block * btc_usd


def draw_bitcoin(bitcoin: Bitcoin, clock: Clock, seed: int) -> BitcoinYear:
    """Merton (1976) jump diffusion without drift, retargets that follow it, fees with bursts."""
    rng = stream(seed, Stream.BITCOIN)
    hours = len(clock) // clock.rows_per_h
    start_hashprice = bitcoin.hashprice_usd_per_ph_day * np.exp(bitcoin.hashprice_sigma * rng.standard_normal())
    start_difficulty = bitcoin.difficulty * np.exp(bitcoin.difficulty_sigma * rng.standard_normal())
    log_move = _log_price(bitcoin, hours, rng)
    difficulty = _difficulty(bitcoin, start_difficulty, log_move, rng)
    start_price = start_hashprice / hashprice_usd_per_ph_day(start_difficulty, bitcoin.subsidy_btc + bitcoin.fee_btc, 1)
    return BitcoinYear(start_price * np.exp(log_move), difficulty, _fees(bitcoin, hours, rng))


def _log_price(bitcoin: Bitcoin, hours: int, rng: np.random.Generator) -> np.ndarray:
    """Cumulated hourly log returns whose exponential is a martingale."""
    step = 1 / HOURS_A_YEAR
    jump_gain = np.exp(bitcoin.jump_mean + bitcoin.jump_sd**2 / 2) - 1
    drift = -(bitcoin.sigma_per_year**2) / 2 - bitcoin.jumps_per_year * jump_gain
    jumps = rng.random(hours) < bitcoin.jumps_per_year * step
    sizes = bitcoin.jump_mean + bitcoin.jump_sd * rng.standard_normal(hours)
    moves = drift * step + bitcoin.sigma_per_year * np.sqrt(step) * rng.standard_normal(hours) + jumps * sizes
    return np.cumsum(moves)


def _difficulty(bitcoin: Bitcoin, start: float, log_move: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One retarget an epoch; an epoch before a rise is shorter, for its blocks came faster."""
    hours = len(log_move)
    out = np.full(hours, start)
    last, level = 0, start
    now = float(rng.uniform(0, EPOCH_H))
    while now < hours:
        hour = int(now)
        follow = bitcoin.retarget_price_share * (log_move[hour] - log_move[last])
        change = bitcoin.retarget_mean + bitcoin.retarget_sd * rng.standard_normal() + follow
        change = float(np.clip(change, bitcoin.retarget_low, bitcoin.retarget_high))
        level *= 1 + change
        out[hour:] = level
        last = hour
        now += EPOCH_H / (1 + change)
    return out


def _fees(bitcoin: Bitcoin, hours: int, rng: np.random.Generator) -> np.ndarray:
    """Lognormal fees a block with bursts that decay."""
    calm = bitcoin.fee_btc * np.exp(bitcoin.fee_sigma * wander(rng, hours, bitcoin.fee_tau_h, 1.0))
    hits = rng.random(hours) < bitcoin.fee_bursts_per_year / HOURS_A_YEAR
    heights = bitcoin.fee_burst_btc * np.exp(bitcoin.fee_burst_sigma * rng.standard_normal(hours))
    heights = np.minimum(heights, bitcoin.fee_burst_max_btc)
    return calm + decay(np.where(hits, heights, 0.0), memory_of(bitcoin.fee_burst_decay_h, 1.0))
