"""Every policy by its name, as `experiments.evaluate policy=<name>` and result files call it.

Policies that need the optimiser are imported when they are asked for, so that the rules run without it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Literal

from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.policy import Policy
from hybrid_env.baselines.rules import Breakeven, MiningOnly, NightMining, Random

Kind = Literal["rule", "mpc", "reference"]

PEAK_RATIO = 0.97
"""From this forecast load over the month's highest, `breakeven_peaks` rests."""

RULES: dict[str, Callable[[], Policy]] = {
    "naive": Naive,
    "random": Random,
    "mining_only": MiningOnly,
    "ai_first_night_mining": NightMining,
    "breakeven": Breakeven,
    "breakeven_peaks": lambda: Breakeven(peak_ratio=PEAK_RATIO),
    "market_clearing": MarketClearing,
}
OPTIMISING: dict[str, tuple[str, str, Kind]] = {
    "mpc": ("hybrid_env.baselines.mpc", "Mpc", "mpc"),
    "p24": ("hybrid_env.baselines.mpc", "P24", "reference"),
    "plan_replay": ("hybrid_env.baselines.replay", "PlanReplay", "reference"),
    "reachable": ("hybrid_env.baselines.replay", "Reachable", "reference"),
}
"""Name -> module, class, kind."""


class PolicyError(ValueError):
    """There is no such policy, or it cannot run here; the message says what to do."""


def policy_names() -> list[str]:
    """All names, rules first."""
    return [*RULES, *OPTIMISING]


def policy_kind(name: str) -> Kind:
    """Rule, mpc or reference."""
    return OPTIMISING[name][2] if name in OPTIMISING else "rule"


def make_policy(name: str) -> Policy:
    """A fresh policy by its name.

    Raises:
        PolicyError: no such policy, or the optimiser it needs is not installed.
    """
    if name in RULES:
        return RULES[name]()
    if name not in OPTIMISING:
        raise PolicyError(f"there is no policy {name!r}; known: {', '.join(policy_names())}")
    module, made_by, _ = OPTIMISING[name]
    try:
        return getattr(import_module(module), made_by)()
    except ModuleNotFoundError as error:
        if error.name == module:
            raise PolicyError(f"policy {name!r} is not part of this version") from error
        raise PolicyError(
            f"policy {name!r} needs the package {error.name}, which is not installed: pip install 'hybrid-env[lp]'"
        ) from error
