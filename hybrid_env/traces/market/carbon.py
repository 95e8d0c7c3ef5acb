"""Carbon of the grid beyond its average: what one more MWh emits, and how much of the energy is carbon-free."""

from __future__ import annotations

from pydantic import model_validator

from hybrid_env.traces.market.base import MarketModel, NonNegative, Positive, check_in_order


class Carbon(MarketModel):
    """Gas on the margin, but where the local price shows that renewable output is thrown away."""

    gas_low_kg_per_mwh: NonNegative
    gas_high_kg_per_mwh: NonNegative
    """Marginal intensity at and below `slack_net_load_mw` (efficient units), at and above `tight_net_load_mw`."""
    slack_net_load_mw: float
    tight_net_load_mw: float
    gas_from_usd_per_mwh: Positive
    """Local price from which gas alone is on the margin; at 0 and below nothing is burnt for one more MWh."""
    noise_kg_per_mwh: NonNegative
    noise_tau_h: Positive
    firm_carbon_free_mw: NonNegative
    """Carbon-free output of the system besides wind and solar, such as nuclear and hydro; mean of the year."""

    @model_validator(mode="after")
    def _in_order(self) -> Carbon:
        check_in_order(self, ("gas_low_kg_per_mwh", "gas_high_kg_per_mwh"))
        if self.slack_net_load_mw >= self.tight_net_load_mw:
            raise ValueError(
                f"slack_net_load_mw ({self.slack_net_load_mw:g}) must be below tight_net_load_mw"
                f" ({self.tight_net_load_mw:g})"
            )
        return self
