"""Settings that would do nothing on a site: whoever wrote one meant something else, so each is refused by name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hybrid_env.sites import curves
from hybrid_env.sites.gang import Gang
from hybrid_env.sites.network import Network
from hybrid_env.sites.tariff import Tariff

if TYPE_CHECKING:
    from hybrid_env.sites.mining import Mining
    from hybrid_env.sites.site import Site

ON_IMPORTS = (
    "energy_adder_usd_per_mwh", "coincident_peak_usd_per_kw_year", "demand_usd_per_kw_month",
)  # fmt: skip
"""Charges of the tariff on energy or power that is imported."""
POOL_TERMS = ("pool_scheme", "pool_fee_frac", "fee_on_fees_frac")


def check(site: Site) -> None:
    """See that what is set beyond its default has something to work on, across mechanisms.

    Raises:
        ValueError: a setting without effect; the message names it, what was found, what it needs and the fix.
    """
    _check_training(site)
    _check_pool(site)
    _check_island(site)
    _check_reserves(site)


def _check_training(site: Site) -> None:
    """Gang jobs come only to a site that sells training."""
    training = None if site.gpu is None else site.gpu.training
    if training is not None and training.base_gpus > 0:
        return
    given = [name for name in Gang.model_fields if getattr(site.gang, name) != Gang.model_fields[name].default]
    if given:
        raise ValueError(
            f"gang.{given[0]} is set, and no gang job ever comes: the site sells no training (gpu.training with"
            f" base_gpus above 0); add it or remove gang.{given[0]}"
        )
    if site.gpu is not None and site.gpu.admission:
        raise ValueError(
            "gpu.admission = True chooses among gang jobs, and none ever comes: the site sells no training"
            " (gpu.training with base_gpus above 0); add it or remove gpu.admission"
        )


def _check_pool(site: Site) -> None:
    """A pool pays for hash alone, and one scheme alone takes a fee on fees."""
    pool = site.network
    given = [name for name in POOL_TERMS if getattr(pool, name) != Network.model_fields[name].default]
    if given and site.mining is None:
        raise ValueError(
            f"network.{given[0]} = {getattr(pool, given[0])!r} is a pool's, and the site has no mining; add `mining` or"
            f" remove network.{given[0]}"
        )
    if "fee_on_fees_frac" in given and pool.pool_scheme != "pps_plus":
        raise ValueError(
            f"network.fee_on_fees_frac = {pool.fee_on_fees_frac:g} is read by pool_scheme: pps_plus alone (found:"
            f" {pool.pool_scheme}); choose that scheme or remove it"
        )


def _check_island(site: Site) -> None:
    """Nothing is charged on imports where there are none."""
    if site.meter.import_limit_mw > 0:
        return
    for name in ON_IMPORTS:
        value = getattr(site.tariff, name)
        if value > 0:
            raise ValueError(
                f"tariff.{name} = {value:g} is charged on imports, and meter.import_limit_mw = 0 allows none;"
                f" remove it or give an import limit"
            )
    if site.meter.ramp_mw_per_min is not None:
        raise ValueError(
            f"meter.ramp_mw_per_min = {site.meter.ramp_mw_per_min:g} limits how fast imports rise, and"
            " meter.import_limit_mw = 0 allows none; remove it or give an import limit"
        )
    if site.meter.export_limit_mw == 0 and site.tariff.energy_price != Tariff().energy_price:
        raise ValueError(
            f"tariff.energy_price = {site.tariff.energy_price!r} settles imports and exports, and the meter's limits"
            " allow neither; remove it or give a limit"
        )


def _check_reserves(site: Site) -> None:
    """No more can be sold than could ever drop: miners at full power and a battery that charges."""
    if site.reserves is None:
        return
    mining_mw = 0.0 if site.mining is None else most_mw(site.mining)
    battery_mw = 0.0 if site.battery is None else site.battery.power_mw
    most = mining_mw + battery_mw
    if site.reserves.max_mw > most:
        raise ValueError(
            f"reserves.max_mw = {site.reserves.max_mw:g} is more than the site could ever drop: {mining_mw:.4g} MW of"
            f" mining and {battery_mw:g} MW of a charging battery; allowed: up to"
            f" {math.floor(most * 100) / 100:g}; lower it"
        )


def most_mw(mining: Mining) -> float:
    """Power of all working machines at their highest profile, above their sleep draw: what mining can drop."""
    _, _, power_knots, _ = curves.asic_lines(mining.floor_hash_frac, mining.max_hash_frac, mining.sleep_draw_frac)
    return sum(fleet.nameplate_mw for fleet in mining.fleets) * mining.availability_frac * float(power_knots[-1])
