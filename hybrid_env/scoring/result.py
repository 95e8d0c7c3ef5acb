"""The result of one evaluation run, and the one JSON file it lives in.

A run is one policy with one training seed, driven through W worlds of consecutive weeks with its state carried from
week to week. All that scores, tables and pages need is in the file; nothing is ever pickled.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

SCHEMA_VERSION = 1

Kind = Literal["rule", "mpc", "agent", "reference"]

POLICY_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.+*@-]{0,63}$"

LEDGER_TOLERANCE = 1e-6
"""Relative difference allowed between the weeks' total and the accounts' total (both sum the same floats)."""

_SHOWN_CHARACTERS = 60
_SHOWN_MISTAKES = 8


class ResultError(ValueError):
    """A result file is missing, damaged or impossible; the message names file, field, value and the fix."""


class Record(BaseModel):
    """A part of a result. Unknown fields, wrong types, NaN and infinity are refused; instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


M = TypeVar("M", bound=Record)


class WeekTrace(Record):
    """One interesting week of a run, an entry an interval: what the dispatch plot draws.

    Power is the interval's mean in MW. What is used and what is supplied balance (see `imbalance_mw`).
    """

    world: str
    week: int = Field(ge=0)
    """Index of the week within its world."""
    start_utc: datetime
    interval_s: int = Field(ge=60)
    price_usd_per_mwh: tuple[float, ...] = Field(min_length=1)
    import_limit_mw: tuple[float, ...]
    reserved_mw: tuple[float, ...]
    inference_mw: tuple[float, ...]
    training_mw: tuple[float, ...]
    spot_mw: tuple[float, ...]
    on_demand_mw: tuple[float, ...] = ()
    gpu_mining_mw: tuple[float, ...] = ()
    gpu_idle_mw: tuple[float, ...] = ()
    """What GPUs draw while they do nothing; empty if it is counted in the classes."""
    mining_mw: tuple[float, ...]
    cooling_mw: tuple[float, ...]
    charge_mw: tuple[float, ...]
    discharge_mw: tuple[float, ...]
    wind_mw: tuple[float, ...]
    """Own generation that was used or exported (curtailed energy not counted)."""
    curtailed_mw: tuple[float, ...] = ()
    import_mw: tuple[float, ...]
    export_mw: tuple[float, ...]
    soc_mwh: tuple[float, ...]
    mining_hall_c: tuple[float, ...]
    gpu_hall_c: tuple[float, ...]

    @model_validator(mode="after")
    def _columns_have_one_length(self) -> Self:
        rows = len(self)
        for name in COLUMNS:
            found = len(getattr(self, name))
            if found != rows and not (found == 0 and name in OPTIONAL_COLUMNS):
                raise ValueError(
                    f"{name} has {found} entries, price_usd_per_mwh {rows}: give each column one an interval"
                )
        if self.start_utc.utcoffset() != timedelta(0):
            raise ValueError("start_utc must be in UTC, e.g. 2024-08-05T00:00:00Z")
        return self

    def __len__(self) -> int:
        return len(self.price_usd_per_mwh)

    def column(self, name: str) -> NDArray[np.float64]:
        """One column, shape [rows]; zeros where an optional column is empty."""
        values = getattr(self, name)
        return np.asarray(values, dtype=np.float64) if values else np.zeros(len(self))

    def imbalance_mw(self) -> float:
        """Largest difference between supply and use over the week, MW."""
        supply = sum(self.column(name) for name in ("wind_mw", "import_mw", "discharge_mw"))
        use = sum(self.column(name) for name in (*USES, "export_mw"))
        return float(np.max(np.abs(supply - use)))

    @classmethod
    def from_arrays(
        cls, world: str, week: int, start_utc: datetime, interval_s: int, columns: Mapping[str, ArrayLike]
    ) -> Self:
        """Build from arrays of equal length; values are rounded to 1e-4: ample for a plot, and small in a file."""
        rounded = {
            name: tuple(np.round(np.asarray(values, dtype=np.float64), 4).tolist()) for name, values in columns.items()
        }
        return checked(cls, {"world": world, "week": week, "start_utc": start_utc, "interval_s": interval_s, **rounded})


USES = (
    "reserved_mw", "inference_mw", "on_demand_mw", "training_mw", "spot_mw", "gpu_mining_mw", "gpu_idle_mw",
    "mining_mw", "cooling_mw", "charge_mw",
)  # fmt: skip
"""Columns that add up to the site's use of power, in the order in which they are stacked."""
OPTIONAL_COLUMNS = ("on_demand_mw", "gpu_mining_mw", "gpu_idle_mw", "curtailed_mw")
COLUMNS = tuple(name for name in WeekTrace.model_fields if name not in {"world", "week", "start_utc", "interval_s"})


class Proof(Record):
    """What a span claims of carbon-free energy, and what is behind the claim; shares of its load."""

    claim_frac: float = Field(ge=0, le=1)
    """Certificates of the span over its load, by volume."""
    hourly_frac: float = Field(ge=0, le=1 + 1e-9)
    """Load matched by certificates of the same hour."""
    additional_frac: float = Field(ge=0, le=1 + 1e-9)
    """Load matched by certificates of the same hour that count as additional."""
    cfe_frac: float = Field(ge=0, le=1 + 1e-9)
    """Carbon-free hour by hour, the grid's share counted for what is not matched."""
    greenwash_index: float = Field(ge=0, le=1)
    """Claim less what additional certificates match by the hour."""


class Risk(Record):
    """How often buyers and sellers of AI capacity were let down: shares of the weeks played."""

    withdrawn_week_frac: float | None = Field(default=None, ge=0, le=1)
    """Weeks in which the operator, its cash under the floor, withdrew AI capacity; none without a cash box."""
    tenant_away_week_frac: float | None = Field(default=None, ge=0, le=1)
    """Weeks in which a tenant had left and its capacity was not let again; none without reserved GPUs."""


class Provenance(Record):
    """All that somebody needs to make the same run again, or to see why theirs differs."""

    config: dict[str, Any] = {}
    """The resolved configuration: nothing in it is looked up elsewhere."""
    versions: dict[str, str]
    """Package name -> version, the interpreter included."""
    git_commit: str
    """Commit of the code, with `-dirty` where files had been edited."""
    site_hash: str
    trace_hashes: dict[str, str]
    """World -> hash of its trace."""
    kernel_hash: str
    machine: str
    """Name of the processor."""
    created_utc: datetime
    command: str = ""
    """Command line that reproduces the run."""

    @field_validator("created_utc")
    @classmethod
    def _is_utc(cls, value: datetime) -> datetime:
        if value.utcoffset() != timedelta(0):
            raise ValueError("must be in UTC, e.g. 2024-08-05T12:00:00Z")
        return value.astimezone(UTC)


class Result(Record):
    """One evaluation run."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str = Field(min_length=1)
    """Task id with its version, e.g. `hybrid_env/TexasWind-v0`."""
    policy: str = Field(pattern=POLICY_PATTERN)
    kind: Kind
    seed: int = Field(default=0, ge=0)
    """Training seed; 0 for policies that do not learn."""
    worlds: tuple[str, ...] = Field(min_length=1)
    """Names of the traces, in the order of `weekly_usd`."""
    weekly_usd: tuple[tuple[float, ...], ...]
    """Net profit by world and consecutive week, USD, [W][T]; T is 52 in a benchmark run."""
    accounts_usd: dict[str, float]
    """Ledger account -> USD over all worlds and weeks; adds up to `weekly_usd`."""
    mwh: dict[str, float] = {}
    kg: dict[str, float] = {}
    work: dict[str, float] = {}
    """Measures of the work done (GPU-hours, SLA attainment, BTC, restarts...), by names that end in their unit."""
    proofs: dict[str, Proof] = {}
    """Claims of carbon-free energy over all worlds, by `"year"` and month (`"01"` to `"12"`); empty on a site that
    keeps no account of certificates."""
    risk: Risk = Risk()
    decision_latency_ms: float = Field(ge=0)
    """Median time of one decision for one site, milliseconds."""
    training_seconds: float = Field(default=0.0, ge=0)
    training_steps: int = Field(default=0, ge=0)
    provenance: Provenance
    week_trace: WeekTrace | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if len(set(self.worlds)) != len(self.worlds):
            raise ValueError("worlds: a name occurs twice; every world counts once")
        if len(self.weekly_usd) != len(self.worlds):
            raise ValueError(
                f"weekly_usd has {len(self.weekly_usd)} rows for {len(self.worlds)} worlds: give one row a world"
            )
        lengths = sorted({len(row) for row in self.weekly_usd})
        if len(lengths) != 1 or lengths[0] == 0:
            raise ValueError(
                f"weekly_usd has rows of {lengths} weeks: give every world the same number of weeks, at least one"
            )
        if set(self.provenance.trace_hashes) != set(self.worlds):
            raise ValueError("provenance.trace_hashes must name exactly the worlds of the run")
        total, booked = float(self.weekly().sum()), sum(self.accounts_usd.values())
        if abs(total - booked) > LEDGER_TOLERANCE * max(1.0, sum(map(abs, self.accounts_usd.values()))):
            raise ValueError(
                f"accounts_usd adds up to {booked:,.2f} USD, weekly_usd to {total:,.2f}: some money is in no account"
            )
        return self

    def weekly(self) -> NDArray[np.float64]:
        """Net profit in USD, float64 [W, T]."""
        return np.asarray(self.weekly_usd, dtype=np.float64)

    @property
    def file_name(self) -> str:
        """Name of the run's file within its folder."""
        return f"{self.policy.replace('*', 'star')}-{self.seed}.json"

    def save(self, folder: str | Path) -> Path:
        """Write the run's file into `folder` (made if missing), whole or not at all; returns its path."""
        path = Path(folder) / self.file_name
        write_atomically(path, self.model_dump_json())
        return path


def load_result(path: str | Path) -> Result:
    """Read one result file.

    Raises:
        ResultError: the file is missing, cut short, of another schema, or holds an impossible field.
    """
    return load_record(Result, path, SCHEMA_VERSION)


def load_results(folder: str | Path) -> list[Result]:
    """Read every `*.json` of a folder, ordered by file name.

    Raises:
        ResultError: there is no file, one cannot be read, or two hold the same run.
    """
    paths = sorted(Path(folder).glob("*.json"))
    if not paths:
        raise ResultError(f"{folder}: no result files (*.json) here; run an evaluation first, or name its folder")
    seen: dict[tuple[str, str, int], Path] = {}
    results = []
    for path in paths:
        result = load_result(path)
        key = (result.task, result.policy, result.seed)
        if key in seen:
            raise ResultError(f"{path}: the same task, policy and seed as {seen[key].name}: remove one of the two")
        seen[key] = path
        results.append(result)
    return results


def load_record(model: type[M], path: str | Path, schema_version: int) -> M:
    """Read a JSON file strictly as `model`, after a look at its `schema_version`; errors are `ResultError`."""
    path = Path(path)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise ResultError(f"{path}: no such file; check the path, or run the evaluation that writes it") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ResultError(f"{path}: cannot be read as a UTF-8 text file ({error})") from error
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ResultError(
            f"{path}: damaged or cut short, not valid JSON ({error}); delete it and run the evaluation again"
        ) from error
    version = found.get("schema_version") if isinstance(found, dict) else None
    if version != schema_version:
        raise ResultError(
            f"{path}: schema_version: found {version!r}, this version reads {schema_version}; run the evaluation again"
        )
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise ResultError(explain(error, str(path))) from error


def checked(model: type[M], data: Mapping[str, Any], origin: str = "") -> M:
    """Validate a mapping as `model`; mistakes become a `ResultError` that names the field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ResultError(explain(error, origin or model.__name__)) from error


def explain(error: ValidationError, origin: str) -> str:
    """One line a mistake: file, field, what is wrong, what was found, and the fix."""
    mistakes = error.errors()
    lines = [_mistake(item, origin) for item in mistakes[:_SHOWN_MISTAKES]]
    if len(mistakes) > _SHOWN_MISTAKES:
        lines.append(f"{origin}: and {len(mistakes) - _SHOWN_MISTAKES} mistakes more")
    return "\n".join(lines)


def _mistake(item: Any, origin: str) -> str:
    field = ".".join(str(part) for part in item["loc"]) or "(whole file)"
    shown = repr(item.get("input"))
    found = (
        ""
        if isinstance(item.get("input"), Mapping | Sequence) and len(shown) > _SHOWN_CHARACTERS
        else f" (found {shown})"
    )
    fixes = {
        "missing": "; the file is incomplete: run the evaluation again",
        "extra_forbidden": "; unknown field: check the spelling, or update the package",
        "finite_number": "; a run with NaN or infinite money is no result: look at the policy's outputs",
    }
    message = item["msg"].removeprefix("Value error, ")
    return f"{origin}: {field}: {message}{'' if item['type'] == 'missing' else found}{fixes.get(item['type'], '')}"


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write text (UTF-8) or bytes to `path` so that readers find the old file or the new one, never half a file."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
