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
from hybrid_env.traces.importers.frame import Notes, Table
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


def fleet(tmp_path: Path, output: np.ndarray, column: str = "wind_mw") -> tuple[Table, Span]:
    path = tmp_path / "wind.csv"
    path.write_text(f"timestamp_utc,{column}\n2023-01-01T00:00Z,0\n", "utf-8")
    hours = pd.date_range("2023-01-01", periods=len(output), freq="h", tz="UTC")
    table = build_table(SourceFile(path), "tidy", hours, {column: output}, Notes(), interval_s=3600)
    return table, Span(datetime(2023, 1, 1, tzinfo=UTC), len(hours), 3600, 0)


RECORDS = {"record_mw": {"2022-06-01": 800.0, "2023-01-01": 1_000.0, "2023-01-03": 2_000.0}, "peak_frac": 0.8}


def test_a_fleets_output_is_a_share_of_its_record_by_then(tmp_path: Path) -> None:
    """The last record before the file counts first, then what is known of a later day, then what the file reaches."""
    output = np.repeat([500.0, 1_250.0, 500.0, 2_500.0, 500.0, np.nan], [24, 24, 24, 1, 1, 1])
    share = derive("wind_fleet", *with_parameters(fleet(tmp_path, output), RECORDS)).frame["wind_cf"].to_numpy()
    np.testing.assert_allclose(share[[0, 24, 47, 48, 72, 73]], [0.4, 0.8, 0.8, 0.2, 0.8, 0.16])
    assert np.isnan(share[74])


def test_a_fleet_without_a_record_from_before_its_file_is_refused(tmp_path: Path) -> None:
    made = fleet(tmp_path, np.full(24, 500.0))
    with pytest.raises(TraceError, match="begins 2023-01-01, the first record is of 2023-02-01"):
        derive("wind_fleet", *with_parameters(made, {"record_mw": {"2023-02-01": 1_000.0}}))
    with pytest.raises(TraceError, match="record_mw"):
        derive("wind_fleet", *with_parameters(made, {}))
    with pytest.raises(TraceError, match="wind_mw"):
        derive("wind_fleet", *with_parameters(fleet(tmp_path, np.full(24, 500.0), "load_mw"), RECORDS))


def with_parameters(made: tuple[Table, Span], parameters: dict[str, object]) -> tuple[Table, dict[str, object], Span]:
    return made[0], parameters, made[1]


def test_what_comes_later_moves_no_wind_before_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    output = rng.uniform(0, 3_000, 200 * 24)
    changed, row = output.copy(), 100 * 24
    changed[row:] = rng.uniform(0, 30_000, len(output) - row)
    before, after = (
        derive("wind_fleet", *with_parameters(fleet(tmp_path, of), RECORDS)).frame["wind_cf"].to_numpy()
        for of in (output, changed)
    )
    np.testing.assert_array_equal(before[:row], after[:row])
    assert (before[row:] != after[row:]).any()


@pytest.mark.parametrize("place", sorted(REAL))
def test_a_packaged_recipe_fills_from_the_past_alone(place: str) -> None:
    for source in load_recipe(place, 2023).sources:
        assert {feed.fill.how for feed in source.feeds.values()} == {"hold"}


def test_public_series_that_change_tomorrow_move_nothing_of_texas_today(tmp_path: Path) -> None:
    """Every column but temperature, whose hour is joined to the next one's, is the same until the first changed row."""
    real_data("texas_2023.csv.gz")
    recipe = load_recipe("texas", 2023)
    recipe = recipe.model_copy(update={"first_day": date(2023, 7, 1), "last_day": date(2023, 7, 28)})
    named = [str(source.file) for source in recipe.sources]
    at = pd.Timestamp("2023-07-15T06:00Z")
    for name in named:
        table = pd.read_csv(DATA / name)
        column = next(c for c in ("timestamp_utc", "date_utc") if c in table)
        late = pd.to_datetime(table[column], utc=True) >= at
        numbers = table.select_dtypes("number").columns.difference(["difficulty", "subsidy_btc"])
        table[numbers] = table[numbers].astype(float)
        table.loc[late, numbers] = table.loc[late, numbers] * 0.7
        (tmp_path / name).parent.mkdir(exist_ok=True)
        table.to_csv(tmp_path / name, index=False)
    before, after = (assemble(recipe, folder).trace.rows for folder in (DATA, tmp_path))
    row = 14 * 96
    free = [name for name in before.dtype.names or () if name not in ("drybulb_c", "wetbulb_c", "cp_weight")]
    moved = [name for name in free if (before[name][:row] != after[name][:row]).any()]
    assert not moved and (before["wind_cf"][row:] != after["wind_cf"][row:]).any()
    np.testing.assert_array_equal(before["drybulb_c"][: row - 2], after["drybulb_c"][: row - 2])
