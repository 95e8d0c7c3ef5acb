"""Whether a text file broke off inside its last number: what is left of it is a number too, and a wrong one."""

from __future__ import annotations

import re
from dataclasses import replace

from hybrid_env.traces.importers.frame import Notes, Table
from hybrid_env.traces.importers.source import SourceFile

ROWS_COMPARED = 50
LEAST_ROWS = 3
"""Fewer rows say nothing of how their numbers are written."""
LAST_NUMBER = re.compile(r"[-+]?\d+(?:\.(\d*))?$")


def warned_of_broken_off(table: Table, source: SourceFile) -> Table:
    """The table, with a warning where the file ends without a line end, in a shorter number than all before it."""
    lines = [line for line in source.lines if line.strip()]
    if source.text.endswith(("\n", "\r")) or len(lines) <= LEAST_ROWS:
        return table
    last = LAST_NUMBER.search(lines[-1])
    before = [found for line in lines[-1 - ROWS_COMPARED : -1] if (found := LAST_NUMBER.search(line))]
    if last is None or len(before) < LEAST_ROWS:
        return table
    shorter = len(last[0]) < min(len(found[0]) for found in before)
    coarser = len(last[1] or "") < min(len(found[1] or "") for found in before)
    if not shorter and not coarser:
        return table
    notes = Notes()
    notes.warned(
        f"the file ends in {last[0]!r}, without a line end and shorter than the numbers of the rows before: if the"
        " download broke off, that number is wrong; download it again",
        lines=[len(source.lines)],
    )
    return replace(table, notes=(*table.notes, *notes.all))
