"""Forecast methods know nothing but their past, are the same every time, and are kept apart from the reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hybrid_env.tasks import Task, load_task
from hybrid_env.traces.forecast import LEADS, day_ahead_known_until
from hybrid_env.traces.forecasting import METHOD_NAMES, METHODS, Learned, kept, learned, make_forecaster, reissue
from hybrid_env.traces.forecasting.features import WARM_UP_H
from hybrid_env.traces.forecasting.past import latest_known, truth_at_leads
from hybrid_env.traces.forecasting.skill import measure
from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES, Trace, TraceError
from hybrid_env.traces.store import load_trace, write_trace
from tests.traces.forecast_years import DAYS, OFFSET_H, START, columns_of, trace_of

WIND, LOAD = FORECAST_VARIABLES.index("wind_cf"), FORECAST_VARIABLES.index("system_load_mw")


@pytest.fixture(scope="module")
def training() -> tuple[Trace, ...]:
    return tuple(trace_of(columns_of(seed), f"made/{seed}") for seed in (1, 2))


@pytest.fixture(scope="module")
def year() -> Trace:
    return trace_of(columns_of(3), "made/3")


@pytest.fixture(autouse=True)
def few_small_trees(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fewer trees, so that tests are quick, and forecasts kept in a folder of the tests' own."""
    monkeypatch.setitem(learned.TREES, "max_iter", 10)
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.mark.parametrize("cut_hour", [WARM_UP_H + 7, WARM_UP_H + 15])  # before and after tomorrow's prices are out
@pytest.mark.parametrize("name", METHOD_NAMES)
def test_what_comes_after_an_issue_moves_no_forecast_but_the_references(
    name: str, cut_hour: int, training: tuple[Trace, ...], year: Trace
) -> None:
    before, other = columns_of(3), columns_of(4)
    published = int(day_ahead_known_until(START, OFFSET_H, DAYS * 24)[cut_hour])
    after = {}
    for column, values in before.items():
        first = 4 * (published if column == "price_da_usd_per_mwh" else cut_hour)
        first += 1 if column == "price_lmp_usd_per_mwh" else 0  # is out as its interval starts
        after[column] = np.concatenate([values[:first], other[column][first:]])
    issued = year.forecast.copy()
    issued[cut_hour + 1 :] = issued[cut_hour + 1 :][::-1]
    changed = trace_of(after, "made/changed", issued)
    forecaster = make_forecaster(name, training)
    one, two = reissue(year, forecaster).forecast, reissue(changed, forecaster).forecast
    same = np.array_equal(one[: cut_hour + 1], two[: cut_hour + 1])
    assert same != METHODS[name].reference  # type: ignore[index]
    assert not np.array_equal(one[cut_hour + 1 :], two[cut_hour + 1 :])


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_a_trace_forecast_anew_differs_in_nothing_else(name: str, training: tuple[Trace, ...], year: Trace) -> None:
    again = reissue(year, make_forecaster(name, training))
    np.testing.assert_array_equal(again.rows, year.rows)
    np.testing.assert_array_equal(again.jobs, year.jobs)
    assert again.forecast.dtype == np.float32 and again.forecast.shape == year.forecast.shape
    # `day_ahead` is the rule that this trace was forecast by in the first place
    assert (again.hash == year.hash) == (name in ("as_issued", "day_ahead"))
    assert again.name == (year.name if name == "as_issued" else f"{year.name}@{name}")


def test_forecasts_are_stored_and_read_as_issued(tmp_path: Path, year: Trace) -> None:
    again = reissue(year, make_forecaster("seasonal"))
    np.testing.assert_array_equal(load_trace(write_trace(again, tmp_path)).forecast, again.forecast)


def test_the_latest_known_value_is_whole_periods_before_its_target() -> None:
    series = np.arange(100.0)
    known = latest_known(series, np.arange(100), 24, -1.0)
    lead = FORECAST_LEADS_H.index(36)
    assert known[60, 0] == 36 and known[60, lead] == 48 and known[60, FORECAST_LEADS_H.index(24)] == 36
    assert known[10, 0] == 9 and known[0, 0] == -1.0  # less than a period is known; nothing is


def test_persistence_and_seasonal_by_hand(year: Trace) -> None:
    wind = year.rows["wind_cf"].reshape(-1, 4).mean(axis=1)
    load = year.rows["system_load_mw"].reshape(-1, 4).mean(axis=1)
    issue, lead = 300, FORECAST_LEADS_H.index(5)
    np.testing.assert_allclose(make_forecaster("persistence").forecast(year)[issue, WIND], wind[issue - 1])
    seasonal = make_forecaster("seasonal").forecast(year)
    assert seasonal[issue, WIND, lead] == pytest.approx(wind[issue + 5 - 24])
    assert seasonal[issue, LOAD, lead] == pytest.approx(load[issue + 5 - 168])


def test_perfect_forecasts_are_what_comes(year: Trace) -> None:
    rows = measure(make_forecaster("perfect"), [year], [], banded=False)
    assert max(row.mae for row in rows) < 1e-9
    assert METHODS["perfect"].reference and sum(method.reference for method in METHODS.values()) == 1


def test_truth_ends_with_the_trace(year: Trace) -> None:
    truth = truth_at_leads(year)
    assert np.isfinite(truth[: -LEADS[-1]]).all()
    assert np.isnan(truth[-1, :, 1:]).all() and np.isfinite(truth[-1, :, 0]).all()


def test_learned_forecasts_are_the_same_when_trained_anew(
    training: tuple[Trace, ...], year: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_path", lambda name: None)  # nothing is kept: both are trained
    one, two = Learned(training).forecast(year), Learned(training).forecast(year)
    np.testing.assert_array_equal(one, two)


def test_kept_forecasts_are_read_and_damaged_ones_made_again(
    training: tuple[Trace, ...], year: Trace, few_small_trees: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Learned(training).forecast(year)
    (path,) = (few_small_trees / "hybrid_env" / "forecasts").iterdir()
    trained = []
    fit = learned._fit
    monkeypatch.setattr(learned, "_fit", lambda *args: trained.append(1) or fit(*args))
    np.testing.assert_array_equal(Learned(training).forecast(year), first)
    assert not trained
    path.write_bytes(path.read_bytes()[:500])
    np.testing.assert_array_equal(Learned(training).forecast(year), first)
    assert trained


def test_learned_forecasts_beat_persistence_on_a_year_they_have_not_seen(
    training: tuple[Trace, ...], year: Trace
) -> None:
    rows = {
        (row.method, row.variable, row.lead_h): row
        for name in ("persistence", "learned")
        for row in measure(make_forecaster(name, training), [year], training)
    }
    for variable in ("price_usd_per_mwh", "system_load_mw"):
        for lead in (1, 6, 12):
            assert rows["learned", variable, lead].mae < rows["persistence", variable, lead].mae
    covered = [row.covered for (method, *_), row in rows.items() if method == "learned" and row.variable != "solar_cf"]
    assert all(c is not None and 0.4 < c < 1 for c in covered)


def test_no_training_year_is_forecast_by_trees_that_saw_it(training: tuple[Trace, ...]) -> None:
    together, alone = Learned(training), Learned(training[1:])
    np.testing.assert_array_equal(together.forecast(training[0]), alone.forecast(training[0]))
    with pytest.raises(TraceError, match="only training trace"):
        alone.forecast(training[1])


def test_a_method_that_learns_needs_something_to_learn_from() -> None:
    with pytest.raises(TraceError, match="at least one training trace"):
        make_forecaster("learned")
    with pytest.raises(TraceError, match="known: as_issued, persistence"):
        make_forecaster("oracle")


def test_without_the_library_the_message_says_what_to_install(
    training: tuple[Trace, ...], year: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(ImportError, match=r"hybrid-env\[forecast\]"):
        Learned(training).forecast(year)


def test_a_task_may_name_who_forecasts(tmp_path: Path, training: tuple[Trace, ...], year: Trace) -> None:
    files = [str(write_trace(trace, tmp_path)) for trace in (*training, year)]
    task = load_task("texas_wind").model_copy(
        update={"trace_files": {"train": tuple(files[:2]), "validation": (files[2],)}}
    )
    assert task.forecasts == "as_issued" and task.library("validation").hashes == (year.hash,)
    taught = Task.model_validate(task.model_dump() | {"forecasts": "learned"}).library("validation").traces[0]
    expected = reissue(year, Learned(training))
    assert taught.hash == expected.hash != year.hash and taught.name.endswith("@learned")
