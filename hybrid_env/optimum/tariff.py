"""What imported and exported energy costs and earns, by MW held for a period."""

from __future__ import annotations

from hybrid_env.optimum.horizon import Periods
from hybrid_env.optimum.programme import Floats


def import_usd_per_mw(t: Periods) -> Floats:
    """Energy charges, and the coincident-peak charge on the rows known to carry it (never known to an operator in
    time)."""
    return -t.buying_usd_per_mwh * t.hours - t.peak_usd_per_mw


def export_usd_per_mw(t: Periods) -> Floats:
    """Income; negative where selling costs."""
    return t.selling_usd_per_mwh * t.hours
