"""One week of a policy, hour by hour: four panels of inline SVG over one time axis, and the numbers behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape

import numpy as np

from hybrid_env.scoring.result import USES, WeekTrace
from hybrid_env.scoring.score import Array

HEIGHT = 1_000
"""Units of a panel's height in its own coordinates; the width is one unit an interval."""
PRICE_SCALE_USD_PER_MWH = 50.0
"""The price axis is close to linear up to here and logarithmic beyond, so that a spike does not flatten the week."""
PRICE_TICKS = (-1_000, -250, -50, 0, 50, 250, 1_000, 5_000, 20_000)


@dataclass(frozen=True)
class Series:
    """A column as people know it. `css` names its colour, the same wherever the use appears."""

    column: str
    label: str
    css: str
    digits: int = 1


USE_SERIES = (
    Series("reserved_mw", "reserved GPUs", "reserved"),
    Series("inference_mw", "inference", "inference"),
    Series("on_demand_mw", "GPUs on demand", "demand"),
    Series("training_mw", "training", "training"),
    Series("spot_mw", "spot GPUs", "spot"),
    Series("gpu_mining_mw", "GPU mining", "coin"),
    Series("gpu_idle_mw", "GPUs idling", "idle"),
    Series("mining_mw", "mining", "mining"),
    Series("cooling_mw", "cooling", "cooling"),
    Series("charge_mw", "battery charging", "battery"),
)
SUPPLY_SERIES = (
    Series("import_mw", "import", "import"),
    Series("wind_mw", "own generation", "wind"),
    Series("discharge_mw", "battery discharging", "battery"),
    Series("export_mw", "export", "export"),
)
LIMIT = Series("import_limit_mw", "import limit", "limit")
PRICE = Series("price_usd_per_mwh", "price", "price", 2)
STATE_SERIES = (
    Series("soc_mwh", "battery charge", "battery"),
    Series("mining_hall_c", "mining hall", "mining"),
    Series("gpu_hall_c", "GPU hall", "reserved"),
)
UNITS = {
    "price_usd_per_mwh": "USD/MWh",
    "soc_mwh": "MWh",
    "mining_hall_c": "\N{DEGREE SIGN}C",
    "gpu_hall_c": "\N{DEGREE SIGN}C",
}
assert tuple(series.column for series in USE_SERIES) == USES


@dataclass(frozen=True)
class Axis:
    """A vertical axis; `bend` > 0 makes it linear near zero and logarithmic beyond."""

    low: float
    high: float
    ticks: tuple[float, ...]
    bend: float = 0.0

    def place(self, values: Array | float) -> Array:
        """Distance from the top in units of `HEIGHT`."""
        low, high, at = (self._bent(value) for value in (self.low, self.high, values))
        return HEIGHT * (1 - (np.clip(at, low, high) - low) / (high - low))

    def _bent(self, values: Array | float) -> Array:
        array = np.asarray(values, dtype=np.float64)
        return np.arcsinh(array / self.bend) if self.bend else array


@dataclass(frozen=True)
class Axes:
    """The axes of all weeks on a page: the same for every policy, so that panels can be compared."""

    use: Axis
    supply: Axis
    price: Axis
    charge: Axis
    hall: Axis


def common_axes(weeks: Sequence[WeekTrace]) -> Axes:
    """Axes that hold every week given."""
    use = max(float(np.max(sum(week.column(name) for name in USES))) for week in weeks)
    limit = max(float(np.max(week.column("import_limit_mw"))) for week in weeks)
    supply = max(float(np.max(week.column(series.column))) for week in weeks for series in SUPPLY_SERIES)
    prices = np.concatenate([week.column("price_usd_per_mwh") for week in weeks])
    halls = np.concatenate([week.column(name) for week in weeks for name in ("mining_hall_c", "gpu_hall_c")])
    top = max(use, min(limit, 1.5 * use))
    return Axes(
        use=_linear(0.0, top),
        supply=_linear(0.0, max(supply, min(limit, 1.5 * use))),
        price=_price_axis(float(prices.min()), float(prices.max())),
        charge=_linear(0.0, max(1.0, *(float(np.max(week.column("soc_mwh"))) for week in weeks))),
        hall=_linear(float(halls.min()) - 1, float(halls.max()) + 1),
    )


def _linear(low: float, high: float) -> Axis:
    raw = (high - low) / 5 or 1.0
    power = 10 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return Axis(first * step, last * step, tuple(index * step for index in range(first, last + 1)))


def _price_axis(low: float, high: float) -> Axis:
    low, high = min(low, 0.0), max(high, 50.0)
    ticks = tuple(float(tick) for tick in PRICE_TICKS if low * 1.2 <= tick <= high * 1.2)
    return Axis(min(low, ticks[0]), max(high, ticks[-1]), ticks, PRICE_SCALE_USD_PER_MWH)


def step_path(places: Array) -> str:
    """SVG path of a step line, one unit an interval; runs of equal values are drawn in one stroke."""
    rounded = np.rint(places).astype(int).tolist()
    parts, run, last = [f"M0,{rounded[0]}"], 0, rounded[0]
    for place in rounded:
        if place != last:
            parts.append(f"h{run}V{place}")
            run, last = 0, place
        run += 1
    return "".join(parts) + f"h{run}"


def dispatch_panels(week: WeekTrace, axes: Axes) -> str:
    """All panels of one week with their axes and legends."""
    panels = [
        _panel(
            week,
            "Use of power, MW",
            17,
            axes.use,
            _stack(week, axes.use) + _line(week, LIMIT, axes.use),
            (*USE_SERIES, LIMIT),
        ),
        _panel(
            week,
            "Supply, MW",
            9,
            axes.supply,
            "".join(_line(week, series, axes.supply) for series in (*SUPPLY_SERIES, LIMIT)),
            (*SUPPLY_SERIES, LIMIT),
        ),
        _panel(
            week, "Real-time price, USD/MWh (compressed beyond 50)", 8, axes.price, _price(week, axes.price), (PRICE,)
        ),
        _panel(
            week, "Battery charge, MWh", 5, axes.charge, _line(week, STATE_SERIES[0], axes.charge), STATE_SERIES[:1]
        ),
        _panel(
            week,
            "Hall temperature, \N{DEGREE SIGN}C",
            5,
            axes.hall,
            "".join(_line(week, series, axes.hall) for series in STATE_SERIES[1:]),
            STATE_SERIES[1:],
        ),
    ]
    return "".join(panels) + _time_axis(week)


def _present(week: WeekTrace, series: Series) -> bool:
    return bool(np.any(week.column(series.column))) or series.column in {"price_usd_per_mwh"}


def _stack(week: WeekTrace, axis: Axis) -> str:
    """The uses stacked on each other: the tallest pile is painted first, each later one covers its lower part."""
    shown = [series for series in USE_SERIES if _present(week, series)]
    tops = np.cumsum([week.column(series.column) for series in shown], axis=0) if shown else np.empty((0, len(week)))
    floor = round(float(axis.place(0.0)))
    paths = [
        f'<path class="area c-{series.css}" d="{step_path(axis.place(top))}V{floor}H0Z"/>'
        for series, top in reversed(list(zip(shown, tops, strict=True)))
    ]
    return "".join(paths)


def _line(week: WeekTrace, series: Series, axis: Axis) -> str:
    if not _present(week, series):
        return ""
    return f'<path class="line c-{series.css}" d="{step_path(axis.place(week.column(series.column)))}"/>'


def _price(week: WeekTrace, axis: Axis) -> str:
    zero = round(float(axis.place(0.0)))
    return f'<line class="zero" x1="0" x2="{len(week)}" y1="{zero}" y2="{zero}"/>{_line(week, PRICE, axis)}'


def _panel(week: WeekTrace, title: str, height_rem: int, axis: Axis, content: str, legend: Sequence[Series]) -> str:
    ticks = [(tick, float(axis.place(tick)) / HEIGHT * 100) for tick in axis.ticks]
    labels = "".join(
        f'<span style="top:{at:.1f}%">{tick:,.4g}</span>'.replace("-", "\N{MINUS SIGN}") for tick, at in ticks
    )
    grid = "".join(
        f'<line class="grid" x1="0" x2="{len(week)}" y1="{at * 10:.0f}" y2="{at * 10:.0f}"/>' for _, at in ticks
    )
    days = "".join(f'<line class="grid" x1="{row}" x2="{row}" y1="0" y2="{HEIGHT}"/>' for row, _ in _days(week))
    keys = "".join(
        f'<li><i class="key c-{series.css}"></i>{escape(series.label)}</li>'
        for series in legend
        if _present(week, series)
    )
    return (
        f'<div class="panel-head"><strong>{escape(title)}</strong><ul class="legend">{keys}</ul></div>'
        f'<div class="panel" style="height:{height_rem}rem"><div class="y-axis">{labels}</div><div class="plot">'
        f'<svg viewBox="0 0 {len(week)} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{escape(title)}">'
        f'{grid}{days}{content}</svg><div class="cursor" hidden></div></div></div>'
    )


def _days(week: WeekTrace) -> list[tuple[int, str]]:
    """Row and label of each midnight UTC, row 0 included."""
    marks = []
    for row in range(len(week)):
        time = week.start_utc + timedelta(seconds=row * week.interval_s)
        if row == 0 or (time.hour == 0 and time.minute == 0 and time.second == 0):
            marks.append((row, f"{time:%a} {time.day}"))
    return marks


def _time_axis(week: WeekTrace) -> str:
    marks = "".join(f'<span style="left:{100 * row / len(week):.2f}%">{label}</span>' for row, label in _days(week))
    return f'<div class="panel time"><div class="y-axis"></div><div class="x-axis">{marks}</div></div>'


def readout_data(week: WeekTrace) -> dict[str, object]:
    """What the page's pointer reads: start, interval, and each column with its label, unit, colour and values."""
    groups = (PRICE, LIMIT, *USE_SERIES, *SUPPLY_SERIES, *STATE_SERIES)
    return {
        "start": week.start_utc.timestamp(),
        "interval": week.interval_s,
        "columns": [
            {
                "label": series.label,
                "unit": UNITS.get(series.column, "MW"),
                "css": series.css,
                "digits": series.digits,
                "values": [compact(value, series.digits) for value in week.column(series.column).tolist()],
            }
            for series in groups
            if _present(week, series)
        ],
    }


def compact(value: float, digits: int) -> float | int:
    """Rounded, and without a trailing `.0` in JSON."""
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded
