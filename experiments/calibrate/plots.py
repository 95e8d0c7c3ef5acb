"""Plots of the calibration's page: real and generated in one frame."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io

from experiments.calibrate.measures import autocorrelation
from experiments.calibrate.series import Series, join, squeeze

REAL, KEPT, MADE, GRID, TEXT = "#0072b2", "#009e73", "#d55e00", "#7a869633", "#7a8696"
LOG_X = {"type": "log", "tickvals": [0.1, 1, 10, 100]}
EXCEEDANCE = np.concatenate([np.geomspace(0.02, 10, 60), np.linspace(10.5, 99.9, 120)])
LAGS_H = (0, 1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 144, 168)
SEASONS = {"a winter week": range(0, 56, 7), "a spring week": range(84, 140, 7), "a summer week": range(182, 238, 7)}
"""Caption -> first days of the weeks from which one is chosen, the same for real and for generated years."""

SHAPES = {
    "rt": ("Real-time price by hour, mean of asinh(price / 20)", "asinh"),
    "load": ("Load by hour in summer (solid) and winter (dashed), share of the year's mean", "share"),
    "wind": ("Wind by hour, share of what the fleet reaches", "share"),
    "solar": ("Sun by hour in summer (solid) and winter (dashed), share of the fleet's best", "share"),
    "drybulb": ("Temperature by hour in summer (solid) and winter (dashed)", "C"),
}
MONTHS = {"rt": "Real-time price by month, mean of asinh(price / 20)", "wind": "Wind by month"}
Group = tuple[str, str, Series]


def plots(train: Sequence[Series], kept: Series, generated: Sequence[Series]) -> list[tuple[str, str]]:
    """Caption and HTML of each plot."""
    groups: list[Group] = [
        ("real 2021-22", REAL, join("real", train)),
        ("real 2023", KEPT, kept),
        ("generated", MADE, join("generated", generated)),
    ]
    out = [("Real-time price against the share of time above it", _tail("rt", groups, "price_rt"))]
    if "price_da" in train[0].hourly:
        ahead = [group for group in groups if "price_da" in group[2].hourly]
        out.append(("Day-ahead price against the share of time above it", _tail("da", ahead, "price_da")))
    memory = _frame("acf", _memory(groups), "correlation", x="lag, hours")
    out.append(("Memory of the real-time price, asinh(price / 20)", memory))
    for key, (label, unit) in SHAPES.items():
        if key == "rt" or key in train[0].hourly:
            out.append((label, _frame(f"hour-{key}", _by_hour(groups, key), unit, x="local standard hour")))
    for key, label in MONTHS.items():
        if key == "rt" or key in train[0].hourly:
            out.append((label, _frame(f"month-{key}", _by_month(groups, key), "", x="month")))
    for label, first_days in SEASONS.items():
        lines = [_week(*median_week(years, first_days), colour) for years, colour in ((train, REAL), (generated, MADE))]
        drawn = _frame(label.replace(" ", "-"), lines, "USD/MWh", x="day", squeeze_y=True)
        out.append((f"Real-time price in {label} (its season's median by mean), real and generated", drawn))
    return out


def _tail(name: str, groups: Sequence[Group], column: str) -> str:
    return _frame(name, _exceedance(groups, column), "USD/MWh", x="% of time", log_x=True, squeeze_y=True)


def median_week(years: Sequence[Series], first_days: Sequence[int]) -> tuple[Series, int]:
    """Year and first day of the whole week whose mean of asinh(price / 20) is the middle one of all of them."""
    weeks = [
        (float(squeeze(year.price_rt[first : first + 7]).mean()), number, first)
        for number, year in enumerate(years)
        for first in first_days
    ]
    whole = sorted(week for week in weeks if np.isfinite(week[0]))
    _, number, first = whole[len(whole) // 2]
    return years[number], first


def _week(year: Series, first_day: int, colour: str) -> go.Scatter:
    steps = year.price_rt.shape[1]
    return _line(year.name, colour, np.arange(7 * steps) / steps, year.price_rt[first_day : first_day + 7].ravel())


def _line(name: str, colour: str, x: np.ndarray, y: np.ndarray, dash: str = "solid") -> go.Scatter:
    y = np.asarray(y, float)
    shown = [None if np.isnan(v) else round(float(v), 4) for v in y]
    return go.Scatter(x=np.round(x, 4).tolist(), y=shown, name=name, mode="lines",
                      line={"color": colour, "width": 1.6, "dash": dash})  # fmt: skip


def _exceedance(groups: Sequence[Group], column: str) -> list[go.Scatter]:
    """Quantile curves, on the page's asinh axis."""
    lines = []
    for name, colour, series in groups:
        values = series.price_rt if column == "price_rt" else series.hourly[column]
        lines.append(_line(name, colour, EXCEEDANCE, np.nanpercentile(values, 100 - EXCEEDANCE)))
    return lines


def _memory(groups: Sequence[Group]) -> list[go.Scatter]:
    lines = []
    for name, colour, series in groups:
        days = squeeze(series.price_rt)
        memory = [1.0, *(autocorrelation(days, lag * series.steps_per_h) for lag in LAGS_H[1:])]
        lines.append(_line(name, colour, np.array(LAGS_H, float), np.array(memory)))
    return lines


def _values(series: Series, key: str) -> np.ndarray:
    return squeeze(series.price_rt_hourly) if key == "rt" else series.hourly[key]


def _by_hour(groups: Sequence[Group], key: str) -> list[go.Scatter]:
    hours = np.arange(24.0)
    lines = []
    for name, colour, series in groups:
        values = _values(series, key)
        if key in ("rt", "wind"):
            lines.append(_line(name, colour, hours, np.nanmean(values, axis=0)))
            continue
        lines.append(_line(f"{name}, summer", colour, hours, np.nanmean(values[series.summer()], axis=0)))
        lines.append(_line(f"{name}, winter", colour, hours, np.nanmean(values[series.winter()], axis=0), "dash"))
    return lines


def _by_month(groups: Sequence[Group], key: str) -> list[go.Scatter]:
    return [
        _line(name, colour, np.arange(1.0, 13.0),
              np.array([np.nanmean(_values(series, key)[series.month == m]) for m in range(1, 13)]))
        for name, colour, series in groups
    ]  # fmt: skip


def _frame(name: str, lines: list[go.Scatter], unit: str, x: str, log_x: bool = False, squeeze_y: bool = False) -> str:
    """A plot as HTML; `squeeze_y` draws prices on an asinh axis with ticks in USD/MWh."""
    y_axis: dict[str, Any] = {"gridcolor": GRID, "zerolinecolor": TEXT, "title": {"text": unit}}
    if squeeze_y:
        for line in lines:
            line.y = [None if v is None else round(float(np.arcsinh(v / 20)), 4) for v in list(line.y or ())]
        ticks = np.array([-250, -50, -20, 0, 20, 50, 100, 250, 1000, 5000])
        y_axis |= {"tickvals": np.arcsinh(ticks / 20).round(4).tolist(), "ticktext": [f"{t:,}" for t in ticks]}
    layout = {
        "height": 340, "margin": {"l": 70, "r": 10, "t": 8, "b": 90}, "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)", "font": {"color": TEXT, "size": 12}, "hovermode": "x",
        "xaxis": {"gridcolor": GRID, "title": {"text": x}, **(LOG_X if log_x else {})}, "yaxis": y_axis,
        "legend": {"orientation": "h", "y": -0.2},
    }  # fmt: skip
    figure = str(plotly.io.to_json(go.Figure(data=lines, layout=layout), validate=False)).replace("<", "\\u003c")
    config = json.dumps({"displayModeBar": False, "responsive": True})
    return (
        f'<div id="plot-{escape(name)}"></div>'
        f"<script>{{const f = {figure}; Plotly.newPlot('plot-{name}', f.data, f.layout, {config});}}</script>"
    )
