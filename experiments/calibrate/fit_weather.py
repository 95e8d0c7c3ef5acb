"""Weather: means and cycles by regression, fronts and moist air from the anomalies that these leave."""

from __future__ import annotations

import numpy as np

from experiments.calibrate.measures import autocorrelation, daily_anomaly
from experiments.calibrate.series import Series
from hybrid_env.traces.generate.noise import smooth_wander

MEAN_CLOUD_FACTOR = 0.95
"""Mean of the factor `1.3 - 0.7 cloud` by which the generator flattens days, cloud being 0.5 on average."""
HALF_SHARE = 0.375
"""The generator draws lines between full hours; the mean of four quarters holds so much of the next hour's value."""
FRONT_TAUS_H = np.arange(8.0, 41.0, 2.0)
SKEWS = np.arange(0.0, 0.41, 0.04)
SIMULATED_DAYS = 365 * 12
DAYS = 365


def fit_weather(real: Series, seed: int = 11) -> dict[str, object]:
    """Fields of `Weather` but for cloud and sun, which the solar fleet tells (`fit_renewables`).

    Args:
        real: training years joined, with `drybulb` and `wetbulb`.
        seed: of the simulated fronts, from which memory and skew are read off.
    """
    drybulb = real.hourly["drybulb"]
    mean, amplitude, warmest = _season(drybulb.mean(axis=1), real.month)
    tau, skew, sd_winter, sd_summer = _fronts(real, seed)
    return {
        "mean_c": round(mean, 2),
        "season_amplitude_c": round(amplitude, 2),
        "warmest_day": round(warmest, 1),
        "summer_day_c": _day(drybulb[real.summer()]),
        "winter_day_c": _day(drybulb[real.winter()]),
        "front_tau_h": tau,
        "front_skew": round(skew, 3),
        "front_sd_winter_c": round(sd_winter, 2),
        "front_sd_summer_c": round(sd_summer, 2),
        **_dewpoint(real, warmest, sd_winter, sd_summer),
    }


def sharpen(profile: np.ndarray) -> np.ndarray:
    """Values at full hours whose joining lines have about these hourly means [24]."""
    return (1 - HALF_SHARE) * profile + HALF_SHARE * np.roll(profile, 1)


def day_of_year(months: np.ndarray) -> np.ndarray:
    """Days since 1 January of each day of joined years, from the turns of its months; -1 on the days between years."""
    out = np.full(len(months), -1)
    count = -1
    for i, month in enumerate(months):
        count = -1 if month == 0 else count + 1
        out[i] = count
    return out


def _season(daily: np.ndarray, months: np.ndarray) -> tuple[float, float, float]:
    """Mean, amplitude and day of the peak of a yearly cosine."""
    day = day_of_year(months)
    there = np.isfinite(daily) & (day >= 0)
    angle = 2 * np.pi * (day[there] + 0.5) / DAYS
    design = np.column_stack([np.ones(there.sum()), np.cos(angle), np.sin(angle)])
    (mean, a, b), *_ = np.linalg.lstsq(design, daily[there], rcond=None)
    return float(mean), float(np.hypot(a, b)), float(np.arctan2(b, a) % (2 * np.pi) / (2 * np.pi) * DAYS)


def _day(drybulb: np.ndarray) -> list[float]:
    """Mean course of a day, C above its mean, at full hours."""
    profile = np.nanmean(drybulb, axis=0)
    return [round(float(v), 2) for v in sharpen(profile - profile.mean()) / MEAN_CLOUD_FACTOR]


def _fronts(real: Series, seed: int) -> tuple[float, float, float, float]:
    """Memory, skew and spreads: the simulated fronts whose daily means behave like the real anomalies."""
    anomaly = daily_anomaly(real.hourly["drybulb"])
    wanted = [autocorrelation(anomaly[:, None], days) for days in (1, 2)]

    def simulated(tau: float) -> np.ndarray:
        path = smooth_wander(np.random.default_rng(seed), SIMULATED_DAYS * 24, float(tau), 1.0)
        return path.reshape(-1, 24)

    def miss(tau: float) -> float:
        made = daily_anomaly(simulated(tau))[:, None]
        return sum((autocorrelation(made, d) - w) ** 2 for d, w in zip((1, 2), wanted, strict=True))

    tau = float(min(FRONT_TAUS_H, key=miss))
    front = simulated(tau)
    winter, summer = anomaly[real.winter()], anomaly[real.summer()]
    cold = {float(k): daily_anomaly(front - k * (np.minimum(front, 0) ** 2 - 0.5)) for k in SKEWS}
    skew = min(cold, key=lambda k: abs(_skewness(cold[k]) - _skewness(winter)))
    # the generator mixes both spreads by a cosine of the season: over three months a tenth of the other is in each
    at_winter = float(np.nanstd(winter) / np.nanstd(cold[skew]))
    at_summer = float(np.nanstd(summer) / np.nanstd(daily_anomaly(front)))
    share = 0.05
    sd_winter = ((1 - share) * at_winter - share * at_summer) / (1 - 2 * share)
    sd_summer = ((1 - share) * at_summer - share * at_winter) / (1 - 2 * share)
    return tau, skew, sd_winter, max(sd_summer, 0.0)


def _skewness(values: np.ndarray) -> float:
    z = values[np.isfinite(values)]
    z = (z - z.mean()) / z.std()
    return float(np.mean(z**3))


def _dewpoint(real: Series, warmest_day: float, sd_winter: float, sd_summer: float) -> dict[str, float]:
    """Moist air: season, what fronts bring, and slow noise of its own under a cap."""
    dew = _dewpoint_c(real)
    daily = dew.mean(axis=1)
    day = day_of_year(real.month)
    season = np.cos(2 * np.pi * (day + 0.5 - warmest_day) / DAYS)
    spread = sd_summer + (sd_winter - sd_summer) * (1 - season) / 2
    front = daily_anomaly(real.hourly["drybulb"]) / spread
    there = np.isfinite(daily) & np.isfinite(front) & (day >= 0)
    design = np.column_stack([np.ones(there.sum()), season[there], front[there]])
    coefficients, *_ = np.linalg.lstsq(design, daily[there], rcond=None)
    rest = np.full(len(daily), np.nan)
    rest[there] = daily[there] - design @ coefficients
    memory = autocorrelation(rest[:, None], 1)
    taus = np.arange(6.0, 60.0, 1.0)
    at_day = (1 + 24 / taus) * np.exp(-24 / taus)
    cap = float(np.nanpercentile(dew, 99.9)) + 0.5
    return {
        "dewpoint_mean_c": round(float(coefficients[0]) + _cap_loss(coefficients, rest, cap), 2),
        "dewpoint_season_amplitude_c": round(float(coefficients[1]), 2),
        "dewpoint_front_c": round(float(max(coefficients[2], 0)), 2),
        "dewpoint_sd_c": round(float(np.nanstd(rest)) * 1.05, 2),
        "dewpoint_tau_h": float(taus[np.argmin(np.abs(at_day - memory))]),
        "dewpoint_cap_c": round(cap, 1),
    }


def _cap_loss(coefficients: np.ndarray, rest: np.ndarray, cap: float) -> float:
    """How much the soft cap takes off the mean, to be added to it."""
    wide = np.nanstd(rest)
    z = np.random.default_rng(5).standard_normal(20_000)
    season = np.cos(np.linspace(0, 2 * np.pi, len(z)))
    raw = coefficients[0] + coefficients[1] * season + wide * z
    return float(np.mean(raw - (cap - np.logaddexp(0, cap - raw))))


def _dewpoint_c(real: Series) -> np.ndarray:
    """Dew point from dry and wet bulb: Magnus, and the psychrometer's vapour pressure (A = 6.6e-4 /K, 1013 hPa)."""
    dry, wet = real.hourly["drybulb"], real.hourly["wetbulb"]
    vapour = 6.1094 * np.exp(17.625 * wet / (243.04 + wet)) - 6.6e-4 * 1013.25 * (dry - wet)
    log = np.log(np.maximum(vapour, 0.05) / 6.1094)
    return 243.04 * log / (17.625 - log)
