"""Bring your own site: files as people really have them, read into tables on one clock (extra `[data]`).

`read(path)` recognises a file by its content and returns a `Table`; `FORMATS` lists what is known. The core never
imports this package.
"""

from hybrid_env.traces.importers.formats import FORMATS, read, recognise
from hybrid_env.traces.importers.frame import Format, Note, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile

__all__ = [
    "FORMATS",
    "Format",
    "Note",
    "Notes",
    "ReadError",
    "SourceFile",
    "Table",
    "build_table",
    "read",
    "recognise",
]
