"""Service levels of inference: credit by steps of the month's attainment."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import AfterValidator

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F, _I = np.float64, np.int64

MAX_TIERS = 4


def _falls_as_credit_rises(tiers: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    below, credit = [x for x, _ in tiers], [c for _, c in tiers]
    if not 1 <= len(tiers) <= MAX_TIERS:
        raise ValueError(f"sla_tiers must hold 1 to {MAX_TIERS} pairs [attainment, credit]; found {len(tiers)}")
    if not all(0 < x < 1 for x in below) or any(b >= a for a, b in pairwise(below)):
        raise ValueError(f"attainments of sla_tiers must fall, between 1 and 0 (0.999, 0.99, ...); found {below}")
    if not all(0 < c <= 1 for c in credit) or any(b <= a for a, b in pairwise(credit)):
        raise ValueError(f"credits of sla_tiers must rise, above 0 and at most 1; found {credit}")
    return tiers


SlaTiers = Annotated[tuple[tuple[float, float], ...], AfterValidator(_falls_as_credit_rises)]
"""Pairs `[x, c]`: a month's attainment below x is credited with the share c of its bill. Published schedules
credit 10 % below 99.9 %, 25 to 30 % below 99 % and 100 % below 95 % (AWS P4/P5, GCP A3, Nebius)."""

RECORD = [
    ("n_sla_tiers", _I), ("sla_below", _F, MAX_TIERS), ("sla_credit", _F, MAX_TIERS), ("inference_lost_frac", _F),
]  # fmt: skip
"""`inference_lost_frac`: share of its price that a missed hour is not paid; 1, or 0 where what is asked is billed and
tiers credit it."""


def fill(p: np.void, site: Site) -> None:
    """Write the tiers into the site's record. For those who plan, the linear credit then stands for their hull."""
    inference = None if site.gpu is None else site.gpu.inference
    p["inference_lost_frac"] = 1.0
    if inference is None or inference.sla_tiers is None:
        return
    p["inference_lost_frac"] = 0.0
    n = len(inference.sla_tiers)
    p["n_sla_tiers"] = n
    p["sla_below"][:n], p["sla_credit"][:n] = zip(*inference.sla_tiers, strict=True)
    p["inference_credit_frac"] = hull_credit_frac(inference.sla_tiers)


def hull_credit_frac(tiers: tuple[tuple[float, float], ...]) -> float:
    """Steepest credit per missed hour beyond the free `1 - x[0]`, as a multiple of its price, that is never above the
    steps: the least slope from the end of the free part to the end of each step, `c[k] / (x[0] - x[k + 1])`."""
    below, credit = np.array([x for x, _ in tiers]), np.array([c for _, c in tiers])
    return float(np.min(credit / (below[0] - np.append(below[1:], 0.0))))
