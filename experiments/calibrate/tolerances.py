"""How near generated years must come, by statistic; chosen from what a site's operator would notice.

No generator is asked to be nearer to the training years than half the distance between the two of them. What is so wide
that a generator without the thing would pass (no spike at all, one price for all hours) is no test, and is not counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fnmatch import fnmatch

import numpy as np


@dataclass(frozen=True)
class Tolerance:
    """Allowed distance: the larger of an absolute one and a share of the real value.

    For a curve the distance is the root mean square over its points, and the share is of the curve's own root mean
    square.
    """

    pattern: str
    absolute: float
    relative: float = 0.0

    def allowed(self, real: np.ndarray, between_years: float = 0.0) -> float:
        """Distance allowed from these real values, in their unit; `between_years` is that of the training years."""
        return max(self.absolute, self.relative * root_mean_square(real), np.nan_to_num(between_years) / 2)

    def allowed_count(self, real: float, between_years: float, days: int) -> float:
        """As `allowed` for how often something happens, which no absolute distance excuses.

        Args:
            days: of the training years, on which it happened. Two standard errors of so many independent days
                (Poisson: 1 / sqrt(days)) are allowed.
        """
        share = max(self.relative, 2 / math.sqrt(days)) if days else self.relative
        return max(share * real, np.nan_to_num(between_years) / 2)


TOLERANCES = (
    # Price, USD/MWh. A tail of two years rests on few hours: 0.1 % of two years are 17 of them.
    Tolerance("??_q0.1", 5.0, 0.25),
    Tolerance("??_q0.5", 4.0, 0.25),
    Tolerance("??_q99.9", 5.0, 0.25),
    Tolerance("??_q99.5", 5.0, 0.20),
    Tolerance("??_q99", 3.0, 0.15),
    Tolerance("??_q*", 2.0, 0.10),
    Tolerance("??_mean", 2.0, 0.10),
    Tolerance("rt_negative", 1.0, 0.15),
    Tolerance("rt_over_*", 0.1, 0.20),
    Tolerance("negative_run", 0.5, 0.25),
    Tolerance("spike_run", 0.25, 0.30),
    Tolerance("extreme_run", 0.5, 0.30),
    Tolerance("negative_days", 5.0, 0.15),
    Tolerance("spike_days", 3.0, 0.20),
    Tolerance("*_clustering", 0.3, 0.20),
    Tolerance("??_by_hour", 0.10),
    Tolerance("??_by_hour_*", 0.15),
    Tolerance("??_by_month", 0.15),
    Tolerance("negative_by_hour", 3.0),
    Tolerance("rt_acf_0.25h", 0.02),
    Tolerance("rt_acf_168h", 0.12),
    Tolerance("rt_acf_*", 0.06),
    Tolerance("within_hour_*", 0.3, 0.25),
    Tolerance("da_acf_1h", 0.03),
    Tolerance("da_acf_168h", 0.12),
    Tolerance("da_acf_*", 0.08),
    Tolerance("spread_mean", 3.0),
    Tolerance("spread_acf_*", 0.12),
    Tolerance("spread_q*", 3.0, 0.30),
    Tolerance("da_rt_rank", 0.05),
    # Load, wind, sun: shares of the year's mean or of what the fleet reaches.
    Tolerance("load_q*", 0.03),
    Tolerance("load_by_*", 0.03),
    Tolerance("load_acf_*", 0.05),
    Tolerance("wind_q*", 0.03),
    Tolerance("wind_by_*", 0.03),
    Tolerance("wind_acf_1h", 0.015),
    Tolerance("wind_acf_*", 0.06),
    Tolerance("wind_step_sd", 0.0, 0.15),
    Tolerance("solar_mean", 0.015),
    Tolerance("solar_by_*", 0.04),
    Tolerance("solar_day_*", 0.08),
    # Weather, C. Extremes of two years are one cold spell and one heat wave.
    Tolerance("*bulb_q0.1", 3.0),
    Tolerance("*bulb_q*", 1.5),
    Tolerance("drybulb_by_hour_*", 0.7),
    Tolerance("drybulb_by_month", 1.5),
    Tolerance("anomaly_sd_*", 0.5),
    Tolerance("anomaly_acf_*", 0.1),
    # Together.
    Tolerance("rank_*", 0.10),
    Tolerance("anomaly_wind", 0.12),
    Tolerance("negative_in_top_wind", 8.0),
    Tolerance("carbon_q*", 0.0, 0.08),
    Tolerance("carbon_by_*", 0.0, 0.25),
    Tolerance("carbon_acf_*", 0.1),
)
"""First match counts."""


MOST_FACTOR = 2.0
"""How often something happens is never further from the real figure than by this factor, whatever else is allowed."""
LEAST_DAYS_A_YEAR = 1.0
"""What happens on fewer days is too rare to tell anything."""


def tolerance_of(name: str) -> Tolerance:
    """The tolerance of a statistic.

    Raises:
        KeyError: none is stated.
    """
    for tolerance in TOLERANCES:
        if fnmatch(name, tolerance.pattern):
            return tolerance
    raise KeyError(f"no tolerance is stated for the statistic {name!r}")


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Root mean square of the difference; of a single figure its absolute value."""
    return root_mean_square(np.asarray(a) - np.asarray(b))


def root_mean_square(values: np.ndarray) -> float:
    """Over the finite values; NaN without one."""
    finite = values[np.isfinite(values)]
    return math.sqrt(float(np.mean(finite**2))) if len(finite) else math.nan
