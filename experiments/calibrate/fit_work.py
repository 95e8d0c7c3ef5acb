"""GPU work: how bursty submissions are, their daily cycle, how widely durations spread, from published job tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.calibrate.measures import correlation
from experiments.command import UserError
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.work import draw_gang_jobs, draw_work
from hybrid_env.traces.market import Work

SUBMISSIONS = "gpu_jobs_alibaba_2023.csv.gz"
RUNTIMES = "gpu_job_runtimes_philly.csv.gz"
BUSY_DAYS = 21
"""Most of the submissions of the table fall into its last three weeks."""
LAGS_H = (1, 2, 3, 6)
TAUS_H = np.arange(1.0, 25.0, 0.5)


@dataclass(frozen=True)
class WorkFigures:
    """What is compared.

    Attributes:
        burst_sigma: log standard deviation of the hourly rate of submissions around the daily cycle.
        burst_memory_3h: autocorrelation of that rate at 3 h.
        day_amplitude: first harmonic of the day over the mean.
        hours_sigma: log standard deviation of run times within the range that gang jobs have.
    """

    burst_sigma: float
    burst_memory_3h: float
    day_amplitude: float
    hours_sigma: float


def read_work(data: Path) -> tuple[np.ndarray, np.ndarray]:
    """Submissions an hour over the busy weeks, and run times in hours.

    Raises:
        UserError: a file is missing.
    """
    for name in (SUBMISSIONS, RUNTIMES):
        if not (data / name).is_file():
            raise UserError(f"{data / name}: no such file; data=... must name the folder that holds the real series")
    submit_h = pd.read_csv(data / SUBMISSIONS)["submit_s"].to_numpy(float) / 3600
    submit_h = submit_h[submit_h > submit_h.max() - BUSY_DAYS * 24]
    counts = np.bincount((submit_h - submit_h.min()).astype(int), minlength=BUSY_DAYS * 24)[: BUSY_DAYS * 24]
    return counts.astype(float), pd.read_csv(data / RUNTIMES)["runtime"].to_numpy(float) / 3600


def real_figures(counts: np.ndarray, run_h: np.ndarray, low_h: float, high_h: float) -> WorkFigures:
    """Of hourly counts, whose Poisson part is taken out, and of run times between two bounds."""
    day = np.arange(len(counts)) % 24
    cycle = np.array([counts[day == h].mean() for h in range(24)])
    wave = np.abs(np.fft.rfft(cycle)[1]) / 12 / cycle.mean()
    rate = counts / np.maximum(cycle[day], 1e-9)
    excess = max(rate.var() - np.mean(1 / np.maximum(cycle[day], 1e-9)), 1e-6)
    share = excess / rate.var()
    within = run_h[(run_h > low_h) & (run_h < high_h)]
    return WorkFigures(
        burst_sigma=float(np.sqrt(np.log1p(excess))),
        burst_memory_3h=min(correlation(rate[3:], rate[:-3]) / share, 1.0),
        day_amplitude=float(wave),
        hours_sigma=float(np.log(within).std()),
    )


def fit_work(counts: np.ndarray, run_h: np.ndarray, work: Work) -> dict[str, float]:
    """Fields of `Work`: bursts and day of small training work, and the same day for gang jobs.

    Not fitted: the hour of the peak (the tables hide the time zone); sizes, hours and amount of gang jobs, for no table
    has jobs of 128 GPUs or more (Philly's are far shorter and far more widely spread).
    """
    figures = real_figures(counts, run_h, work.gang_hours_low, work.gang_hours_high)
    day = np.arange(len(counts)) % 24
    cycle = np.array([counts[day == h].mean() for h in range(24)])
    rate = counts / np.maximum(cycle[day], 1e-9)
    share = max(rate.var() - np.mean(1 / np.maximum(cycle[day], 1e-9)), 1e-6) / rate.var()
    memory = np.array([correlation(rate[lag:], rate[:-lag]) / share for lag in LAGS_H])
    tau = TAUS_H[np.argmin([np.sum((np.exp(-np.array(LAGS_H) / t) - memory) ** 2) for t in TAUS_H])]
    return {
        "training_sigma": round(figures.burst_sigma, 3),
        "training_tau_h": float(tau),
        "training_day_amplitude": round(figures.day_amplitude, 3),
        "gang_day_amplitude": round(figures.day_amplitude, 3),
    }


def generated_figures(work: Work, seeds: range) -> WorkFigures:
    """Means over single generated years; the load is a rate, so it has no Poisson part."""
    years = []
    for seed in seeds:
        clock = make_clock(2022, 3600, 0.0)
        load = draw_work(work, clock, seed).training[clock.year]
        load = load / np.where(clock.weekend[clock.year] > 0, work.training_weekend_frac, 1.0)
        day = np.arange(len(load)) % 24
        cycle = np.array([load[day == h].mean() for h in range(24)])
        log_rate = np.log(load / cycle[day])
        jobs = draw_gang_jobs(work, clock, seed)
        hours = jobs["gpu_hours"] / jobs["gpus"]
        inside = (hours > work.gang_hours_low * 1.001) & (hours < work.gang_hours_high * 0.999)
        years.append(
            WorkFigures(
                float(log_rate.std()), correlation(np.exp(log_rate)[3:], np.exp(log_rate)[:-3]),
                float(np.abs(np.fft.rfft(cycle)[1]) / 12 / cycle.mean()), float(np.log(hours[inside]).std()),
            )
        )  # fmt: skip
    return WorkFigures(*(float(np.mean([getattr(y, name) for y in years])) for name in WorkFigures.__annotations__))
