"""The bitcoin network's market."""

from __future__ import annotations

from hybrid_env.traces.market.base import DayOfYear, MarketModel, NonNegative, Positive


class Bitcoin(MarketModel):
    """Price (Merton jump diffusion), difficulty, fees."""

    hashprice_usd_per_ph_day: Positive
    """Typical hashprice on the first row; the first bitcoin price follows from it."""
    hashprice_sigma: NonNegative
    difficulty: Positive
    difficulty_sigma: NonNegative
    subsidy_btc: NonNegative
    """On the first row; see `halving_day`."""
    sigma_per_year: NonNegative
    jumps_per_year: NonNegative
    jump_mean: float
    jump_sd: NonNegative
    retarget_mean: float
    retarget_sd: NonNegative
    retarget_low: float
    retarget_high: float
    retarget_price_share: NonNegative
    """Retarget gained per unit of the epoch's log price move (miners follow the price)."""
    fee_btc: Positive
    fee_sigma: NonNegative
    fee_tau_h: Positive
    fee_bursts_per_year: NonNegative
    fee_burst_btc: Positive
    fee_burst_sigma: NonNegative
    fee_burst_max_btc: Positive
    fee_burst_decay_h: Positive
    halving_day: DayOfYear | None = None
    """Days after 1 January 00:00 local at which the subsidy halves; absent: no halving in the year."""
    halving_epochs: Positive = 3
    """Epochs over which miners answer a halving; they answer it as they answer a fall of the price by half."""
