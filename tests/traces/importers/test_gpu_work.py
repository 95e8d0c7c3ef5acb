"""Requests and job logs: fine stamps, relative times, times before and after a log, steps of jobs."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pandas")

from hybrid_env.traces.importers import ReadError, read
from tests.traces.importers.notes import said
from tests.traces.importers.real import real_data, real_file, written

AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
SACCT = "JobID|Submit|Start|Elapsed|State|AllocCPUS|ReqMem|AllocTRES|\n"


def test_azure_keeps_its_seventh_decimal() -> None:
    table = read(real_file("AzureLLMInferenceTrace_conv_piece.csv"))
    assert (table.format, len(table.frame)) == ("azure_llm", 1500)
    assert table.facts["start_utc"].startswith("2023-11-16T18:15:46.680590")
    assert list(table.frame.iloc[0]) == [374, 44]
    assert table.frame.index[1] == pytest.approx(4.314579, abs=1e-9)


def test_azure_requests_at_one_instant_all_stay(tmp_path: Path) -> None:
    at = "2024-05-10 00:00:00.009930"
    rows = f"{at}1+00:00,1,2\n{at}1+00:00,1,2\n{at}2+00:00,3,4\n"
    table = read(written(tmp_path, AZURE + rows))
    assert list(table.frame["input_tokens"]) == [1, 1, 3]
    assert table.frame.index[2] == pytest.approx(1e-7)


@pytest.mark.parametrize(
    ("row", "message"), [("yesterday,1,2\n", "'TIMESTAMP'"), ("2024-05-10,1,\n", "'GeneratedTokens'")]
)
def test_azure_names_the_line_of_a_bad_cell(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(ReadError, match=f"line 3, column {message}"):
        read(written(tmp_path, AZURE + "2024-05-10 00:00:00.1,1,2\n" + row))


def test_mooncake_is_in_milliseconds() -> None:
    table = read(real_file("mooncake_conversation_trace_piece.jsonl"))
    assert (table.format, len(table.frame), table.facts["clock"]) == ("mooncake", 300, "relative")
    assert list(table.frame.iloc[0]) == [6758, 500]
    assert (table.frame.index[0], table.frame.index[-1]) == (0, 102)


def test_mooncake_that_broke_off_is_refused(tmp_path: Path) -> None:
    whole = '{"timestamp": 0, "input_length": 1, "output_length": 2}\n'
    with pytest.raises(ReadError, match=r"line 2: found '\{\"timestamp\": 30.*download it again"):
        read(written(tmp_path, whole + '{"timestamp": 3000, "input_le'))


def test_servegen_windows_without_requests_have_no_distribution() -> None:
    table = read(real_file("servegen_m-large_chunk-0-trace.csv"))
    assert (table.format, len(table.frame), table.facts["window_s"]) == ("servegen", 500, 600)
    assert table.frame["requests_per_s"].loc[600] == 0
    assert not said(table, "warned")


def test_alibaba_2025_times_outside_the_log_are_missing() -> None:
    table = read(real_file("alibaba_v2025_disaggregated_DLRM_piece.csv"))
    job = table.frame.iloc[100]
    assert (table.format, job["submit_s"], job["wait_s"], job["gpus"], job["ended"]) == ("alibaba_2025", 475, 148, 0, 0)
    assert math.isnan(job["duration_h"]) and math.isnan(table.frame["submit_s"].iloc[0])
    assert any("without a GPU" in text for text in said(table, "warned"))


def test_slurm_memory_a_cpu_and_a_job_that_still_runs() -> None:
    table = read(real_file("slurm_sacct_pipe_long.txt"))
    job = table.frame.iloc[0]
    assert (table.format, job["gpus"], job["cpus"], job["memory_mb"]) == ("slurm_sacct", 1, 24, 14_000 * 24)
    assert (job["duration_h"] * 3600, job["ended"], job["state"]) == (pytest.approx(17), 0, "RUNNING")


def test_slurm_counts_jobs_not_steps_and_gpus_of_all_nodes(tmp_path: Path) -> None:
    rows = (
        "7|2024-05-01T10:00:00|2024-05-01T10:30:00|2-03:00:00|COMPLETED|512|4Gn|billing=1,gres/gpu=256,gres/gpu:h100=256|\n"
        "7.batch|2024-05-01T10:00:00|2024-05-01T10:30:00|2-03:00:00|COMPLETED|512|4Gn|gres/gpu=256|\n"
        "8|2024-05-01T12:00:00|Unknown|00:00:00|CANCELLED by 1000|0|4Gn||\n"
    )
    frame = read(written(tmp_path, SACCT + rows)).frame
    assert (list(frame["gpus"]), list(frame["submit_s"])) == ([256, 0], [0, 7200])
    assert (frame["duration_h"].iloc[0], frame["wait_s"].iloc[0], frame["state"].iloc[1]) == (51, 1800, "CANCELLED")
    assert np.isnan(frame["wait_s"].iloc[1])


def test_slurm_names_the_line_of_a_bad_duration(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"line 2, column 'Elapsed': found 'long'"):
        read(written(tmp_path, SACCT + "7|2024-05-01T10:00:00|2024-05-01T10:30:00|long|COMPLETED|8|4Gn|gres/gpu=8|\n"))


def test_alibaba_2023_knows_waits_and_parts_of_gpus() -> None:
    table = read(real_data("gpu_jobs_alibaba_2023.csv.gz"))
    assert (table.format, len(table.frame)) == ("alibaba_2023", 7064)
    assert list(table.frame["gpus"][:2]) == [1.0, 0.46]
    assert table.frame["duration_h"].iloc[0] == 12_537_496 / 3600


def test_philly_has_run_times_alone() -> None:
    table = read(real_data("gpu_job_runtimes_philly.csv.gz"))
    assert (table.format, len(table.frame), list(table.frame)) == ("job_runtimes", 83_154, ["duration_h"])


def test_image_requests_have_an_anonymous_clock() -> None:
    table = read(real_data("inference_qps_alibaba_genai.csv.gz"))
    assert (table.facts["clock"], table.facts["window_s"]) == ("anonymised", 300)
    assert table.frame["requests_per_s"].iloc[0] == 0.09
