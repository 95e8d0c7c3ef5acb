"""Which asking price to name for on-demand GPUs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hybrid_env.baselines.policy import Array, View

Places = NDArray[np.int64]


def best_ask(view: View, clearing: Array) -> Places:
    """Place in the menu that earns most, [n]: `accept (ask rent - cost)`, where a GPU-hour costs what its power is
    worth at the clearing price (USD/MWh, [n]) or what spot rental would pay for it, whichever is more."""
    p, rent = view.p, view.now("gpu_rent_usd_per_gpu_h")
    asks = int(p["n_asks"])
    instead = p["spot_price_frac"] * rent if p["spot_gpus"] > 0 else np.zeros_like(rent)
    cost = np.maximum(clearing * p["gpu_dyn_mw"], instead)
    margin = rent[:, None] * p["ask_frac"][:asks] - cost[:, None]
    return np.argmax(p["accept_frac"][:asks] * margin, axis=1)


def ask_action(p: np.void, place: Places | int) -> Array:
    """The action that names a price of the menu, in [-1, 1]."""
    last = int(p["n_asks"]) - 1
    return 2.0 * np.asarray(place) / last - 1.0 if last > 0 else np.zeros(np.shape(place))


def on_demand_gpus(view: View, place: Places, pool: Array) -> Array:
    """GPUs that customers take at a price of the menu if demand stays as it was, at most the pool, [n]."""
    asked = view.last("on_demand_load") * view.p["on_demand_gpus"] * view.p["accept_frac"][place]
    return np.minimum(asked, np.maximum(pool, 0.0))
