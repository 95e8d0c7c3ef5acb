"""Demand for GPUs: rent, inference, tenants, small training work, gang jobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.generate.clock import DAYS, Clock
from hybrid_env.traces.generate.failures import draw_job_uniforms
from hybrid_env.traces.generate.noise import Stream, stream, wander
from hybrid_env.traces.market import OnDemand, ProofOfWork, Tenants, Work
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
        rent_usd_per_gpu_h=_slow_lognormal(
            work.rent_usd_per_gpu_h, work.rent_sigma_per_year, work.rent_tau_h, clock, rng
        ),
        inference=_by_people(
            clock,
            rng,
            mean=work.inference_mean,
            day_amplitude=work.inference_day_amplitude,
            peak_hour=work.inference_peak_hour,
            weekend_frac=work.inference_weekend_frac,
            noise_frac=work.inference_noise_frac,
            noise_tau_h=work.inference_noise_tau_h,
        ),
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
    jobs["u_fail"] = draw_job_uniforms(n, seed)
    return jobs


def draw_on_demand(on_demand: OnDemand, clock: Clock, seed: int) -> np.ndarray:
    """Walk-in demand at the lowest asking price, as a share of the site's peak of such GPUs."""
    return _by_people(clock, stream(seed, Stream.ON_DEMAND), **on_demand.model_dump())


def draw_proof_of_work_usd_per_gpu_h(earning: ProofOfWork, clock: Clock, seed: int) -> np.ndarray:
    """Ornstein-Uhlenbeck in logs, held by the hour."""
    rng = stream(seed, Stream.PROOF_OF_WORK)
    return _slow_lognormal(earning.usd_per_gpu_h, earning.sigma_per_year, earning.tau_h, clock, rng)


def draw_contract_frac(tenants: Tenants, clock: Clock, seed: int) -> np.ndarray:
    """Share of the reserved GPUs under contract: each tenant leaves at a constant hazard, its part is let again later.

    All are let on the first row of the lead-in.
    """
    rng = stream(seed, Stream.TENANTS)
    contracted = np.zeros(len(clock))
    rows_per_day = 24 * clock.rows_per_h
    for share in np.array(tenants.shares) / np.sum(tenants.shares):
        let = np.ones(len(clock))
        now = _stay_days(tenants, rng)
        while now * rows_per_day < len(clock):
            back = now + rng.uniform(tenants.relet_days_low, tenants.relet_days_high)
            let[int(now * rows_per_day) : int(back * rows_per_day)] = 0.0
            now = back + _stay_days(tenants, rng)
        contracted += share * let
    return contracted


def _stay_days(tenants: Tenants, rng: np.random.Generator) -> float:
    """Days that a tenant stays; infinite without a hazard."""
    wait = rng.exponential()
    return wait * DAYS / tenants.leave_per_year if tenants.leave_per_year > 0 else np.inf


def _hours(work: Work, normals: np.ndarray) -> np.ndarray:
    """Run times at full speed, hours."""
    hours = work.gang_hours_median * np.exp(work.gang_hours_sigma * normals)
    return np.clip(hours, work.gang_hours_low, work.gang_hours_high)


def _rhythm(clock: Clock, day_amplitude: float, peak_hour: float, weekend_frac: float) -> np.ndarray:
    """Daily cosine and quieter weekends; mean 1 on weekdays."""
    return (1 + day_amplitude * clock.daily_wave(peak_hour)) * (1 - (1 - weekend_frac) * clock.weekend)


def _slow_lognormal(
    level: float, sigma_per_year: float, tau_h: float, clock: Clock, rng: np.random.Generator
) -> np.ndarray:
    """Ornstein-Uhlenbeck in logs around `level`, held by the hour; `sigma_per_year` is its volatility near time 0."""
    hours = len(clock) // clock.rows_per_h
    spread = sigma_per_year * np.sqrt(tau_h / HOURS_A_YEAR / 2)
    return clock.by_row(level * np.exp(spread * wander(rng, hours, tau_h, 1.0)))


def _by_people(
    clock: Clock, rng: np.random.Generator, *, mean: float, day_amplitude: float, peak_hour: float,
    weekend_frac: float, noise_frac: float, noise_tau_h: float,
) -> np.ndarray:  # fmt: skip
    """Requests follow people: a daily wave, quieter weekends, relative noise; a share, so clipped to 0 to 1."""
    shape = mean + day_amplitude * clock.daily_wave(peak_hour)
    shape = shape * (1 - (1 - weekend_frac) * clock.weekend)
    noise = noise_frac * wander(rng, len(clock), noise_tau_h, clock.interval_h)
    return np.clip(shape * (1 + noise), 0, 1)


def _training(work: Work, clock: Clock, rng: np.random.Generator) -> np.ndarray:
    """Bursty arrivals: lognormal around the working day's rhythm, its mean over weekdays kept."""
    rhythm = _rhythm(clock, work.training_day_amplitude, work.training_peak_hour, work.training_weekend_frac)
    log_burst = work.training_sigma * wander(rng, len(clock), work.training_tau_h, clock.interval_h)
    return work.training_mean * rhythm / rhythm.mean() * np.exp(log_burst - work.training_sigma**2 / 2)
