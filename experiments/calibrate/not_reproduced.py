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
        "negative_days": "hours below zero crowd into fewer days",
        "drybulb_q99.9": "heat waves are sharper than cool spells here, and fronts are only ever skewed to the cold",
        "anomaly_sd_summer": "wider summers make up for the heat waves that are missing",
        "carbon_q99": "gas that stands in for imports on the dirtiest nights is not drawn",
        "carbon_by_month": "spring's water, which displaces gas, is not drawn",
    },
    "ontario": {
        "spike_run": "generated spikes come in a few tight days; the real ones, 17 hours in two years, are scattered",
        "extreme_run": "there was one hour above 1,000 USD/MWh in two years",
        "spike_clustering": "generated spikes come in a few tight days; the real ones are scattered",
        "rt_acf_48h": "prices two days apart are a little too alike",
        "carbon_q99": "gas plants that stand in for nuclear outages are not drawn",
        "carbon_acf_24h": "nuclear outages last for weeks and are not drawn",
    },
}
"""Market -> statistic -> why."""
