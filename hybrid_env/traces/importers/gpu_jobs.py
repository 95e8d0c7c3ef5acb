"""Job logs of GPU clusters: Slurm's sacct, Alibaba 2025 (instances) and 2023 (jobs), run times of Philly.

One record a job: `submit_s` (seconds since the log began, or NaN: before it), `wait_s`, `duration_h` (so far where the
job has not ended), `gpus`, `ended` (1, or 0 where it still runs or its end was not seen), and text `state`. A log has
those that its source knows.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_records
from hybrid_env.traces.importers.source import SourceFile, numbers, read_csv

ELAPSED = re.compile(r"(?:(\d+)-)?(\d+):(\d\d):(\d\d)(?:\.\d+)?$")
TRES_GPU = re.compile(r"(?:^|,)gres/gpu(?::[^=,]*)?=(\d+)")
GRES_GPU = re.compile(r"(?:^|,)(?:gres/)?gpu(?::[A-Za-z][^:=,(]*)?[:=](\d+)")
MEMORY = re.compile(r"([\d.]+)([KMGT]?)([nc]?)$")
MB = {"K": 1 / 1024, "": 1.0, "M": 1.0, "G": 1024.0, "T": 1024.0**2}
UNFINISHED = ("RUNNING", "PENDING", "SUSPENDED", "REQUEUED", "RESIZING")
ALIBABA_2025 = ("instance_sn", "role", "app_name", "gpu_request", "creation_time", "scheduled_time", "deletion_time")
ALIBABA_2023 = ("submit_s", "gpus", "duration_s", "wait_s", "qos_class", "end_phase")


def _is_slurm(source: SourceFile) -> bool:
    first = source.lines[0]
    return first.startswith("JobID|") and "|Elapsed|" in f"|{first}|" and "|State|" in f"|{first}|"


def _read_slurm(source: SourceFile) -> Table:
    notes = Notes()
    raw: Any = _piped(source)
    steps = raw["JobID"].str.contains(".", regex=False)
    notes.dropped("steps of jobs (batch, extern, numbered): the job's own row counts", raw.index[steps].tolist())
    raw = raw[~steps]
    if raw.empty:
        raise ReadError(source.path, found="no job", allowed="at least one", fix="run sacct with --allocations (-X)")
    state = raw["State"].str.split(" ").str[0]
    duration_h = np.array([_elapsed_h(source, line, text) for line, text in raw["Elapsed"].items()])
    columns: dict[str, Any] = {
        "duration_h": duration_h,
        "gpus": np.array([_gpus(row) for row in raw.to_dict("records")], float),
        "ended": (~state.isin(UNFINISHED)).to_numpy(float),
        "state": state,
    }
    if "AllocCPUS" in raw:
        columns["cpus"] = numbers(raw["AllocCPUS"], source)
        if "ReqMem" in raw:
            columns["memory_mb"] = _memory_mb(raw["ReqMem"], columns["cpus"])
    _add_slurm_times(source, raw, columns, notes)
    notes.warned("jobs that have not ended: their duration is what has run so far",
                 raw.index[columns["ended"] == 0].tolist())  # fmt: skip
    return build_records(source, "jobs", columns, notes, facts={"clock": "local"})


def _piped(source: SourceFile) -> pd.DataFrame:
    """Slurm's parsable output: `-p` ends every row with a bar, `-P` does not; the header may do it alone."""
    lines = source.lines
    names = lines[0].split("|")
    width = len(names) - (names[-1] == "")
    rows, where = [], []
    for i, line in enumerate(lines[1:]):
        if not line.strip():
            continue
        cells = line.split("|")
        if len(cells) == width + 1 and cells[-1] == "":
            cells = cells[:-1]
        if len(cells) != width:
            raise ReadError(
                source.path, line=i + 2, found=f"{len(cells)} cells", allowed=f"{width} as in the header",
                fix="a job's name holds a bar, or the copy broke off",
            )  # fmt: skip
        rows.append([cell.strip() for cell in cells])
        where.append(i + 2)
    return pd.DataFrame(rows, columns=names[:width], index=pd.Index(where, name="line"), dtype=object)


def _add_slurm_times(source: SourceFile, raw: Any, columns: dict[str, Any], notes: Notes) -> None:
    """`submit_s` and `wait_s` where the log has them; the cluster's clock carries no zone."""
    if "Submit" not in raw:
        notes.warned("no column Submit: when jobs arrive is not known (run sacct with --format=ALL)")
        return
    submit, start = _cluster_times(raw, "Submit"), _cluster_times(raw, "Start")
    if submit.isna().all():
        raise ReadError(source.path, column="Submit", found=repr(raw["Submit"].iloc[0]), allowed="2024-05-01T10:00:00")
    columns["submit_s"] = (submit - submit.min()).dt.total_seconds().to_numpy()
    columns["wait_s"] = (start - submit).dt.total_seconds().to_numpy()
    notes.assumed(f"times are the cluster's own clock, counted from its first job ({submit.min().isoformat()})")


def _cluster_times(raw: pd.DataFrame, name: str) -> Any:
    """Naive stamps; NaT for `Unknown`, `None` and blanks."""
    if name not in raw:
        return pd.Series(pd.NaT, index=raw.index)
    return pd.to_datetime(raw[name], format="ISO8601", errors="coerce")


def _elapsed_h(source: SourceFile, line: Any, text: str) -> float:
    found = ELAPSED.match(text)
    if not found:
        raise ReadError(source.path, line=int(line), column="Elapsed", found=repr(text), allowed="[days-]hh:mm:ss")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return days * 24 + hours + minutes / 60 + seconds / 3600


def _gpus(row: dict[Any, str]) -> int:
    """GPUs of a job: of all its nodes where TRES says so, else what it asked for by GRES."""
    for name in ("AllocTRES", "ReqTRES"):
        found = TRES_GPU.search(row.get(name, ""))
        if found:
            return int(found[1])
    for name in ("AllocGRES", "ReqGRES"):
        found = GRES_GPU.search(row.get(name, ""))
        if found:
            return int(found[1])
    return 0


def _memory_mb(cells: pd.Series, cpus: np.ndarray) -> np.ndarray:
    """`14000Mc` is 14,000 MB for each CPU, `4Gn` 4 GB a node (taken as one node)."""
    out = np.full(len(cells), np.nan)
    for i, text in enumerate(cells):
        found = MEMORY.match(text)
        if found:
            out[i] = float(found[1]) * MB[found[2]] * (cpus[i] if found[3] == "c" else 1.0)
    return out


def _is_alibaba_2025(source: SourceFile) -> bool:
    return source.has_columns(*ALIBABA_2025)


def _read_alibaba_2025(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    made, scheduled, deleted = (
        np.round(numbers(raw[name], source), 3) for name in ("creation_time", "scheduled_time", "deletion_time")
    )
    gpus = numbers(raw["gpu_request"], source)
    notes.warned(
        "instances that were there before the log begins (no creation time)", raw.index[np.isnan(made)].tolist()
    )
    notes.warned("instances that outlive the log (no deletion time)", raw.index[np.isnan(deleted)].tolist())
    notes.warned("instances without a GPU", raw.index[gpus == 0].tolist())
    notes.assumed("seconds since the log began; the hour of the day is not known")
    columns = {
        "submit_s": made, "wait_s": scheduled - made, "duration_h": (deleted - scheduled) / 3600, "gpus": gpus,
        "ended": np.isfinite(deleted).astype(float), "state": raw["role"],
    }  # fmt: skip
    return build_records(source, "jobs", columns, notes, facts={"clock": "relative"})


def _is_alibaba_2023(source: SourceFile) -> bool:
    return source.has_columns(*ALIBABA_2023)


def _read_alibaba_2023(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    state = raw["end_phase"]
    notes.assumed("seconds since the log began; the hour of the day is not known; parts of a GPU are shared GPUs")
    running = state.isin(["Running", "Pending"])
    notes.warned("jobs that have not ended: their duration is what has run so far", raw.index[running].tolist())
    columns = {
        "submit_s": numbers(raw["submit_s"], source), "wait_s": numbers(raw["wait_s"], source),
        "duration_h": numbers(raw["duration_s"], source) / 3600, "gpus": numbers(raw["gpus"], source),
        "ended": (~running).to_numpy(float), "state": state,
    }  # fmt: skip
    return build_records(source, "jobs", columns, notes, facts={"clock": "relative"})


def _is_runtimes(source: SourceFile) -> bool:
    return source.lines[0].strip() == "runtime"


def _read_runtimes(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    notes.assumed("run times are seconds; GPUs and arrivals are not in the file")
    return build_records(source, "jobs", {"duration_h": numbers(raw["runtime"], source) / 3600}, notes)


FORMATS = (
    Format(
        "slurm_sacct", "Slurm accounting (sacct -p or -P)", "jobs", _is_slurm, _read_slurm,
        "the cluster's own clock; steps are dropped; a running job's duration is what has run so far",
    ),
    Format(
        "alibaba_2025", "Alibaba GPU cluster 2025 (instances)", "jobs", _is_alibaba_2025, _read_alibaba_2025,
        "relative seconds; an empty time lies before or after the log",
    ),
    Format(
        "alibaba_2023", "Alibaba GPU cluster 2023 (jobs)", "jobs", _is_alibaba_2023, _read_alibaba_2023,
        "relative seconds; parts of a GPU are shared GPUs",
    ),
    Format(
        "job_runtimes", "run times of jobs", "jobs", _is_runtimes, _read_runtimes,
        "seconds; no arrivals, no GPUs",
    ),
)  # fmt: skip
