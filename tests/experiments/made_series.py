"""Public series of the tests' own making: three weeks of a place, with a recipe for any year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from hybrid_env.sites.site import load_site

WEEKS = 3
FEEDS = ("price_rt_usd_per_mwh", "price_da_usd_per_mwh", "system_load_mw", "drybulb_c", "wetbulb_c", "btc_usd")
RECORD = {"wind_fleet": {"record_mw": {"2021-01-01": 21_000}}}
SITE = load_site("texas_wind")


def write_series(folder: Path, years: tuple[int, ...] = (2023,)) -> Path:
    """Write a file a year and the recipe; returns the recipe's path."""
    for year in years:
        hours = pd.date_range(f"{year}-03-01T00:00Z", periods=24 * (7 * WEEKS + 2), freq="h")
        hour = np.arange(len(hours))
        price = 40 + 35 * np.sin(2 * np.pi * (hour - 9) / 24) + 400 * (hour % 97 == 0)
        table = pd.DataFrame(
            {
                "timestamp_utc": hours.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "price_rt_usd_per_mwh": price,
                "price_da_usd_per_mwh": np.roll(price, 1),
                "system_load_mw": 45_000 + 9_000 * np.sin(2 * np.pi * (hour - 9) / 24) + hour,
                "drybulb_c": 18 + 8 * np.sin(2 * np.pi * (hour - 9) / 24),
                "relative_humidity_pct": 60.0,
                "wind_mw": 12_000 + 9_000 * np.cos(hour / 17),
                "btc_usd": 25_000 + year,
            }
        )
        table.to_csv(folder / f"place_{year}.csv", index=False)
    feeds = {name: name for name in FEEDS} | {"wind_cf": "wind_cf"}
    recipe = {
        "name": "place_{year}", "first_day": "{year}-03-01", "last_day": f"{{year}}-03-{7 * WEEKS + 1}",
        "interval_s": SITE.interval_s, "utc_offset_h": SITE.utc_offset_h, "coincident_peaks": "4CP",
        "constants": {"difficulty": 5e13, "subsidy_btc": 6.25},
        "synthetic": {"market": "ontario", "seed": 7},
        "sources": [{"file": "place_{year}.csv", "derive": ["wet_bulb", RECORD], "feeds": feeds}],
    }  # fmt: skip
    path = folder / "place.yaml"
    path.write_text(yaml.safe_dump(recipe), "utf-8")
    return path
