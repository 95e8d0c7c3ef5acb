"""Small files of the tests' own making, and the notes of a table by kind."""

from __future__ import annotations

from pathlib import Path

from hybrid_env.traces.importers import Table


def piece(folder: Path, text: str, name: str = "any_name.txt") -> Path:
    """Write a file whose name says nothing, unless a test wants it to."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def said(table: Table, kind: str) -> list[str]:
    """Texts of a table's notes of one kind."""
    return [note.text for note in table.notes if note.kind == kind]
