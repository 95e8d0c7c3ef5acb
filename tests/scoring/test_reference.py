"""The stored references belong to the task as it is, and stand in the order that makes sense."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.naive import Naive
from hybrid_env.scoring.evaluate import roll_year, year_batch
from hybrid_env.scoring.reference import stored_references, stored_results
from hybrid_env.scoring.score import References, check_comparable, reference_lines, score
from hybrid_env.tasks import load_task, task_names

BEST_RULE_OVER_P24 = 0.95
"""A task whose best rule takes more than this share of what a day's foresight takes leaves nothing to learn."""


SCORED = [name for name in task_names() if stored_references(load_task(name)) is not None]
"""Tasks whose references are stored; the others make and train, and say that scores need `experiments.references`."""


@pytest.fixture(scope="module", params=SCORED)
def references(request: pytest.FixtureRequest) -> References:
    found = stored_references(load_task(request.param))
    assert found is not None
    return found


def test_references_of_one_version_are_never_another_versions() -> None:
    assert "texas_wind" in SCORED
    for name in SCORED:
        found = stored_references(load_task(name))
        assert found is not None and found.task == load_task(name).id


def task_of(references: References):
    return next(task for task in map(load_task, task_names()) if task.id == references.task)


def test_they_belong_to_the_site_and_years_of_today(references: References) -> None:
    task = task_of(references)
    library = task.library("test")
    assert references.site_hash == task.site_model.hash
    assert references.trace_hashes == dict(zip(library.names, library.hashes, strict=True))


def test_the_simulator_of_today_earns_what_was_stored_for_naive(references: References) -> None:
    weeks = 3
    batch = year_batch(task_of(references), "test", weeks + 1)
    rolled = roll_year(Naive(), batch, weeks, shown_week=0)
    np.testing.assert_allclose(rolled.weekly_usd, references.naive()[:, :weeks], rtol=1e-12)


def test_naive_day_foresight_reachable_and_bound_stand_in_that_order(references: References) -> None:
    lines = reference_lines(references)
    naive, p24, reachable, bound = (lines[name] for name in ("naive", "P24", "R*", "bound"))
    assert naive == 0 < p24 < reachable < bound == 1


def test_stored_controllers_are_comparable_and_mpc_lies_between_the_best_rule_and_p24(references: References) -> None:
    results = {result.policy: result for result in stored_results(task_of(references))}
    for result in results.values():
        check_comparable(result, references)
    assert set(results) == {"mpc", "P24", "R*"}
    assert results["mpc"].weekly().sum() < results["P24"].weekly().sum() < results["R*"].weekly().sum()


@pytest.mark.slow
def test_the_task_leaves_something_to_learn(references: References) -> None:
    task = task_of(references)
    rule = roll_year(MarketClearing(), year_batch(task, "test")).weekly_usd
    of_rule = score(rule, references.naive(), references.bound())
    mpc = next(result for result in stored_results(task) if result.policy == "mpc")
    assert of_rule <= BEST_RULE_OVER_P24 * reference_lines(references)["P24"]
    assert of_rule < score(mpc.weekly(), references.naive(), references.bound())
