"""Statistics whose tolerance is known to break, with the reason; the check fails on any other."""

from __future__ import annotations

NOT_REPRODUCED: dict[str, dict[str, str]] = {
    "ercot": {
        "rt_acf_12h": "prices half a day apart are too alike: calm and windy spells carry through the night",
        "wind_by_month": "one yearly wave cannot follow single months of two years",
        "carbon_q1": "carbon is affine in the thermal share; the windiest hours emit more than that line says",
        "carbon_by_month": "no refuelling of nuclear units, no switch between coal and gas",
    },
}
"""Market -> statistic -> why."""
