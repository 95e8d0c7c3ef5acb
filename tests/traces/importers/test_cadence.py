"""Rows that do not stand apart evenly throughout: an hour holds for its quarters, and no gap is bridged unsaid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hybrid_env.traces import TraceError
from hybrid_env.traces.importers.assemble import Assembled, assemble
from hybrid_env.traces.importers.recipe import load_recipe

RECIPE = """
name: two_cadences
first_day: 2025-09-25
last_day: 2025-10-06
utc_offset_h: 0
constants: {btc_usd: 60000, difficulty: 1.0e+14, price_rt_usd_per_mwh: 40}
sources:
  - file: "%s"
    feeds: {price_da_usd_per_mwh: price_da_usd_per_mwh}
"""
CHANGE = "2025-10-01"
HOURS = pd.date_range("2025-09-25", CHANGE, freq="h", inclusive="left")
QUARTERS = pd.date_range(CHANGE, "2025-10-07", freq="15min", inclusive="left")
WEEK_OF_HOURS = pd.date_range("2025-09-01", CHANGE, freq="h", inclusive="left")


def rows(times: pd.DatetimeIndex) -> pd.DataFrame:
    """A price that names its row."""
    stamps = times.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pd.DataFrame({"timestamp_utc": stamps, "price_da_usd_per_mwh": 0.5 * np.arange(len(times))})


def made(folder: Path, pattern: str = "prices*.csv") -> Assembled:
    (folder / "recipe.yaml").write_text(RECIPE % pattern)
    return assemble(load_recipe(folder / "recipe.yaml"), folder)


@pytest.mark.parametrize("hours", [HOURS, WEEK_OF_HOURS])  # fewer than there are quarters, and more
@pytest.mark.parametrize("apart", [False, True])
def test_an_hour_holds_for_its_quarters_where_files_or_rows_change_to_quarters(
    tmp_path: Path, hours: pd.DatetimeIndex, apart: bool
) -> None:
    parts = [rows(hours), rows(QUARTERS)]
    if apart:
        for number, part in enumerate(parts):
            part.to_csv(tmp_path / f"prices_{number}.csv", index=False)
    else:
        pd.concat(parts).to_csv(tmp_path / "prices.csv", index=False)
    site = made(tmp_path)
    price = site.trace.rows["price_da_usd_per_mwh"]
    by_hour = 0.5 * np.arange(len(hours))[-len(HOURS) :]
    np.testing.assert_allclose(price[: 4 * len(HOURS)], np.repeat(by_hour, 4))
    np.testing.assert_allclose(price[4 * len(HOURS) :], 0.5 * np.arange(len(QUARTERS)))
    assert next(c.filled for c in site.columns if c.name == "price_da_usd_per_mwh").rows == {}  # type: ignore[union-attr]
    assert any("900 s" in note.text and "hold" in note.text for note in site.tables[0].notes)


@pytest.mark.parametrize("apart", [False, True])
def test_a_gap_of_a_coarse_stretch_is_refused_as_any_other(tmp_path: Path, apart: bool) -> None:
    first, second = rows(HOURS).drop(range(40, 60)), rows(QUARTERS)
    if apart:
        first.to_csv(tmp_path / "prices_1.csv", index=False)
        second.to_csv(tmp_path / "prices_2.csv", index=False)
    else:
        pd.concat([first, second]).to_csv(tmp_path / "prices.csv", index=False)
    with pytest.raises(TraceError, match=r"missing for 20 h from 2025-09-26T16:00Z"):
        made(tmp_path)


def test_a_file_of_one_row_does_not_make_gaps_disappear(tmp_path: Path) -> None:
    every = rows(pd.date_range("2025-09-25", "2025-10-07", freq="15min", inclusive="left"))
    every[:400].to_csv(tmp_path / "prices_1.csv", index=False)
    every[400:401].to_csv(tmp_path / "prices_2.csv", index=False)
    every[480:].to_csv(tmp_path / "prices_3.csv", index=False)
    with pytest.raises(TraceError, match=r"missing for 19\.75 h"):
        made(tmp_path)


def test_a_few_missing_quarters_are_gaps_not_hours(tmp_path: Path) -> None:
    every = rows(pd.date_range("2025-09-25", "2025-10-07", freq="15min", inclusive="left"))
    every.drop([number for hour in range(5) for number in (4 * hour + 1, 4 * hour + 2, 4 * hour + 3)]).to_csv(
        tmp_path / "prices.csv", index=False
    )
    site = made(tmp_path)
    np.testing.assert_allclose(site.trace.rows["price_da_usd_per_mwh"], 0.5 * np.arange(len(every)))
    filled = next(c.filled for c in site.columns if c.name == "price_da_usd_per_mwh")
    assert filled is not None and filled.rows == {"linear": 15}


def test_of_rows_that_two_files_hold_the_later_files_stay(tmp_path: Path) -> None:
    every = rows(pd.date_range("2025-09-25", "2025-10-07", freq="15min", inclusive="left"))
    every[:600].to_csv(tmp_path / "prices_1.csv", index=False)
    later = every[500:].assign(price_da_usd_per_mwh=lambda part: part["price_da_usd_per_mwh"] + 1_000)
    later.to_csv(tmp_path / "prices_2.csv", index=False)
    site = made(tmp_path)
    price = site.trace.rows["price_da_usd_per_mwh"]
    np.testing.assert_allclose(price, 0.5 * np.arange(len(every)) + 1_000 * (np.arange(len(every)) >= 500))
    assert any("a later file holds again (100 rows)" in str(note) for note in site.tables[0].notes)


def test_files_of_weather_of_two_intervals_are_refused(tmp_path: Path) -> None:
    for number, times in enumerate((HOURS, QUARTERS)):
        rows(times).rename(columns={"price_da_usd_per_mwh": "drybulb_c"}).to_csv(
            tmp_path / f"weather_{number}.csv", index=False
        )
    (tmp_path / "recipe.yaml").write_text(
        RECIPE.replace("price_da_usd_per_mwh: price_da_usd_per_mwh", "drybulb_c: drybulb_c") % "weather_*.csv"
    )
    with pytest.raises(TraceError, match=r"weather_0\.csv: has intervals of 3600 s, others of this source 900 s"):
        assemble(load_recipe(tmp_path / "recipe.yaml"), tmp_path)
