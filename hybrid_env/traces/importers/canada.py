"""Canada: IESO (Ontario), AESO (Alberta), NB Power and Hydro-Quebec, each on a clock of its own."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import from_offset, from_zone, hour_numbers, hour_starts, stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table, build_wide
from hybrid_env.traces.importers.source import SourceFile, Times, numbers, read_csv
from hybrid_env.traces.importers.xml import children, required_text

IESO = "{http://www.ieso.ca/schema}"
EST_H = -5
IESO_CLOCK = "Eastern STANDARD time (UTC-5) all year, hours ending at their number"
YEARLY = {
    "HOEP": ("price", "price_cad_per_mwh"), "Market Demand": ("load", "load_mw"), "Ontario Demand": ("load", "load_mw"),
    "OR 10 Min Sync": ("reserve", "price_cad_per_mwh"), "OR 10 Min non-sync": ("reserve", "price_cad_per_mwh"),
    "OR 30 Min": ("reserve", "price_cad_per_mwh"),
}  # fmt: skip
MOUNTAIN = "America/Edmonton"
POOL_PRICE = ("Price ($)", "AIL Demand (MW)", "System Demand (MW)")
ATLANTIC_H = {"AD": -3.0, "AS": -4.0}


def _recognises_ieso_totals(source: SourceFile) -> bool:
    return source.xml is not None and source.xml.tag == f"{IESO}Document" and _intervals(source) > 0


def _intervals(source: SourceFile) -> int:
    return 0 if source.xml is None else len(source.xml.findall(f".//{IESO}IntervalEnergy"))


def _read_ieso_totals(source: SourceFile) -> Table:
    notes = Notes()
    root = source.xml
    assert root is not None
    day = pd.Timestamp(required_text(source, root, "DeliveryDate"))
    hour = int(required_text(source, root, "DeliveryHour"))
    starts, points, power = [], [], []
    for interval in children(root, "IntervalEnergy"):
        number = int(required_text(source, interval, "Interval"))
        for quantity in children(interval, "MQ"):
            starts.append(day + pd.Timedelta(hours=hour - 1, minutes=5 * (number - 1)))
            points.append(required_text(source, quantity, "MarketQuantity"))
            power.append(float(required_text(source, quantity, "EnergyMW")))
    notes.assumed(f"{IESO_CLOCK}; intervals 1 to 12 of five minutes")
    return build_table(
        source, "load", from_offset(starts, EST_H), {"power_mw": power}, notes, point=points, interval_s=300
    )


def _yearly_header(source: SourceFile) -> int:
    known = (n for n, line in enumerate(source.lines[:8], 1) if re.match(r"Date,Hour,(HOEP|Market Demand)", line))
    return next(known, 0)


def _recognises_ieso_yearly(source: SourceFile) -> bool:
    return _yearly_header(source) > 0


def _read_ieso_yearly(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source, header_line=_yearly_header(source))
    day = stamps(raw["Date"], source, ("%Y-%m-%d", "%Y/%m/%d"))
    hour = hour_numbers(raw["Hour"], source)
    start = from_offset(day + pd.to_timedelta(hour - 1, unit="h"), EST_H)
    notes.assumed(IESO_CLOCK)
    kind, column = YEARLY["HOEP" if "HOEP" in raw else "Ontario Demand"]
    by_point = {name: numbers(raw[name], source) for name in YEARLY if name in raw}
    return build_wide(source, kind, start, column, by_point, notes, interval_s=3600, lines=raw.index)


def _recognises_aeso_report(source: SourceFile) -> bool:
    return "Current Supply Demand Report" in "\n".join(source.lines[:4])


def _read_aeso_report(source: SourceFile) -> Table:
    """One moment: the summary's two-cell rows and the fuels' four-cell rows (capacity, generation, reserve)."""
    notes = Notes()
    update: Times = None
    rows: list[tuple[str, float, int]] = []
    assets: list[int] = []
    for line, text in enumerate(source.lines, 1):
        cells = [cell.strip() for cell in text.strip().strip('"').split('","')]
        if cells[0].startswith("Last Update"):
            series = pd.Series([cells[0].split(":", 1)[1].strip()], index=[line], name="Last Update")
            update = stamps(series, source, "%b %d, %Y %H:%M")[0]
        elif len(cells) == 2 and re.fullmatch(r"-?\d+(\.\d+)?", cells[1]):
            rows.append((cells[0], float(cells[1]), line))
        elif len(cells) == 4 and cells[2].isdigit():
            if "(" in cells[0]:
                assets.append(line)
            else:
                rows.append((f"{cells[0]} generation", float(cells[2]), line))
    if update is None:
        raise ReadError(source.path, found="no line `Last Update`", allowed='as "Last Update : Jul 13, 2017 19:26"')
    points = [name for name, _, _ in rows]
    seen = [points[:i].count(name) for i, name in enumerate(points)]
    points = [name if not n else f"{name} ({n + 1})" for name, n in zip(points, seen, strict=True)]
    start = from_zone([update] * len(rows), MOUNTAIN, np.zeros(len(rows), bool))
    notes.assumed("`Last Update` is Mountain prevailing time; all figures are of that moment, in megawatts")
    notes.dropped("rows of single assets", assets)
    return build_table(
        source, "load", start, {"power_mw": [mw for _, mw, _ in rows]}, notes, point=points,
        lines=[line for _, _, line in rows],
    )  # fmt: skip


def _pool_header(source: SourceFile) -> int:
    return next((n for n, line in enumerate(source.lines[:10], 1) if "Date (HE)" in line and "Price ($)" in line), 0)


def _recognises_pool_price(source: SourceFile) -> bool:
    return _pool_header(source) > 0


def _read_pool_price(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source, header_line=_pool_header(source))
    text = raw["Date (HE)"].str.strip()
    repeated = text.str.endswith("*")
    parts = text.str.removesuffix("*").str.strip().str.rsplit(" ", n=1)
    day = stamps(parts.str[0].rename("Date (HE)"), source, "%m/%d/%Y")
    hour = hour_numbers(parts.str[1].rename("Date (HE)"), source)
    start = hour_starts(day, hour, MOUNTAIN, repeated)
    notes.assumed("hours end at their number, Mountain prevailing time; `02*` is the repeated hour")
    notes.dropped("hours that the day clocks go forward does not have", raw.index[start.isna()])
    columns = {"price_cad_per_mwh": numbers(raw["Price ($)"], source)}
    for name in POOL_PRICE[1:]:
        if name in raw:
            columns["load_mw"] = numbers(raw[name], source)
    return build_table(source, "price", start, columns, notes, interval_s=3600, lines=raw.index)


def _recognises_nb(source: SourceFile) -> bool:
    return bool(re.fullmatch(r"\d{14}A[DS],-?[\d.]+,.*", source.lines[0].strip()))


def _read_nb(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source, header_line=None)
    offset = raw["0"].str[-2:].map(ATLANTIC_H)
    bad = np.flatnonzero(offset.isna())
    if len(bad):
        raise ReadError(
            source.path,
            line=int(raw.index[bad[0]]),
            found=repr(raw["0"].iloc[bad[0]]),
            allowed="a stamp ending in AD or AS",
        )
    start = from_offset(stamps(raw["0"].str[:-2], source, "%Y%m%d%H%M%S"), offset.to_numpy(float))
    notes.assumed("AD is Atlantic daylight time (UTC-3), AS standard time (UTC-4); hours begin at their stamp")
    notes.assumed("the second column is the load forecast in megawatts; the third is not known and left out")
    return build_table(
        source, "load", start, {"load_forecast_mw": numbers(raw["1"], source)}, notes, interval_s=3600, lines=raw.index
    )


def _recognises_hq(source: SourceFile) -> bool:
    return source.has_columns("date", "demandeTotal")


def _read_hq(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    notes.assumed("intervals of 15 minutes begin at their stamp, which carries its offset")
    return build_table(
        source, "load", stamps(raw["date"], source), {"load_mw": numbers(raw["demandeTotal"], source)}, notes,
        interval_s=900, lines=raw.index,
    )  # fmt: skip


FORMATS = (
    Format(
        "ieso_totals", "IESO real-time constrained totals (XML)", "load", _recognises_ieso_totals, _read_ieso_totals,
        IESO_CLOCK,
    ),
    Format(
        "ieso_yearly", "IESO yearly demand, or HOEP with operating reserve (CSV)", "price", _recognises_ieso_yearly,
        _read_ieso_yearly, IESO_CLOCK + "; Canadian dollars",
    ),
    Format(
        "aeso_supply_demand", "AESO current supply and demand report (CSV)", "load", _recognises_aeso_report,
        _read_aeso_report, "one moment, Mountain prevailing time",
    ),
    Format(
        "aeso_pool_price", "AESO historical pool price (CSV)", "price", _recognises_pool_price, _read_pool_price,
        "hours end at their number, Mountain prevailing time; Canadian dollars",
    ),
    Format(
        "nbpower_load", "NB Power load forecast (CSV without header)", "load", _recognises_nb, _read_nb,
        "AD is UTC-3, AS is UTC-4; hours begin at their stamp",
    ),
    Format(
        "hydroquebec_demand", "Hydro-Quebec total demand (CSV)", "load", _recognises_hq, _read_hq,
        "quarter hours begin at their stamp; blank is not yet measured",
    ),
)  # fmt: skip
