"""The benchmark measures what it says, in both of its outputs."""

from __future__ import annotations

import json
import sys

import pytest

from benchmarks import throughput
from benchmarks.measure import Measure, side_by_side
from hybrid_env.sites.site import load_site

SITE = load_site("texas_wind")


def test_median_and_spread() -> None:
    found = Measure.of("x", "s", [3.0, 1.0, 2.0])
    assert (found.median, found.low, found.high, found.repeats) == (2.0, 1.0, 3.0, 3)


def test_sides_take_turns() -> None:
    order: list[str] = []
    side_by_side(lambda: float(order.append("a") or 1), lambda: float(order.append("b") or 2), 2)
    assert order == ["a", "b", "a", "b"]


def test_single_and_vector_are_compared_with_gymnasiums_own() -> None:
    measures = [*throughput.single(SITE, 1, 200), *throughput.vector(SITE, 4, 1, 400)]
    assert [m.unit for m in measures] == ["steps/s", "steps/s", "x", "site-steps/s", "site-steps/s", "x"]
    assert all(m.median is not None and m.median > 0 for m in measures)


def test_the_environments_share_of_training_is_a_share() -> None:
    share, rate = throughput.ppo_share(SITE, 1, updates=1)
    assert share.median is not None and 0 < share.median < 100
    assert rate.median is not None and rate.median > 0


def test_what_cannot_be_measured_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stable_baselines3", None)
    (found,) = throughput.ppo_share(SITE, 1)
    assert found.median is None and "skipped" in found.note


def test_json_and_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    measures = [Measure.of("x", "s", [1.0]), Measure.skipped("y", "s", "reasons")]
    monkeypatch.setattr(throughput, "run", lambda *_: measures)
    monkeypatch.setattr(throughput, "keep_to_one_core", lambda: "not pinned")
    monkeypatch.setattr(sys, "argv", ["throughput", "--json"])
    throughput.main()
    assert [m["name"] for m in json.loads(capsys.readouterr().out)["measures"]] == ["x", "y"]
    monkeypatch.setattr(sys, "argv", ["throughput"])
    throughput.main()
    assert "reasons" in capsys.readouterr().out
