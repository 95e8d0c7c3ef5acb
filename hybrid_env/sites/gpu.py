"""GPU work: the machines and the classes of work they are sold to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites import curves
from hybrid_env.sites.base import SiteModel
from hybrid_env.sites.gpu_mining import GpuMining
from hybrid_env.sites.on_demand import OnDemand
from hybrid_env.sites.sla import SlaTiers

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64

N_BUCKETS = 8
BUCKET_S = 21_600
"""Due boundaries of small training jobs: every six hours, UTC."""


class Reserved(SiteModel):
    """Take-or-pay tenants: paid per reserved GPU whatever they use; the contract allows a budget of throttling."""

    gpus: int = Field(ge=0, le=10_000_000)
    price_usd_per_gpu_h: float = Field(ge=0, le=50)
    throttle_depth_frac: float = Field(default=0.3, gt=0, lt=1)
    """Deepest cut of the tenant's dynamic power that counts as a throttle."""
    throttle_budget_h_per_month: float = Field(default=6.0, ge=0, le=744)
    """Hours a calendar month (at full depth, or pro rata) that cost nothing."""
    credit_frac: float = Field(default=1.0, ge=0, le=20)
    """Credit for work withheld beyond the budget, as a multiple of its price."""


class Inference(SiteModel):
    """Requests that must be answered now: what is not served is lost and credited."""

    peak_gpus: int = Field(ge=0, le=10_000_000)
    price_usd_per_gpu_h: float = Field(ge=0, le=50)
    min_power_frac: float = Field(default=0.5, gt=0, le=1)
    """Lowest cap the operator may set; only shedding goes below."""
    credit_frac: float = Field(default=0.5, ge=0, le=20)
    """Credit for work not served, as a multiple of its price; `sla_tiers` take its place."""
    sla_tiers: SlaTiers | None = None

    @model_validator(mode="after")
    def _one_credit(self) -> Inference:
        if self.sla_tiers is not None and self.credit_frac != type(self).model_fields["credit_frac"].default:
            raise ValueError(
                f"credit_frac = {self.credit_frac:g} is of no use where sla_tiers say what a miss is credited;"
                " remove one of them"
            )
        return self


class Training(SiteModel):
    """Deadline work in small jobs, kept as GPU-hours in eight buckets by due time."""

    base_gpus: int = Field(ge=0, le=10_000_000)
    """What `training_load` = 1 in the trace means, in GPU-hours arriving per hour."""
    price_usd_per_gpu_h: float = Field(ge=0, le=50)
    arrival_share: tuple[float, float, float, float, float, float, float, float] = (
        0.05, 0.15, 0.2, 0.2, 0.15, 0.1, 0.1, 0.05,
    )  # fmt: skip
    """Shares of arriving work by due boundary: the next 6-hour boundary, the one after, up to 48 h."""

    @model_validator(mode="after")
    def _shares_add_up(self) -> Training:
        if min(self.arrival_share) < 0 or abs(sum(self.arrival_share) - 1) > 1e-9:
            raise ValueError(
                f"arrival_share must be 8 non-negative shares that add up to 1; they add to {sum(self.arrival_share):g}"
            )
        return self


class Spot(SiteModel):
    """Interruptible rental at a discount on the market rent."""

    max_gpus: int = Field(ge=0, le=10_000_000)
    """Most GPUs the spot market takes."""
    price_frac: float = Field(default=0.25, ge=0, le=1)
    """Spot price as a share of `gpu_rent_usd_per_gpu_h` (discounts of 50 to 90 % are published)."""
    notice_s: float = Field(default=0, ge=0, le=3_600)
    """Notice before a cut, at most an interval: customers run and pay that long (a provider gives up to 7 min)."""


class Gpu(SiteModel):
    """The GPU hall's machines and what they are sold to."""

    gpus: int = Field(gt=0, le=10_000_000)
    busy_kw: float = Field(default=1.15, gt=0, le=10)
    """IT power of one GPU with its share of the node, at full load (H100 node: 1.275 kW nameplate, less in use)."""
    idle_kw: float = Field(default=0.25, ge=0, le=10)
    """The same when idle (20 to 25 % of peak)."""
    late_penalty_frac: float = Field(default=0.5, ge=0, le=5)
    """Penalty on training work unfinished at its deadline, as a multiple of its price."""
    derate_start_c: float = Field(default=30.0, ge=15, le=60)
    derate_frac_per_c: float = Field(default=0.06, ge=0, le=0.5)
    """Share of throughput lost per kelvin of hall temperature above `derate_start_c`."""
    open_work_frac: float = Field(default=0.5, ge=0, le=1)
    """Worth of training work still open when the books close, as a share of its price."""
    throttle_value_usd_per_h: float = Field(default=0.0, ge=0, le=100_000)
    """Worth of an unused throttle hour when the books close."""
    admission: bool = False
    """Whether the operator may turn a gang job away on arrival because of its bid (the action `admission`)."""
    reserved: Reserved | None = None
    inference: Inference | None = None
    on_demand: OnDemand | None = None
    training: Training | None = None
    spot: Spot | None = None
    gpu_mining: GpuMining | None = None

    @model_validator(mode="after")
    def _fits(self) -> Gpu:
        if self.idle_kw >= self.busy_kw:
            raise ValueError(f"idle_kw ({self.idle_kw:g}) must be below busy_kw ({self.busy_kw:g})")
        sold = (self.reserved.gpus if self.reserved else 0) + (self.inference.peak_gpus if self.inference else 0)
        if sold > self.gpus:
            raise ValueError(
                f"reserved.gpus + inference.peak_gpus = {sold} exceeds gpus = {self.gpus}; lower one or buy more"
            )
        return self


RECORD = [
    ("gpus", _F), ("gpu_idle_mw", _F), ("gpu_dyn_mw", _F), ("late_penalty_frac", _F), ("gpu_derate_start_c", _F),
    ("gpu_derate_per_c", _F), ("open_work_frac", _F), ("throttle_value_usd_per_h", _F),
    ("reserved_gpus", _F), ("reserved_price", _F), ("throttle_depth", _F), ("throttle_budget_h", _F),
    ("reserved_credit_frac", _F), ("inference_gpus", _F), ("inference_price", _F), ("inference_min_power", _F),
    ("inference_credit_frac", _F), ("training_gpus", _F), ("training_price", _F), ("arrival_share", _F, N_BUCKETS),
    ("spot_gpus", _F), ("spot_price_frac", _F), ("spot_notice_share", _F),
    ("training_knee", _F), ("inference_knee", _F),
    ("training_slope", _F, curves.N_LINES), ("training_offset", _F, curves.N_LINES),
    ("inference_slope", _F, curves.N_LINES), ("inference_offset", _F, curves.N_LINES),
    ("admission", np.int64),
]  # fmt: skip


def fill(p: np.void, site: Site) -> None:
    """Write machines and classes into the site's record; a class that a site lacks has no GPUs.

    What others divide by is 1 where a site has nothing to divide.
    """
    p["throttle_depth"] = p["inference_min_power"] = p["gpu_dyn_mw"] = 1.0
    p["training_slope"], p["training_offset"], p["training_knee"] = curves.throughput_lines("training")
    p["inference_slope"], p["inference_offset"], p["inference_knee"] = curves.throughput_lines("inference")
    gpu = site.gpu
    if gpu is None:
        return
    p["gpus"], p["admission"] = gpu.gpus, gpu.admission
    p["gpu_idle_mw"] = gpu.gpus * gpu.idle_kw / 1e3
    p["gpu_dyn_mw"] = (gpu.busy_kw - gpu.idle_kw) / 1e3
    p["late_penalty_frac"] = gpu.late_penalty_frac
    p["gpu_derate_start_c"], p["gpu_derate_per_c"] = gpu.derate_start_c, gpu.derate_frac_per_c
    p["open_work_frac"], p["throttle_value_usd_per_h"] = gpu.open_work_frac, gpu.throttle_value_usd_per_h
    if gpu.reserved is not None:
        _fill_reserved(p, gpu.reserved)
    if gpu.inference is not None:
        p["inference_gpus"], p["inference_price"] = gpu.inference.peak_gpus, gpu.inference.price_usd_per_gpu_h
        p["inference_min_power"] = gpu.inference.min_power_frac
        p["inference_credit_frac"] = gpu.inference.credit_frac
    if gpu.training is not None:
        p["training_gpus"], p["training_price"] = gpu.training.base_gpus, gpu.training.price_usd_per_gpu_h
        p["arrival_share"] = gpu.training.arrival_share
    if gpu.spot is not None:
        p["spot_gpus"], p["spot_price_frac"] = gpu.spot.max_gpus, gpu.spot.price_frac
        p["spot_notice_share"] = gpu.spot.notice_s / site.interval_s


def _fill_reserved(p: np.void, reserved: Reserved) -> None:
    p["reserved_gpus"], p["reserved_price"] = reserved.gpus, reserved.price_usd_per_gpu_h
    p["throttle_depth"], p["throttle_budget_h"] = reserved.throttle_depth_frac, reserved.throttle_budget_h_per_month
    p["reserved_credit_frac"] = reserved.credit_frac
