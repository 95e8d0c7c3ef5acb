"""From a stranger's files to a trace: what is fed, derived, drawn and filled, and what is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from hybrid_env.traces import load_trace, read_trace
from hybrid_env.traces.importers.assemble import Assembled, assemble
from hybrid_env.traces.importers.recipe import Recipe, load_recipe
from hybrid_env.traces.importers.save import write_import
from hybrid_env.traces.schema import TraceError
from tests.traces.importers.made_site import DAYS, recipe, write_site
from tests.traces.importers.real import real_data, real_file
from tests.traces.importers.served import Server, served
from tests.traces.real_year import texas_real_trace

PRICE = "price_rt_usd_per_mwh"


def assembled(folder: Path, **changes: Any) -> Assembled:
    path = write_site(folder, **changes)
    return assemble(load_recipe(path), folder)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Assembled:
    return assembled(tmp_path_factory.mktemp("site"), coincident_peaks="12CP")


def test_every_row_is_there_across_the_short_day(site: Assembled) -> None:
    assert len(site.trace) == DAYS * 96
    rows = site.trace.rows
    assert site.trace.start.isoformat() == "2024-03-04T06:00:00+00:00"  # local midnight in standard time
    quarters = np.array([1, 2, 3, 4])
    hour_1 = 20 + 15 * np.sin(-np.pi * 5 / 12)
    np.testing.assert_allclose(rows[PRICE][:4], hour_1 + quarters, atol=0.006)
    np.testing.assert_allclose(rows[PRICE][-4:], hour_1 + quarters, atol=0.006)  # 23:00 standard is 00:00 daylight time
    assert not any(column.filled and column.filled.rows for column in site.columns)


def test_the_day_ahead_price_holds_for_its_hour(site: Assembled) -> None:
    day_ahead = site.trace.rows["price_da_usd_per_mwh"].reshape(-1, 4)
    assert (day_ahead == day_ahead[:, :1]).all()
    assert day_ahead[0, 0] == pytest.approx(site.trace.rows[PRICE][0] - 1, abs=0.011)


def test_each_column_says_where_it_comes_from(site: Assembled) -> None:
    origin = site.trace.origin
    told = (PRICE, "wetbulb_c", "price_lmp_usd_per_mwh", "btc_usd", "gpu_rent_usd_per_gpu_h")
    assert {name: origin[name] for name in told} == {
        PRICE: "real", "wetbulb_c": "derived", "price_lmp_usd_per_mwh": "derived", "btc_usd": "given",
        "gpu_rent_usd_per_gpu_h": "synthetic",
    }  # fmt: skip
    assert origin["basis_gen_usd_per_mwh"] == "default"  # a drawn one would not go with a real price
    notes = [str(note) for table in site.tables for note in table.notes]
    assert any("a later file holds again" in note for note in notes)
    assert any("typical year" in note for note in notes)


def test_the_dispatch_price_is_the_last_settled_one(site: Assembled) -> None:
    rows = site.trace.rows
    np.testing.assert_array_equal(rows["price_lmp_usd_per_mwh"][1:], rows[PRICE][:-1])


def test_coincident_peaks_stand_on_the_highest_load(site: Assembled) -> None:
    rows = site.trace.rows
    assert rows["cp_weight"].sum() == pytest.approx(1 / 12, abs=1e-5)
    assert rows["system_load_mw"][np.argmax(rows["cp_weight"])] == rows["system_load_mw"].max()


def test_an_import_reads_again_to_the_same_hash(site: Assembled, tmp_path: Path) -> None:
    written = write_import(site, tmp_path)
    assert load_trace(written.trace).hash == site.trace.hash
    again = read_trace(written.rows, written.jobs, interval_s=900, utc_offset_h=-6.0, name="made_site")
    assert again.hash == site.trace.hash
    told = json.loads(written.provenance.read_text("utf-8"))
    assert told["trace"]["hash"] == site.trace.hash
    assert [len(source["files"]) for source in told["sources"]] == [2, 1, 1, 1]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "made_site.json", "made_site.npz", "made_site.parquet", "made_site_jobs.parquet",
    ]  # fmt: skip


def test_the_same_recipe_makes_the_same_trace(site: Assembled, tmp_path: Path) -> None:
    assert assembled(tmp_path, coincident_peaks="12CP").trace.hash == site.trace.hash


def test_peaks_of_a_drawn_load_are_drawn(tmp_path: Path) -> None:
    others = [source for source in recipe()["sources"] if "system_load_mw" not in source["feeds"]]
    assert len(others) < len(recipe()["sources"])
    origin = assembled(tmp_path, coincident_peaks="12CP", sources=others).trace.origin
    assert origin["system_load_mw"] == origin["cp_weight"] == "synthetic"


def test_a_price_per_kilowatt_hour_shows(site: Assembled, tmp_path: Path) -> None:
    assert not any("never exceeds" in note.text for note in site.notes)
    made = assembled(tmp_path, **sources(0, feeds={PRICE: {"column": "price_usd_per_mwh", "scale": 0.001}}))
    (note,) = (note for note in made.notes if "never exceeds" in note.text)
    assert note.kind == "warned" and note.text.startswith(PRICE) and "scale: 1000" in note.text


def sources(index: int, **changes: Any) -> dict[str, Any]:
    """The recipe's sources, one of them changed."""
    listed = recipe()["sources"]
    return {"sources": [source | changes if n == index else source for n, source in enumerate(listed)]}


REFUSED = {
    "no such point": (sources(0, point="HB_EAST"), "found 'HB_EAST'; allowed: HB_WEST"),
    "points without a choice": (sources(1, point=None), "holds 2 points .HB_NORTH, HB_WEST.; name one"),
    "no such column": (
        sources(0, feeds={PRICE: "price_usd"}),
        "no column 'price_usd' for price_rt.*did you mean 'price_usd_per_mwh'",
    ),
    "another unit": (sources(2, feeds={"carbon_average_kg_per_mwh": "load_mw"}), "'load_mw' .mw. cannot feed"),
    "an impossible value": (
        sources(0, feeds={PRICE: {"column": "price_usd_per_mwh", "scale": 1_000}}),
        "feeds price_rt_usd_per_mwh with .* at 2024-.*allowed: -1000 to 20000 USD/MWh .*check the unit",
    ),
    "a wet bulb left out": (sources(3, feeds={"drybulb_c": "drybulb_c"}), "dry bulb and wet bulb belong together"),
    "a pattern that fits nothing": (sources(0, file="rtm_*.csv"), "no file fits"),
    "an unknown model": (sources(3, derive=["wetbulb"]), "found 'wetbulb', allowed typical_year"),
    "no bitcoin": ({"constants": {}, "synthetic": None}, "nothing feeds btc_usd, difficulty"),
    "days without data": ({"last_day": "2024-03-25"}, "price_rt_usd_per_mwh is missing for .* from 2024-03-19"),
    "half an hour": ({"utc_offset_h": 5.5}, "days begin at a full hour in UTC"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_words(name: str, tmp_path: Path) -> None:
    changes, message = REFUSED[name]
    with pytest.raises(TraceError, match=message):
        assembled(tmp_path, **changes)


RECIPES = {
    "a column twice": (sources(1, feeds={PRICE: "price_usd_per_mwh"}), "is fed twice"),
    "no trace column": (sources(0, feeds={"price_usd": "price_usd_per_mwh"}), "no trace column 'price_usd'"),
    "neither file nor url": (sources(0, file=None), "name either a file or a url"),
    "days in the wrong order": ({"last_day": "2024-03-01"}, "lies before first_day"),
    "a currency in capitals": ({"usd_per": {"EUR": 1.1}}, "write `eur: 1.08`"),
    "an unknown field": ({"intervall_s": 900}, "intervall_s: .*unknown field"),
    "own_csv without layout": (sources(0, format="own_csv"), "belong together"),
}


@pytest.mark.parametrize("name", RECIPES)
def test_an_impossible_recipe_names_its_field(name: str, tmp_path: Path) -> None:
    changes, message = RECIPES[name]
    path = tmp_path / "my_site.yaml"
    path.write_text(yaml.safe_dump(recipe(**changes)))
    with pytest.raises(TraceError, match=message):
        load_recipe(path)


def test_foreign_prices_and_a_market_without_day_ahead(tmp_path: Path) -> None:
    rows = [f"2024-03-{d:02d}T{h:02d}:00Z,{100 + 10 * d + h}" for d in range(3, 19) for h in range(24)]
    (tmp_path / "pool.csv").write_text("timestamp_utc,price_cad_per_mwh\n" + "\n".join(rows))
    changed = sources(0, file="pool.csv", point=None, feeds={PRICE: "price_cad_per_mwh"})
    changed["sources"] = [changed["sources"][0], *changed["sources"][2:]]
    made = assembled(tmp_path, usd_per={"cad": 0.5}, day_ahead_from_past=True, **changed)
    real_time, day_ahead = (made.trace.rows[name].reshape(-1, 96) for name in (PRICE, "price_da_usd_per_mwh"))
    assert real_time[0, 0] == 0.5 * (100 + 40 + 6)
    hourly = real_time.reshape(-1, 24, 4).mean(axis=2)
    np.testing.assert_allclose(day_ahead[10, ::4], hourly[2:9].mean(axis=0), atol=0.006)  # days 2 to 8, not 9
    assert made.trace.origin["price_da_usd_per_mwh"] == "derived"


def test_a_tariff_is_a_price_on_the_local_clock(tmp_path: Path) -> None:
    real = real_file("urdb_SCE_TOU-8_Option-D.json")
    (tmp_path / "rate.json").write_bytes(real.read_bytes())
    tariff = {"file": "rate.json", "derive": [{"tariff_energy": {"zone": "America/Los_Angeles"}}]}
    feeds = {PRICE: "price_usd_per_mwh", "price_da_usd_per_mwh": "price_usd_per_mwh"}
    rest = recipe()["sources"][2:]
    made = assembled(tmp_path, utc_offset_h=-8, sources=[{**tariff, "feeds": feeds}, *rest])
    price = made.trace.rows[PRICE]
    assert set(np.round(price, 2)) <= {89.73, 123.31, 124.28}  # winter's three periods, rate and adjustment, USD/MWh


def test_a_table_of_ones_own_and_short_gaps(tmp_path: Path) -> None:
    rows = [f"{d:02d}.03.2024 {h:02d}:00;{50 + h},5" for d in range(3, 19) for h in range(24) if (d, h) != (5, 12)]
    (tmp_path / "mine.csv").write_text("Zeit;Last\n" + "\n".join(rows))
    layout = {
        "time_column": "Zeit", "time_format": "%d.%m.%Y %H:%M", "utc_offset_h": -6, "separator": ";", "decimal": ",",
        "interval_s": 3600, "columns": {"Last": "load_mw"},
    }  # fmt: skip
    own = sources(2, file="mine.csv", format="own_csv", layout=layout, point=None)
    made = assembled(tmp_path, **own)
    load = made.trace.rows["system_load_mw"].reshape(-1, 96)
    assert load[0, 0] == 50
    filled = {column.name: column.filled for column in made.columns}["system_load_mw"]
    assert filled is not None and filled.rows == {"linear": 4} and filled.longest_h == 1
    assert load[1, 48:52].tolist() == [62, 62, 63, 63]


def test_a_source_may_be_downloaded(tmp_path: Path) -> None:
    write_site(tmp_path)
    server, told = Server(), []
    server.data = (tmp_path / "da.csv").read_bytes()
    with served(server) as url:
        given = sources(1, file=None, url=url, sha256=hashlib.sha256(server.data).hexdigest())
        recipe_path = write_site(tmp_path, **given)
        mine, cache = load_recipe(recipe_path), tmp_path / "cache"
        made = assemble(mine, tmp_path, downloads=cache, progress=lambda text, *_: told.append(text))
        assert assemble(mine, tmp_path, downloads=cache).trace.hash == made.trace.hash
    assert made.tables[1].path.parent == cache and len(server.paths) == 1
    assert any(text.startswith("downloading 0.") for text in told)


def test_a_real_year_through_a_recipe_is_the_year_put_together_by_hand(tmp_path: Path) -> None:
    hourly, quarters = real_data("market/ercot_hourly_2021.csv.gz"), real_data("market/ercot_15min_2021.csv.gz")
    city = real_data("texas_2021.csv.gz")
    made = assemble(
        Recipe.model_validate(
            {
                "name": "texas", "first_day": "2021-01-02", "last_day": "2021-12-30", "utc_offset_h": -6,
                "coincident_peaks": "4CP", "constants": {"btc_usd": 1, "difficulty": 1},
                "sources": [
                    {"file": str(quarters), "feeds": {PRICE: PRICE}},
                    {
                        "file": str(hourly),
                        "feeds": {name: name for name in ("price_da_usd_per_mwh", "system_load_mw")},
                    },
                    {"file": str(city), "feeds": {"carbon_average_kg_per_mwh": "carbon_direct_kg_per_mwh"}},
                ],
            }
        )
    )  # fmt: skip
    by_hand = texas_real_trace(2021)
    rows = slice(first := 96, first + len(made.trace))
    for name in ("price_da_usd_per_mwh", "system_load_mw", "carbon_average_kg_per_mwh", "cp_weight"):
        np.testing.assert_array_equal(made.trace.rows[name], by_hand.rows[name][rows])
    filled = {column.name: column.filled for column in made.columns}[PRICE]
    assert filled is not None and filled.rows == {"linear": 57}
    differs = np.flatnonzero(made.trace.rows[PRICE] != by_hand.rows[PRICE][rows])  # its longer gaps take day-ahead
    assert len(differs) <= 57 and all(any(a <= row < b for a, b in filled.spans) for row in differs)
