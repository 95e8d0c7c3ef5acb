"""Damaged files end in an error for people, or are read: never in an accident of the code."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("pvlib")

from hybrid_env.traces.importers import ReadError, read
from hybrid_env.traces.importers.source import SourceFile
from tests.traces.importers.real import DATA

ODD_CELLS = ("", "abc", "-1", "null", "-9999", "99999999999999999999", "€", '"')
SEEDS = range(3)


def damaged(text: str, rng: random.Random) -> str:
    """One accident: broken off, a line lost, swapped or doubled, a cell overwritten, a character lost."""
    lines = text.split("\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(6)
    if kind == 0:
        return text[: rng.randrange(1, len(text))]
    if kind == 1:
        del lines[at]
    elif kind == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 3:
        lines.insert(at, lines[at])
    elif kind == 4:
        cells = lines[at].split(",")
        cells[rng.randrange(len(cells))] = rng.choice(ODD_CELLS)
        lines[at] = ",".join(cells)
    else:
        place = rng.randrange(len(text))
        return text[:place] + text[place + 1 :]
    return "\n".join(lines) or "x"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_file_is_read_or_refused_for_people(seed: int, tmp_path: Path) -> None:
    folder = DATA / "formats"
    if not folder.is_dir():
        pytest.skip(f"the real files are not beside this checkout ({DATA})")
    rng = random.Random(seed)
    tried = 0
    for path in sorted(folder.iterdir()):
        if path.suffix in (".xlsx", ".md"):
            continue
        table, encoding = read(path), SourceFile(path).encoding
        for _ in range(2):
            hurt = tmp_path / "hurt"
            hurt.write_text(damaged(path.read_text(encoding), rng), encoding, errors="replace")
            for told in (None, table.format):
                tried += 1
                try:
                    read(hurt, told)
                except ReadError as error:
                    assert str(error).startswith(str(hurt)) and "found" in str(error)
    assert tried >= 100
