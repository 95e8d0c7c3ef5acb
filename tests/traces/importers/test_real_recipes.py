"""The packaged recipes make real years where the public series are; their years are the ones put together by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pandas")

import pandas as pd

from hybrid_env.traces.importers import build_table
from hybrid_env.traces.importers.assemble import Assembled, assemble
from hybrid_env.traces.importers.derive import derive
from hybrid_env.traces.importers.frame import Notes
from hybrid_env.traces.importers.recipe import load_recipe, recipe_names
from hybrid_env.traces.importers.source import SourceFile
from hybrid_env.traces.importers.span import Span
from hybrid_env.traces.schema import COLUMNS, TraceError
from tests.traces.importers.real import DATA, real_data
from tests.traces.real_year import texas_real_trace

YEARS = (2021, 2022, 2023)
REAL_EVERYWHERE = {
    "price_rt_usd_per_mwh", "drybulb_c", "carbon_average_kg_per_mwh", "grid_cfe_frac", "btc_usd", "difficulty",
    "subsidy_btc",
}  # fmt: skip
REAL = {
    "texas": REAL_EVERYWHERE | {"price_da_usd_per_mwh", "system_load_mw"},
    "california": REAL_EVERYWHERE | {"price_da_usd_per_mwh"},
    "ontario": REAL_EVERYWHERE,
}
DERIVED = {
    "texas": {"price_lmp_usd_per_mwh", "wetbulb_c", "solar_cf", "wind_cf", "cp_weight"},
    "california": {"price_lmp_usd_per_mwh", "wetbulb_c", "solar_cf"},
    "ontario": {"price_lmp_usd_per_mwh", "price_da_usd_per_mwh", "wetbulb_c", "solar_cf", "wind_cf"},
}


@cache
def weeks(place: str, year: int) -> Assembled:
    """Five weeks of summer."""
    real_data(f"{place}_{year}.csv.gz")
    recipe = load_recipe(place, year)
    return assemble(recipe.model_copy(update={"first_day": date(year, 7, 1), "last_day": date(year, 8, 4)}), DATA)


def test_there_is_a_recipe_for_every_place() -> None:
    assert recipe_names() == sorted(REAL)


@pytest.mark.parametrize("place", sorted(REAL))
@pytest.mark.parametrize("year", YEARS)
def test_a_recipe_makes_a_trace_whose_every_column_has_an_origin(place: str, year: int) -> None:
    trace = weeks(place, year).trace
    assert trace.name == f"{place}_{year}" and len(trace) == 35 * 96
    assert set(trace.origin) == set(COLUMNS)
    by_origin = {kind: {name for name, found in trace.origin.items() if found == kind} for kind in ("real", "derived")}
    assert by_origin == {"real": REAL[place], "derived": DERIVED[place]}


@pytest.mark.parametrize("place", sorted(REAL))
def test_no_price_is_drawn_and_no_partner_of_a_real_one(place: str) -> None:
    origin = weeks(place, 2023).trace.origin
    assert origin["basis_gen_usd_per_mwh"] == origin["fees_btc_per_block"] == "default"
    assert origin["gpu_rent_usd_per_gpu_h"] == origin["inference_load"] == "synthetic"


def test_california_2023_takes_the_day_ahead_price_from_24_july_on() -> None:
    made = weeks("california", 2023)
    filled = {column.name: column.filled for column in made.columns}["price_rt_usd_per_mwh"]
    assert filled is not None and filled.rows["price_da_usd_per_mwh"] > 10 * 96
    rows = made.trace.rows[-96:]
    np.testing.assert_array_equal(rows["price_rt_usd_per_mwh"], rows["price_da_usd_per_mwh"])


def test_texas_2023_is_the_year_put_together_by_hand() -> None:
    by_hand, made = texas_real_trace(2023), weeks("texas", 2023)
    first = int((made.trace.start - by_hand.start).total_seconds()) // 900
    rows = by_hand.rows[first : first + len(made.trace)]
    for name in ("price_rt_usd_per_mwh", "price_da_usd_per_mwh", "system_load_mw", "carbon_average_kg_per_mwh"):
        np.testing.assert_array_equal(made.trace.rows[name], rows[name])
    np.testing.assert_allclose(made.trace.rows["wind_cf"], rows["wind_cf"], atol=1e-4)


def test_a_year_belongs_to_a_recipe_that_asks_for_one(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="is for any year; name one"):
        load_recipe("texas")
    with pytest.raises(TraceError, match="packaged recipes: california, ontario, texas"):
        load_recipe("atlantis", 2023)
    own = tmp_path / "own.yaml"
    own.write_text("name: own\nfirst_day: 2023-01-01\nlast_day: 2023-01-02\nutc_offset_h: 0\n", "utf-8")
    with pytest.raises(TraceError, match="has its own days; leave `year` out"):
        load_recipe(own, 2023)


def test_a_fleets_output_is_a_share_of_what_it_reaches_around(tmp_path: Path) -> None:
    """Twice the farms from the hundredth day on: the share is the same, but for the days between."""
    path = tmp_path / "wind.csv"
    path.write_text("timestamp_utc,wind_mw\n2023-01-01T00:00Z,0\n", "utf-8")
    hours = pd.date_range("2023-01-01", periods=200 * 24, freq="h", tz="UTC")
    day = np.arange(len(hours)) // 24
    output = np.where(np.arange(len(hours)) % 24 < 12, 1_000.0, 250.0) * np.where(day < 100, 1, 2)
    table = build_table(SourceFile(path), "tidy", hours, {"wind_mw": output}, Notes(), interval_s=3600)
    span = Span(datetime(2023, 1, 1, tzinfo=UTC), len(hours), 3600, 0)
    share = derive("wind_fleet", table, {"window_days": 60, "peak_frac": 0.8}, span).frame["wind_cf"].to_numpy()
    settled = (day < 65) | (day > 135)
    np.testing.assert_allclose(share[settled].reshape(-1, 24)[:, [0, 23]], [[0.8, 0.2]] * int(settled.sum() // 24))
    assert share[80 * 24] == pytest.approx(0.4) and share[120 * 24] == pytest.approx(0.8)
    with pytest.raises(TraceError, match="wind_mw"):
        derive("wind_fleet", build_table(SourceFile(path), "tidy", hours, {"load_mw": output}, Notes()), {}, span)
