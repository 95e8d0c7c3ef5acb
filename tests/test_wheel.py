"""The wheel alone, without the clone, is a working package."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = """
import sys, importlib.util
import gymnasium, numpy as np
import hybrid_env
from hybrid_env.baselines.registry import make_policy
from hybrid_env.scoring.evaluate import roll_year, year_batch
from hybrid_env.scoring.reference import stored_references
from hybrid_env.scoring.score import score
from hybrid_env.tasks import task_names, load_task
assert {folder!r} in hybrid_env.__file__, hybrid_env.__file__
for name in ("agents", "experiments", "benchmarks", "tests"):
    assert importlib.util.find_spec(name) is None, name
sys.path.append({root!r})  # for the tests' traces; the package itself is imported already
from tests.strategies import wild_trace
for name in task_names():
    task = load_task(name)
    site = task.site_model
    trace = wild_trace(1, site.interval_s, site.utc_offset_h)
    env = gymnasium.make(task.id, traces=[trace], horizon_rows=8)
    seen, _ = env.reset(seed=0)
    assert env.observation_space.contains(seen)
    for _ in range(8):
        seen, reward, terminated, truncated, _ = env.step(env.action_space.sample())
    assert truncated and np.isfinite(reward)
    references = stored_references(task)
    if references is None:
        continue
    rolled = roll_year(make_policy("breakeven"), year_batch(task, "test"))
    found = score(rolled.weekly_usd, references.naive(), references.bound())
    assert 0 < found < 1, found
    print(task.id, found)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"hybrid_env"}
    in_clone = subprocess.run(
        ["git", "ls-files", "hybrid_env"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    assert set(in_clone) <= set(names)
    for data in ("configs/site/texas_wind.yaml", "configs/task/texas_wind.yaml", "sites/catalogue.yaml"):
        assert f"hybrid_env/{data}" in names


@pytest.mark.slow
def test_the_wheel_alone_makes_and_steps_every_task_and_scores_a_rule(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "venv"
    venv.create(place, with_pip=False)
    paths = {"base": str(place), "platbase": str(place)}
    library = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    zipfile.ZipFile(wheel).extractall(library)
    installed = sysconfig.get_path("purelib")
    # dependencies come from here, but not the editable install of the clone
    (library / "dependencies.pth").write_text(f"import sys; sys.path.append({installed!r})\n", "utf-8")
    script = SCRIPT.format(folder=str(library), root=str(ROOT))
    python = Path(sysconfig.get_path("scripts", "venv", vars=paths)) / "python"
    done = subprocess.run([str(python), "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "hybrid_env/TexasWind-v0" in done.stdout
