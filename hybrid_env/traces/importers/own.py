"""A table of your own: the recipe says which column holds the time, on which clock, and what the others mean."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from hybrid_env.sites.base import SiteModel
from hybrid_env.traces.importers.broken_off import warned_of_broken_off
from hybrid_env.traces.importers.clock import from_offset, from_zone, stamps, starts_of_ends
from hybrid_env.traces.importers.frame import Notes, ReadError, Table, build_table, listed
from hybrid_env.traces.importers.source import Series, SourceFile, Times, numbers, read_csv

OWN = "own_csv"
SUNDAY, SPRING_MONTHS = 6, (3, 4, 9, 10)
"""Clocks go forward on Sundays in March or April, south of the equator in September or October."""


class Layout(SiteModel):
    """What a table of your own looks like.

    Attributes:
        time_column: heading of the column that holds the time.
        time_format: as in Python's `strptime`; None for ISO 8601.
        zone: IANA name of a clock with daylight saving, such as `America/Chicago`.
        utc_offset_h: of a clock without it. Give one of the two, or neither where stamps carry their offset or are UTC.
        stamp: whether a stamp is the begin or the end of its interval.
        interval_s: seconds of each interval; needed where stamps are ends.
        columns: heading -> name with its unit, such as `{"LMP ($)": price_usd_per_mwh}`.
        point_column: heading of the column that names a place, where there are several.
        separator, decimal, thousands: marks of the file.
        header_line: physical line of the headings.
    """

    time_column: str
    time_format: str | None = None
    zone: str | None = None
    utc_offset_h: float | None = Field(default=None, ge=-14, le=14)
    stamp: Literal["begin", "end"] = "begin"
    interval_s: int | None = Field(default=None, gt=0)
    columns: dict[str, str] = Field(min_length=1)
    point_column: str | None = None
    separator: str = Field(default=",", min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."
    thousands: Literal[",", ".", " ", "'"] | None = None
    header_line: int = Field(default=1, ge=1)

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str | None) -> str | None:
        if zone is not None:
            try:
                ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise ValueError(f"no time zone {zone!r}; write it as America/Chicago") from error
        return zone

    @model_validator(mode="after")
    def _is_consistent(self) -> Layout:
        if self.zone is not None and self.utc_offset_h is not None:
            raise ValueError("zone and utc_offset_h exclude each other: name one clock")
        if self.stamp == "end" and self.interval_s is None:
            raise ValueError("stamps that end their interval need interval_s")
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands marks are both {self.decimal!r}")
        return self


def read_own(source: SourceFile, layout: Layout) -> Table:
    """Read a table as its layout says.

    Raises:
        ReadError: a column is missing, or a cell is no time or no number.
    """
    source.format = OWN
    notes = Notes()
    raw = read_csv(source, header_line=layout.header_line, separator=layout.separator)
    wanted = [layout.time_column, *layout.columns, *([layout.point_column] if layout.point_column else [])]
    for name in wanted:
        if name not in raw:
            raise ReadError(
                source.path, line=layout.header_line, column=name, found="no such column",
                allowed=listed(map(str, raw.columns)), fix="correct the layout in the recipe",
            )  # fmt: skip
    time = stamps(raw[layout.time_column], source, layout.time_format)
    point = raw[layout.point_column] if layout.point_column else None
    step = pd.Timedelta(seconds=layout.interval_s or 0)
    if layout.zone is not None and time.tz is None:
        notes.assumed(f"times are {layout.zone}; of two equal stamps in autumn the first is daylight time")
        if layout.stamp == "end":
            start = starts_of_ends(time, layout.interval_s or 0, layout.zone, point)
        else:
            start = from_zone(time, layout.zone, pd.DataFrame({"time": time, "point": _place(point)}).duplicated())
        notes.dropped("hours that the day clocks go forward does not have", raw.index[start.isna() & time.notna()])
    else:
        if time.tz is None:
            notes.assumed(f"times are UTC{layout.utc_offset_h or 0.0:+g} h all year")
            _warn_of_daylight_saving(time - step if layout.stamp == "end" else time, notes)
            time = from_offset(time, layout.utc_offset_h or 0.0)
        start = time - step if layout.stamp == "end" else time
    if layout.stamp == "end":
        notes.assumed(f"stamps end their interval of {layout.interval_s} s")
    notes.dropped("rows without a time", raw.index[time.isna()])
    values = {
        name: numbers(raw[heading], source, decimal=layout.decimal, thousands=layout.thousands)
        for heading, name in layout.columns.items()
    }
    table = build_table(
        source, "own", start, {name: np.asarray(value) for name, value in values.items()}, notes, point=point,
        interval_s=layout.interval_s, lines=raw.index,
    )  # fmt: skip
    return warned_of_broken_off(table, source)


def _warn_of_daylight_saving(start: Times, notes: Notes) -> None:
    """A clock that leaves out one hour of a Sunday's night in spring is no clock of one offset."""
    known = start.dropna().unique().sort_values()
    if len(known) < 2:
        return
    before, after = known[:-1], known[1:]
    steps = after - before
    skips = steps == steps.min() + pd.Timedelta(hours=1)
    night = (after.day_of_week == SUNDAY) & after.hour.isin([2, 3]) & (after.minute == 0)
    spring = after[skips & night & after.month.isin(SPRING_MONTHS)]
    if len(spring):
        notes.warned(
            f"the hour before {spring[0]:%Y-%m-%d %H:%M}, a Sunday, is not there: if clocks go forward in it, name"
            f" `zone` (such as America/Chicago), or half of the year is an hour off"
        )


def _place(point: Series | None) -> object:
    return "" if point is None else point.to_numpy()
