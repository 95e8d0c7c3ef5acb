"""Demand from logs: laid on the calendar, scaled, repeated; gang jobs with deadlines and bids; spot rents."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pandas")

import pandas as pd

from hybrid_env.traces.importers import Table, read
from hybrid_env.traces.importers.derive import Span, derive
from hybrid_env.traces.schema import JOB, TraceError
from tests.traces.importers.notes import said
from tests.traces.importers.real import real_data, real_file

SPAN = Span(datetime(2023, 1, 2, 6, tzinfo=UTC), 96 * 7, 900, -6)


def log(columns: dict[str, Any], offset_s: Any = None, kind: str = "jobs", **facts: Any) -> Table:
    frame = pd.DataFrame(columns)
    if offset_s is None:
        frame.index = pd.RangeIndex(len(frame), name="record")
    else:
        frame.index = pd.Index(np.asarray(offset_s, float), name="offset_s")
    return Table(frame, None, kind, "made", Path("made.csv"), "0", (), {"clock": "relative", **facts})


def requests(hours: int, start: float = 0.0, busy: int = 14) -> Table:
    """A request a minute, and ten more in every minute of one hour of the day."""
    minutes = np.arange(hours * 60)
    times = np.repeat(minutes * 60.0, np.where(minutes // 60 % 24 == busy, 11, 1))
    return log({"input_tokens": np.full(len(times), 10.0), "output_tokens": 1.0}, start + times, "requests")


def test_requests_become_a_daily_shape_in_local_time() -> None:
    table = derive("inference_load", requests(48), {"start_utc": "2024-05-01T06:00Z", "smooth_s": 0}, SPAN)
    load = table.frame["inference_load"].to_numpy().reshape(7, 24, 4)
    assert (table.interval_s, len(table.frame)) == (900, 672)
    assert np.allclose(load[:, 14], 1) and np.allclose(load[:, :14], 1 / 11)


def test_the_hour_of_a_relative_log_is_the_recipes() -> None:
    later = derive("inference_load", requests(48), {"start_utc": "2024-05-01T09:00Z", "smooth_s": 0}, SPAN)
    assert later.frame["inference_load"].to_numpy().reshape(7, 24, 4)[0, 17, 0] == 1
    with pytest.raises(TraceError, match="times are relative, the hour of the day is not known: give start_utc"):
        derive("inference_load", requests(48), {}, SPAN)


def test_written_tokens_weigh_more_than_read_ones() -> None:
    tokens = {"input_tokens": [100.0, 0.0], "output_tokens": [0.0, 100.0]}
    two = log(tokens, [0.0, 900.0], "requests")
    how = {"start_utc": "2023-01-02T06:00Z", "repeat": "no", "smooth_s": 0, "output_token_weight": 5, "peak_load": 0.8}
    load = derive("inference_load", two, how, SPAN).frame["inference_load"].to_numpy()
    assert load[:2] == pytest.approx([0.16, 0.8])
    assert np.isnan(load[2:]).all()


def test_a_log_outside_the_trace_is_refused_unless_repeated() -> None:
    with pytest.raises(TraceError, match="2020-05-01T06:00Z to 2020-05-03T05:45Z, lies outside the trace"):
        derive("inference_load", requests(48), {"start_utc": "2020-05-01T06:00Z", "repeat": "no"}, SPAN)


def test_a_week_is_repeated_by_the_week() -> None:
    columns = {"requests_per_s": np.repeat([1.0, 1, 1, 1, 1, 0.5, 0.5], 24)}
    week = log(columns, np.arange(168) * 3600.0, "requests", window_s=3600.0)
    how = {"start_utc": "2023-01-02T06:00Z", "repeat": "week", "smooth_s": 0}
    load = derive("inference_load", week, how, SPAN).frame["inference_load"].to_numpy()
    assert np.allclose(load[: 96 * 5], 1) and np.allclose(load[96 * 5 :], 0.5)


@pytest.mark.parametrize(("repeat", "message"), [("day", "not enough to repeat by the day; take a longer piece$"),
                                                 ("week", "or repeat by the day$")])  # fmt: skip
def test_a_log_shorter_than_what_repeats_is_refused(repeat: str, message: str) -> None:
    with pytest.raises(TraceError, match=message):
        derive("inference_load", requests(12), {"start_utc": "2024-05-01T06:00Z", "repeat": repeat}, SPAN)


def test_a_log_that_nearly_fills_a_day_is_closed_between_its_ends() -> None:
    table = derive("inference_load", requests(23), {"start_utc": "2024-05-01T06:00Z", "smooth_s": 0}, SPAN)
    load = table.frame["inference_load"].to_numpy().reshape(7, 24, 4)
    assert np.allclose(load[:, 23], 1 / 11)
    assert any("4 of 96 intervals" in text for text in said(table, "filled"))


def test_azure_pieces_know_their_hour_but_are_too_short() -> None:
    with pytest.raises(TraceError, match=r"0\.2 h of data"):
        derive("inference_load", read(real_file("AzureLLMInferenceTrace_conv_piece.csv")), {}, SPAN)


def test_servegen_gives_a_week_of_windows() -> None:
    table = read(real_file("servegen_m-large_chunk-0-trace.csv"))
    out = derive("inference_load", table, {"start_utc": "2023-01-02T06:00Z"}, SPAN).frame["inference_load"]
    assert out.max() == 1 and 0 < out.mean() < 0.6


def test_image_requests_have_a_deep_night() -> None:
    table = read(real_data("inference_qps_alibaba_genai.csv.gz"))
    load = derive("inference_load", table, {"start_utc": "2023-01-02T07:15Z"}, SPAN).frame["inference_load"]
    hourly = load.to_numpy().reshape(7, 24, 4).mean(axis=(0, 2))
    assert hourly.min() < 0.05 * hourly.max()
    assert np.ptp(hourly.argsort()[-6:]) < 12  # the six busiest hours lie together


JOBS = {
    "submit_s": [0.0, 3600.0, 7200.0, np.nan, 10_800.0], "gpus": [8.0, 4.0, 256.0, 8.0, 0.0],
    "duration_h": [1.0, 2.0, 10.0, 1.0, 1.0],
}  # fmt: skip


def test_small_jobs_arrive_as_training_load() -> None:
    how = {"start_utc": "2023-01-02T06:00Z", "repeat": "no", "smooth_s": 0, "mean_load": 0.5}
    table = derive("training_load", log(JOBS), how, SPAN)
    load = table.frame["training_load"].to_numpy()
    assert load[0] == load[4] > 0 and np.all(load[1:4] == 0)  # 8 GPU-hours each, in the rows of their arrival
    assert np.nanmean(load) == pytest.approx(0.5)
    assert [note.rows for note in table.notes if note.kind == "dropped"] == [2]


def test_large_jobs_are_gang_jobs_with_deadlines_and_bids() -> None:
    how = {"start_utc": "2023-01-02T06:00Z", "slack_h": 2, "slack_frac": 0.5, "bid_low_usd_per_gpu_h": 2}
    jobs = derive("gang_jobs", log(JOBS), how, SPAN).facts["jobs"]
    assert jobs.dtype == JOB and len(jobs) == 1
    job = jobs[0]
    assert (job["arrival_row"], job["deadline_row"]) == (8, 8 + 17 * 4)
    assert (job["gpus"], job["gpu_hours"]) == (256, 2560)
    assert 2 <= job["bid_usd_per_gpu_h"] <= 3 and 0 <= job["u_fail"] < 1


def test_jobs_of_a_small_cluster_can_be_scaled() -> None:
    how = {"start_utc": "2023-01-02T06:00Z"}
    small = {name: values[:2] for name, values in JOBS.items()}
    with pytest.raises(TraceError, match="largest job has 8 GPUs; gang jobs need 128: raise gpus_times to 16 or more"):
        derive("gang_jobs", log(small), how, SPAN)
    jobs = derive("gang_jobs", log(small), {**how, "gpus_times": 32}, SPAN).facts["jobs"]
    assert list(jobs["gpus"]) == [256, 128]


def test_jobs_outside_the_trace_are_counted() -> None:
    table = derive("gang_jobs", log(JOBS), {"start_utc": "2022-01-02T06:00Z"}, SPAN)
    assert len(table.facts["jobs"]) == 0
    assert any("outside the trace" in text for text in said(table, "dropped"))


def test_bids_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(TraceError, match="bid_low_usd_per_gpu_h must not exceed bid_high_usd_per_gpu_h"):
        derive("gang_jobs", log(JOBS), {"bid_low_usd_per_gpu_h": 5}, SPAN)


def test_run_times_alone_are_no_jobs() -> None:
    with pytest.raises(TraceError, match="column 'submit_s' is needed for job arrivals"):
        derive("training_load", read(real_data("gpu_job_runtimes_philly.csv.gz")), {}, SPAN)


def test_alibabas_jobs_become_load_and_gangs() -> None:
    table = read(real_data("gpu_jobs_alibaba_2023.csv.gz"))
    how = {"start_utc": "2023-01-02T06:00Z", "repeat": "week", "mean_load": 0.8}
    load = derive("training_load", table, how, SPAN).frame["training_load"]
    assert load.mean() == pytest.approx(0.8) and load.min() >= 0
    gangs = derive("gang_jobs", table, {"start_utc": "2022-09-01T06:00Z", "gpus_times": 16}, SPAN).facts["jobs"]
    assert len(gangs) and set(gangs["gpus"]) == {128}


def test_a_spot_price_holds_until_it_changes() -> None:
    table = read(real_file("aws_describe-spot-price-history_m1.large.json"))
    with pytest.raises(TraceError, match="holds 8 zones and products; name one as point"):
        derive("gpu_rent", table, {"gpus_per_machine": 1}, SPAN)
    last = Span(datetime(2023, 1, 31, 21, tzinfo=UTC), 8, 900, -8)
    how = {"gpus_per_machine": 2, "times": 10, "point": "us-west-1a Red Hat Enterprise Linux"}
    rent = derive("gpu_rent", table, how, last).frame["gpu_rent_usd_per_gpu_h"]
    assert rent.iloc[0] == pytest.approx(0.0809 / 2 * 10)
    assert list(rent.iloc[1:]) == pytest.approx([0.0805 / 2 * 10] * 7)
