"""A file cut inside its last number is told; one that merely lacks a last line end is not."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pandas")

from hybrid_env.traces.importers.formats import read
from hybrid_env.traces.importers.own import Layout, read_own
from hybrid_env.traces.importers.source import SourceFile

ROWS = ["23.10", "24.45", "-5.02", "25.31", "24.80"]


def text(*numbers: str) -> str:
    rows = [f"2023-01-01T{hour:02d}:00Z,{number}" for hour, number in enumerate(numbers)]
    return "\n".join(["timestamp_utc,price_usd_per_mwh", *rows])


def warnings(folder: Path, content: str) -> list[str]:
    path = folder / "price.csv"
    path.write_text(content, "utf-8")
    return [str(note) for note in read(path).notes if note.kind == "warned"]


@pytest.mark.parametrize("last", ["2", "25.", "25.3"])
def test_a_last_number_that_is_cut_is_warned_of(last: str, tmp_path: Path) -> None:
    (said,) = warnings(tmp_path, text(*ROWS, last))
    assert f"the file ends in '{last}'" in said and "line 7" in said and "download it again" in said


@pytest.mark.parametrize("content", [text(*ROWS, "25.31"), text(*ROWS, "2") + "\n", text("25", "3", "24.5", "26", "2")])
def test_a_whole_last_number_is_not(content: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, content) == []


def test_three_rows_say_nothing_of_how_numbers_are_written(tmp_path: Path) -> None:
    assert warnings(tmp_path, text("23.10", "2")) == []


def test_a_table_of_ones_own_is_warned_of_too(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text(*ROWS, "2").replace("price_usd_per_mwh", "LMP"), "utf-8")
    layout = Layout(time_column="timestamp_utc", columns={"LMP": "price_usd_per_mwh"})
    assert any("the file ends in '2'" in note.text for note in read_own(SourceFile(path), layout).notes)
