"""Carbon intensity of grids: Electricity Maps, WattTime, Great Britain's Carbon Intensity API.

Columns: `carbon_average_kg_per_mwh` (emissions of generation), `carbon_lca_kg_per_mwh` (life cycle), `grid_cfe_frac`,
`renewable_frac`, `carbon_marginal_kg_per_mwh`, `carbon_forecast_kg_per_mwh`. One g/kWh is one kg/MWh.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile, numbers, read_csv

KG_PER_LB = 0.45359237
"""International avoirdupois pound, exact."""
EM_COLUMNS = (
    (r"carbon intensity .*\(direct\)", "carbon_average_kg_per_mwh", 1.0),
    (r"carbon intensity .*\((lca|life cycle)\)", "carbon_lca_kg_per_mwh", 1.0),
    (r"low carbon percentage|carbon-free energy percentage.*", "grid_cfe_frac", 0.01),
    (r"renewable percentage|renewable energy percentage.*", "renewable_frac", 0.01),
)
"""Electricity Maps has renamed its columns over the years: pattern of the lower-case header, our name, factor."""


def _is_electricity_maps(source: SourceFile) -> bool:
    header = source.lines[0].lower()
    return header.startswith("datetime (utc),country,") and "carbon intensity" in header


def _read_electricity_maps(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    start = stamps(raw["Datetime (UTC)"], source)
    columns: dict[str, np.ndarray] = {}
    for pattern, ours, factor in EM_COLUMNS:
        found = [name for name in raw.columns if re.fullmatch(pattern, str(name).lower())]
        if found:
            columns[ours] = numbers(raw[found[0]], source) * factor
    zone_column = next(name for name in raw.columns if str(name).lower() == "zone id")
    zones = sorted(set(raw[zone_column]))
    for name in raw.columns:
        if str(name).lower() in ("data estimated", "data estimated?"):
            estimated = raw[name].str.lower() == "true"
            notes.warned("values that the source estimated itself", raw.index[estimated].tolist())
    notes.assumed("stamps are UTC, at the start; the average column is of generation alone (direct), not life cycle")
    point = raw[zone_column] if len(zones) > 1 else None
    return build_table(
        source, "carbon", start, columns, notes, point=point, lines=raw.index,
        facts={"zone": zones[0] if len(zones) == 1 else None},
    )  # fmt: skip


def _is_watttime(source: SourceFile) -> bool:
    return source.lines[0].strip() in (",point_time,value", "point_time,value")


def _read_watttime(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    start = stamps(raw["point_time"], source)
    marginal = numbers(raw["value"], source) * KG_PER_LB
    notes.assumed("values are marginal emissions (MOER) in lb/MWh, WattTime's unit; made kg/MWh")
    notes.warned("the file does not say whether it is history or a FORECAST, as the client writes both alike: ask")
    return build_table(source, "carbon", start, {"carbon_marginal_kg_per_mwh": marginal}, notes, lines=raw.index)


def _is_uk(source: SourceFile) -> bool:
    return source.text.lstrip().startswith("{") and all(
        word in source.text[:1000] for word in ('"intensity"', '"from"', '"forecast"', '"actual"')
    )


def _read_uk(source: SourceFile) -> Table:
    notes = Notes()
    items = source.json["data"]
    items = items if isinstance(items, list) else [items]
    start = pd.DatetimeIndex(pd.to_datetime([item["from"] for item in items], utc=True, format="ISO8601"))
    end = pd.DatetimeIndex(pd.to_datetime([item["to"] for item in items], utc=True, format="ISO8601"))
    lengths = sorted(set((end.as_unit("s").asi8 - start.as_unit("s").asi8).tolist()))
    if len(lengths) != 1:
        raise ReadError(source.path, column="to", found=f"intervals of {lengths} s", allowed="one length in a file")
    values = {
        ours: np.array(
            [np.nan if item["intensity"][name] is None else item["intensity"][name] for item in items], float
        )
        for name, ours in (("actual", "carbon_average_kg_per_mwh"), ("forecast", "carbon_forecast_kg_per_mwh"))
    }
    notes.assumed("stamps are UTC: a British summer day begins at 23:00Z; `actual` is the average, forecasts apart")
    return build_table(source, "carbon", start, values, notes, interval_s=int(lengths[0]))


FORMATS = (
    Format(
        "electricity_maps", "Electricity Maps (CSV)", "carbon", _is_electricity_maps, _read_electricity_maps,
        "UTC, start of the hour; gCO2eq/kWh is kg/MWh; direct emissions are the average, life cycle a column apart",
    ),
    Format(
        "watttime", "WattTime marginal emissions (CSV)", "carbon", _is_watttime, _read_watttime,
        "lb/MWh, not said in the file; history or forecast, not said in the file",
    ),
    Format(
        "uk_carbon_intensity", "Great Britain's Carbon Intensity API (JSON)", "carbon", _is_uk, _read_uk,
        "UTC half hours; gCO2/kWh is kg/MWh",
    ),
)  # fmt: skip
