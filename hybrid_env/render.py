"""A picture of the site's last day, drawn with NumPy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hybrid_env.batch import Batch
from hybrid_env.sites.site import Site

WIDTH, HEIGHT, MARGIN, PRICE_HEIGHT = 720, 480, 24, 110
BACKGROUND, AXIS, LIMIT, PRICE = (250, 250, 248), (90, 90, 90), (200, 30, 30), (40, 40, 40)
STACK = ("gpu", "mining", "cooling", "charge")
COLOURS = {"gpu": (0, 114, 178), "mining": (230, 159, 0), "cooling": (180, 188, 198), "charge": (204, 121, 167)}
"""Okabe-Ito, safe for the colour-blind; the same colours as on the leaderboard page."""


class Day:
    """The last 24 hours of one lane: MW by use, wind and import, and the settled price."""

    def __init__(self, site: Site) -> None:
        self.rows = 86_400 // site.interval_s
        self.import_limit_mw = site.meter.import_limit_mw
        self.clear()

    def clear(self) -> None:
        """Forget the day."""
        self.series: dict[str, list[float]] = {k: [] for k in (*STACK, "wind", "price")}

    def add(self, batch: Batch) -> None:
        """Take in the interval that lane 0 has just played."""
        lane, page = batch.lanes[0], batch.ledger[0]
        hours = batch.site.interval_h
        row = batch.library.rows[lane["world"], lane["row"] - 1]
        names = {"gpu": lane["gpu_mw"], "mining": lane["mining_mw"], "cooling": lane["cooling_mw"]}
        names |= {
            "charge": page["mwh"][8] / hours,
            "wind": page["mwh"][3] / hours,
            "price": row["price_rt_usd_per_mwh"],
        }
        for key, value in names.items():
            self.series[key] = [*self.series[key][-self.rows + 1 :], float(value)]


def draw_day(day: Day) -> NDArray[np.uint8]:
    """Stacked use above, settled price below; red: import limit plus own wind. uint8 [480, 720, 3]."""
    picture = np.full((HEIGHT, WIDTH, 3), BACKGROUND, np.uint8)
    top, bottom = MARGIN, HEIGHT - PRICE_HEIGHT - MARGIN
    _frame(picture, top, bottom)
    _frame(picture, HEIGHT - PRICE_HEIGHT, HEIGHT - MARGIN)
    n = len(day.series["gpu"])
    if n == 0:
        return picture
    uses = np.array([day.series[k] for k in STACK])
    limit = day.import_limit_mw + np.array(day.series["wind"])
    highest = max(float(limit.max()), float(uses.sum(axis=0).max()), 1.0) * 1.05
    edges = MARGIN + np.arange(n + 1) * (WIDTH - 2 * MARGIN) // day.rows
    for i in range(n):
        level = 0.0
        for k, name in enumerate(STACK):
            y1, y0 = _y(level, highest, top, bottom), _y(level + uses[k, i], highest, top, bottom)
            picture[y0:y1, edges[i] : edges[i + 1]] = COLOURS[name]
            level += uses[k, i]
        y = _y(limit[i], highest, top, bottom)
        picture[y : y + 2, edges[i] : edges[i + 1]] = LIMIT
    price = np.array(day.series["price"])
    low, high = min(0.0, float(price.min())), max(float(price.max()), 100.0)
    for i in range(n):
        y = _y(price[i] - low, high - low, HEIGHT - PRICE_HEIGHT, HEIGHT - MARGIN)
        picture[max(0, y - 1) : y + 2, edges[i] : edges[i + 1]] = PRICE
    return picture


def _y(value: float, highest: float, top: int, bottom: int) -> int:
    return round(bottom - (bottom - top) * min(max(value / highest, 0.0), 1.0))


def _frame(picture: NDArray[np.uint8], top: int, bottom: int) -> None:
    picture[bottom, MARGIN : WIDTH - MARGIN] = AXIS
    picture[top : bottom + 1, MARGIN] = AXIS
