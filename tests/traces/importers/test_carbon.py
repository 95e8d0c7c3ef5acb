"""Carbon intensity: units, UTC, estimates and forecasts that are told from what was measured."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

pytest.importorskip("pandas")

from hybrid_env.traces.importers import ReadError, read
from tests.traces.importers.notes import said
from tests.traces.importers.real import real_file, value, written

AVERAGE, FORECAST, MARGINAL = "carbon_average_kg_per_mwh", "carbon_forecast_kg_per_mwh", "carbon_marginal_kg_per_mwh"


def uk(*items: tuple[str, str, int, int | None]) -> str:
    return json.dumps(
        {
            "data": [
                {"from": a, "to": b, "intensity": {"forecast": f, "actual": v, "index": "low"}} for a, b, f, v in items
            ]
        }
    )


def test_electricity_maps_is_kg_per_mwh_in_utc() -> None:
    table = read(real_file("electricitymaps_JP-TK_2022_hourly_piece.csv"))
    assert (table.format, table.interval_s, len(table.frame)) == ("electricity_maps", 3600, 336)
    assert value(table, "2022-01-01T00:00Z", AVERAGE) == 401.3
    assert value(table, "2022-01-01T00:00Z", "carbon_lca_kg_per_mwh") == 485.85
    assert value(table, "2022-01-01T00:00Z", "grid_cfe_frac") == pytest.approx(0.2665)
    assert [note.rows for note in table.notes if "estimated" in note.text] == [336]


def test_electricity_maps_of_several_zones_is_long_under_its_new_names(tmp_path: Path) -> None:
    text = (
        "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),"
        "Carbon intensity gCO₂eq/kWh (Life cycle),Carbon-free energy percentage (CFE%),Data estimated\n"
        "2024-01-01 00:00:00,Japan,Tōkyō,JP-TK,400,480,30,false\n"
        "2024-01-01 00:00:00,Japan,Kansai,JP-KN,300,380,40,true\n"
    )
    table = read(written(tmp_path, text))
    assert table.points == ("JP-KN", "JP-TK")
    assert value(table, "2024-01-01T00:00Z", "grid_cfe_frac", "JP-KN") == pytest.approx(0.4)
    assert [note.lines for note in table.notes if "estimated" in note.text] == [(3,)]


def test_watttime_pounds_become_kilograms() -> None:
    table = read(real_file("watttime_co2_moer_forecast_piece.csv"))
    assert (table.format, table.interval_s) == ("watttime", 300)
    assert round(value(table, "2024-05-28T14:20Z", MARGINAL), 2) == 217.45
    assert any("FORECAST" in text for text in said(table, "warned"))


def test_uk_half_hours_are_utc_and_actual_is_not_forecast() -> None:
    table = read(real_file("uk_carbon_intensity_date.json"))
    assert (table.format, table.interval_s) == ("uk_carbon_intensity", 1800)
    assert value(table, "2026-08-03T23:00Z", AVERAGE) == 158
    assert (value(table, "2026-08-04T04:00Z", FORECAST), value(table, "2026-08-04T04:00Z", AVERAGE)) == (94, 176)


def test_uk_half_hours_that_are_not_over_are_missing(tmp_path: Path) -> None:
    halves = uk(("2026-08-03T23:00Z", "2026-08-03T23:30Z", 1, 2), ("2026-08-03T23:30Z", "2026-08-04T00:00Z", 3, None))
    table = read(written(tmp_path, halves))
    assert math.isnan(value(table, "2026-08-03T23:30Z", AVERAGE))
    assert value(table, "2026-08-03T23:30Z", FORECAST) == 3


def test_uk_intervals_of_two_lengths_are_refused(tmp_path: Path) -> None:
    mixed = uk(("2026-08-03T23:00Z", "2026-08-03T23:30Z", 1, 2), ("2026-08-03T23:30Z", "2026-08-04T00:30Z", 3, 4))
    with pytest.raises(ReadError, match=r"intervals of \[1800, 3600\] s"):
        read(written(tmp_path, mixed))
