"""Prices: knobs of the merit order and its noise, shifts by month and hour, tables to the real quantiles, in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.calibrate.generated import make_year
from experiments.calibrate.match import Knob, chosen, match
from experiments.calibrate.price_maps import Maps, fit_maps, improve_shifts
from experiments.calibrate.series import Series, join
from experiments.calibrate.statistics import table_of
from hybrid_env.traces.market import Market

SEEDS = (21, 22, 23, 24, 25, 26)
"""Years drawn in every trial."""
MAP_SEEDS = tuple(range(31, 79))
"""Years whose pooled quantiles make the final tables."""
SHIFT_SEEDS = MAP_SEEDS[:20]
"""Years whose pooled months and hours are brought to the real ones."""
SHIFT_GAINS = (0.6, 0.5, 0.4, 0.3)
ROUNDS = 2

PRICE_KNOBS = (
    Knob("gas_sigma", 0.05, 0.9, log=True),
    Knob("outage_sd_mw", 200.0, 8_000.0, log=True),
    Knob("outage_tau_h", 10.0, 400.0, log=True),
    Knob("surprise_sd_mw", 100.0, 6_000.0, log=True),
    Knob("surprise_tau_h", 0.5, 12.0, log=True),
    Knob("scarcity_frac", 0.0003, 0.03, log=True),
    Knob("scarcity_scale_mw", 600.0, 8_000.0, log=True),
    Knob("export_noise_mw", 200.0, 9_000.0, log=True),
    Knob("export_noise_tau_h", 1.0, 48.0, log=True),
    Knob("export_width_mw", 100.0, 5_000.0, log=True),
    Knob("export_limit_mw", 6_000.0, 40_000.0, log=True),
    Knob("export_solar_share", 0.0, 1.0),
    Knob("noise_frac", 0.005, 0.6, log=True),
    Knob("noise_tau_h", 0.3, 24.0, log=True),
    Knob("noise_vol_sigma", 0.1, 1.6, log=True),
    Knob("noise_vol_tau_h", 2.0, 100.0, log=True),
    Knob("transients_per_h", 0.002, 0.3, log=True),
    Knob("transient_usd_per_mwh", 5.0, 400.0, log=True),
    Knob("transient_sigma", 0.3, 2.0),
    Knob("transient_decay_h", 0.05, 1.5, log=True),
    Knob("da_noise_frac", 0.01, 0.5, log=True),
    Knob("da_noise_tau_h", 1.0, 48.0, log=True),
    Knob("da_doubt_mw", 100.0, 8_000.0, log=True),
)
MATCHED = ("rt_negative", "rt_over", "negative_", "spike_", "extreme_", "rt_acf", "within_hour", "da_acf", "spread_",
           "da_rt_rank", "rank_wind_rt", "rank_load_rt", "rank_solar_rt", "rank_drybulb_rt", "rank_wind_da",
           "rt_by_", "da_by_")  # fmt: skip


@dataclass(frozen=True)
class PriceFit:
    """The market with fitted prices, and the distances before and after, in tolerances."""

    market: Market
    before: float
    after: float


def fit_price(
    market: Market,
    real: Sequence[Series],
    utc_offset_h: float,
    *,
    trials: int,
    tick: Callable[[], None],
    rounds: int = ROUNDS,
) -> PriceFit:
    """Turn the knobs, then the shifts, then again; the tables follow from every trial's pooled quantiles.

    Args:
        market: with weather, load, wind and sun fitted.
        real: training years.
        tick: called after every simulated pool.
    """
    pool = join("training", real)
    quarters = pool.steps_per_h > 1
    interval_s = 900 if quarters else 3600
    statistics = chosen(table_of(quarters), *MATCHED)
    price = market.price.model_copy(update={"real_time_map": None, "day_ahead_map": None})
    before: float | None = None
    after = np.nan

    def made(settings: dict[str, object], seeds: Sequence[int] = SEEDS) -> Series:
        trial = market.model_copy(update={"price": price.model_copy(update=settings)})
        return join("made", [make_year(trial, seed, utc_offset_h, interval_s) for seed in seeds])

    def shown(settings: dict[str, float]) -> Series:
        raw = made(dict(settings))
        return fit_maps(raw, pool, price).apply(raw)

    for _ in range(rounds):
        for gain in SHIFT_GAINS:
            price = improve_shifts(price, made({}, SHIFT_SEEDS), pool, gain)
            tick()
        found = match(PRICE_KNOBS, price.model_dump(), shown, statistics, real, trials=trials, tick=tick)
        before = found.before if before is None else before
        after = found.after
        price = price.model_copy(update={name: rounded(value) for name, value in found.settings.items()})
    for gain in SHIFT_GAINS:
        price = improve_shifts(price, made({}, SHIFT_SEEDS), pool, gain)
        tick()
    maps: Maps = fit_maps(made({}, MAP_SEEDS), pool, price)
    price = price.model_copy(update={"real_time_map": maps.real_time, "day_ahead_map": maps.day_ahead})
    return PriceFit(market.model_copy(update={"price": price}), float(before or np.nan), after)


def rounded(value: float, digits: int = 4) -> float:
    """To four significant digits: a fit knows no more, and a file is read by people."""
    return float(f"{value:.{digits}g}")
