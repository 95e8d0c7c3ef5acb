"""Reserves by rule: offer what will probably run, hold what was sold while that pays, and follow calls."""

from __future__ import annotations

import numpy as np

from hybrid_env.baselines.policy import Array, View
from hybrid_env.sites.reserves import MAX_PRODUCTS

CALLED_SHARE = 0.01
"""Share of the hours for which a product is thought to be called (ECRS in 2023 to 2025: well below a hundredth)."""
SURE_FRAC = 0.95
"""Share of the expected mining power that is offered: machines wake slowly and halls run hot."""


def prices(view: View) -> Array:
    """Availability prices of the site's products now, USD/MW-h, [n, products]."""
    return np.stack([view.now(f"reserve_{k}_usd_per_mw_h") for k in range(int(view.p["n_reserves"]))], axis=1)


def deploy_frac(view: View) -> Array:
    """Called shares now, [n, products]; a relay knows only all or nothing."""
    frac = np.stack([view.now(f"reserve_{k}_deploy_frac") for k in range(int(view.p["n_reserves"]))], axis=1)
    return np.where(frac > 0, 1.0, 0.0) if view.p["reserve_tripped"] else frac


def held_mw(view: View, wanted_mw: Array, loss_usd_per_mwh: Array) -> Array:
    """Mining power that heeds what was sold, MW [n].

    What is not called is held while its pay and penalty exceed what mining loses (USD/MWh, [n]); a call lowers mining
    to the load before it less what is called.
    """
    p, k = view.p, int(view.p["n_reserves"])
    award, called = view.lanes["award_mw"][:, :k], deploy_frac(view)
    ready = award * (1 - called)
    worth = (1 + p["reserve_penalty_mult"]) * (ready * prices(view)).sum(axis=1)
    hold = ready.sum(axis=1)
    held = np.where(worth > loss_usd_per_mwh * hold, np.maximum(wanted_mw, hold), wanted_mw)
    due = (award * called).sum(axis=1)
    return np.where(due > 0, np.minimum(held, np.maximum(0.0, view.lanes["base_mw"] - due)), held)


def offers(view: View, runs_mw: Array, margin_usd_per_mwh: Array) -> Array:
    """Actions `reserve_k`, [n, 3]: all of `runs_mw` (mining expected next hour) for the dearest product, where its
    price beats the margin (USD/MWh, [n]) that calls are expected to cost."""
    price = prices(view)
    best = price.argmax(axis=1)
    pays = price.max(axis=1) > CALLED_SHARE * np.maximum(0.0, margin_usd_per_mwh)
    frac = np.clip(SURE_FRAC * runs_mw / view.p["reserve_max_mw"], 0.0, 1.0)
    out = np.full((len(best), MAX_PRODUCTS), -1.0)
    out[np.arange(len(best)), best] = np.where(pays, 2 * frac - 1, -1.0)
    return out
