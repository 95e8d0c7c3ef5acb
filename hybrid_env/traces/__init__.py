"""What happens to a site: prices, weather, markets, work, and the forecasts that were issued of them."""

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.library import Library, load_or_generate
from hybrid_env.traces.market import Market, MarketError, load_market
from hybrid_env.traces.peaks import coincident_peak_weights
from hybrid_env.traces.read import read_trace
from hybrid_env.traces.schema import Trace, TraceError, build_trace
from hybrid_env.traces.store import load_trace, write_trace

__all__ = [
    "Library",
    "Market",
    "MarketError",
    "Trace",
    "TraceError",
    "build_trace",
    "coincident_peak_weights",
    "generate_year",
    "load_market",
    "load_or_generate",
    "load_trace",
    "read_trace",
    "write_trace",
]
