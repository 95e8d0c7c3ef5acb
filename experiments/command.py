"""What every programme shares: its configuration, composed and checked, and errors that people can act on.

A mistake ends in one message and exit status 2; anything else that goes wrong is a bug and shows its traceback.
"""

from __future__ import annotations

import errno
import re
import shlex
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.markup import escape

from agents.checkpoint import CheckpointError, CheckpointWarning
from agents.run import RunError
from experiments.missing import MISTAKE, missing_package
from hybrid_env.baselines.registry import PolicyError
from hybrid_env.batch import StateError
from hybrid_env.scoring.result import ResultError, explain
from hybrid_env.scoring.score import ScoreError
from hybrid_env.sites.base import SiteError
from hybrid_env.tasks import load_task
from hybrid_env.traces.market import MarketError
from hybrid_env.traces.schema import TraceError

CONFIGS = Path(__file__).parents[1] / "configs"
INTERRUPTED = 130

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 140)
problems = Console(stderr=True, highlight=False, soft_wrap=True)


class UserError(ValueError):
    """Something the user can put right; the message says what and how."""


class Settings(BaseModel):
    """A programme's configuration; unknown fields and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


S = TypeVar("S", bound=Settings)

EXPECTED = (
    UserError,
    ResultError,
    ScoreError,
    CheckpointError,
    RunError,
    PolicyError,
    SiteError,
    MarketError,
    TraceError,
    StateError,
)
"""Errors whose message is written for people."""

NOISE = ("Config search path", "provider=", "See https", "full_key", "object_type", "To append to your config")
"""Beginnings of Hydra's lines that help nobody."""

FIXES = {
    errno.ENOSPC: "the disk is full: free some space and run the same command again; what was finished is kept",
    errno.EDQUOT: "the disk quota is used up: free some space and try again; what was finished is kept",
    errno.EROFS: "the file system is read-only: name another folder",
    errno.EACCES: "no permission to write there: name another folder",
    errno.EPERM: "not permitted: name another folder",
    errno.ENOENT: "no such file or folder, and it cannot be made here: check the path",
    errno.EISDIR: "this is a folder, not a file: check the path",
    errno.ENOTDIR: "a part of this path is a file, not a folder: name another folder",
}


def run_programme(name: str, settings: type[S], main: Callable[[S], None], arguments: list[str] | None = None) -> None:
    """Compose `configs/<name>.yaml` with the command line, check it, and run `main`; exits on mistakes.

    Hydra's own options (`--help`, `--cfg job`, `-m` for sweeps...) work too.
    """
    given = sys.argv[1:] if arguments is None else arguments
    try:
        offer_own_tasks(given)
    except SiteError as error:
        fail(str(error))
    if any(argument.startswith("-") for argument in given):
        start = hydra.main(version_base="1.3", config_path=str(CONFIGS), config_name=name)
        start(lambda composed: _guarded(name, settings, main, composed))()
        return
    _guarded(name, settings, main, given)


def _guarded(name: str, settings: type[S], main: Callable[[S], None], source: DictConfig | list[str]) -> None:
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    try:
        composed = source if isinstance(source, DictConfig) else compose(name, source)
        main(check(settings, composed))
    except EXPECTED as error:
        fail(str(error))
    except (HydraException, OmegaConfBaseException) as error:
        fail(_hydra_message(error))
    except ImportError as error:
        message = missing_package(error)
        if message is None:
            raise
        fail(message)
    except OSError as error:
        if error.errno not in FIXES:
            raise
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{FIXES[error.errno]}")
    except KeyboardInterrupt:
        problems.print("stopped; run the same command again to go on")
        sys.exit(INTERRUPTED)


def offer_own_tasks(arguments: list[str]) -> None:
    """Let Hydra know the task files that `task=my_task.yaml` names, beside the packaged ones.

    Raises:
        SiteError: a file is missing or describes an impossible task.
    """
    for argument in arguments:
        name, _, value = argument.partition("=")
        if name != "task" or Path(value).suffix not in {".yaml", ".yml"}:
            continue
        task = load_task(value)
        *folders, file = [part for part in value.split("/") if part]
        node = {**task.model_dump(mode="json"), "real": task.real}
        ConfigStore.instance().store(file, node, group="/".join(["task", *folders]), package="task")


def task_arguments() -> str:
    """What was typed about the task, for a next command: `task=my_task.yaml`; empty if nothing was."""
    return " ".join(shlex.quote(typed) for typed in sys.argv[1:] if re.match(r"\+{0,2}task[.=]", typed))


def compose(name: str, overrides: list[str]) -> DictConfig:
    """The programme's configuration with overrides such as `task=texas_wind` or `agent.gamma=0.9`."""
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return hydra.compose(name, overrides=overrides)


def check(settings: type[S], composed: DictConfig) -> S:
    """The configuration as a checked model.

    Raises:
        UserError: a field is unknown, missing or impossible.
    """
    data: Any = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    try:
        return settings.model_validate(data)
    except ValidationError as error:
        raise UserError(explain(error, "configuration")) from error


def fail(message: str) -> None:
    """Print a mistake and leave."""
    problems.print(f"[bold red]error[/]: {escape(message)}")
    sys.exit(MISTAKE)


def _hydra_message(error: Exception) -> str:
    """Hydra's message on one line, with its cause where that says more."""
    parts = [line.strip() for line in str(error).splitlines()]
    cause = error.__cause__
    if cause is not None and str(cause) not in str(error):
        parts += [line.strip() for line in str(cause).splitlines()]
    kept = [part for part in dict.fromkeys(parts) if part and not part.startswith(NOISE)]
    text = "; ".join(kept).replace(":;", ":").replace(".;", ";")
    if "is not in struct" in text:
        text += "; `--cfg job` prints every field there is"
    return text


def _show_warning(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
    if issubclass(category, CheckpointWarning):
        problems.print(f"[bold yellow]warning[/]: {escape(str(message))}")
    else:
        problems.print(escape(f"{filename}:{lineno}: {category.__name__}: {message}"))
