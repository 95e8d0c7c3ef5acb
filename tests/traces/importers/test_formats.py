"""A file is told by its content: each real file by one format, damage and strangers by plain words."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from pathlib import Path

import pytest

from hybrid_env.traces.importers import FORMATS, Notes, ReadError, SourceFile, read
from tests.traces.importers.real import DATA, real_file, written

ERCOT = "DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag\n09/30/2024,01:00,HB_NORTH, 24.02,N\n"
REAL_FILES = sorted(p.name for p in (DATA / "formats").glob("*") if p.name != "FORMATS.md")


@pytest.mark.parametrize("name", REAL_FILES)
def test_one_format_claims_each_real_file_under_any_name(name: str, tmp_path: Path) -> None:
    renamed = tmp_path / "download"
    shutil.copyfile(real_file(name), renamed)
    source = SourceFile(renamed)
    assert len([known.name for known in FORMATS.values() if known.recognises(source)]) == 1


def test_every_format_says_what_it_assumes() -> None:
    assert all(known.assumptions and known.title and known.name == name for name, known in FORMATS.items())


def test_an_unknown_file_is_told_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"unknown format beginning with 'a,b'.*ercot_spp.*own_csv"):
        read(written(tmp_path, "a,b\n1,2\n"))


def test_an_unknown_format_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="found format 'ercott'"):
        read(written(tmp_path, ERCOT), "ercott")


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    packed = tmp_path / "a.bin"
    packed.write_bytes(gzip.compress(ERCOT.encode()))
    assert read(packed).format == "ercot_spp"
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("report.csv", ERCOT)
    assert read(tmp_path / "b.zip").format == "ercot_spp"


def test_a_zip_of_several_files_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("one.csv", ERCOT)
        archive.writestr("two.csv", ERCOT)
    with pytest.raises(ReadError, match="a zip of 2 files"):
        read(tmp_path / "b.zip")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "an empty file"),
        (gzip.compress(ERCOT.encode(), mtime=0)[:40], "a damaged archive"),
        (ERCOT.encode() + b"\x00" * 20, "line 3: found NUL bytes"),
        (b"<!DOCTYPE html><html>Sign in</html>", "a web page"),
        (b'{"HourlySystemLoads": {"Hourly', "broken JSON"),
        (b"<feed><entry>", "broken XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "entity declaration"),
    ],
)
def test_damage_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "download"
    path.write_bytes(data)
    with pytest.raises(ReadError, match=message):
        read(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_are_told_by_content(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "download"
    path.write_text(ERCOT, encoding)
    assert len(read(path).frame) == 1


def test_repeated_rows_are_dropped_and_contradictions_told(tmp_path: Path) -> None:
    rows = "09/30/2024,01:00,HB_NORTH, 24.02,N\n09/30/2024,01:00,HB_NORTH, 25.02,N\n"
    table = read(written(tmp_path, ERCOT + rows))
    assert table.at("HB_NORTH").frame["price_usd_per_mwh"].tolist() == [25.02]
    dropped = [(note.text.split(" ")[2], note.lines) for note in table.notes if note.kind == "dropped"]
    assert dropped == [("repeat", (3,)), ("a", (2,))]


def test_an_unknown_point_is_told_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="found 'HB_NORT'; allowed: HB_NORTH"):
        read(written(tmp_path, ERCOT)).at("HB_NORT")


def test_a_note_says_how_many_rows_and_which_lines() -> None:
    notes = Notes()
    notes.assumed("hours end at their stamp")
    notes.dropped("blank rows", [3])
    notes.filled("gaps", rows=1_200)
    notes.warned("odd rows", range(5, 20))
    notes.dropped("nothing at all", [])
    assert [str(note) for note in notes.all] == [
        "assumed: hours end at their stamp",
        "dropped: blank rows (1 row: line 3)",
        "filled: gaps (1,200 rows)",
        "warned: odd rows (15 rows: lines 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, ...)",
    ]
