"""Shocks: pure transforms of a trace, to replay any site under what its years do not hold."""

from hybrid_env.traces.stress.registry import SHOCKS
from hybrid_env.traces.stress.shock import Shock, ShockError

__all__ = ["SHOCKS", "Shock", "ShockError"]
