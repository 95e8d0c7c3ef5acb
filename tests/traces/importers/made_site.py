"""A site of the tests' own making: a fortnight of ERCOT-like prices, load, EPW-like weather, and a recipe."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml

FIRST = datetime(2024, 3, 4)
"""A fortnight in which the clocks go forward (10 March 2024)."""
DAYS = 14
SPRING = datetime(2024, 3, 10)


def ercot_days(point: str, quarter: bool, scale: float = 1.0) -> list[str]:
    """Rows of settlement point prices by hour ending (and quarter), with the short day."""
    rows = []
    for day in range(-1, DAYS + 1):
        date = FIRST + timedelta(days=day)
        for hour in range(1, 25):
            if date == SPRING and hour == 3:
                continue
            price = scale * (20 + 15 * np.sin(np.pi * (hour - 6) / 12))
            stamp = f"{date:%m/%d/%Y}"
            if quarter:
                rows += [f"{stamp},{hour},{q},{point},HU,{price + q:.2f},N" for q in (1, 2, 3, 4)]
            else:
                rows.append(f"{stamp},{hour:02d}:00,{point}, {price:.2f},N")
    return rows


def native_load() -> list[str]:
    rows = []
    for day in range(-1, DAYS + 1):
        date = FIRST + timedelta(days=day)
        for hour in range(1, 25):
            if not (date == SPRING and hour == 3):
                rows.append(f"{date:%m/%d/%Y} {hour:02d}:00,1,2,3,{45_000 + 200 * day + 500 * hour}")
    return rows


def epw() -> str:
    """A typical year of 365 days, hour by hour; only the cells that readers need hold something."""
    head = ["LOCATION,MIDLAND,TX,USA,MADE,722650,31.95,-102.18,-6.0,872.0"]
    head += ["DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0"]
    head += ["HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,made", "COMMENTS 2,made"]
    head += ["DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31"]
    rows = []
    for day in range(365):
        date = datetime(1999, 1, 1) + timedelta(days=day)
        for hour in range(1, 25):
            sun = max(0.0, np.sin(np.pi * (hour - 6.5) / 12))
            drybulb = 12 + 10 * np.sin(2 * np.pi * (day - 110) / 365) + 6 * sun
            cells = [
                1999, date.month, date.day, hour, 60, "?9", f"{drybulb:.1f}", f"{drybulb - 6:.1f}", 65, 91_500, 0, 0,
                300, round(800 * sun), round(600 * sun), round(250 * sun), 0, 0, 0, 0, 200, 6.5, 3, 3, 20.0, 7_000, 9,
                999999999, 10, 0.1, 0, 88, 0.2, 0.0, 1.0,
            ]  # fmt: skip
            rows.append(",".join(map(str, cells)))
    return "\n".join([*head, *rows]) + "\n"


def recipe(**changes: Any) -> dict[str, Any]:
    return {
        "name": "made_site", "first_day": FIRST.date(), "last_day": (FIRST + timedelta(days=DAYS - 1)).date(),
        "interval_s": 900, "utc_offset_h": -6, "import_limit_mw": 100,
        "constants": {"btc_usd": 65_000, "difficulty": 8.0e13},
        "synthetic": {"market": "texas", "seed": 5},
        "sources": [
            {"file": "rt_*.csv", "point": "HB_WEST", "feeds": {"price_rt_usd_per_mwh": "price_usd_per_mwh"}},
            {"file": "da.csv", "point": "HB_WEST", "feeds": {"price_da_usd_per_mwh": "price_usd_per_mwh"}},
            {"file": "load.csv", "point": "ERCOT", "feeds": {"system_load_mw": "load_mw"}},
            {
                "file": "weather.epw",
                "derive": ["typical_year", "wet_bulb", {"wind_power": {}}],
                "feeds": {"drybulb_c": "drybulb_c", "wetbulb_c": "wetbulb_c", "wind_cf": "wind_cf"},
            },
        ],
    } | changes  # fmt: skip


def write_site(folder: Path, **changes: Any) -> Path:
    """Write the files and the recipe; returns the recipe's path."""
    head = "DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag\n"
    (folder / "da.csv").write_text(head + "\n".join(ercot_days("HB_WEST", False) + ercot_days("HB_NORTH", False, 2)))
    head = (
        "DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,SettlementPointType,"
        "SettlementPointPrice,DSTFlag\n"
    )
    rows = ercot_days("HB_WEST", True)
    half = len(rows) // 2
    (folder / "rt_1.csv").write_text(head + "\n".join(rows[: half + 40]))  # the files overlap
    (folder / "rt_2.csv").write_text(head + "\n".join(rows[half:]))
    (folder / "load.csv").write_text("Hour Ending,COAST,FWEST,WEST,ERCOT\n" + "\n".join(native_load()))
    (folder / "weather.epw").write_text(epw())
    path = folder / "my_site.yaml"
    path.write_text(yaml.safe_dump(recipe(**changes)))
    return path
