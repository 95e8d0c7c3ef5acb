"""The time grid of a generated year, in local standard time, with days before and after it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

DAYS = 365
LEAD_IN_DAYS = 2
"""Before the year: the day-ahead price of 1 January is made on 31 December."""
LEAD_OUT_DAYS = 3
"""After the year: the last forecasts look 48 hours ahead."""


@dataclass(frozen=True)
class Clock:
    """Local calendar of every row, lead-in and lead-out included.

    Attributes:
        start: UTC time of the year's first row (not of the lead-in).
        interval_h: hours a row.
        rows_per_h: rows an hour.
        hour: local hour of day, [0, 24).
        season_day: days since 1 January 00:00 local; negative in the lead-in.
        month: 1 to 12.
        weekend: 1 on Saturdays and Sundays.
    """

    start: datetime
    interval_h: float
    rows_per_h: int
    hour: np.ndarray
    season_day: np.ndarray
    month: np.ndarray
    weekend: np.ndarray

    def __len__(self) -> int:
        return len(self.hour)

    @property
    def year(self) -> slice:
        """The rows of the year itself."""
        first = LEAD_IN_DAYS * 24 * self.rows_per_h
        return slice(first, first + DAYS * 24 * self.rows_per_h)

    @property
    def year_hours(self) -> slice:
        """The hours of the year itself, counted from the lead-in's first."""
        return slice(LEAD_IN_DAYS * 24, (LEAD_IN_DAYS + DAYS) * 24)

    def hourly(self, values: np.ndarray) -> np.ndarray:
        """Hourly means of a row series."""
        return values.reshape(-1, self.rows_per_h).mean(axis=1)

    def by_row(self, hours: np.ndarray) -> np.ndarray:
        """An hourly series held over its rows."""
        return np.repeat(hours, self.rows_per_h)

    def daily_wave(self, peak_hour: float) -> np.ndarray:
        """A cosine of period 24 h that is 1 at `peak_hour`."""
        return np.cos(2 * np.pi * (self.hour - peak_hour) / 24)

    def season_wave(self, peak_day: float) -> np.ndarray:
        """A cosine of period a year that is 1 on `peak_day`."""
        return np.cos(2 * np.pi * (self.season_day - peak_day) / DAYS)


def make_clock(year: int, interval_s: int, utc_offset_h: float) -> Clock:
    """The grid of a calendar year from 1 January 00:00 local standard time (or the next full UTC hour)."""
    if interval_s < 60 or 3600 % interval_s:
        raise ValueError(f"interval_s must divide an hour and be at least 60; found {interval_s}")
    start = datetime(year, 1, 1, tzinfo=UTC) - timedelta(hours=math.floor(utc_offset_h))
    rows_per_h = 3600 // interval_s
    n = (LEAD_IN_DAYS + DAYS + LEAD_OUT_DAYS) * 24 * rows_per_h
    seconds = interval_s * np.arange(n, dtype=np.int64) - LEAD_IN_DAYS * 86_400
    local_s = seconds + round(start.timestamp() + utc_offset_h * 3600)
    year_s = round(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    return Clock(
        start=start,
        interval_h=interval_s / 3600,
        rows_per_h=rows_per_h,
        hour=(local_s % 86_400) / 3600,
        season_day=(local_s - year_s) / 86_400,
        month=local_s.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12 + 1,
        weekend=((local_s // 86_400 + 3) % 7 >= 5).astype(np.float64),
    )
