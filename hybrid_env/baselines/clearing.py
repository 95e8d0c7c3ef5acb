"""Clearing the site's own market: demand in merit order against supply in steps of rising price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybrid_env.baselines.charges import peak_rise_usd_per_mwh
from hybrid_env.baselines.policy import Array, View
from hybrid_env.baselines.water import Water

Step = tuple[Array, Array]
"""A source: its price USD/MWh and its MW, each [n, k] or [n, 1]."""
STARTS_BELOW = 0.97
"""Share of the import limit that is used where a little more would start a generator at its least load."""


@dataclass(frozen=True)
class Stack:
    """Demand by segment: value USD/MWh [n, S], MW [n, S], use of each segment, and MW of each use at full power.

    `falling_value` and `filled_mw` are the merit order: values from dear to cheap, and MW up to and including each
    segment.
    """

    value: Array
    mw: Array
    use: tuple[str, ...]
    full_mw: dict[str, Array]
    falling_value: Array
    filled_mw: Array

    def accepted_mw(self, clearing: Array, gpu_mw: Array | float = np.inf) -> dict[str, Array]:
        """MW of each use whose value is at least the clearing price; of GPU work at most `gpu_mw` [n], dear to
        cheap."""
        taken = np.where(self.value >= clearing[:, None] - 1e-9, self.mw, 0.0)
        names = np.array(self.use)
        gpu = names != "mining"
        order = np.argsort(-self.value[:, gpu], axis=1, kind="stable")
        work = np.take_along_axis(taken[:, gpu], order, axis=1)
        before = np.cumsum(work, axis=1) - work
        np.minimum(work, np.maximum(0.0, np.reshape(gpu_mw, (-1, 1)) - before), out=work)
        taken[:, gpu] = np.take_along_axis(work, np.argsort(order, axis=1), axis=1)
        return {use: taken[:, names == use].sum(axis=1) for use in self.full_mw}

    def mean_value(self, use: str) -> Array:
        """What a MWh earns in a use, averaged over its segments, USD [n]; 0 without any."""
        mine = np.array(self.use) == use
        mw = self.mw[:, mine]
        return (self.value[:, mine] * mw).sum(axis=1) / np.maximum(mw.sum(axis=1), 1e-9)

    def mining_mw(self, p: np.void, clearing: Array) -> Array:
        """MW of each fleet whose value is at least the clearing price, [n, fleets]."""
        mine = np.array(self.use) == "mining"
        taken = np.where(self.value[:, mine] >= clearing[:, None] - 1e-9, self.mw[:, mine], 0.0)
        return taken @ np.eye(int(p["n_fleets"]))[p["segment_fleet"][: int(p["n_segments"])]]


def clear(stack: Stack, free_mw: Array, steps: Sequence[Step], export_price: Array) -> Array:
    """Price at which demand meets supply, USD/MWh [n, k] for k moments with the same demand.

    Args:
        free_mw: own energy less fixed loads (negative: must be bought), [n, k].
        steps: what can be had on top, in any order.
        export_price: what own energy earns outside, [n, k].
    """
    shape = np.broadcast_shapes(free_mw.shape, *(part.shape for step in steps for part in step))
    price, mw = (np.stack([np.broadcast_to(step[part], shape) for step in steps]) for part in (0, 1))
    order = np.argsort(price, axis=0, kind="stable")
    price, mw = (np.take_along_axis(part, order, axis=0) for part in (price, mw))
    cheapest = price[0]
    found = np.clip(_value_at(stack, free_mw, 0.0), np.minimum(export_price, cheapest), cheapest)
    covered = free_mw
    for next_price, more in zip([*price[1:], np.full(shape, np.inf)], mw, strict=True):
        covered = covered + more
        found = np.maximum(found, np.minimum(_value_at(stack, covered, -np.inf), next_price))
    return found


def clear_site(
    view: View, stack: Stack, price: Array, free_mw: Array, export_price: Array, import_mw: Array,
    water: Water | None = None,
) -> Array:  # fmt: skip
    """`clear` with the site's sources: the grid, dearer above the month's peak so far where peaks are charged, the
    generator, and water from a pond; arrays [n, k], but `import_mw` [n]."""
    grid_mw = import_mw[:, None] * (STARTS_BELOW if view.p["generator_mw"] > 0 else 1.0)
    steps: list[Step] = [(price, grid_mw)]
    if view.p["demand_usd_per_mw_month"] > 0:
        paid = np.minimum(view.lanes["month_import_peak_mw"][:, None], grid_mw)
        steps = [(price, paid), (price + peak_rise_usd_per_mwh(view)[:, None], grid_mw - paid)]
    if view.p["generator_mw"] > 0:
        steps.append((view.generator_usd_per_mwh()[:, None], view.generator_mw()[:, None]))
    if water is not None:
        steps.append((water.value_usd_per_mwh[:, None], water.mw[:, None]))
    return clear(stack, free_mw, steps, export_price)


def clear_now(
    view: View, stack: Stack, price: Array, free_mw: Array, export_price: Array, water: Water | None = None
) -> Array:
    """`clear_site` for the coming interval: all arrays [n]."""
    price, free_mw, export_price = price[:, None], free_mw[:, None], export_price[:, None]
    return clear_site(view, stack, price, free_mw, export_price, view.import_now_mw(), water)[:, 0]


def generator_left_mw(view: View, clearing: Array) -> Array:
    """What is at hand and not to be used where the clearing price [n] does not pay for the generator, MW [n]: its own
    power, and the part of the import limit that keeps it from starting."""
    margin = (1 - STARTS_BELOW) * view.import_now_mw()
    return np.where(clearing < view.generator_usd_per_mwh() - 1e-9, view.generator_mw() + margin, 0.0)


def _value_at(stack: Stack, supply_mw: Array, enough: float) -> Array:
    """Value of the first segment that `supply_mw` [n, k] does not cover; `enough` where it covers all."""
    index = (stack.filled_mw[:, None, :] <= supply_mw[:, :, None] + 1e-9).sum(axis=2)
    padded = np.concatenate([stack.falling_value, np.full((len(supply_mw), 1), enough)], axis=1)
    return np.take_along_axis(padded, index, axis=1)
