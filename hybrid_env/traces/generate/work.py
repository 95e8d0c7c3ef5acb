"""Demand for GPUs: rent, inference, tenants, small training work, gang jobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.generate.clock import DAYS, Clock
from hybrid_env.traces.generate.noise import Stream, stream, wander
from hybrid_env.traces.market import Work
from hybrid_env.traces.schema import JOB

HOURS_A_YEAR = DAYS * 24


@dataclass(frozen=True)
class WorkYear:
    """Row series, lead-in and lead-out included; `rent_usd_per_gpu_h` holds for an hour."""

    rent_usd_per_gpu_h: np.ndarray
    inference: np.ndarray
    tenant: np.ndarray
    training: np.ndarray


def draw_work(work: Work, clock: Clock, seed: int) -> WorkYear:
    """Fluid demand; gang jobs come from `draw_gang_jobs`."""
    rng = stream(seed, Stream.WORK)
    n, step_h = len(clock), clock.interval_h
    return WorkYear(
        rent_usd_per_gpu_h=_rent(work, clock, rng),
        inference=_inference(work, clock, rng),
        tenant=np.clip(
            work.tenant_mean + work.tenant_sd * wander(rng, n, work.tenant_tau_h, step_h), work.tenant_low, 1
        ),
        training=_training(work, clock, rng),
    )


def draw_gang_jobs(work: Work, clock: Clock, seed: int) -> np.ndarray:
    """Poisson arrivals of gang jobs over the year, dtype `JOB`, rows counted from the year's first."""
    rng = stream(seed, Stream.GANG)
    sizes = np.array(work.gang_gpus, np.float64)
    shares = np.array(work.gang_gpus_share) / np.sum(work.gang_gpus_share)
    probe = rng.standard_normal(4096)  # the mean of a clipped lognormal has no neat formula: estimated once a year
    mean_work = float(sizes @ shares) * float(_hours(work, probe).mean())
    busy = _rhythm(clock, work.gang_day_amplitude, work.gang_peak_hour, work.gang_weekend_frac)[clock.year]
    rate = work.gang_gpu_hours_per_h / mean_work * clock.interval_h * busy / busy.mean()
    rows = np.repeat(np.arange(len(rate)), rng.poisson(rate))
    n = len(rows)
    gpus = rng.choice(sizes, n, p=shares)
    hours = _hours(work, rng.standard_normal(n)).round(2)
    slack = rng.uniform(work.gang_slack_low_h, work.gang_slack_high_h, n)
    slack = slack + hours * rng.uniform(work.gang_slack_low_frac, work.gang_slack_high_frac, n)
    jobs = np.zeros(n, JOB)
    jobs["arrival_row"] = rows
    jobs["deadline_row"] = rows + np.ceil((hours + slack) / clock.interval_h).astype(np.int64)
    jobs["gpus"] = gpus
    jobs["gpu_hours"] = (gpus * hours).round(1)
    jobs["bid_usd_per_gpu_h"] = rng.uniform(work.gang_bid_low_usd_per_gpu_h, work.gang_bid_high_usd_per_gpu_h, n).round(
        3
    )
    return jobs


def _hours(work: Work, normals: np.ndarray) -> np.ndarray:
    """Run times at full speed, hours."""
    hours = work.gang_hours_median * np.exp(work.gang_hours_sigma * normals)
    return np.clip(hours, work.gang_hours_low, work.gang_hours_high)


def _rhythm(clock: Clock, day_amplitude: float, peak_hour: float, weekend_frac: float) -> np.ndarray:
    """Daily cosine and quieter weekends; mean 1 on weekdays."""
    return (1 + day_amplitude * clock.daily_wave(peak_hour)) * (1 - (1 - weekend_frac) * clock.weekend)


def _rent(work: Work, clock: Clock, rng: np.random.Generator) -> np.ndarray:
    """Ornstein-Uhlenbeck in logs, held by the hour; its yearly volatility near time 0 is `rent_sigma_per_year`."""
    hours = len(clock) // clock.rows_per_h
    spread = work.rent_sigma_per_year * np.sqrt(work.rent_tau_h / HOURS_A_YEAR / 2)
    log_rent = spread * wander(rng, hours, work.rent_tau_h, 1.0)
    return clock.by_row(work.rent_usd_per_gpu_h * np.exp(log_rent))


def _inference(work: Work, clock: Clock, rng: np.random.Generator) -> np.ndarray:
    """Requests follow people: a daily wave, quieter weekends, relative noise."""
    shape = work.inference_mean + work.inference_day_amplitude * clock.daily_wave(work.inference_peak_hour)
    shape = shape * (1 - (1 - work.inference_weekend_frac) * clock.weekend)
    noise = work.inference_noise_frac * wander(rng, len(clock), work.inference_noise_tau_h, clock.interval_h)
    return np.clip(shape * (1 + noise), 0, 1)


def _training(work: Work, clock: Clock, rng: np.random.Generator) -> np.ndarray:
    """Bursty arrivals: lognormal around the working day's rhythm, its mean over weekdays kept."""
    rhythm = _rhythm(clock, work.training_day_amplitude, work.training_peak_hour, work.training_weekend_frac)
    log_burst = work.training_sigma * wander(rng, len(clock), work.training_tau_h, clock.interval_h)
    return work.training_mean * rhythm / rhythm.mean() * np.exp(log_burst - work.training_sigma**2 / 2)
