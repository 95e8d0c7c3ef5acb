"""The bench site's programme over a few rows of a calm trace, solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hybrid_env.optimum.horizon import Periods, StartState, trace_periods
from hybrid_env.optimum.model import SiteModel, build
from hybrid_env.sites.parameters import parameter_record
from tests.workbench import calm_trace, site_with

HOUR = 4
"""Rows."""


@dataclass
class Solved:
    """A solved programme; `x[block]` are the values of a block, `usd` the profit."""

    p: np.void
    t: Periods
    site: SiteModel
    columns: np.ndarray
    duals: np.ndarray
    usd: float

    @property
    def record(self) -> Any:
        """Parameters with fields as attributes, as the simulator's functions read them."""
        return np.array([self.p]).view(np.recarray)[0]

    def __getitem__(self, block: str) -> np.ndarray:
        return self.site.lp.values(block, self.columns)


def solved(
    changes: dict[str, Any] | None = None, n: int = 8 * HOUR, start: int = 0, state: dict[str, Any] | None = None,
    **trace: Any,
) -> Solved:  # fmt: skip
    """Solve `n` rows of the bench site with some fields changed, some columns other than calm, some other start."""
    site = site_with(changes)
    p = parameter_record(site)[0]
    usual = StartState.usual(p)
    begin = StartState(**{name: getattr(usual, name) for name in StartState.__dataclass_fields__} | (state or {}))
    t = trace_periods(p, calm_trace(**trace), start, n, begin)
    model = build(p, t, begin)
    assert model.lp.fault() == ""
    found = model.lp.solve("simplex")
    assert found.status == "Optimal"
    return Solved(p, t, model, found.columns, found.duals, found.value_usd)


def prices(values: Mapping[int, float], usual: float = 30, rows: int = 192) -> dict[str, Any]:
    """Real-time and dispatch price that are `usual` but in some rows."""
    price = np.full(rows, float(usual))
    for row, value in values.items():
        price[row] = value
    return {"price_rt_usd_per_mwh": price, "price_lmp_usd_per_mwh": price}
