"""Meters: Green Button downloads (ESPI), and power logs whose stamps are written out with a weekday."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import from_offset, stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile, numbers, read_csv
from hybrid_env.traces.importers.xml import children, local_name, required_text, text

WATT_HOURS, WATTS = 72, 38
"""ESPI units of measure that are read."""
WRITTEN_OUT = r"^(\w{3}) (\d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2}) GMT$"


def _recognises_green_button(source: SourceFile) -> bool:
    return source.xml is not None and next(children(source.xml, "IntervalReading"), None) is not None


def _read_green_button(source: SourceFile) -> Table:
    notes = Notes()
    root = source.xml
    assert root is not None
    units = _units(source, root)
    start_s: list[int] = []
    duration_s: list[int] = []
    value: list[float] = []
    points: list[str] = []
    for entry in _entries(root):
        for block in children(entry, "IntervalBlock"):
            meter = _link(entry, "up").removesuffix("/IntervalBlock")
            name, unit, factor = units.get(meter) or next(iter(units.values()))
            for reading in children(block, "IntervalReading"):
                seconds = int(required_text(source, reading, "duration"))
                amount = float(required_text(source, reading, "value")) * factor
                start_s.append(int(required_text(source, reading, "start")))
                duration_s.append(seconds)
                value.append(amount / 1_000 * (3_600 / seconds if unit == WATT_HOURS else 1))
                points.append(name)
    lengths = set(duration_s)
    offset = text(root, "tzOffset")
    if offset is not None:
        notes.assumed(f"stamps are UTC; the offset of {offset} s in the file is for display only")
    notes.assumed("energy of an interval is its mean power times its length")
    index = pd.to_datetime(np.array(start_s), unit="s", utc=True)
    return build_table(
        source, "meter", index, {"power_kw": value, "duration_s": duration_s}, notes,
        point=points if len(set(points)) > 1 else None, interval_s=lengths.pop() if len(lengths) == 1 else None,
    )  # fmt: skip


def _entries(root: Element) -> list[Element]:
    return [entry for entry in root.iter() if local_name(entry) == "entry"] or [root]


def _link(entry: Element, relation: str) -> str:
    links = (link for link in children(entry, "link") if link.get("rel") == relation)
    return next((link.get("href", "") for link in links), "")


def _units(source: SourceFile, root: Element) -> dict[str, tuple[str, int, float]]:
    """Name, unit and factor of each meter reading, by its address; one under "" where the file links none."""
    types = {}
    for entry in _entries(root):
        for reading_type in children(entry, "ReadingType"):
            unit = int(required_text(source, reading_type, "uom"))
            if unit not in (WATT_HOURS, WATTS):
                raise ReadError(
                    source.path, column="uom", found=str(unit), allowed="72 (Wh) or 38 (W)",
                    fix="ask the utility for the download of electricity in kWh",
                )  # fmt: skip
            power_of_ten = int(text(reading_type, "powerOfTenMultiplier") or 0)
            address = _link(entry, "self")
            types[address] = (address.rsplit("/", 1)[-1] or "meter", unit, 10.0**power_of_ten)
    if not types:
        raise ReadError(source.path, column="ReadingType", found="none", allowed="one that gives the unit")
    units = {}
    for entry in _entries(root):
        if next(children(entry, "MeterReading"), None) is not None:
            related = [link.get("href", "") for link in children(entry, "link") if link.get("rel") == "related"]
            known = next((types[address] for address in related if address in types), None)
            if known:
                units[_link(entry, "self")] = known
    return units or {"": next(iter(types.values()))}


def _recognises_log(source: SourceFile) -> bool:
    if not source.has_columns("time", "power") or len(source.lines) < 2:
        return False
    return pd.Series([source.lines[1].split(",")[0]]).str.match(WRITTEN_OUT).item()


def _read_log(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    parts = raw["time"].str.extract(WRITTEN_OUT)
    local = stamps(parts[1].fillna(raw["time"]).rename("time"), source, "%d %b %Y %H:%M:%S")
    wrong = local.day_name().str[:3] != parts[0].to_numpy()
    notes.warned(
        "the weekday does not fit the date: somebody has moved the years; the dates are taken as written",
        raw.index[wrong],
    )
    notes.warned("the unit of `power` is not stated; the recipe must scale it")
    return build_table(
        source, "meter", from_offset(local, 0), {"power_unstated": numbers(raw["power"], source)}, notes,
        lines=raw.index,
    )  # fmt: skip


FORMATS = (
    Format(
        "green_button", "Green Button interval data (ESPI XML)", "meter", _recognises_green_button, _read_green_button,
        "stamps are UTC seconds; Wh or W by the file's own unit",
    ),
    Format(
        "power_log_gmt", "power log with stamps such as `Thu 30 Dec 2019 23:00:00 GMT` (CSV)", "meter", _recognises_log,
        _read_log, "GMT; unit not stated",
    ),
)  # fmt: skip
