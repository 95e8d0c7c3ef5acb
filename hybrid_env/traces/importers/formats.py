"""Which formats are known, and what a file is: told by its content, never by its name alone."""

from __future__ import annotations

from pathlib import Path

from hybrid_env.traces.importers import (
    australia,
    bitcoin,
    blockchain,
    caiso,
    canada,
    carbon,
    eia,
    ercot,
    europe,
    events,
    gpu_jobs,
    gpu_requests,
    gridstatus,
    isone,
    japan,
    machines,
    meters,
    miso,
    nyiso,
    open_meteo,
    pjm,
    tariffs,
    tidy,
    weather,
)
from hybrid_env.traces.importers.broken_off import warned_of_broken_off
from hybrid_env.traces.importers.frame import Format, ReadError, Table
from hybrid_env.traces.importers.source import SourceFile

POWER = (
    ercot, pjm, isone, caiso, nyiso, miso, canada, europe, japan, australia, eia, gridstatus, tariffs, meters, events,
    tidy,
)  # fmt: skip
"""Families of markets, loads, tariffs and meters."""
SITE = (weather, open_meteo, carbon, bitcoin, blockchain, gpu_requests, gpu_jobs, machines)
"""Families of weather, carbon, bitcoin, GPU work and telemetry."""

_MALFORMED = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)
"""What a reader meets in a file that looks like its format but lacks a column, a key or a type: said for people."""

FORMATS: dict[str, Format] = {known.name: known for family in (*POWER, *SITE) for known in family.FORMATS}
"""Every format by name."""


def recognise(source: SourceFile) -> Format:
    """The format a file is of.

    Raises:
        ReadError: none or more than one claims it.
    """
    claims = [known for known in FORMATS.values() if known.recognises(source)]
    if len(claims) == 1:
        return claims[0]
    opening = (
        repr(source.lines[0][:80]) if not source.is_workbook else "an Excel workbook with none of the known sheets"
    )
    if not claims:
        raise ReadError(
            source.path, found=f"an unknown format beginning with {opening}", allowed=", ".join(FORMATS),
            fix="for a table of your own, name its columns and clock: `format: own_csv` and a `layout` in the recipe",
        )  # fmt: skip
    raise ReadError(
        source.path, found=f"a file that several formats claim: {', '.join(c.name for c in claims)}",
        fix="name the right one as `format` in the recipe",
    )  # fmt: skip


def read(path: str | Path, format: str | None = None) -> Table:
    """Read one file; `table.format` says what it was taken for.

    Args:
        format: a name in `FORMATS`; None to tell it by content.

    Raises:
        ReadError: the file is missing, damaged, of no known format, or holds impossible values.
    """
    source = SourceFile(path)
    if format is None:
        known = recognise(source)
    elif format in FORMATS:
        known = FORMATS[format]
    else:
        raise ReadError(source.path, found=f"format {format!r}", allowed=", ".join(FORMATS), fix="correct `format`")
    source.format = known.name
    try:
        return warned_of_broken_off(known.read(source), source)
    except ReadError:
        raise
    except _MALFORMED as error:
        raise ReadError(
            source.path, found=f"no whole {known.title} ({type(error).__name__}: {_first_line(error)})",
            allowed=known.assumptions,
            fix="download it again, or look whether its source has changed the layout",
        ) from error  # fmt: skip


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no more is known"])[0]
