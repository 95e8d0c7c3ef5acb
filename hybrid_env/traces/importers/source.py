"""One file on disk: its bytes, hash, encoding, and its cells as text. Damage is found here, before any reader."""

from __future__ import annotations

import bz2
import csv
import gzip
import hashlib
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from hybrid_env.traces.schema import TraceError

DataFrame: TypeAlias = Any
Series: TypeAlias = Any
Times: TypeAlias = Any
"""Pandas' frames, series and datetime indexes: its own annotations are too loose for a type checker to follow."""

MOST_BYTES = 2_000_000_000
"""A larger file is refused: a year of one ISO's five-minute prices is far smaller."""
OLD_WORKBOOK = bytes.fromhex("d0cf11e0a1b11ae1")
BLANKS = ("", "-", "--", "n/e", "N/A", "NA", "n/a", "NaN", "nan", "null", "NULL", "None", "#N/A", ".")
NO_BREAK = dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009"), " ")


class ReadError(TraceError):
    """A file cannot be read; the message names file, place, what was found, what is allowed, and the likely fix."""

    def __init__(
        self, path: str | Path, *, found: str, line: int | None = None, column: str | None = None,
        allowed: str | None = None, fix: str | None = None,
    ) -> None:  # fmt: skip
        place = str(path)
        if line is not None:
            place += f", line {line}"
        if column is not None:
            place += f", column {column!r}"
        text = f"{place}: found {found}"
        if allowed:
            text += f"; allowed: {allowed}"
        if fix:
            text += f"; {fix}"
        super().__init__(text)
        self.path, self.line, self.column = Path(path), line, column


class SourceFile:
    """A file's content in the views that readers need; each is made once, when first asked for.

    Attributes:
        path: where it lies.
        format: name of the format it is read as; set by `formats.read`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.format = ""
        if not self.path.is_file():
            raise ReadError(self.path, found="no such file", fix="check the path in the recipe")
        size = self.path.stat().st_size
        if size == 0:
            raise ReadError(self.path, found="an empty file", fix="the download failed: download it again")
        if size > MOST_BYTES:
            raise ReadError(
                self.path, found=f"{size:,} bytes", allowed=f"up to {MOST_BYTES:,}", fix="split it by month"
            )

    @cached_property
    def stored(self) -> bytes:
        """The bytes as they lie on disk."""
        return self.path.read_bytes()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.stored).hexdigest()

    @cached_property
    def data(self) -> bytes:
        """The bytes, unpacked where the file is gzip, bzip2, xz or a zip of one file (an xlsx stays as it is)."""
        raw = self.stored
        try:
            if raw.startswith(b"\x1f\x8b"):
                return gzip.decompress(raw)
            if raw.startswith(b"BZh"):
                return bz2.decompress(raw)
            if raw.startswith(b"\xfd7zXZ"):
                return lzma.decompress(raw)
            if raw.startswith(b"PK\x03\x04") and not self.is_workbook:
                return self._only_member(raw)
        except (EOFError, OSError, lzma.LZMAError, zlib.error, zipfile.BadZipFile) as error:
            raise ReadError(
                self.path, found=f"a damaged archive ({error})", fix="the download broke off: download it again"
            ) from error
        return raw

    @cached_property
    def is_workbook(self) -> bool:
        """An Excel workbook (xlsx, or the older xls), told by its content."""
        if self.stored.startswith(OLD_WORKBOOK):
            return True
        if not self.stored.startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(self.stored)) as archive:
                return "xl/workbook.xml" in archive.namelist()
        except zipfile.BadZipFile as error:
            raise ReadError(
                self.path, found=f"a damaged archive ({error})", fix="the download broke off: download it again"
            ) from error

    @cached_property
    def encoding(self) -> str:
        """utf-8, utf-16, cp932 (Japanese files) or cp1252, whichever decodes; byte order marks are honoured."""
        if self.data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        for encoding in ("utf-8-sig", "cp932"):
            try:
                text = self.data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if encoding != "cp932" or _looks_japanese(text):
                return encoding
        return "cp1252"

    @cached_property
    def text(self) -> str:
        """The whole file as text, line ends as they are; empty for a workbook.

        Raises:
            ReadError: it holds NUL bytes (a download that broke off), or it is an error page in HTML.
        """
        if self.is_workbook:
            return ""
        text = self.data.decode(self.encoding, errors="replace")
        if "\x00" in text:
            line = text[: text.index("\x00")].count("\n") + 1
            raise ReadError(
                self.path,
                line=line,
                found="NUL bytes",
                fix="the download broke off or the disk was full: download again",
            )
        if re.match(r"\s*(<!doctype html|<html)", text[:200], re.IGNORECASE):
            raise ReadError(
                self.path, line=1, found="a web page, not data",
                fix="the server sent an error or a login page: open the file in a browser, then download it again",
            )  # fmt: skip
        return text

    @cached_property
    def lines(self) -> list[str]:
        """Physical lines without their ends; never empty (`[""]` for a workbook)."""
        return self.text.splitlines() or [""]

    @cached_property
    def json(self) -> Any:
        """The parsed JSON; None if the file is not JSON at all.

        Raises:
            ReadError: it begins like JSON but breaks off or is malformed.
        """
        if not self.text.lstrip().startswith(("{", "[")):
            return None
        try:
            return json.loads(self.text)
        except json.JSONDecodeError as error:
            if self.is_json_lines:
                return None
            raise ReadError(
                self.path, line=error.lineno, found=f"broken JSON ({error.msg})",
                fix="the download probably broke off: download it again",
            ) from error  # fmt: skip

    @cached_property
    def is_json_lines(self) -> bool:
        """One JSON object a line."""
        first = next((line for line in self.lines if line.strip()), "")
        try:
            return len(self.lines) > 1 and isinstance(json.loads(first), dict)
        except json.JSONDecodeError:
            return False

    @cached_property
    def xml(self) -> ElementTree.Element | None:
        """The root element; None if the file is not XML. External entities and DTDs are refused.

        Raises:
            ReadError: it begins like XML but breaks off, or declares entities.
        """
        if not self.text.lstrip().startswith("<"):
            return None
        if "<!DOCTYPE" in self.text or "<!ENTITY" in self.text:
            raise ReadError(self.path, found="a document type or entity declaration", allowed="plain XML")
        try:
            return ElementTree.fromstring(self.data if self.encoding == "utf-8-sig" else self.text)
        except ElementTree.ParseError as error:
            raise ReadError(
                self.path, line=error.position[0], found=f"broken XML ({error})",
                fix="the download probably broke off: download it again",
            ) from error  # fmt: skip

    @cached_property
    def sheets(self) -> list[str]:
        """Names of a workbook's sheets; none if the file is not a workbook."""
        if not self.is_workbook:
            return []
        with self._reading_workbook():
            return self._workbook.sheet_names

    def sheet_head(self, name: str, rows: int = 5) -> list[list[Any]]:
        """The first rows of a sheet, for recognising it."""
        with self._reading_workbook():
            return self._workbook.get_sheet_by_name(name).to_python(nrows=rows)

    def sheet(self, name: str, header_row: int = 1) -> DataFrame:
        """One sheet as in `read_csv`: header names stripped, index `line` = the sheet's row; cells keep their types."""
        with self._reading_workbook():
            rows = self._workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if len(rows) < header_row:
            raise ReadError(self.path, line=header_row, found=f"an empty sheet {name!r}", allowed="a row of headings")
        names = [str(cell).strip() for cell in rows[header_row - 1]]
        rows = [[int(c) if isinstance(c, float) and c.is_integer() else c for c in row] for row in rows]
        kept = [(i + 1, row) for i, row in enumerate(rows) if i >= header_row and any(cell != "" for cell in row)]
        return pd.DataFrame(
            [row for _, row in kept], columns=names, index=pd.Index([i for i, _ in kept], name="line"), dtype=object
        )

    @cached_property
    def _workbook(self) -> Any:
        from python_calamine import CalamineWorkbook

        return CalamineWorkbook.from_filelike(io.BytesIO(self.stored))

    @contextmanager
    def _reading_workbook(self) -> Iterator[None]:
        """Turns the workbook reader's errors into one for people."""
        try:
            from python_calamine import CalamineError
        except ImportError as error:
            raise ImportError('workbooks need python-calamine: pip install "hybrid-env[data]"') from error
        try:
            yield
        except CalamineError as error:
            raise ReadError(
                self.path, found=f"a damaged workbook ({error})", fix="the download broke off: download it again"
            ) from error

    def has_columns(self, *names: str, line: int = 1, separator: str = ",") -> bool:
        """True if that physical line is a header that holds all these names (spaces, quotes and case aside)."""
        if len(self.lines) < line:
            return False
        cells = next(csv.reader([self.lines[line - 1]], delimiter=separator), [])
        found = {_plain(cell) for cell in cells}
        return all(_plain(name) in found for name in names)

    def _only_member(self, raw: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            if len(members) != 1:
                raise ReadError(
                    self.path, found=f"a zip of {len(members)} files", allowed="a zip of one file",
                    fix="unpack it and name each file in the recipe",
                )  # fmt: skip
            return archive.read(members[0])


def read_csv(
    source: SourceFile, *, header_line: int | None = 1, separator: str = ",", width: int | None = None
) -> DataFrame:  # fmt: skip
    """A table of text cells; the index `line` holds physical lines (of the record's first line), so that errors can
    name them.

    Cells are stripped, no-break spaces become spaces, header names are stripped. Blank lines are skipped.

    Args:
        header_line: physical line of the header; None where there is none (columns are then "0", "1", ...).
        width: number of columns where rows may be shorter; short rows are filled with blanks. None: all rows are as
            long as the header, or as the longest.

    Raises:
        ReadError: a row has more cells than the header, or the last row has fewer (a download that broke off).
    """
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=separator, skipinitialspace=True)
    names: list[str] | None = None
    rows: list[list[str]] = []
    lines: list[int] = []
    last = 0
    for row in reader:
        line, last = last + 1, reader.line_num
        if header_line is not None and line < header_line:
            continue
        if header_line is not None and names is None:
            names = [cell.translate(NO_BREAK).strip() for cell in row]
            continue
        if any(cell.strip() for cell in row):
            rows.append(row)
            lines.append(line)
    columns = width or (len(names) if names is not None else max((len(row) for row in rows), default=0))
    for line, row in zip(lines, rows, strict=True):
        if width is not None and len(row) < width:
            row += [""] * (width - len(row))
        if len(row) != columns:
            if names is not None and len(names) == 1:
                fix = f"the header has no {separator!r}: name the file's own separator"
            elif line == lines[-1]:
                fix = "the download broke off: download it again"
            else:
                fix = "a cell holds the separator without quotes: correct that line"
            raise ReadError(
                source.path, line=line, found=f"{len(row)} cells", allowed=f"{columns} as in the header", fix=fix
            )
    cells = [[cell.translate(NO_BREAK).strip() for cell in row] for row in rows]
    names = names or [str(i) for i in range(columns)]
    return pd.DataFrame(cells, columns=pd.Index(names), index=pd.Index(lines, name="line"), dtype=object)


def numbers(cells: Series, source: SourceFile, *, decimal: str = ".", thousands: str | None = ",") -> np.ndarray:
    """Cells as float64; blanks (`BLANKS`) become NaN.

    Args:
        cells: text, indexed by physical line.
        decimal, thousands: the file's marks; thousands marks are only taken between groups of three digits.

    Raises:
        ReadError: a cell is not a number; names its line.
    """
    text = cells.astype(str).str.translate(NO_BREAK).str.strip()
    if thousands:
        grouped = text.str.fullmatch(rf"[-+]?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(decimal)}\d*)?")
        text = text.where(~grouped, text.str.replace(thousands, "", regex=False))
    if decimal != ".":
        text = text.str.replace(decimal, ".", regex=False)
    text = text.str.replace("\u2212", "-", regex=False)
    values = np.asarray(pd.to_numeric(text.where(~text.isin(BLANKS), None), errors="coerce"), float)
    bad = np.flatnonzero(np.isnan(values) & ~text.isin(BLANKS).to_numpy())
    if len(bad):
        raise ReadError(
            source.path, line=int(cells.index[bad[0]]), column=str(cells.name), found=repr(cells.iloc[bad[0]]),
            allowed=f"a number with decimal mark {decimal!r}, or blank",
            fix="check the file's locale" if re.search(r"\d", str(cells.iloc[bad[0]])) else "the row may be a footer",
        )  # fmt: skip
    return values


def _plain(name: str) -> str:
    return name.translate(NO_BREAK).strip().strip('"').lower()


def _looks_japanese(text: str) -> bool:
    return bool(re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text[:2000]))
