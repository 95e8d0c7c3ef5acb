"""Demand response: OpenADR 2.0b events, and Hydro-Quebec's list of offers."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import pandas as pd

from hybrid_env.traces.importers.clock import stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_records, build_table
from hybrid_env.traces.importers.source import SourceFile, Times, read_csv
from hybrid_env.traces.importers.xml import children, required_text, text

DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
SECONDS = (604_800, 86_400, 3_600, 60, 1)


def duration_s(source: SourceFile, written: str) -> float:
    """Seconds of an ISO 8601 duration such as `PT1H30M`.

    Raises:
        ReadError: it is none, or counts months or years, which have no fixed length.
    """
    match = DURATION.fullmatch(written)
    if match is None or not any(match.groups()):
        raise ReadError(source.path, column="duration", found=repr(written), allowed="as PT15M, PT1H, P1D")
    return sum(float(part) * unit for part, unit in zip(match.groups(), SECONDS, strict=True) if part)


def _recognises_openadr(source: SourceFile) -> bool:
    return source.xml is not None and next(children(source.xml, "eiEvent"), None) is not None


def _read_openadr(source: SourceFile) -> Table:
    notes = Notes()
    root = source.xml
    assert root is not None
    starts: list[Times] = []
    rows: list[tuple[str, str, float, float]] = []
    facts = {}
    for event in children(root, "eiEvent"):
        name = required_text(source, event, "eventID")
        begins = pd.Timestamp(required_text(source, event, "date-time"))
        for signal in children(event, "eiEventSignal"):
            what = required_text(source, signal, "signalName")
            facts[f"{name} {what}"] = {
                "signal_type": text(signal, "signalType") or "",
                "unit": text(signal, "itemUnits") or "",
                "status": text(event, "eventStatus") or "",
            }
            at: Times = begins
            for interval in children(signal, "interval"):
                seconds = duration_s(source, _innermost(source, interval))
                starts.append(at)
                rows.append((name, what, float(required_text(source, interval, "value")), seconds))
                at += pd.Timedelta(seconds=seconds)
    notes.assumed("intervals follow one another from the event's start")
    if not rows:
        raise ReadError(
            source.path, found="an event without intervals", allowed="at least one", fix="wait for a new one"
        )
    lengths = {row[3] for row in rows}
    whole = len(lengths) == 1 and next(iter(lengths)).is_integer()
    return build_table(
        source, "events", pd.DatetimeIndex(starts),
        {"event": [row[0] for row in rows], "value_unstated": [row[2] for row in rows],
         "duration_s": [row[3] for row in rows]},
        notes, point=[row[1] for row in rows], interval_s=int(lengths.pop()) if whole else None, facts=facts,
    )  # fmt: skip


def _innermost(source: SourceFile, interval: Element) -> str:
    """`duration` elements are nested in `duration` elements."""
    found = [element for element in children(interval, "duration") if element.text and element.text.strip()]
    if not found:
        raise ReadError(source.path, column="duration", found="none in an interval", allowed="as PT15M")
    return str(found[-1].text).strip()


def _recognises_offers(source: SourceFile) -> bool:
    return source.has_columns("AvailableOffers", "Customer type", "Start", "End")


def _read_offers(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    for name in ("Start", "End"):
        stamps(raw[name], source, "%Y-%m-%d")
    notes.assumed("`Start` and `End` are the dates of a season in which events may be called, not events")
    columns = {
        "offer": raw["AvailableOffers"],
        "customer_type": raw["Customer type"],
        "description": raw["Description (fr)"],
        "season_start_date": raw["Start"],
        "season_end_date": raw["End"],
    }
    return build_records(source, "events", columns, notes)


FORMATS = (
    Format(
        "openadr_2b", "OpenADR 2.0b event (XML)", "events", _recognises_openadr, _read_openadr,
        "intervals follow one another from the event's start",
    ),
    Format(
        "hydroquebec_offers", "Hydro-Quebec demand-response offers (CSV)", "events", _recognises_offers, _read_offers,
        "dates of seasons, not of events",
    ),
)  # fmt: skip
