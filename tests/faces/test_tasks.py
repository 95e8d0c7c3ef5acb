"""Tasks are data: a site, a market, and years that are kept apart."""

from __future__ import annotations

from pathlib import Path

import gymnasium
import pytest
import yaml
from pydantic import ValidationError

import hybrid_env
from hybrid_env.sites.base import SiteError
from hybrid_env.tasks import Task, load_task, register_tasks, task_names
from hybrid_env.traces import TraceError, load_trace, write_trace
from tests.strategies import wild_trace

GIVEN = {
    "name": "Mine", "version": 0, "site": "texas_wind", "market": "texas", "horizon_rows": 96, "train_seeds": [1],
    "validation_seeds": [2], "test_seeds": [3],
}  # fmt: skip


def test_every_packaged_task_is_registered_under_its_id() -> None:
    for name in task_names():
        assert load_task(name).id in gymnasium.registry


def test_registering_twice_changes_nothing() -> None:
    before = dict(gymnasium.registry)
    register_tasks()
    assert dict(gymnasium.registry) == before


def test_the_package_tells_its_tasks() -> None:
    assert "texas_wind" in hybrid_env.task_names()


def test_a_task_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(GIVEN))
    assert load_task(path).id == "hybrid_env/Mine-v0"
    assert load_task(path).site_model.name == "texas_wind"


WRONG = [
    ({"test_seeds": [1]}, r"must not overlap; used twice: \[1\]"),
    ({"horizon": 3}, "horizon.*unknown field"),
    ({"horizon_rows": 0}, r"horizon_rows.*greater than 0"),
    ({"train_seeds": []}, "train_seeds.*at least 1"),
    ({"name": "mine"}, "name.*mine"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=str)
def test_an_impossible_task_is_refused_by_file_and_field(tmp_path: Path, changes: dict, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(GIVEN | changes))
    with pytest.raises(SiteError, match=message) as caught:
        load_task(path)
    assert "mine.yaml" in str(caught.value)


def test_an_unknown_task_lists_those_there_are() -> None:
    with pytest.raises(SiteError, match=r"'mars'.*texas_wind"):
        load_task("mars")


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match=r"train, validation, test; found 'holdout'"):
        Task.model_validate(GIVEN).seeds("holdout")  # type: ignore[arg-type]


def test_splits_of_packaged_tasks_share_no_year() -> None:
    for name in task_names():
        task = load_task(name)
        years = [*task.train_seeds, *task.validation_seeds, *task.test_seeds]
        assert len(years) == len(set(years))


def test_a_packaged_tasks_file_is_named_as_its_folders() -> None:
    for name in task_names():
        assert load_task(name).slug == name


def test_a_missing_task_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"none\.yaml: no such file"):
        load_task(tmp_path / "none.yaml")


def test_trace_files_take_the_place_of_a_splits_years(tmp_path: Path) -> None:
    site = load_task("texas_wind").site_model
    path = write_trace(wild_trace(3, site.interval_s, site.utc_offset_h), tmp_path)
    task = Task.model_validate(GIVEN | {"trace_files": {"test": [str(path)]}})
    assert task.library("test").hashes == (load_trace(path).hash,)


def test_a_trace_file_must_be_made_for_the_site(tmp_path: Path) -> None:
    path = write_trace(wild_trace(3, 900, 1.0), tmp_path)
    task = Task.model_validate(GIVEN | {"trace_files": {"test": [str(path)]}})
    with pytest.raises(TraceError, match=r"made with utc_offset_h = 1, site texas_wind has -6"):
        task.library("test")


def test_splits_share_no_trace_file() -> None:
    files = {"test": ["a.npz"], "train": ["./a.npz"]}
    with pytest.raises(ValidationError, match=r"traces must not overlap"):
        Task.model_validate(GIVEN | {"trace_files": files})
    with pytest.raises(ValidationError, match=r"trace_files\.test names no file"):
        Task.model_validate(GIVEN | {"trace_files": {"test": []}})
