"""Traces are shared, padded for the kernel, cached safely, and survive their files."""

import logging
import pickle
import stat

import numpy as np
import pytest

from hybrid_env.traces import library as library_module
from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.library import Library, cache_folder, load_or_generate
from hybrid_env.traces.market import load_market
from hybrid_env.traces.schema import TraceError, build_trace
from hybrid_env.traces.store import load_trace, write_trace


@pytest.fixture(scope="module")
def year():
    return generate_year(load_market("texas"), 5, 100.0, interval_s=3600)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, and a process that has made nothing yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(library_module, "_years", {})
    return tmp_path / "hybrid_env" / "traces"


def forget(monkeypatch):
    monkeypatch.setattr(library_module, "_years", {})


def make(seed=5):
    return load_or_generate("texas", seed, 100.0, interval_s=3600)


def shortened(trace, hours):
    columns = {name: trace.rows[name][:hours] for name in ("price_rt_usd_per_mwh", "price_lmp_usd_per_mwh")}
    columns |= {name: trace.rows[name][:hours] for name in ("price_da_usd_per_mwh", "btc_usd", "difficulty")}
    jobs = trace.jobs[trace.jobs["arrival_row"] < hours].copy()
    return build_trace("short", trace.start, 3600, -6, columns, jobs, trace.forecast[:hours])


def test_a_shorter_trace_is_padded_and_its_length_kept(year):
    short = shortened(year, 100)
    library = Library([year, short])
    assert library.rows.shape == (2, len(year)) and library.length.tolist() == [len(year), 100]
    assert (library.rows[1, 100:] == library.rows[1, 99]).all()
    assert library.forecast.shape[:2] == (2, len(year.forecast))


def test_jobs_are_found_by_their_trace(year):
    short = shortened(year, 200)
    library = Library([short, year])
    first, second, third = library.job_start
    np.testing.assert_array_equal(library.jobs[first:second], short.jobs)
    np.testing.assert_array_equal(library.jobs[second:third], year.jobs)


def test_a_librarys_traces_are_views_of_its_arrays(year):
    library = Library([year])
    assert np.shares_memory(library.traces[0].rows, library.rows)
    assert library.traces[0].hash == year.hash == library.hashes[0]


def test_a_librarys_arrays_are_read_only(year):
    with pytest.raises(ValueError, match="read-only"):
        Library([year]).rows["btc_usd"][0, 0] = 1


def test_traces_of_different_intervals_do_not_share_a_library(year):
    other = generate_year(load_market("texas"), 5, 100.0, interval_s=900)
    with pytest.raises(TraceError, match=r"3600 s.*900 s|900 s.*3600 s"):
        Library([year, other])


def test_an_empty_library_is_refused():
    with pytest.raises(TraceError, match="at least one"):
        Library([])


def test_the_same_traces_give_the_same_library(year):
    library = Library.of([year])
    assert Library.of([year]) is library
    assert pickle.loads(pickle.dumps(library)) is library


def test_a_generated_year_is_cached_and_read_back_the_same(cache, monkeypatch):
    made = make()
    assert len(list(cache.glob("*.npz"))) == 1
    forget(monkeypatch)
    monkeypatch.setattr(library_module, "generate_year", None)  # a second drawing would fail
    assert make().hash == made.hash


def test_a_process_holds_each_year_once(cache):
    assert make() is make()
    library = Library.of([make()])
    assert np.shares_memory(make().rows, library.rows)


def test_a_damaged_cache_file_is_replaced_with_a_warning_that_names_it(cache, monkeypatch, caplog):
    made = make()
    (path,) = cache.glob("*.npz")
    path.write_bytes(path.read_bytes()[:1000])
    forget(monkeypatch)
    with caplog.at_level(logging.WARNING, "hybrid_env.traces"):
        assert make().hash == made.hash
    assert str(path) in caplog.text
    assert load_trace(path).hash == made.hash


def test_another_market_has_another_cache_file(cache):
    make()
    market = load_market("texas")
    work = market.work.model_copy(update={"tenant_mean": 0.8})
    load_or_generate(market.model_copy(update={"work": work}), 5, 100.0, interval_s=3600)
    assert len(list(cache.glob("*.npz"))) == 2


def test_generating_says_so_in_one_line(cache, caplog):
    with caplog.at_level(logging.INFO, "hybrid_env.traces"):
        make()
    assert len(caplog.records) == 1 and "generated texas/5" in caplog.text


def test_without_a_home_years_stay_in_memory(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(library_module.Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    monkeypatch.setattr(library_module, "_years", {})
    assert cache_folder() is None
    assert make().name == "texas/5"


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path, monkeypatch):
    blocker = tmp_path / "file"
    blocker.write_text("")
    blocker.chmod(stat.S_IRUSR)
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocker))
    monkeypatch.setattr(library_module, "_years", {})
    assert make().name == "texas/5"


def test_a_written_trace_reads_back_the_same(year, tmp_path):
    path = write_trace(year, tmp_path / "new" / "folder")
    again = load_trace(path)
    assert again.hash == year.hash and again.name == year.name and again.origin == year.origin
    np.testing.assert_array_equal(again.rows, year.rows)
    assert [p.suffix for p in path.parent.iterdir()] == [".npz"]
    assert path.stat().st_mode & 0o777 == 0o644  # for colleagues too


def test_a_changed_file_is_refused_with_both_hashes(year, tmp_path):
    path = write_trace(year, tmp_path)
    with np.load(path, allow_pickle=False) as archive:
        arrays = dict(archive)
    arrays["btc_usd"] = arrays["btc_usd"] + 1
    np.savez(path, allow_pickle=False, **arrays)
    with pytest.raises(TraceError, match=year.hash) as error:
        load_trace(path)
    assert str(path) in str(error.value) and "it was written as" in str(error.value)


def test_a_missing_or_foreign_file_is_named(tmp_path):
    with pytest.raises(TraceError, match="no such file"):
        load_trace(tmp_path / "absent.npz")
    foreign = tmp_path / "foreign.npz"
    np.savez(foreign, a=np.ones(3))
    with pytest.raises(TraceError, match=r"foreign\.npz: damaged, or not a trace"):
        load_trace(foreign)


def test_a_pickle_in_disguise_is_never_opened(tmp_path):
    path = tmp_path / "bad.npz"
    np.savez(path, header=np.array([{"a": 1}], dtype=object))
    with pytest.raises(TraceError, match="damaged"):
        load_trace(path)
