"""Test years are stated by hash, drawn again the same, and never trained on."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from hybrid_env.held_out import HeldOut, check_files, check_years, held_out_file, read_held_out, stated_years
from hybrid_env.scoring.reference import stored_references
from hybrid_env.sites.base import SiteError
from hybrid_env.tasks import Task, load_task, task_names
from hybrid_env.traces import TraceError, write_trace
from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.market import load_market
from hybrid_env.traces.store import stated_hash
from tests.strategies import wild_trace

WRITE = "python -m experiments.held_out"


@pytest.mark.parametrize("name", task_names())
def test_every_registered_task_states_its_test_years(name: str) -> None:
    task = load_task(name)
    entry = stated_years().get(task.id)
    assert entry is not None, f"{WRITE} writes {held_out_file()}"
    assert (entry.site, entry.market, tuple(entry.years)) == (task.site, task.market, task.test_seeds)


@pytest.mark.parametrize("name", task_names())
def test_a_test_year_drawn_again_is_the_stated_one(name: str) -> None:
    """Drawn, not read from a cache."""
    task = load_task(name)
    site, seed = task.site_model, task.test_seeds[0]
    year = generate_year(load_market(task.market), seed, site.meter.import_limit_mw, site.interval_s, site.utc_offset_h)
    assert year.hash == stated_years()[task.id].years[seed], f"meant? raise the task's version and run {WRITE}"


def test_no_file_states_a_task_that_is_not_registered() -> None:
    assert set(stated_years()) == {load_task(name).id for name in task_names()}


def test_stored_references_are_of_the_stated_years() -> None:
    for task in map(load_task, task_names()):
        references = stored_references(task)
        if references is not None:
            assert set(references.trace_hashes.values()) == set(stated_years()[task.id].years.values())


def test_a_year_that_came_out_otherwise_is_refused_with_both_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    task = load_task("texas_wind")
    entry = HeldOut(site="texas_wind", market="texas", years={3002: "0123456789abcdef"})
    monkeypatch.setattr("hybrid_env.tasks.stated_years", lambda: {task.id: entry})
    with pytest.raises(TraceError, match=r"texas/3002 has hash [0-9a-f]{16}, but .* states 0123456789abcdef.*version"):
        task.library("test")


def test_ones_own_variant_of_a_task_and_other_seeds_are_held_to_nothing() -> None:
    year = wild_trace(1)
    entries = {"a": HeldOut(site="texas_wind", market="texas", years={1: "0123456789abcdef"})}
    check_years(entries, "a", "texas_wind", "mine.yaml", [1], [year])
    check_years(entries, "b", "texas_wind", "texas", [1], [year])
    check_years(entries, "a", "texas_wind", "texas", [2], [year])
    with pytest.raises(TraceError):
        check_years(entries, "a", "texas_wind", "texas", [1], [year])


@pytest.mark.parametrize("split", ["train_seeds", "validation_seeds"])
def test_nobody_trains_or_chooses_on_a_registered_test_year(split: str) -> None:
    data = load_task("texas_wind").model_dump() | {"test_seeds": (9,), split: (3001, 7)}
    with pytest.raises(ValidationError, match=r"must not be test years of hybrid_env/TexasWind-v0; found \[3001\]"):
        Task.model_validate(data)
    assert Task.model_validate(data | {"version": 7}).seeds("test") == (9,)


def test_a_trace_under_two_names_is_in_one_split_only(tmp_path: Path) -> None:
    site = load_task("texas_wind").site_model
    trace = wild_trace(1, site.interval_s, site.utc_offset_h)
    files = {"train": [str(write_trace(trace, tmp_path / "a"))], "test": [str(write_trace(trace, tmp_path / "b"))]}
    task = load_task("texas_wind").model_copy(update={"trace_files": files})
    for split in ("train", "test"):
        with pytest.raises(TraceError, match=rf"\(test\) and .* \(train\) hold the same trace {trace.hash}"):
            task.library(split)
    assert stated_hash(files["train"][0]) == trace.hash


def test_a_saved_test_year_is_no_training_trace(tmp_path: Path) -> None:
    trace = wild_trace(2)
    path = str(write_trace(trace, tmp_path))
    entries = {"a": HeldOut(site="s", market="m", years={1: trace.hash})}
    with pytest.raises(TraceError, match="is a test year of a; it cannot be in the validation split"):
        check_files(entries, {"validation": [path]})
    check_files(entries, {"test": [path]})


def test_a_damaged_file_of_hashes_names_itself_and_the_command(tmp_path: Path) -> None:
    path = tmp_path / "held_out.yaml"
    assert read_held_out(path) == {}
    path.write_text("hybrid_env/X-v0: {site: a, market: b}\n")
    with pytest.raises(SiteError, match=rf"held_out\.yaml.*years(.|\n)*{WRITE}"):
        read_held_out(path)
