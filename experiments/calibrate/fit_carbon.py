"""Carbon of the grid: affine in the share of load that wind and solar leave, from real years."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.calibrate.series import Series
from hybrid_env.traces.market import Price


def fit_carbon(grid_mw: Sequence[dict[str, np.ndarray]], real: Sequence[Series]) -> dict[str, float]:
    """The three carbon fields of `Price`, by least squares on the training years' hours.

    Args:
        grid_mw: load, wind and solar of each year, MW [days, 24].
        real: the same years, with `carbon`.
    """
    share = np.concatenate([((y["load"] - y["wind"] - y["solar"]) / y["load"]).ravel() for y in grid_mw])
    carbon = np.concatenate([year.hourly["carbon"].ravel() for year in real])
    there = np.isfinite(share) & np.isfinite(carbon)
    design = np.column_stack([np.ones(there.sum()), share[there]])
    (calm, thermal), *_ = np.linalg.lstsq(design, carbon[there], rcond=None)
    rest = carbon[there] - design @ np.array([calm, thermal])
    return {
        "carbon_calm_kg_per_mwh": round(float(calm), 1),
        "carbon_thermal_kg_per_mwh": round(float(thermal), 1),
        "carbon_noise_kg_per_mwh": round(float(rest.std()), 1),
    }


def rescale_carbon(price: Price, made: Sequence[Series], real: Sequence[Series]) -> dict[str, float]:
    """The carbon line of a market without a series of load, wind and solar: mean and spread of the real years.

    Args:
        made: years generated with this price part, whose carbon is then stretched and moved.
    """
    ours, theirs = (np.concatenate([y.hourly["carbon"].ravel() for y in years]) for years in (made, real))
    stretch = float(np.nanstd(theirs) / np.nanstd(ours))
    calm = float(np.nanmean(theirs)) - stretch * (float(np.nanmean(ours)) - price.carbon_calm_kg_per_mwh)
    return {
        "carbon_calm_kg_per_mwh": round(calm, 1),
        "carbon_thermal_kg_per_mwh": round(stretch * price.carbon_thermal_kg_per_mwh, 1),
        "carbon_noise_kg_per_mwh": round(stretch * price.carbon_noise_kg_per_mwh, 1),
    }
