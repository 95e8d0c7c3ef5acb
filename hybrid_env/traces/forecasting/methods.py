"""Every method by its name, and a trace with other forecasts.

A method sees a trace and gives [issue_hour, variable, lead]; each number uses only what was published by its issue
hour. `perfect` alone looks ahead and is labelled a reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np

from hybrid_env.traces.forecast import round_forecast
from hybrid_env.traces.forecasting.day_ahead import DayAhead
from hybrid_env.traces.forecasting.learned import Learned
from hybrid_env.traces.forecasting.past import Floats, within_range
from hybrid_env.traces.forecasting.perfect import Perfect
from hybrid_env.traces.forecasting.persistence import Persistence
from hybrid_env.traces.forecasting.seasonal import Seasonal
from hybrid_env.traces.schema import COLUMNS, Trace, TraceError, build_trace

MethodName = Literal["as_issued", "persistence", "seasonal", "day_ahead", "learned", "perfect"]
METHOD_NAMES: tuple[MethodName, ...] = get_args(MethodName)


_reissued: dict[tuple[str, ...], Trace] = {}


class Forecaster(Protocol):
    """What forecasts a trace."""

    @property
    def name(self) -> str:
        """How results call it."""
        ...

    def forecast(self, trace: Trace) -> Floats:
        """Best estimates, float64 [issue_hour, variable, lead]."""
        ...


@dataclass(frozen=True)
class AsIssued:
    """The forecasts that the trace came with."""

    name: str = "as_issued"

    def forecast(self, trace: Trace) -> Floats:
        """Best estimates, [issue_hour, variable, lead]."""
        return trace.forecast.astype(np.float64)


@dataclass(frozen=True)
class Method:
    """One way to forecast.

    Attributes:
        meaning: one line.
        make: from the training split's traces.
        learns: whether it needs those.
        reference: whether it knows what nobody can.
    """

    meaning: str
    make: Callable[[Sequence[Trace]], Forecaster]
    learns: bool = False
    reference: bool = False


METHODS: dict[MethodName, Method] = {
    "as_issued": Method("the forecasts that the trace came with", lambda _: AsIssued()),
    "persistence": Method("the mean of the last hour", lambda _: Persistence()),
    "seasonal": Method("the same hour of the last day, or of the last week for load", lambda _: Seasonal()),
    "day_ahead": Method("the published day-ahead price, nudged by the last deviation", lambda _: DayAhead()),
    "learned": Method("the issued forecasts, corrected by trees trained on other years", Learned, learns=True),
    "perfect": Method("what happens: a reference that nobody has", lambda _: Perfect(), reference=True),
}


def make_forecaster(name: str, training: Sequence[Trace] = ()) -> Forecaster:
    """A method by its name.

    Args:
        training: traces of the training split, for methods that learn.

    Raises:
        TraceError: no such method, or one that learns without a training trace.
    """
    for known, method in METHODS.items():
        if known == name:
            return method.make(training)
    raise TraceError(f"there is no forecast method {name!r}; known: {', '.join(METHODS)}")


def reissue(trace: Trace, forecaster: Forecaster) -> Trace:
    """The same trace with other forecasts, named `<trace>@<method>`; forecasts as issued leave it as it is.

    Raises:
        TraceError: the method's forecasts are not numbers.
    """
    if forecaster.name == "as_issued":
        return trace
    forecast = round_forecast(within_range(forecaster.forecast(trace)))
    columns = {name: trace.rows[name] for name in COLUMNS}
    return build_trace(
        f"{trace.name}@{forecaster.name}", trace.start, trace.interval_s, trace.utc_offset_h, columns, trace.jobs,
        forecast, trace.origin,
    )  # fmt: skip


def reference_method(trace_name: str) -> MethodName | None:
    """The reference whose forecasts a trace holds, by its name; None for forecasts that an operator can have.

    Forecasts made of perfect ones (`texas/2001@perfect@learned`) and shocked ones (`...@perfect+heat_dome`) know what
    those knew.
    """
    said = re.split("[@+]", trace_name)[1:]
    return next((name for name, method in METHODS.items() if method.reference and name in said), None)


def reissue_years(traces: Sequence[Trace], name: MethodName, training: Sequence[Trace]) -> tuple[Trace, ...]:
    """Traces with a method's forecasts, made once for all who ask in this process."""
    taught = tuple(trace.hash for trace in training)
    forecaster = make_forecaster(name, training)
    out = []
    for trace in traces:
        key = (name, trace.hash, *taught)
        if key not in _reissued:
            _reissued[key] = reissue(trace, forecaster)
        out.append(_reissued[key])
    return tuple(out)
