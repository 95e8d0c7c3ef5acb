"""A user's mistake ends in one clear message and exit status 2, never in a traceback."""

from __future__ import annotations

import errno
import logging
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from agents.policy import Description
from experiments.command import MISTAKE, run_programme, task_arguments
from experiments.demo import DemoSettings
from experiments.evaluate import EvaluateSettings
from experiments.evaluate import main as evaluate_main
from experiments.forecast_skill import ForecastSettings
from experiments.forecast_skill import main as forecast_main
from experiments.leaderboard import LeaderboardSettings
from experiments.leaderboard import main as leaderboard_main
from experiments.missing import EXTRA_OF, missing_package
from experiments.references import ReferencesSettings
from experiments.stress import StressSettings
from experiments.stress import main as stress_main
from experiments.train import TrainSettings
from experiments.train import main as train_main
from tests.agents.tiny import overrides

PROGRAMMES = {
    "train": TrainSettings,
    "evaluate": EvaluateSettings,
    "leaderboard": LeaderboardSettings,
    "demo": DemoSettings,
    "references": ReferencesSettings,
    "stress": StressSettings,
    "forecast_skill": ForecastSettings,
}
ROOT = Path(__file__).parents[2]


def mistake(capsys: pytest.CaptureFixture[str], name: str, main, arguments: list[str]) -> str:
    """The message of a command that must fail."""
    with pytest.raises(SystemExit) as left:
        run_programme(name, PROGRAMMES[name], main, arguments)
    assert left.value.code == MISTAKE
    message = capsys.readouterr().err
    assert message.startswith("error: ") and "Traceback" not in message
    return message


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_packaged_configuration_of_every_programme_is_valid(name: str) -> None:
    seen = []
    run_programme(name, PROGRAMMES[name], seen.append, [])
    assert seen[0].task.id == "hybrid_env/TexasWind-v0"


def test_any_field_can_be_given_on_the_command_line() -> None:
    seen: list[TrainSettings] = []
    run_programme("train", TrainSettings, seen.append, ["agent=sac", "seed=7", "agent.learning_rate=1e-4"])
    assert (seen[0].agent.name, seen[0].seed, seen[0].agent.learning_rate) == ("sac", 7, 1e-4)


OWN_TASK = """
name: MySite
version: 0
site: texas_wind
market: texas
horizon_rows: 672
train_seeds: [1]
validation_seeds: [2]
test_seeds: [3]
real: texas
"""


@pytest.mark.parametrize(
    "written", ["my_task.yaml", "./my_task.yaml", "tasks/../my_task.yaml", "{folder}/my_task.yaml"]
)
@pytest.mark.parametrize("more", [[], ["--config-dir=."]])  # Hydra's own options take another way
def test_a_task_of_ones_own_is_named_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, more: list[str]
) -> None:
    (tmp_path / "tasks").mkdir()
    for ending in ("yaml", "yml"):
        (tmp_path / f"my_task.{ending}").write_text(OWN_TASK)
    monkeypatch.chdir(tmp_path)
    seen: list[TrainSettings] = []
    typed = [f"task={written.format(folder=tmp_path)}", "task.horizon_rows=96", *more]
    monkeypatch.setattr("sys.argv", ["train", *typed])
    run_programme("train", TrainSettings, seen.append)
    task = seen[0].task
    assert (task.id, task.horizon_rows, task.train_seeds, task.real) == ("hybrid_env/MySite-v0", 96, (1,), "texas")
    assert task_arguments() == " ".join(typed[:2])


@pytest.mark.parametrize(
    ("text", "named"), [(None, "no such file"), (OWN_TASK.replace("seeds: [2]", "seeds: [1]"), "overlap")]
)
def test_what_is_wrong_with_ones_own_task_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str | None, named: str
) -> None:
    if text is not None:
        (tmp_path / "my_task.yaml").write_text(text)
    message = mistake(capsys, "train", train_main, [f"task={tmp_path}/my_task.yaml"])
    assert "my_task.yaml" in message and named in message


@pytest.mark.parametrize(
    ("programme", "main", "where"), [("evaluate", evaluate_main, "results"), ("stress", stress_main, "folder")]
)
def test_an_agent_of_another_site_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, programme: str, main, where: str
) -> None:
    description = Description(
        agent={"name": "ppo"}, task="hybrid_env/TexasWind-v0", seed=0, run="0",
        observations=("hour_sin", "a_heliostat_deg"), training_seconds=0.0, training_steps=0,
    )  # fmt: skip
    (tmp_path / "policy.json").write_text(description.model_dump_json())
    message = mistake(capsys, programme, main, [f"run={tmp_path}", f"{where}={tmp_path}"])
    assert "another site than texas_wind" in message and "a_heliostat_deg" in message


@pytest.mark.parametrize(
    ("argument", "named"),
    [
        ("agent.gama=1", "gama"),
        ("agent=nothing", "sac"),
        ("task=nowhere", "texas_wind"),
        ("agent.gamma=high", "agent.ppo.gamma"),
        ("agent.actions.minning=0.1", "minning"),
        ("task.version=-1", "task.version"),
        ("task.test_seeds=[1001]", "overlap"),
        ("seed", "EQUAL"),
        ("seed=-1", "seed"),
    ],
)
def test_a_bad_override_is_named(capsys: pytest.CaptureFixture[str], argument: str, named: str) -> None:
    assert named in mistake(capsys, "train", train_main, [argument])


def test_an_unknown_policy_lists_the_known_ones(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    message = mistake(capsys, "evaluate", evaluate_main, ["policy=magic", f"results={tmp_path}"])
    assert "magic" in message and "breakeven" in message


@pytest.mark.parametrize("arguments", [[], ["policy=naive", "run=somewhere"]])
def test_evaluate_wants_a_policy_or_a_run(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert "either a policy" in mistake(capsys, "evaluate", evaluate_main, arguments)


def test_a_folder_without_a_trained_policy_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert str(tmp_path) in mistake(capsys, "evaluate", evaluate_main, [f"run={tmp_path}"])


def test_a_leaderboard_without_results_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "no result files" in mistake(capsys, "leaderboard", leaderboard_main, [f"results={tmp_path}"])


def test_a_folder_that_cannot_be_made_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = mistake(capsys, "train", train_main, [*overrides(), f"runs={tmp_path / 'file'}"])
    assert str(tmp_path / "file") in message


def test_a_full_disk_says_that_nothing_is_lost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "checkpoint.pt")

    monkeypatch.setattr(os, "replace", full)
    message = mistake(capsys, "train", train_main, [*overrides(), f"runs={tmp_path}"])
    assert "disk is full" in message and "checkpoint.pt" in message
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_missing_package_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Both as the package says it and where nobody has put it into words."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # no forecast is kept there
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    years = ["task.train_seeds=[1001]", "task.validation_seeds=[2001]"]
    arguments = [*years, "methods=[learned]", f"folder={tmp_path}"]
    message = mistake(capsys, "forecast_skill", forecast_main, arguments)
    assert message == 'error: learned forecasts need scikit-learn: pip install "hybrid-env[forecast]"\n'

    def other(_: object) -> None:
        raise ModuleNotFoundError("No module named 'pvlib.solarposition'", name="pvlib.solarposition")

    message = mistake(capsys, "train", other, [])
    assert "needs the package pvlib" in message and 'pip install "hybrid-env[data]"' in message


def test_what_is_missing_from_the_project_itself_is_a_bug_and_shows_its_traceback() -> None:
    def broken(_: object) -> None:
        from hybrid_env import nothing_of_that_name  # noqa: F401  # pyright: ignore

    with pytest.raises(ImportError, match="nothing_of_that_name"):
        run_programme("train", TrainSettings, broken, [])
    assert missing_package(ModuleNotFoundError("No module named 'agents.x'", name="agents.x")) is None
    assert missing_package(ImportError("cannot import name 'x' from 'torch'", name="torch")) is None


@pytest.mark.parametrize(("package", "extra"), [("hydra", "run"), ("rich", "run"), ("torch", "train")])
def test_a_package_that_a_programme_imports_first_of_all_is_named_in_a_line(
    package: str, extra: str, tmp_path: Path
) -> None:
    """Before the programme can catch anything: `python -m experiments.train` with a package that is not there."""
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules[{package!r}] = None\n", "utf-8")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    command = [sys.executable, "-m", "experiments.train"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
    said = f'error: this needs the package {package}, which is not installed: pip install "hybrid-env[{extra}]"\n'
    assert (done.returncode, done.stderr) == (MISTAKE, said)


def test_every_extra_that_is_named_holds_the_package() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    distribution = {"sklearn": "scikit-learn", "hydra": "hydra-core"}
    for package, extra in EXTRA_OF.items():
        wanted = distribution.get(package, package.replace("_", "-"))
        assert any(re.split("[><=~]", line)[0] == wanted for line in extras[extra]), (package, extra)


def test_a_programme_leaves_the_package_its_voice() -> None:
    """Loggers that are there before Hydra starts still warn, of a damaged cache for one."""
    logger = logging.getLogger("hybrid_env.traces.library")
    run_programme("evaluate", PROGRAMMES["evaluate"], lambda settings: None, ["policy=naive"])
    assert not logger.disabled
