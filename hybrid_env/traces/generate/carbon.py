"""Carbon of the grid's energy: on average, at the margin, and the share that has none."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.generate.clock import Clock
from hybrid_env.traces.generate.noise import Stream, stream, wander
from hybrid_env.traces.market import Carbon, Price


def carbon_kg_per_mwh(
    price: Price, load_mw: np.ndarray, wind_mw: np.ndarray, solar_mw: np.ndarray, noise: np.ndarray
) -> np.ndarray:
    """Grid average intensity: affine in the share of load that wind and solar leave to the rest."""
    thermal_share = np.clip((load_mw - wind_mw - solar_mw) / load_mw, 0, 1)
    intensity = price.carbon_calm_kg_per_mwh + price.carbon_thermal_kg_per_mwh * thermal_share
    return np.maximum(intensity + price.carbon_noise_kg_per_mwh * noise, 0)


def draw_marginal_kg_per_mwh(
    carbon: Carbon, clock: Clock, net_load_mw: np.ndarray, price_usd_per_mwh: np.ndarray, seed: int
) -> np.ndarray:
    """Emissions of one more MWh at the site: those of the gas units on the margin, times the share of gas in it.

    The units' heat rate, and so their emissions, rise with net load from combined cycles to peakers. Where the local
    price is 0 or less, one more MWh only uses renewable output that would be thrown away (Siler-Evans et al. 2012,
    doi 10.1021/es300145v, estimate the margin by regression; the price tells it row by row).

    Args:
        net_load_mw: load less wind and solar, with outages.
        price_usd_per_mwh: settled real-time price at the site.
    """
    rng = stream(seed, Stream.MARGINAL_CARBON)
    span = carbon.tight_net_load_mw - carbon.slack_net_load_mw
    tight = np.clip((net_load_mw - carbon.slack_net_load_mw) / span, 0, 1)
    gas = carbon.gas_low_kg_per_mwh + (carbon.gas_high_kg_per_mwh - carbon.gas_low_kg_per_mwh) * tight
    noise = carbon.noise_kg_per_mwh * wander(rng, len(clock), carbon.noise_tau_h, clock.interval_h)
    burnt = np.clip(price_usd_per_mwh / carbon.gas_from_usd_per_mwh, 0, 1)
    return np.maximum(gas + noise, 0) * burnt


def carbon_free_frac(carbon: Carbon, load_mw: np.ndarray, wind_mw: np.ndarray, solar_mw: np.ndarray) -> np.ndarray:
    """Share of the grid's energy from wind, sun and firm carbon-free plant."""
    return np.clip((wind_mw + solar_mw + carbon.firm_carbon_free_mw) / load_mw, 0, 1)
