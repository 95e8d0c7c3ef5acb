"""What a table's notes say."""

from __future__ import annotations

from hybrid_env.traces.importers import Table


def said(table: Table, kind: str) -> list[str]:
    """Texts of a table's notes of one kind."""
    return [note.text for note in table.notes if note.kind == kind]
