"""The recipe of a site's trace: which files feed which columns. YAML, checked; units stand in the names."""

from __future__ import annotations

from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from hybrid_env.sites.base import SiteModel
from hybrid_env.sites.explain import explain, read_yaml
from hybrid_env.traces.importers.gaps import Fill
from hybrid_env.traces.importers.own import OWN, Layout
from hybrid_env.traces.importers.resample import Between
from hybrid_env.traces.peaks import CoincidentPeakRule
from hybrid_env.traces.schema import COLUMNS, TraceError

YEAR = "{year}"
"""Stands in a recipe's text for the year that is asked for."""


class Feed(SiteModel):
    """Where one trace column comes from.

    Attributes:
        column: column of the read table (after derivations).
        point: place, fuel or product where the file has several; else the source's.
        scale, offset: value times scale plus offset; None to convert by the units in the two names.
        between_rows: how values coarser than the rows are spread; None for the column's own habit (`docs`).
        fill: what is done about gaps.
    """

    column: str
    point: str | None = None
    scale: float | None = None
    offset: float = 0.0
    between_rows: Between | None = None
    fill: Fill = Fill()


class Source(SiteModel):
    """One file, or several of one format that follow one another.

    Attributes:
        file: path, or list of paths, beside the recipe; `*` stands for any text.
        url, sha256: download it instead, once, into the cache; the hash of its bytes, if you know it.
        format: name in `FORMATS`, or `own_csv`; None to tell it by content.
        layout: what a table of your own looks like (format `own_csv`).
        point: place, fuel or product that all feeds take.
        derive: models in order, each by its name in `DERIVE` or as `{name: {parameters}}`.
        jobs: take the gang jobs that a derivation made.
        feeds: trace column -> column of the table, or a whole `Feed`.
    """

    file: str | tuple[str, ...] | None = None
    url: str | None = None
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    format: str | None = None
    layout: Layout | None = None
    point: str | None = None
    derive: tuple[str | dict[str, dict[str, Any] | None], ...] = ()
    jobs: bool = False
    feeds: dict[str, Feed] = {}

    @field_validator("feeds", mode="before")
    @classmethod
    def _short_feeds(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: {"column": feed} if isinstance(feed, str) else feed for name, feed in value.items()}
        return value

    @field_validator("derive")
    @classmethod
    def _one_name_each(cls, derive: Any) -> Any:
        for item in derive:
            if isinstance(item, dict) and len(item) != 1:
                raise ValueError(f"each item of derive has one name; found {', '.join(map(str, item)) or 'none'}")
        return derive

    @property
    def models(self) -> list[tuple[str, dict[str, Any]]]:
        """Names and parameters of the derivations."""
        pairs = [(item, None) if isinstance(item, str) else next(iter(item.items())) for item in self.derive]
        return [(name, parameters or {}) for name, parameters in pairs]

    @field_validator("feeds")
    @classmethod
    def _columns_exist(cls, feeds: dict[str, Feed]) -> dict[str, Feed]:
        for name in feeds:
            if name not in COLUMNS:
                raise ValueError(f"no trace column {name!r}; there are {', '.join(COLUMNS)}")
        return feeds

    @model_validator(mode="after")
    def _is_consistent(self) -> Source:
        if (self.file is None) == (self.url is None):
            raise ValueError("name either a file or a url")
        if self.sha256 is not None and self.url is None:
            raise ValueError("sha256 belongs to a url")
        if (self.layout is not None) != (self.format == OWN):
            raise ValueError(f"`layout` and `format: {OWN}` belong together")
        if not self.feeds and not self.jobs:
            raise ValueError("feeds nothing: name at least one trace column under `feeds`")
        return self


class Synthetic(SiteModel):
    """What no file supplies, drawn from a market as generated years are.

    Attributes:
        market: name of a packaged market or path of a YAML file.
        seed: names the years.
        columns: "rest" for every column that nobody supplies, or the columns' names.
        jobs: take its gang jobs too, where no source makes any.
    """

    market: str
    seed: int = Field(default=0, ge=0)
    columns: Literal["rest"] | tuple[str, ...] = "rest"
    jobs: bool = True


class Recipe(SiteModel):
    """A trace from files.

    Attributes:
        name: how results call the trace.
        first_day, last_day: both included, in local standard time.
        interval_s: seconds a row; the site's.
        utc_offset_h: local standard time minus UTC; the site's.
        import_limit_mw, export_limit_mw: constant limits of the grid connection; the site's own meter limits too.
        coincident_peaks: put the year's coincident-peak charge on the load's highest rows, by a tariff's rule.
        day_ahead_from_past: make the day-ahead price where a market has none: the mean real-time price of that hour
            over the seven days that are known when day-ahead prices appear.
        usd_per: dollars for one unit of a foreign currency, by its three letters in lower case.
        constants: trace columns that have one value throughout.
        synthetic: what a generated year supplies.
        jobs_file: gang jobs as `read_trace` takes them.
        sources: the files.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9._/-]+$")
    first_day: date
    last_day: date
    interval_s: Literal[300, 900, 1800, 3600] = 900
    utc_offset_h: float = Field(ge=-14, le=14)
    import_limit_mw: float | None = Field(default=None, gt=0)
    export_limit_mw: float | None = Field(default=None, ge=0)
    coincident_peaks: CoincidentPeakRule | None = None
    day_ahead_from_past: bool = False
    usd_per: dict[str, float] = {}
    constants: dict[str, float] = {}
    synthetic: Synthetic | None = None
    jobs_file: str | None = None
    sources: tuple[Source, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_consistent(self) -> Recipe:
        if self.last_day < self.first_day:
            raise ValueError(f"last_day {self.last_day} lies before first_day {self.first_day}")
        fed = [name for source in self.sources for name in source.feeds] + list(self.constants)
        twice = sorted({name for name in fed if fed.count(name) > 1})
        if twice:
            raise ValueError(f"{twice[0]} is fed twice; keep one of the two")
        for name in self.constants:
            if name not in COLUMNS:
                raise ValueError(f"no trace column {name!r} for a constant; there are {', '.join(COLUMNS)}")
        if self.coincident_peaks and "cp_weight" in fed:
            raise ValueError("cp_weight is fed and made by `coincident_peaks`; keep one of the two")
        if self.day_ahead_from_past and "price_da_usd_per_mwh" in fed:
            raise ValueError("price_da_usd_per_mwh is fed and made by `day_ahead_from_past`; keep one of the two")
        for currency, rate in self.usd_per.items():
            if len(currency) != 3 or currency != currency.lower() or not rate > 0:
                raise ValueError(f"usd_per: found {currency}: {rate}; write `eur: 1.08`, dollars for one euro")
        if self.sources and self.jobs_file and any(source.jobs for source in self.sources):
            raise ValueError("gang jobs come from `jobs_file` and from a source; keep one of the two")
        return self


def recipe_names() -> list[str]:
    """Names of the packaged recipes."""
    return sorted(path.name[:-5] for path in _packaged().iterdir() if path.name.endswith(".yaml"))


def load_recipe(source: str | Path, year: int | None = None) -> Recipe:
    """Read a recipe by the name of its packaged file (`"texas"`) or from a YAML file; its paths are relative.

    Args:
        year: what `{year}` stands for in its text.

    Raises:
        TraceError: the file is missing, not YAML, or impossible; names file and field. Or it needs a year and gets
            none, or the other way round.
    """
    path = Path(source)
    if path.suffix not in {".yaml", ".yml"}:
        path = Path(str(_packaged() / f"{source}.yaml"))
        if not path.is_file():
            raise TraceError(
                f"no recipe named {str(source)!r}; packaged recipes: {', '.join(recipe_names())}; or give the path of a"
                f" .yaml file"
            )
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise TraceError(f"{path}: no such file; name the recipe of your site") from error
    except (OSError, UnicodeDecodeError) as error:
        raise TraceError(f"{path}: cannot be read as a UTF-8 text file ({error})") from error
    if (YEAR in text) != (year is not None):
        raise TraceError(
            f"{path}: has its own days; leave `year` out" if year else f"{path}: is for any year; name one: year=2023"
        )
    try:
        return Recipe.model_validate(read_yaml(text.replace(YEAR, str(year)), str(path)))
    except ValidationError as error:
        raise TraceError(explain(error, str(path), Recipe)) from error


def _packaged() -> Traversable:
    return resources.files("hybrid_env") / "configs" / "recipe"
