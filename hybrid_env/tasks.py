"""Tasks: a site, a market that makes its years, and which years are for training, validation and testing."""

from __future__ import annotations

import re
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Literal, get_args

import gymnasium
from pydantic import Field, ValidationError, model_validator

from hybrid_env.held_out import check_files, check_seeds, check_years, stated_years
from hybrid_env.sites.base import SiteError, SiteModel
from hybrid_env.sites.explain import explain, read_yaml
from hybrid_env.sites.site import Site, load_site
from hybrid_env.traces.forecasting import METHODS, MethodName, reissue_years
from hybrid_env.traces.library import Library, load_or_generate
from hybrid_env.traces.market import load_market
from hybrid_env.traces.schema import Trace, TraceError
from hybrid_env.traces.store import load_trace

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

WEEKS = 52
"""An evaluation rolls a year of consecutive weeks, state carried over."""


class Task(SiteModel):
    """What is registered as `hybrid_env/<name>-v<version>`. Anything that changes a score raises the version."""

    name: str = Field(pattern=r"^[A-Z][A-Za-z0-9]*$")
    version: int = Field(ge=0)
    description: str = ""
    site: str
    """Name of a packaged site or path of a YAML file."""
    market: str
    """Name of a packaged market or path of a YAML file."""
    horizon_rows: int = Field(gt=0, le=35_040)
    """Length of a training episode."""
    train_seeds: tuple[int, ...] = Field(min_length=1)
    validation_seeds: tuple[int, ...] = Field(min_length=1)
    test_seeds: tuple[int, ...] = Field(min_length=1)
    trace_files: dict[Split, tuple[str, ...]] = {}
    """Trace files (`.npz`, as `import_data` writes them) that take the place of a split's generated years."""
    forecasts: MethodName = "as_issued"
    """Who forecasts; anything but `as_issued` puts other forecasts into every year, which then has another hash."""
    real: str | None = Field(default=None, exclude=True)
    """Name of the packaged recipe, or path of one, that makes the site's real years from public series; None where
    there are none. Decides nothing by itself: it is no part of what names a training run."""

    @model_validator(mode="after")
    def _splits_are_apart(self) -> Task:
        seeds = [*self.train_seeds, *self.validation_seeds, *self.test_seeds]
        twice = {s for s in seeds if seeds.count(s) > 1}
        if twice:
            raise ValueError(f"train, validation and test years must not overlap; used twice: {sorted(twice)}")
        files = [Path(file).resolve() for split in self.trace_files.values() for file in split]
        again = sorted(str(file) for file in set(files) if files.count(file) > 1)
        if again:
            raise ValueError(f"train, validation and test traces must not overlap; used twice: {again[0]}")
        check_seeds(stated_years(), self.id, self.site, self.market, [*self.train_seeds, *self.validation_seeds])
        empty = [split for split, names in self.trace_files.items() if not names]
        if empty:
            raise ValueError(f"trace_files.{empty[0]} names no file; leave the split out to have generated years")
        return self

    @property
    def id(self) -> str:
        """The Gymnasium id."""
        return f"hybrid_env/{self.name}-v{self.version}"

    @property
    def slug(self) -> str:
        """Name of its folders and, for packaged tasks, of its file: `texas_wind`; a version above 0 is said (`_v1`)."""
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()
        return name if self.version == 0 else f"{name}_v{self.version}"

    @cached_property
    def site_model(self) -> Site:
        """The site."""
        return load_site(self.site)

    def seeds(self, split: Split) -> tuple[int, ...]:
        """Years of a split.

        Raises:
            ValueError: no such split.
        """
        if split not in SPLITS:
            raise ValueError(f"split must be one of {', '.join(SPLITS)}; found {split!r}")
        return {"train": self.train_seeds, "validation": self.validation_seeds, "test": self.test_seeds}[split]

    def library(self, split: Split) -> Library:
        """The split's years: its trace files, else generated on first use and then read from the cache; forecast anew
        where `forecasts` says so, by what the training split teaches.

        Raises:
            TraceError: a trace file is damaged, or its interval or offset is not the site's, or two splits hold the
                same trace; or a test year is not the one that is stated of the task (`held_out`).
            ImportError: learned forecasts need scikit-learn.
        """
        library = self._as_issued(split)
        if self.forecasts == "as_issued":
            return library
        training = self._as_issued("train").traces if METHODS[self.forecasts].learns else ()
        return Library.of(reissue_years(library.traces, self.forecasts, training))

    def _as_issued(self, split: Split) -> Library:
        site = self.site_model
        if split in self.trace_files:
            check_files(stated_years(), self.trace_files)
            return Library.of(tuple(_own_trace(file, site) for file in self.trace_files[split]))
        market = load_market(self.market)
        years = tuple(
            load_or_generate(
                market, seed, site_import_limit_mw=site.meter.import_limit_mw, interval_s=site.interval_s,
                utc_offset_h=site.utc_offset_h,
            )
            for seed in self.seeds(split)
        )  # fmt: skip
        if split == "test":
            check_years(stated_years(), self.id, self.site, self.market, self.test_seeds, years)
        return Library.of(years)


def _own_trace(file: str, site: Site) -> Trace:
    trace = load_trace(file)
    for name in ("interval_s", "utc_offset_h"):
        mine, theirs = getattr(site, name), getattr(trace, name)
        if mine != theirs:
            raise TraceError(
                f"{file}: was made with {name} = {theirs:g}, site {site.name} has {mine:g}; make the trace again"
                f" with the site's"
            )
    return trace


def load_task(source: str | Path) -> Task:
    """Read a task by the name of its packaged file (`"texas_wind"`) or from a YAML file.

    Raises:
        SiteError: the file is missing or describes an impossible task.
    """
    path = Path(source)
    if path.suffix in {".yaml", ".yml"}:
        try:
            text, origin = path.read_text("utf-8"), str(path)
        except FileNotFoundError as error:
            raise SiteError(f"{path}: no such file; check the path") from error
        except (OSError, UnicodeDecodeError) as error:
            raise SiteError(f"{path}: cannot be read as a UTF-8 text file ({error})") from error
    else:
        packaged = resources.files("hybrid_env") / "configs" / "task" / f"{source}.yaml"
        if not packaged.is_file():
            raise SiteError(
                f"no task named {str(source)!r}; packaged tasks: {', '.join(task_names())};"
                " or give the path of a .yaml file"
            )
        text, origin = packaged.read_text("utf-8"), str(packaged)
    try:
        return Task.model_validate(read_yaml(text, origin))
    except ValidationError as error:
        raise SiteError(explain(error, origin, Task)) from error


def task_names() -> list[str]:
    """Names of the packaged tasks."""
    folder = resources.files("hybrid_env") / "configs" / "task"
    return sorted(p.name[:-5] for p in folder.iterdir() if p.name.endswith(".yaml"))


def register_tasks() -> None:
    """Register every packaged task with Gymnasium; the environment truncates by itself, so no time limit is added."""
    for name in task_names():
        task_id = load_task(name).id
        if task_id not in gymnasium.registry:
            gymnasium.register(
                task_id, entry_point="hybrid_env.env:HybridEnv",
                vector_entry_point="hybrid_env.vector_env:HybridVectorEnv", kwargs={"task": name},
            )  # fmt: skip
