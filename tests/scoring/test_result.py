"""Result files: written whole, read strictly, refused with a message that helps."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import pytest
from pydantic import ValidationError

from hybrid_env.scoring.result import ResultError, WeekTrace, load_result, load_results, write_atomically
from tests.scoring.made_up import provenance, result, week_trace, weeks


def edited(path: Path, **changes: object) -> Path:
    """The file with some top-level fields changed (or removed, where the value is `...`)."""
    data = json.loads(path.read_text())
    data.update(changes)
    path.write_text(json.dumps({key: value for key, value in data.items() if value is not ...}))
    return path


def test_a_run_comes_back_equal_from_its_file(tmp_path: Path) -> None:
    run = result()
    assert load_result(run.save(tmp_path)) == run


def test_money_survives_the_file_to_the_bit(tmp_path: Path) -> None:
    run = result(weekly=weeks(3, 1 / 3, 1e-3))
    assert load_result(run.save(tmp_path)).weekly().tobytes() == run.weekly().tobytes()


@pytest.mark.parametrize("kept", [0, 1, 100, 5_000, -1])
def test_a_file_cut_short_is_refused_and_named(tmp_path: Path, kept: int) -> None:
    path = result().save(tmp_path)
    path.write_text(path.read_text()[:kept])
    with pytest.raises(ResultError, match=rf"{path.name}.*cut short.*run the evaluation again"):
        load_result(path)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00binary", pickle.dumps({"a": 1}), b"[1, 2]", b"null", b"{}", b"[" * 100_000]
)
def test_what_is_no_result_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    with pytest.raises(ResultError, match=r"odd\.json"):
        load_result(path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="no such file; check the path"):
        load_result(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema_version": 99}, "schema_version: found 99, this version reads 1"),
        ({"schema_version": ...}, "schema_version: found None"),
        ({"surprise": 1}, "surprise: .*unknown field"),
        ({"provenance": ...}, "provenance: .*incomplete"),
        ({"seed": "0"}, "seed: .*found '0'"),
        ({"seed": -1}, "seed: .*found -1"),
        ({"kind": "oracle"}, "kind: .*'rule'"),
        ({"policy": "../../etc"}, "policy: .*found '../../etc'"),
        ({"decision_latency_ms": float("nan")}, "decision_latency_ms: .*finite"),
        ({"decision_latency_ms": float("inf")}, "decision_latency_ms: .*finite"),
        ({"weekly_usd": [[1.0], [1.0, 2.0]]}, "same number of weeks"),
        ({"weekly_usd": [[1.0]]}, "1 rows for 2 worlds"),
        ({"weekly_usd": []}, "0 rows for 2 worlds"),
        ({"worlds": ["made_up/1", "made_up/1"]}, "occurs twice"),
        ({"worlds": ["made_up/1", "made_up/3"]}, "trace_hashes must name exactly"),
        ({"accounts_usd": {"mining": 5.0}}, "some money is in no account"),
    ],
)
def test_an_impossible_field_is_named_with_its_fix(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    path = edited(result().save(tmp_path), **changes)
    with pytest.raises(ResultError, match=message) as caught:
        load_result(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 2_000


def test_an_interrupted_write_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = result()
    path = run.save(tmp_path)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, "half a fi")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_saving_twice_replaces_the_file(tmp_path: Path) -> None:
    first, second = result(weekly=weeks(1, 1.0, 1.0)), result(weekly=weeks(2, 1.0, 1.0))
    assert first.save(tmp_path) == second.save(tmp_path)
    assert load_results(tmp_path) == [second]


def test_a_folder_without_results_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="no result files"):
        load_results(tmp_path)


def test_one_run_in_two_files_is_refused(tmp_path: Path) -> None:
    path = result().save(tmp_path)
    (tmp_path / "copy.json").write_text(path.read_text())
    with pytest.raises(ResultError, match="same task, policy and seed"):
        load_results(tmp_path)


def test_files_of_different_seeds_and_policies_do_not_collide(tmp_path: Path) -> None:
    runs = [result("a", 0), result("a", 1), result("b", 0), result("R*", 0)]
    assert len({run.save(tmp_path) for run in runs}) == 4
    assert sorted(run.policy for run in load_results(tmp_path)) == ["R*", "a", "a", "b"]


def test_times_must_be_utc() -> None:
    with pytest.raises(ValidationError, match="UTC"):
        provenance(created_utc="2024-08-05T00:00:00")
    with pytest.raises(ValidationError, match="UTC"):
        WeekTrace.model_validate({**week_trace().model_dump(), "start_utc": "2024-08-05T00:00:00+09:00"})


def test_a_week_with_columns_of_different_length_is_refused() -> None:
    values = {**week_trace().model_dump(), "soc_mwh": (1.0, 2.0)}
    with pytest.raises(ValidationError, match="soc_mwh has 2 entries"):
        WeekTrace.model_validate(values)


def test_the_imbalance_of_a_week_is_what_supply_and_use_differ_by() -> None:
    week = week_trace()
    assert week.imbalance_mw() < 1e-3
    broken = WeekTrace.model_validate({**week.model_dump(), "mining_mw": tuple(mw + 2.0 for mw in week.mining_mw)})
    assert broken.imbalance_mw() == pytest.approx(2.0, abs=1e-3)
