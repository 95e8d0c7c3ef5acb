"""Coincident peaks: which rows carry a year's coincident-peak charge, under the rules that tariffs name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

CoincidentPeakRule = Literal["4CP", "12CP", "NCP"]

CP_RULE_MONTHS: dict[CoincidentPeakRule, tuple[int, ...]] = {
    "4CP": (6, 7, 8, 9),
    "12CP": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
    "NCP": (),
}
"""Months whose highest system load carries an equal share of the charge. 4CP: ERCOT's transmission charge (16 TAC
25.192, June to September). 12CP: the highest of every month, as FERC's transmission tariffs allocate. NCP, not
coincident: the site's own monthly peak counts, which the tariff's demand charge bills, so no row has a weight."""


def coincident_peak_weights(
    system_load_mw: np.ndarray, month: np.ndarray, rule: CoincidentPeakRule | Sequence[int]
) -> np.ndarray:
    """Each row's share of the year's coincident-peak charge, for any year's load, drawn or measured.

    Args:
        system_load_mw: load of the whole grid, one value a row.
        month: local calendar month of each row, 1 to 12; of one year, for each month counts once.
        rule: a named rule, or the months themselves.

    Returns:
        Array of the load's length: an equal share on the highest row of each month (the first of equals), 0 elsewhere.
        Months outside the rows keep their share, so that part of a year bears part of the charge.
    """
    months = CP_RULE_MONTHS[rule] if isinstance(rule, str) else tuple(rule)
    weights = np.zeros(len(system_load_mw))
    for wanted in months:
        rows = np.flatnonzero(month == wanted)
        if len(rows):
            weights[rows[np.argmax(system_load_mw[rows])]] = 1 / len(months)
    return weights
