"""Real-time, dispatch and day-ahead prices from one merit order, so that price, wind and load belong together.

With net load `x` (system load - wind - solar + outages):
`hub = gas * heat_rate(x) + scarcity(x)`, `scarcity(x) = S exp((x - x_S) / scale)` up to the cap;
`west = hub + binding * (wind offer - hub)`, `binding = logistic((renewables - export limit) / width)`.
Day-ahead is the expectation of the same two lines over what is not known the day before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.generate.clock import DAYS, Clock
from hybrid_env.traces.generate.noise import Stream, decay, memory_of, stream, wander
from hybrid_env.traces.market import Price, PriceMap

MAP_SCALE_USD_PER_MWH = 20.0
"""Where a price map turns from linear to logarithmic: below the fuel cost of most plants."""
MIDWINTER_DAY = 15
DOUBT_NODES = np.array([-np.sqrt(3.0), 0.0, np.sqrt(3.0)])
DOUBT_WEIGHTS = np.array([1 / 6, 2 / 3, 1 / 6])
"""Three-point Gauss-Hermite rule for a standard normal."""


@dataclass(frozen=True)
class Curve:
    """What turns a state of the grid into a West price; the same for truth and for expectation."""

    price: Price
    scarce_mw: float
    """Net load at which scarcity reaches `price.scarcity_usd_per_mwh` this year."""

    def hub_usd_per_mwh(self, net_load_mw: np.ndarray, gas_usd_per_mmbtu: np.ndarray) -> np.ndarray:
        """Merit-order price of the whole grid."""
        p = self.price
        energy = gas_usd_per_mmbtu * np.interp(
            net_load_mw, np.array(p.stack_net_load_mw), np.array(p.stack_heat_rate_mmbtu_per_mwh)
        )
        exponent = np.minimum((net_load_mw - self.scarce_mw) / p.scarcity_scale_mw, np.log(p.cap_usd_per_mwh))
        return np.minimum(energy + p.scarcity_usd_per_mwh * np.exp(exponent), p.cap_usd_per_mwh)

    def west_usd_per_mwh(
        self, hub: np.ndarray, stress_mw: np.ndarray, offer: np.ndarray, wind_cf: np.ndarray
    ) -> np.ndarray:
        """West hub: towards the (negative) offer of wind as exports bind, a little above the hub in calm weather."""
        p = self.price
        binding = 1 / (1 + np.exp(-np.clip(stress_mw / p.export_width_mw, -50, 50)))
        calm = p.calm_premium_usd_per_mwh * np.maximum(1 - wind_cf / 0.35, 0)
        west = (1 - binding) * (hub + calm) + binding * np.minimum(hub, -offer)
        return np.clip(west, p.floor_usd_per_mwh, p.cap_usd_per_mwh)

    def stress_mw(self, load_mw: np.ndarray, wind_mw: np.ndarray, solar_mw: np.ndarray) -> np.ndarray:
        """Renewable output beyond what the West can use and export."""
        p = self.price
        used = p.export_load_share * (load_mw - p.export_load_ref_mw)
        return wind_mw + p.export_solar_share * solar_mw - used - p.export_limit_mw

    def expected_usd_per_mwh(
        self, load_mw: np.ndarray, wind_mw: np.ndarray, solar_mw: np.ndarray, outage_mw: np.ndarray, gas: np.ndarray
    ) -> np.ndarray:
        """West price expected by somebody who knows net load up to `da_doubt_mw`."""
        p = self.price
        net = load_mw - wind_mw - solar_mw + outage_mw
        stress = self.stress_mw(load_mw, wind_mw, solar_mw)
        wind_cf = wind_mw / max(p.wind_capacity_mw, 1.0)
        offer = np.full_like(net, p.wind_offer_usd_per_mwh)
        total = np.zeros_like(net)
        for node, weight in zip(DOUBT_NODES, DOUBT_WEIGHTS, strict=True):
            hub = self.hub_usd_per_mwh(net + node * p.da_doubt_mw, gas)
            total += weight * self.west_usd_per_mwh(hub, stress - node * p.export_noise_mw, offer, wind_cf)
        return total


@dataclass(frozen=True)
class PriceYear:
    """Row series, lead-in and lead-out included; `shift_mw` is None in a market without shifts."""

    real_time: np.ndarray
    dispatch: np.ndarray
    basis: np.ndarray
    tightness: np.ndarray
    gas: np.ndarray
    outage_mw: np.ndarray
    shift_mw: np.ndarray | None
    curve: Curve


def draw_prices(
    price: Price, clock: Clock, load_mw: np.ndarray, wind_mw: np.ndarray, solar_mw: np.ndarray,
    site_wind_cf: np.ndarray, seed: int,
) -> PriceYear:  # fmt: skip
    """Real-time and dispatch prices and the generation node's basis."""
    rng = stream(seed, Stream.PRICE)
    n, step_h = len(clock), clock.interval_h
    gas = price.gas_usd_per_mmbtu * np.exp(price.gas_sigma * wander(rng, n, price.gas_tau_h, step_h))
    outage = price.outage_sd_mw * wander(rng, n, price.outage_tau_h, step_h)
    surprise = price.surprise_sd_mw * wander(rng, n, price.surprise_tau_h, step_h)
    tightness = load_mw - wind_mw - solar_mw + outage + surprise
    shift = shift_mw(price, clock)
    if shift is not None:
        tightness = tightness + shift
    share = price.scarcity_frac * np.exp(price.scarcity_frac_sigma * rng.standard_normal())
    curve = Curve(price, float(np.quantile(tightness[clock.year], 1 - min(share, 0.5))))
    hub = curve.hub_usd_per_mwh(tightness, gas)
    offer = price.wind_offer_usd_per_mwh * np.exp(
        price.wind_offer_sigma * wander(rng, n, price.wind_offer_tau_h, step_h)
    )
    stress = curve.stress_mw(load_mw, wind_mw, solar_mw)
    stress = stress + price.export_noise_mw * wander(rng, n, price.export_noise_tau_h, step_h)
    west = curve.west_usd_per_mwh(
        hub * _fast_noise(price, clock, rng) + _transients(price, clock, rng), stress,
        np.minimum(offer, price.wind_offer_max_usd_per_mwh), wind_mw / max(price.wind_capacity_mw, 1.0),
    )  # fmt: skip
    west = mapped(price.real_time_map, west)
    return PriceYear(
        real_time=west,
        dispatch=_dispatch(price, west, rng),
        basis=_basis(price, clock, site_wind_cf, rng),
        tightness=tightness,
        gas=gas,
        outage_mw=outage,
        shift_mw=shift,
        curve=curve,
    )


def day_ahead_usd_per_mwh(price: Price, expected: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Hourly day-ahead price: the expectation with a risk premium and the auction's own noise."""
    noise = price.da_noise_frac * wander(rng, len(expected), price.da_noise_tau_h, 1.0)
    asked = expected * np.exp(noise) + price.da_premium_frac * np.abs(expected)
    return mapped(price.day_ahead_map, np.clip(asked, price.floor_usd_per_mwh, price.cap_usd_per_mwh))


def expected_day_ahead_usd_per_mwh(price: Price, expected: np.ndarray) -> np.ndarray:
    """What a forecast says of a day-ahead price not yet published: the expectation, as the market shows it."""
    if price.day_ahead_map is None:
        return expected
    return mapped(price.day_ahead_map, expected + price.da_premium_frac * np.abs(expected))


def mapped(table: PriceMap | None, made: np.ndarray) -> np.ndarray:
    """Prices through a table, linear in `asinh(price / 20)`; the prices themselves without one."""
    if table is None:
        return made
    x, y = (
        np.arcsinh(np.array(values) / MAP_SCALE_USD_PER_MWH)
        for values in (table.made_usd_per_mwh, table.shown_usd_per_mwh)
    )
    return MAP_SCALE_USD_PER_MWH * np.sinh(np.interp(np.arcsinh(made / MAP_SCALE_USD_PER_MWH), x, y))


def shift_mw(price: Price, clock: Clock) -> np.ndarray | None:
    """Tightness by month and hour beyond net load, by row; None where the market has neither."""
    if price.month_shift_mw is None and price.hour_shift_mw is None:
        return None
    out = np.zeros(len(clock))
    if price.month_shift_mw is not None:  # from mid-month to mid-month, so that no night brings a jump
        middle = (np.arange(-1, 13) + 0.5) * DAYS / 12
        shifts = price.month_shift_mw
        out += np.interp(clock.season_day, middle, [shifts[-1], *shifts, shifts[0]])
    if price.hour_shift_mw is not None:
        summer = np.interp(clock.hour, np.arange(25.0), [*price.hour_shift_mw, price.hour_shift_mw[0]])
        cold = price.winter_hour_shift_mw
        winter = summer if cold is None else np.interp(clock.hour, np.arange(25.0), [*cold, cold[0]])
        out += summer + (winter - summer) * (1 + clock.season_wave(MIDWINTER_DAY)) / 2
    return out


def _fast_noise(price: Price, clock: Clock, rng: np.random.Generator) -> np.ndarray:
    """Multiplicative deviation with quiet and restless spells."""
    n, step_h = len(clock), clock.interval_h
    loudness = np.exp(price.noise_vol_sigma * wander(rng, n, price.noise_vol_tau_h, step_h))
    return np.exp(np.clip(price.noise_frac * loudness * wander(rng, n, price.noise_tau_h, step_h), -1.5, 1.5))


def _transients(price: Price, clock: Clock, rng: np.random.Generator) -> np.ndarray:
    """Short jumps of the real-time price from ramps and lines, USD/MWh."""
    n, step_h = len(clock), clock.interval_h
    hits = rng.random(n) < price.transients_per_h * step_h
    heights = price.transient_usd_per_mwh * np.exp(price.transient_sigma * rng.standard_normal(n))
    return decay(np.where(hits, heights, 0.0), memory_of(price.transient_decay_h, step_h))


def _dispatch(price: Price, west: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What the screen shows as the interval starts: nearly what will settle, now and then still the interval before."""
    n = len(west)
    before = np.concatenate([west[:1], west[:-1]])
    late = rng.random(n) < price.lmp_late_frac
    shown = np.where(late, before, west * (1 + price.lmp_noise_frac * rng.standard_normal(n)))
    return np.clip(shown, price.floor_usd_per_mwh, price.cap_usd_per_mwh)


def _basis(price: Price, clock: Clock, site_wind_cf: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Generation node minus load zone: never positive, wider when the wind that shares its line blows."""
    spread = np.exp(price.basis_sigma * wander(rng, len(clock), price.basis_tau_h, clock.interval_h))
    return -(price.basis_usd_per_mwh + price.basis_windy_usd_per_mwh * site_wind_cf**2) * spread
