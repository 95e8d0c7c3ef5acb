"""Gang jobs: training runs that need all their GPUs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from hybrid_env.sites.base import SiteModel
from hybrid_env.sites.units import SECONDS_PER_HOUR

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64

LONGEST_CHECKPOINT_S = 86_400
YOUNG_DALY = "young_daly"


BITS_PER_BYTE = 8
GB_PER_TB = 1_000


class Data(SiteModel):
    """What a job has to receive over the site's wide-area network before it can run."""

    gb_per_gpu: float = Field(gt=0, le=100_000)
    """Data set and last checkpoint, over the job's GPUs."""
    wan_gbps: float = Field(gt=0, le=100_000)
    """Line to the site: 10 to 100 Gbit/s are usual for a hall built for GPUs, far less for one built for mining."""
    usd_per_tb: float = Field(default=0, ge=0, le=1_000)
    """Price of moving a terabyte in, due as the job arrives."""


class Gang(SiteModel):
    """How gang jobs checkpoint, fail and restart. The jobs themselves are in the trace."""

    checkpoint_interval_s: float | Literal["young_daly"] = 3_600.0
    """Running time between checkpoints, at most a day; or `young_daly`: the interval that loses least, for each job
    by its size, `sqrt(2 C M / gpus)` with C the cost of a checkpoint and M the mean time between failures of one GPU
    (Young 1974, Daly 2006): 19 min at 16,384 GPUs and 78 min at 1,000 for C = 60 s and M = 50,700 GPU-h."""
    checkpoint_cost_s: float = Field(default=0, ge=0, le=3_600)
    """Time a checkpoint takes, in which the job draws power and makes no progress (1 to 5 min to save)."""
    mtbf_gpu_h: float | None = Field(default=None, gt=0, le=1e9)
    """Mean time between failures, GPU-hours; without it nothing fails. 50,700 for Llama 3: 419 unexpected interruptions
    in 54 days on 16,384 H100."""
    restart_s: float = Field(default=600, ge=0, le=7_200)
    """Power drawn without progress at each start or restart (5 to 20 min)."""

    data: Data | None = None
    """Without it, jobs bring their data with them."""

    @field_validator("checkpoint_interval_s", mode="before")
    @classmethod
    def _a_time_or_a_rule(cls, value: Any) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value != YOUNG_DALY and not (is_number and 0 < value <= LONGEST_CHECKPOINT_S):
            raise ValueError(
                f"must be seconds above 0 and at most {LONGEST_CHECKPOINT_S:,}, or {YOUNG_DALY!r}; found {value!r}"
            )
        return value

    @model_validator(mode="after")
    def _checkpoints_pay(self) -> Gang:
        if self.checkpoint_interval_s == YOUNG_DALY:
            if self.mtbf_gpu_h is None or self.checkpoint_cost_s <= 0:
                raise ValueError(
                    f"checkpoint_interval_s = {YOUNG_DALY!r} needs mtbf_gpu_h and a checkpoint_cost_s above 0;"
                    " give both, or give the interval in seconds"
                )
        elif self.checkpoint_cost_s >= self.checkpoint_interval_s:
            raise ValueError(
                f"checkpoint_cost_s ({self.checkpoint_cost_s:g}) must be below checkpoint_interval_s"
                f" ({self.checkpoint_interval_s:g}), or no job ever makes progress"
            )
        return self


RECORD = [
    ("checkpoint_s", _F), ("restart_s", _F), ("checkpoint_cost_s", _F), ("gpu_mtbf_h", _F), ("young_daly_gpu_s2", _F),
    ("data_s_per_gpu", _F), ("data_usd_per_gpu", _F),
]  # fmt: skip
"""`gpu_mtbf_h` is 0 where nothing fails; `young_daly_gpu_s2` is `2 C M` where each job has its own interval, else 0."""


def fill(p: np.void, site: Site) -> None:
    """Write checkpoint and restart times and the rate of failures into the site's record."""
    gang = site.gang
    p["restart_s"], p["checkpoint_cost_s"], p["gpu_mtbf_h"] = (
        gang.restart_s,
        gang.checkpoint_cost_s,
        gang.mtbf_gpu_h or 0,
    )
    if gang.checkpoint_interval_s == YOUNG_DALY:
        p["young_daly_gpu_s2"] = 2 * gang.checkpoint_cost_s * p["gpu_mtbf_h"] * SECONDS_PER_HOUR
    else:
        p["checkpoint_s"] = gang.checkpoint_interval_s
    if gang.data is not None:
        p["data_s_per_gpu"] = gang.data.gb_per_gpu * BITS_PER_BYTE / gang.data.wan_gbps
        p["data_usd_per_gpu"] = gang.data.gb_per_gpu / GB_PER_TB * gang.data.usd_per_tb
