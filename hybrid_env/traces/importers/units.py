"""Units as the end of a column's name: what may feed what, and by which factor."""

from __future__ import annotations

import re
from collections.abc import Mapping

CURRENCY = re.compile(r"(?:^|_)(?P<currency>[a-z]{3})_per_(?P<per>mwh|kwh|mw_h|gpu_h|mmbtu|t)$")
PLAIN = ("kg_per_mwh", "btc_per_block", "mwh", "kwh", "mw", "kw", "cf", "frac", "pct", "usd", "btc", "c", "h")
"""Units that a trace column's name, or one that can be converted to it, ends in."""
FACTORS = {("kw", "mw"): 1e-3, ("pct", "frac"): 1e-2, ("pct", "cf"): 1e-2, ("frac", "cf"): 1.0, ("cf", "frac"): 1.0}
PER = {("kwh", "mwh"): 1e3, ("mwh", "kwh"): 1e-3}


class UnitError(ValueError):
    """Two columns whose units do not fit; the message says which, and what to do."""


def unit_of(column: str) -> str | None:
    """The unit that a column's name ends in; None where it ends in none (`difficulty`, `inference_load`)."""
    match = CURRENCY.search(column)
    if match:
        return f"{match['currency']}_per_{match['per']}"
    return next((unit for unit in PLAIN if column.endswith(f"_{unit}")), None)


def factor(source: str, target: str, usd_per: Mapping[str, float]) -> float:
    """What to multiply a source column by to feed a trace column.

    Args:
        source, target: column names.
        usd_per: dollars per unit of each foreign currency, by its three letters in lower case.

    Raises:
        UnitError: the units differ and cannot be converted, or a currency's rate is missing.
    """
    if source == target:
        return 1.0
    have, want = unit_of(source), unit_of(target)
    if have is not None and have == want:
        return 1.0
    ours, theirs = CURRENCY.search(target), CURRENCY.search(source)
    if ours and theirs:
        per = 1.0 if ours["per"] == theirs["per"] else PER.get((theirs["per"], ours["per"]))
        if per is not None:
            return per * _rate(theirs["currency"], usd_per)
    if have is not None and want is not None and (have, want) in FACTORS:
        return FACTORS[have, want]
    raise UnitError(
        f"{source!r} ({have or 'no unit in its name'}) cannot feed {target!r} ({want or 'no unit in its name'});"
        " give `scale` (and `offset`) in the feed if it is the right column"
    )


def _rate(currency: str, usd_per: Mapping[str, float]) -> float:
    if currency == "usd":
        return 1.0
    if currency not in usd_per:
        raise UnitError(
            f"prices are in {currency.upper()}: give `usd_per: {{{currency}: ...}}` in the recipe (dollars for one"
            f" {currency.upper()}, the mean of the period)"
        )
    return usd_per[currency]
