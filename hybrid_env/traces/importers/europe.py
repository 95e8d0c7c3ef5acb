"""Europe: ENTSO-E Transparency exports (old and new pages, CSV and XML) and Nord Pool's yearly files."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import from_zone, stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table, build_wide
from hybrid_env.traces.importers.source import DataFrame, SourceFile, Times, numbers, read_csv
from hybrid_env.traces.importers.xml import children, local_name, required_text, text

ZONES = {"CET/CEST": "Europe/Brussels", "UTC": "UTC", "WET/WEST": "Europe/Lisbon", "EET/EEST": "Europe/Helsinki"}
"""Clocks of the export pages: the page's choice, not the bidding zone's own time."""
LAYOUTS = ("%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")
RESOLUTION_S = {"PT15M": 900, "PT30M": 1800, "PT60M": 3600, "PT1H": 3600, "PT1M": 60, "P1D": 86_400}
DOCUMENTS = {"GL_MarketDocument", "Publication_MarketDocument", "Acknowledgement_MarketDocument"}
AREAS = ("out_Domain.mRID", "outBiddingZone_Domain.mRID", "inBiddingZone_Domain.mRID", "in_Domain.mRID")
NORDPOOL_ZONE = "Europe/Oslo"
SPOT_TITLE = re.compile(r"Elspot Prices in (\w{3})/MWh")


def _time_column(source: SourceFile) -> re.Match[str] | None:
    return re.match(r'"?(?:MTU|Time) \(([A-Z/]+)\)"?[,;\t]', source.lines[0])


def _recognises_csv(source: SourceFile) -> bool:
    return _time_column(source) is not None


def _read_csv(source: SourceFile) -> Table:
    notes = Notes()
    match = _time_column(source)
    assert match is not None
    if match[1] not in ZONES:
        raise ReadError(source.path, line=1, found=f"the clock {match[1]}", allowed=", ".join(ZONES))
    raw = _rows(source)
    time = str(raw.columns[0])
    if "Sequence" in raw:  # auctions of one bidding zone; the first is the coupled market's
        later = ~raw["Sequence"].isin(["", "Without Sequence", "Sequence Sequence 1"])
        notes.dropped("rows of later auction sequences", raw.index[later])
        raw = raw[~later]
    found = [(str(name), *meaning) for name in raw.columns if (meaning := _meaning(str(name)))]
    if not found:
        raise ReadError(
            source.path,
            line=1,
            found=", ".join(map(repr, raw.columns)),
            allowed="a column Day-ahead Price or Total Load",
        )
    point = raw.get("Area")
    area = next((name.split("|")[1] for name in raw.columns if str(name).startswith("BZN|")), None)
    area = area or next((name.split("|")[-1] for name, _, _ in found if "|" in name), None)
    values = {column: numbers(raw[name], source) for name, column, _ in found}
    start = _interval_starts(raw, time, ZONES[match[1]], point, source)
    never = start.isna() & (raw[time] != "").to_numpy()
    with_values = never & np.any([np.isfinite(v) for v in values.values()], axis=0)
    notes.warned("values stand at wall times that never were", raw.index[with_values])
    notes.dropped("rows of the hour that the day clocks go forward does not have", raw.index[never])
    notes.assumed(f"times are {match[1]} as the heading says, whatever the bidding zone")
    facts = {"area": area} if area else {}
    kind = found[0][2]
    return build_table(source, kind, start, values, notes, point=point, lines=raw.index, facts=facts)


def _rows(source: SourceFile) -> DataFrame:
    """Old pages leave out the last cells of a row: the header then counts more columns than the rows have."""
    separator = next(mark for mark in ("\t", ";", ",") if mark in source.lines[0])
    zone_last = "BZN|" in source.lines[0].split(separator)[-1]
    width = source.lines[0].count(separator) + 1 if zone_last else None
    return read_csv(source, separator=separator, width=width)


def _meaning(name: str) -> tuple[str, str] | None:
    """Column and kind that a heading stands for; None where it is not a value."""
    if name.startswith("Day-ahead Price"):
        currency = re.search(r"(\w{3})/MWh", name)
        return f"price_{currency[1].lower() if currency else 'eur'}_per_mwh", "price"
    if name.startswith("Actual Total Load"):
        return "load_mw", "load"
    if name.startswith("Day-ahead Total Load Forecast"):
        return "load_forecast_mw", "load"
    return None


def _interval_starts(raw: DataFrame, time: str, zone: str, point: DataFrame | None, source: SourceFile) -> Times:
    began = raw[time].str.split(" - ").str[0].rename(time)
    said = began.str.extract(r"\((\w+)\)", expand=False)
    local = stamps(began.str.replace(r"\s*\(\w+\)", "", regex=True), source, LAYOUTS)
    if said.notna().any():
        return from_zone(local, zone, said.isin(["CET", "WET", "EET"]).to_numpy())
    keys = pd.DataFrame({"stamp": local, "point": "" if point is None else point.to_numpy()})
    return from_zone(local, zone, keys.duplicated())


def _recognises_xml(source: SourceFile) -> bool:
    return source.xml is not None and local_name(source.xml) in DOCUMENTS


def _read_xml(source: SourceFile) -> Table:
    notes = Notes()
    root = source.xml
    assert root is not None
    if local_name(root) == "Acknowledgement_MarketDocument":
        reason = text(root, "text") or "no reason given"
        raise ReadError(source.path, found=f"an answer without data ({reason})", fix="ask for another area or period")
    starts: list[Times] = []
    values: list[np.ndarray] = []
    points: list[str] = []
    price = local_name(root) == "Publication_MarketDocument"
    units: set[str] = set()
    steps: set[int] = set()
    for series in children(root, "TimeSeries"):
        area = next(filter(None, (text(series, name) for name in AREAS)), "unknown")
        units.add((text(series, "currency_Unit.name") or "EUR") if price else "MW")
        held = (text(series, "curveType") or "A01") == "A03"
        for period in children(series, "Period"):
            index, amount = _period(source, period, "price.amount" if price else "quantity", held, notes)
            starts.append(index)
            values.append(amount)
            points += [area] * len(index)
            steps.add(RESOLUTION_S[required_text(source, period, "resolution")])
    if not starts:
        raise ReadError(source.path, found="no <Period>", allowed="at least one", fix="download it again")
    if len(units) > 1:
        raise ReadError(source.path, found=f"several currencies: {', '.join(sorted(units))}", fix="split the file")
    column = f"price_{units.pop().lower()}_per_mwh" if price else "load_mw"
    return build_table(
        source, "price" if price else "load", starts[0].append(starts[1:]), {column: np.concatenate(values)}, notes,
        point=points, interval_s=steps.pop() if len(steps) == 1 else None,
    )  # fmt: skip


def _period(source: SourceFile, period: Element, name: str, held: bool, notes: Notes) -> tuple[Times, np.ndarray]:
    """Positions count intervals from the period's start. Curve A03 leaves out positions that repeat the one before."""
    begin, end = (pd.Timestamp(required_text(source, period, edge)) for edge in ("start", "end"))
    resolution = required_text(source, period, "resolution")
    if resolution not in RESOLUTION_S:
        raise ReadError(source.path, column="resolution", found=resolution, allowed=", ".join(RESOLUTION_S))
    step = pd.Timedelta(seconds=RESOLUTION_S[resolution])
    index = pd.date_range(begin, end, freq=step, inclusive="left")
    amount = pd.Series(np.nan, index=range(1, len(index) + 1))
    for spot in children(period, "Point"):
        position = int(required_text(source, spot, "position"))
        if not 1 <= position <= len(index):
            raise ReadError(
                source.path,
                column="position",
                found=str(position),
                allowed=f"1 to {len(index)} between {begin} and {end}",
            )
        amount[position] = float(required_text(source, spot, name))
    if held:
        absent = int(amount.isna().sum())
        amount = amount.ffill()
        notes.filled(f"positions left out of {begin:%Y-%m-%d} repeat the one before (curve A03)", rows=absent)
    return index, amount.to_numpy()


def _recognises_nordpool(source: SourceFile) -> bool:
    return SPOT_TITLE.match(source.lines[0].strip('"')) is not None


def _read_nordpool(source: SourceFile) -> Table:
    notes = Notes()
    title = SPOT_TITLE.match(source.lines[0].strip('"'))
    assert title is not None
    header = next((n for n, line in enumerate(source.lines[:6], 1) if line.startswith("Date,Hours,")), None)
    if header is None:
        raise ReadError(source.path, found="no header `Date,Hours,...`", allowed="in the first six lines")
    raw = read_csv(source, header_line=header)
    hour = numbers(raw["Hours"].str.split("-").str[0].str.strip().rename("Hours"), source)
    local = stamps(raw["Date"], source, ("%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d")) + pd.to_timedelta(hour, unit="h")
    start = from_zone(local, NORDPOOL_ZONE)
    notes.assumed("times are CET/CEST for every area; of the two equal hours in autumn the first is summer time")
    notes.dropped("rows of the hour that the day clocks go forward does not have", raw.index[start.isna()])
    areas = {str(name): numbers(raw[name], source, decimal=_decimal(raw)) for name in raw.columns[2:]}
    column = f"price_{title[1].lower()}_per_mwh"
    return build_wide(source, "price", start, column, areas, notes, interval_s=3600, lines=raw.index)


def _decimal(raw: DataFrame) -> str:
    """Files saved in the Nordic countries have decimal commas."""
    return "," if raw.iloc[:, 2:].apply(lambda cells: cells.str.contains(",").any()).any() else "."


FORMATS = (
    Format(
        "entsoe_csv", "ENTSO-E Transparency prices or load (CSV, old and new pages)", "price", _recognises_csv,
        _read_csv, "the clock is the heading's (CET/CEST), not the zone's; of two equal hours the first is summer time",
    ),
    Format(
        "entsoe_xml", "ENTSO-E prices or load (XML of the API)", "price", _recognises_xml, _read_xml,
        "positions count from the period's start in UTC; curve A03 repeats positions left out",
    ),
    Format(
        "nordpool_yearly", "Nord Pool yearly spot prices (CSV)", "price", _recognises_nordpool, _read_nordpool,
        "CET/CEST for every area; of two equal hours the first is summer time",
    ),
)  # fmt: skip
