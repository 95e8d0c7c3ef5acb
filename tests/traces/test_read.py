"""People's files are read as they are, or refused with a message that says what to do."""

import builtins
import sys

import numpy as np
import pytest

from hybrid_env.traces.read import read_trace
from hybrid_env.traces.schema import COLUMNS, TraceError
from tests.traces.real_year import texas_real_trace

pd = pytest.importorskip("pandas")

N = 24 * 3 * 4


def table(n=N, start="2022-01-01T06:00Z", freq="15min"):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "timestamp_utc": pd.date_range(start, periods=n, freq=freq).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "price_rt_usd_per_mwh": rng.normal(30, 20, n).round(2),
            "price_da_usd_per_mwh": rng.normal(30, 20, n).round(2),
            "btc_usd": 50_000.0,
            "difficulty": 1.2e14,
        }
    )


def read(frame, tmp_path, jobs=None, interval_s=900, file="mine.csv", **options):
    path = tmp_path / file
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False)
    jobs_path = None
    if jobs is not None:
        jobs_path = tmp_path / "jobs.csv"
        jobs.to_csv(jobs_path, index=False)
    return read_trace(path, jobs_path, interval_s=interval_s, utc_offset_h=-6, **options)


def test_a_plain_csv_becomes_a_trace(tmp_path):
    frame = table()
    trace = read(frame, tmp_path, import_limit_mw=80.0)
    assert len(trace) == N and trace.name == "mine" and trace.start.isoformat() == "2022-01-01T06:00:00+00:00"
    np.testing.assert_allclose(trace.rows["price_rt_usd_per_mwh"], frame["price_rt_usd_per_mwh"])
    assert (trace.rows["import_limit_mw"] == 80).all()
    assert trace.origin["price_rt_usd_per_mwh"] == "real" and trace.origin["drybulb_c"] == "default"


@pytest.mark.parametrize("file", ["mine.csv.gz", "mine.parquet"])
def test_other_formats_give_the_same_trace(tmp_path, file):
    assert read(table(), tmp_path, file=file).hash == read(table(), tmp_path).hash


def test_an_absent_dispatch_price_is_the_price_settled_last(tmp_path):
    trace = read(table(), tmp_path)
    np.testing.assert_array_equal(trace.rows["price_lmp_usd_per_mwh"][1:], trace.rows["price_rt_usd_per_mwh"][:-1])
    assert trace.origin["price_lmp_usd_per_mwh"] == "derived"


def test_times_with_an_offset_are_converted(tmp_path):
    frame = table()
    local = pd.to_datetime(frame["timestamp_utc"]).dt.tz_convert("Etc/GMT+6")
    frame["timestamp_utc"] = [time.isoformat() for time in local]
    assert read(frame, tmp_path).hash == read(table(), tmp_path).hash


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("\ufeff" + table().to_csv(index=False), encoding="utf-8")
    assert len(read_trace(path, interval_s=900, utc_offset_h=-6)) == N


def drop(frame, row):
    return frame.drop(index=row).reset_index(drop=True)


def twice(frame, row):
    return pd.concat([frame.iloc[: row + 1], frame.iloc[row:]]).reset_index(drop=True)


def swapped(frame, row):
    frame.iloc[[row, row + 1]] = frame.iloc[[row + 1, row]].to_numpy()
    return frame


def put(column, value):
    def change(frame, row):
        frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value
        return frame

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop, r"mine\.csv: row 40, line 42 \(2022-01-01T16:15:00\+00:00\) follows .*a gap of 1 intervals"),
        (twice, r"row 41, line 43 .*a timestamp twice"),
        (swapped, r"row 40, line 42 .*a gap of 1 intervals"),
        (put("timestamp_utc", "01/01/2022 16:00"), r"row 40, line 42: timestamp_utc is '01/01/2022 16:00'; .*ISO 8601"),
        (put("timestamp_utc", "2022-01-01T16:01:00Z"), r"off the grid of 900 s"),
        (put("price_rt_usd_per_mwh", ""), r"price_rt_usd_per_mwh is nan; missing values must be filled"),
        (put("price_rt_usd_per_mwh", "12,5"), r"price_rt_usd_per_mwh is '12,5'; write decimals with a point"),
        (put("price_rt_usd_per_mwh", "n.v."), r"line 42 .*price_rt_usd_per_mwh is 'n\.v\.'; only numbers"),
        (put("price_da_usd_per_mwh", 99_999), r"is 99999 USD/MWh; allowed is -1000 to 20000; check the unit"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_time_value_and_fix(tmp_path, change, message):
    with pytest.raises(TraceError, match=message):
        read(change(table(), 40), tmp_path)


def test_rows_in_reverse_order_are_named(tmp_path):
    with pytest.raises(TraceError, match="sort the rows by time"):
        read(table().iloc[::-1], tmp_path)


def test_a_wrong_interval_is_named_with_the_right_one(tmp_path):
    with pytest.raises(TraceError, match=r"intervals of 3600 s: pass interval_s=3600"):
        read(table(freq="h"), tmp_path)


def test_a_start_within_an_hour_is_refused(tmp_path):
    with pytest.raises(TraceError, match="starts at a full hour"):
        read(table(start="2022-01-01T06:15Z"), tmp_path)


def test_exports_dearer_than_imports_are_refused_with_the_reason(tmp_path):
    frame = table().assign(basis_gen_usd_per_mwh=2.0)
    with pytest.raises(TraceError, match="exports would earn more than imports cost"):
        read(frame, tmp_path)


@pytest.mark.parametrize("column", ["timestamp_utc", "price_rt_usd_per_mwh", "price_da_usd_per_mwh", "btc_usd"])
def test_a_missing_column_is_named(tmp_path, column):
    with pytest.raises(TraceError, match=f"'{column}'.* is missing"):
        read(table().drop(columns=column), tmp_path)


def test_a_misspelt_column_is_met_with_the_likely_one(tmp_path):
    with pytest.raises(TraceError, match=r"unknown column 'dry_bulb_c'; did you mean 'drybulb_c'"):
        read(table().assign(dry_bulb_c=20), tmp_path)


def test_another_encoding_is_named(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes("timestamp_utc,preis_€\n".encode("cp1252"))
    with pytest.raises(TraceError, match=r"mine\.csv: not UTF-8 .*save it as CSV UTF-8"):
        read_trace(path, interval_s=900, utc_offset_h=0)


def test_semicolons_are_named(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(table().to_csv(index=False, sep=";"), encoding="utf-8")
    with pytest.raises(TraceError, match="separated by semicolons"):
        read_trace(path, interval_s=900, utc_offset_h=0)


@pytest.mark.parametrize(("content", "message"), [(None, "no such file"), ("", "cannot be read"), ("a,b\n", "no rows")])
def test_an_absent_or_empty_file_is_named(tmp_path, content, message):
    path = tmp_path / "mine.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(TraceError, match=message):
        read_trace(path, interval_s=900, utc_offset_h=0)


def test_jobs_may_come_by_row_or_by_time(tmp_path):
    numbers = {"gpus": [256, 512], "gpu_hours": [512, 4096], "bid_usd_per_gpu_h": [2.0, 1.5]}
    by_row = pd.DataFrame(numbers | {"arrival_row": [4, 8], "deadline_row": [40, 81]})
    by_time = pd.DataFrame(
        numbers
        | {
            "arrival_utc": ["2022-01-01T07:05Z", "2022-01-01T08:00Z"],
            "deadline_utc": ["2022-01-01T16:00Z", "2022-01-02T02:01Z"],
        }
    )
    first, second = read(table(), tmp_path, by_row), read(table(), tmp_path, by_time)
    np.testing.assert_array_equal(first.jobs, second.jobs)
    assert first.jobs["deadline_row"].tolist() == [40, 81]


def some_jobs(n, **columns):
    numbers = {"gpus": 256, "gpu_hours": 512, "bid_usd_per_gpu_h": 2.0, "arrival_row": np.arange(n)}
    return pd.DataFrame(numbers | {"deadline_row": np.arange(n) + 40} | columns)


def test_jobs_without_uniforms_have_evenly_spread_ones_that_are_the_same_every_time(tmp_path):
    first, second = read(table(), tmp_path, some_jobs(100)), read(table(), tmp_path, some_jobs(100))
    u = first.jobs["u_fail"]
    np.testing.assert_array_equal(u, second.jobs["u_fail"])
    assert u[:2] == pytest.approx([0.618034, 0.236068], abs=1e-6)  # 1 and 2 times 0.618034, less the whole part
    assert np.histogram(u, 10, (0, 1))[0].tolist() == pytest.approx([10] * 10, abs=1)


def test_jobs_may_bring_their_uniforms(tmp_path):
    trace = read(table(), tmp_path, some_jobs(3, u_fail=[0.1, 0.9, 0.5]))
    assert trace.jobs["u_fail"].tolist() == [0.1, 0.9, 0.5]


def test_a_jobs_uniform_of_one_is_refused(tmp_path):
    with pytest.raises(TraceError, match="u_fail of every job must lie in"):
        read(table(), tmp_path, some_jobs(1, u_fail=[1.0]))


def test_every_column_of_the_schema_may_be_given(tmp_path):
    frame = table()
    for name, column in COLUMNS.items():
        if name not in frame.columns:
            frame[name] = 0.0 if name == "cp_weight" else column.low + 0.25 * (min(column.high, 1.0) - column.low)
    trace = read(frame, tmp_path)
    assert set(trace.origin.values()) == {"real"}
    assert trace.rows["event_frac"][0] == 0.25 and trace.rows["u_fail_3"][0] == 0.25


def test_jobs_without_times_say_what_they_need(tmp_path):
    jobs = pd.DataFrame({"gpus": [256], "gpu_hours": [512], "bid_usd_per_gpu_h": [2.0]})
    with pytest.raises(TraceError, match=r"jobs\.csv: needs a column 'arrival_row' .* or 'arrival_utc'"):
        read(table(), tmp_path, jobs)


def test_without_pandas_the_error_says_what_to_install(tmp_path, monkeypatch):
    real_import = builtins.__import__

    def without_pandas(name, *args, **kwargs):
        if name == "pandas":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    path = tmp_path / "mine.csv"
    path.write_text("a\n1\n")
    monkeypatch.delitem(sys.modules, "pandas")
    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(ImportError, match=r"hybrid-env\[data\]"):
        read_trace(path, interval_s=900, utc_offset_h=0)


@pytest.mark.parametrize("year", [2022, 2023])
def test_a_real_texas_year_passes_every_check(year):
    trace = texas_real_trace(year)
    assert len(trace) == 365 * 96 - 24
    assert 45 < trace.rows["price_rt_usd_per_mwh"].mean() < 65
    assert trace.rows["cp_weight"].sum() == 1
    assert (trace.rows["wetbulb_c"] <= trace.rows["drybulb_c"]).all()
    assert set(trace.origin) == set(COLUMNS)


def test_a_real_year_survives_a_parquet_file(tmp_path):
    trace = texas_real_trace(2023)
    frame = pd.DataFrame({name: trace.rows[name] for name in COLUMNS})
    frame.insert(0, "timestamp_utc", pd.date_range(trace.start, periods=len(trace), freq="15min"))
    again = read(frame, tmp_path, file="texas.parquet")
    np.testing.assert_array_equal(again.rows, trace.rows)
    np.testing.assert_array_equal(again.forecast, trace.forecast)
