"""URDB rates: energy and demand charges by month, hour and kind of day, local prevailing time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_records
from hybrid_env.traces.importers.source import SourceFile, Times
from hybrid_env.traces.importers.span import Parameters, Span, need, on_grid
from hybrid_env.traces.schema import TraceError

MONTHS, HOURS = 12, 24
WEEKDAY, WEEKEND = "energyweekdayschedule", "energyweekendschedule"
ASSUMED = (
    "hours are local prevailing time and begin at their number; holidays are weekdays; the first tier of each period"
)


def _rate(source: SourceFile) -> dict[str, Any] | None:
    """The rate, alone or as the first of `items`."""
    answer = source.json
    if isinstance(answer, dict) and isinstance(answer.get("items"), list) and answer["items"]:
        answer = answer["items"][0]
    return answer if isinstance(answer, dict) and "energyratestructure" in answer else None


def _recognises(source: SourceFile) -> bool:
    return _rate(source) is not None


def _read(source: SourceFile) -> Table:
    notes = Notes()
    rate = _rate(source)
    assert rate is not None
    if isinstance(source.json.get("items"), list) and len(source.json["items"]) > 1:
        notes.warned(f"the file holds {len(source.json['items'])} rates; the first is read")
    energy = _periods(source, rate, "energyratestructure", notes)
    demand = _periods(source, rate, "demandratestructure", notes)
    flat = _periods(source, rate, "flatdemandstructure", notes)
    rows = []
    for weekend, prefix in ((False, "weekday"), (True, "weekend")):
        energy_of = _schedule(source, rate, f"energy{prefix}schedule", len(energy))
        demand_of = _schedule(source, rate, f"demand{prefix}schedule", len(demand)) if demand else None
        for month in range(MONTHS):
            for hour in range(HOURS):
                period = energy_of[month][hour]
                demand_usd = demand[demand_of[month][hour]] if demand_of else 0.0
                rows.append((month + 1, hour, weekend, period, energy[period], demand_usd))
    flat_of = rate.get("flatdemandmonths") or [0] * MONTHS
    notes.assumed(ASSUMED)
    if "startdate" in rate:
        notes.assumed("`startdate` is midnight US Mountain time written in UTC: its date counts, not its hour")
    columns = ("month", "hour", "weekend", "energy_period", "energy_usd_per_kwh", "demand_usd_per_kw")
    facts = {
        "name": rate.get("name", ""),
        "utility": rate.get("utility", ""),
        "start_date": _date(rate.get("startdate")),
        "fixed_charge": float(rate.get("fixedchargefirstmeter", 0.0)),
        "fixed_charge_unit": rate.get("fixedchargeunits", "$/month"),
        "flat_demand_usd_per_kw": [flat[period] if flat else 0.0 for period in flat_of],
        "demand_unit": rate.get("demandrateunit", "kW"),
    }
    return build_records(source, "tariff", dict(zip(columns, zip(*rows, strict=True), strict=True)), notes, facts=facts)


class TariffEnergy(Parameters):
    """Where the tariff holds.

    Attributes:
        zone: IANA name of the place's clock, such as `America/Los_Angeles`.
    """

    zone: str


def tariff_energy(table: Table, parameters: TariffEnergy, span: Span) -> Table:
    """`price_usd_per_mwh`: what the tariff charges for energy on each row of the trace.

    Raises:
        TraceError: the table is no tariff, or the zone is unknown.
    """
    need(table, "energy_usd_per_kwh", why="the price of energy")
    try:
        price = energy_price_usd_per_mwh(table, span.times, parameters.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TraceError(f"{table.path}: no time zone {parameters.zone!r}; write it as America/Chicago") from error
    notes = Notes()
    notes.assumed("energy charge alone; demand and fixed charges belong to the site's own tariff (`sites/tariff`)")
    return on_grid(table, span, {"price_usd_per_mwh": price}, notes)


def energy_price_usd_per_mwh(table: Table, start_utc: Times, zone: str) -> np.ndarray:
    """What a tariff charges for energy at each time.

    Args:
        table: a tariff as read.
        start_utc: UTC starts of intervals no longer than an hour.
        zone: IANA name of the place.

    Returns:
        USD/MWh, one value a time.
    """
    local = start_utc.tz_convert(zone)
    price = table.frame.set_index(["month", "hour", "weekend"])["energy_usd_per_kwh"] * 1_000
    keys = pd.MultiIndex.from_arrays([local.month, local.hour, local.day_of_week >= 5], names=price.index.names)
    return price.reindex(keys).to_numpy(float)


def _periods(source: SourceFile, rate: dict[str, Any], name: str, notes: Notes) -> list[float]:
    """Rate plus adjustment of each period's first tier."""
    structure = rate.get(name) or []
    tiered = sum(len(tiers) > 1 for tiers in structure)
    notes.warned(f"{name}: later tiers of {tiered} periods are left out", rows=tiered)
    for number, tiers in enumerate(structure):
        if not tiers:
            raise ReadError(source.path, column=name, found=f"period {number} without a tier", allowed="at least one")
    return [float(tiers[0].get("rate", 0.0)) + float(tiers[0].get("adj", 0.0)) for tiers in structure]


def _schedule(source: SourceFile, rate: dict[str, Any], name: str, periods: int) -> list[list[int]]:
    matrix = rate.get(name)
    if not (isinstance(matrix, list) and len(matrix) == MONTHS and all(len(row) == HOURS for row in matrix)):
        raise ReadError(source.path, column=name, found="no matrix of 12 months and 24 hours", allowed="one a rate")
    highest = max(max(row) for row in matrix)
    if highest >= periods:
        raise ReadError(source.path, column=name, found=f"period {highest}", allowed=f"0 to {periods - 1}")
    return matrix


def _date(epoch_s: float | None) -> str:
    """The date of midnight US Mountain time, 6 or 7 hours after midnight UTC."""
    return "" if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC).date().isoformat()


FORMATS = (Format("urdb_rate", "OpenEI utility rate (URDB JSON)", "tariff", _recognises, _read, ASSUMED),)
