"""Statistics whose tolerance is known to break, with the reason; the check fails on any other."""

from __future__ import annotations

NOT_REPRODUCED: dict[str, dict[str, str]] = {
    "ercot": {
        "rt_acf_12h": "prices half a day apart are too alike: calm and windy spells carry through the night",
        "wind_by_month": "one yearly wave cannot follow single months of two years",
        "carbon_q1": "carbon is affine in the thermal share; the windiest hours emit more than that line says",
        "carbon_by_month": "no refuelling of nuclear units, no switch between coal and gas",
    },
    "caiso": {
        "rt_negative": "half as many hours below zero: the surplus of spring's water is not drawn",
        "negative_days": "hours below zero crowd into fewer days",
        "drybulb_q99.9": "heat waves are sharper than cool spells here, and fronts are only ever skewed to the cold",
        "anomaly_sd_summer": "wider summers make up for the heat waves that are missing",
        "carbon_q1": "the line from the thermal share falls too low at the sunniest noons",
        "carbon_q99": "gas that stands in for imports on the dirtiest nights is not drawn",
        "carbon_by_month": "spring's water, which displaces gas, is not drawn",
    },
    "ontario": {
        "rt_acf_48h": "prices two days apart are a little too alike",
        "carbon_q1": "carbon's mean and spread alone are fitted: slack hours emit nothing, real ones a little",
        "carbon_q10": "as carbon_q1",
        "carbon_q50": "as carbon_q1: real carbon is skewed, a few dirty weeks over many clean ones",
        "carbon_q90": "as carbon_q50",
        "carbon_q99": "gas plants that stand in for nuclear outages are not drawn",
        "carbon_by_hour": "gas follows the hours less than the generator's net load does; load has no series here",
        "carbon_by_month": "nuclear outages of spring and autumn are not drawn",
        "carbon_acf_24h": "nuclear outages last for weeks and are not drawn",
    },
}
"""Market -> statistic -> why."""
