"""The uniforms that decide failures: a block, a gang job or a generator fails where its hazard exceeds one."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.generate.noise import Stream, stream
from hybrid_env.traces.schema import COLUMNS

FAILURE_COLUMNS = tuple(name for name in COLUMNS if name.startswith("u_fail_"))


def draw_failure_uniforms(rows: int, seed: int) -> dict[str, np.ndarray]:
    """Independent uniforms on [0, 1), columns by name, one value a row of the year."""
    return {name: stream(seed, Stream.FAILURES, number + 1).random(rows) for number, name in enumerate(FAILURE_COLUMNS)}


def draw_job_uniforms(jobs: int, seed: int) -> np.ndarray:
    """One uniform a gang job, on a grid of 1e-9 below 1."""
    return stream(seed, Stream.JOB_FAILURES).integers(10**9, size=jobs) / 1e9
