"""Forecasts that an operator would have: methods by name, their skill, and traces with other forecasts."""

from hybrid_env.traces.forecasting.learned import Learned
from hybrid_env.traces.forecasting.methods import (
    METHOD_NAMES,
    METHODS,
    Forecaster,
    Method,
    MethodName,
    make_forecaster,
    reissue,
    reissue_years,
)

__all__ = [
    "METHODS",
    "METHOD_NAMES",
    "Forecaster",
    "Learned",
    "Method",
    "MethodName",
    "make_forecaster",
    "reissue",
    "reissue_years",
]
