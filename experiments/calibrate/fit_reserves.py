"""Reserve prices and forecast skill, from published figures: no series of the training years is at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import least_squares

from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.flexibility import draw_reserves
from hybrid_env.traces.market import Forecasting, ReserveProduct, Skill

PERCENT = (5.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5)
QUANTILES_USD_PER_MW_H = {
    "rrs": (0.44, 0.86, 1.00, 1.91, 5.49, 14.99, 79.01, 181.76),
    "non_spin": (0.20, 0.92, 1.04, 2.15, 8.02, 18.54, 80.00, 136.35),
    "ecrs": (0.06, 0.79, 1.00, 2.74, 11.51, 25.00, 112.93, 224.85),
}
"""ERCOT's day-ahead auctions of 2024."""
LOAD_SKILL = {"sd": 0.029, "memory": 0.94}
WIND_SD_OF_MEAN, WIND_MEMORY = 1_904 / 13_510, 0.92
SOLAR_SKILL = {"sd": 0.12, "memory": 0.8}
"""ERCOT 2024, forecasts of about 10:00 the day before: load sd 2.9 % (MAPE 2.1 %), wind sd 1,904 MW on a mean of
13,510, solar sd 946 MW on a daylight mean of about 10,600; error autocorrelations 0.94, 0.91 and 0.78 at 1 h."""


def fit_reserves(products: Sequence[ReserveProduct], day_ahead: np.ndarray, seed: int = 7) -> list[ReserveProduct]:
    """Level, spread and slope of each product whose figures are known, against this market's own day-ahead prices.

    Args:
        day_ahead: hourly energy price of some generated years, USD/MWh [years, 8760].
    """
    return [
        _fit(product, day_ahead, seed) if product.name in QUANTILES_USD_PER_MW_H else product for product in products
    ]


def reserve_quantiles(product: ReserveProduct, day_ahead: np.ndarray, seed: int) -> np.ndarray:
    """Quantiles of generated availability prices at `PERCENT`."""
    clock = make_clock(2022, 3600, 0.0)
    flat = np.zeros(8_760)
    drawn = [draw_reserves([product], clock, year, flat, seed + i) for i, year in enumerate(day_ahead)]
    return np.percentile(np.concatenate([d["reserve_0_usd_per_mw_h"] for d in drawn]), PERCENT)


def _fit(product: ReserveProduct, day_ahead: np.ndarray, seed: int) -> ReserveProduct:
    wanted = np.log(QUANTILES_USD_PER_MW_H[product.name])
    calm = float(np.median(day_ahead))

    def built(x: np.ndarray) -> ReserveProduct:
        """Logs of the level and of calm prices are shifted, so that no unknown is near zero and slopes have a step."""
        level, sigma, slope, shift = x - np.array([2.0, 0.0, 0.0, 1.0])
        low = calm * np.exp(shift)
        fields = {
            "usd_per_mw_h": round(float(np.exp(level)), 3),
            "sigma": round(float(sigma), 3),
            "calm_usd_per_mwh": round(low, 1),
            "tight_usd_per_mwh": round(low * 10 ** (1 / float(slope)), 1),
            "scarcity_multiple": 10.0,
        }
        return product.model_copy(update=fields)

    found = least_squares(
        lambda x: np.log(reserve_quantiles(built(x), day_ahead, seed)) - wanted, [2.0, 0.8, 2.0, 1.3],
        bounds=([0, 0.05, 0.8, 0.3], [4, 2, 4, 2.5]), diff_step=0.05, max_nfev=25,
    )  # fmt: skip
    return built(found.x)


def fit_forecasting(forecasting: Forecasting, mean_wind_cf: float) -> Forecasting:
    """Day-ahead skill by the published figures; wind's error is a share of the fleet's mean output."""
    return forecasting.model_copy(
        update={
            "load_frac": Skill(**LOAD_SKILL),
            "system_wind_cf": Skill(sd=round(WIND_SD_OF_MEAN * mean_wind_cf, 4), memory=WIND_MEMORY),
            "solar_frac": Skill(**SOLAR_SKILL),
        }
    )
