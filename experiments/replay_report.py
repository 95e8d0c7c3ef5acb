"""What a real replay found, and the one JSON file it lives in."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from hybrid_env.scoring.result import Kind, Provenance, Record, load_record, write_atomically
from hybrid_env.traces.schema import COLUMNS

SCHEMA_VERSION = 1


class Played(Record):
    """One policy in both worlds; gains over naive in USD a week, ranks from 1 for the best."""

    policy: str = Field(min_length=1)
    kind: Kind
    generated_usd_per_week: float
    real_usd_per_week: float
    generated_rank: int = Field(ge=1)
    real_rank: int = Field(ge=1)
    weeks_above_naive_frac: float = Field(ge=0, le=1)
    """Share of the real year's weeks in which it earned more than naive."""


class ReplayReport(Record):
    """Policies on generated test years and on a real year."""

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str = Field(min_length=1)
    year: int
    weeks: int = Field(ge=1)
    """Of each world."""
    generated_worlds: tuple[str, ...] = Field(min_length=1)
    real_world: str = Field(min_length=1)
    policies: tuple[Played, ...] = Field(min_length=3)
    """By rank on generated years."""
    naive_usd_per_week: tuple[float, float]
    """What naive earns on generated years and on the real one, USD a week."""
    tau: float = Field(ge=-1, le=1)
    """Kendall's tau-b of the gains: 1 if both worlds rank alike, 0 if they have nothing in common, -1 if reversed."""
    tau_low: float | None = Field(default=None, ge=-1, le=1)
    tau_high: float | None = Field(default=None, ge=-1, le=1)
    """95 % interval over resampled weeks of both worlds; none where there are too few to resample."""
    p_value: float = Field(ge=0, le=1)
    """Two-sided, of a tau this far from 0 by chance."""
    swapped: tuple[tuple[str, str], ...] = ()
    """Pairs, better on generated years first, that the real year orders the other way round."""
    origin: dict[str, str]
    """Column of the real trace -> real, derived, given, synthetic or default."""
    provenance: Provenance
    """Of the real year's naive run."""

    @model_validator(mode="after")
    def _names_every_column(self) -> Self:
        missing = sorted(set(COLUMNS) - set(self.origin))
        if missing:
            raise ValueError(f"origin does not say where {missing[0]} comes from")
        return self

    @property
    def best(self) -> tuple[str, str]:
        """The best policy on generated years and on the real one."""
        return self.policies[0].policy, min(self.policies, key=lambda played: played.real_rank).policy

    @property
    def worst(self) -> tuple[str, str]:
        """The worst policy on generated years and on the real one."""
        return self.policies[-1].policy, max(self.policies, key=lambda played: played.real_rank).policy

    def save(self, path: str | Path) -> Path:
        """Write to `path`, whole or not at all."""
        write_atomically(path, self.model_dump_json(indent=1))
        return Path(path)


def load_replay(path: str | Path) -> ReplayReport:
    """Read a report; errors are `ResultError`."""
    return load_record(ReplayReport, path, SCHEMA_VERSION)
