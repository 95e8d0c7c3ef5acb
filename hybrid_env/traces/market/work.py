"""Demand for GPUs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from hybrid_env.traces.market.base import Fraction, HourOfDay, MarketModel, NonNegative, Positive, check_in_order


class OnDemand(MarketModel):
    """Demand for GPUs by the hour, at the lowest asking price, as a share of the site's peak of such GPUs."""

    mean: Fraction
    day_amplitude: Fraction
    peak_hour: HourOfDay
    weekend_frac: Fraction
    noise_frac: NonNegative
    """Relative noise; walk-in demand is noisier than that of one's own services."""
    noise_tau_h: Positive


class ProofOfWork(MarketModel):
    """What a GPU earns by proof of work: lognormal around a level, mean-reverting."""

    usd_per_gpu_h: Annotated[float, Field(gt=0, le=5)]
    sigma_per_year: NonNegative
    tau_h: Positive


class Tenants(MarketModel):
    """Tenants of the reserved GPUs, who now and then leave; freed GPUs are let again after a while."""

    shares: Annotated[list[Positive], Field(min_length=1, max_length=100)]
    """Each tenant's part of the reserved GPUs; scaled to add up to 1."""
    leave_per_year: NonNegative
    """Hazard of churn or default, per contract and year."""
    relet_days_low: NonNegative
    relet_days_high: NonNegative

    @model_validator(mode="after")
    def _days_in_order(self) -> Tenants:
        check_in_order(self, ("relet_days_low", "relet_days_high"))
        return self


class Work(MarketModel):
    """Demand for GPUs: rent, inference, tenants, small training, gang jobs."""

    rent_usd_per_gpu_h: Positive
    rent_sigma_per_year: NonNegative
    rent_tau_h: Positive
    inference_mean: Fraction
    inference_day_amplitude: Fraction
    inference_peak_hour: HourOfDay
    inference_weekend_frac: Fraction
    inference_noise_frac: NonNegative
    inference_noise_tau_h: Positive
    tenant_mean: Fraction
    tenant_sd: NonNegative
    tenant_tau_h: Positive
    tenant_low: Fraction
    training_mean: NonNegative
    training_day_amplitude: Fraction
    training_peak_hour: HourOfDay
    training_weekend_frac: Fraction
    training_sigma: NonNegative
    training_tau_h: Positive
    gang_gpu_hours_per_h: NonNegative
    """Mean work that arrives in gang jobs, GPU-hours an hour."""
    gang_day_amplitude: Fraction
    gang_peak_hour: HourOfDay
    gang_weekend_frac: Fraction
    gang_gpus: list[Annotated[int, Field(ge=128)]]
    gang_gpus_share: list[Positive]
    gang_hours_median: Positive
    gang_hours_sigma: NonNegative
    gang_hours_low: Positive
    gang_hours_high: Positive
    gang_slack_low_h: NonNegative
    gang_slack_high_h: NonNegative
    gang_slack_low_frac: NonNegative
    gang_slack_high_frac: NonNegative
    gang_bid_low_usd_per_gpu_h: NonNegative
    gang_bid_high_usd_per_gpu_h: NonNegative
    on_demand: OnDemand | None = None
    gpu_pow: ProofOfWork | None = None
    tenants: Tenants | None = None

    @model_validator(mode="after")
    def _sizes_have_shares(self) -> Work:
        if len(self.gang_gpus) != len(self.gang_gpus_share):
            raise ValueError(
                f"gang_gpus and gang_gpus_share must be of one length;"
                f" found {len(self.gang_gpus)} and {len(self.gang_gpus_share)}"
            )
        check_in_order(
            self,
            ("gang_hours_low", "gang_hours_high"),
            ("gang_slack_low_h", "gang_slack_high_h"),
            ("gang_slack_low_frac", "gang_slack_high_frac"),
            ("gang_bid_low_usd_per_gpu_h", "gang_bid_high_usd_per_gpu_h"),
        )
        return self
