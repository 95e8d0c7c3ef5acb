"""What no file supplies, taken from generated years: columns and gang jobs on the rows of a trace."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.importers.frame import Notes
from hybrid_env.traces.importers.recipe import Recipe
from hybrid_env.traces.importers.span import Span
from hybrid_env.traces.library import load_or_generate
from hybrid_env.traces.market import load_market
from hybrid_env.traces.schema import COLUMNS, JOB, Trace, TraceError

DAY_S = 86_400
UNLIMITED_MW = 1_000.0
TOGETHER = {
    "price_lmp_usd_per_mwh": "price_rt_usd_per_mwh", "basis_gen_usd_per_mwh": "price_rt_usd_per_mwh",
    "price_da_usd_per_mwh": "price_rt_usd_per_mwh", "cp_weight": "system_load_mw", "difficulty": "btc_usd",
    "subsidy_btc": "btc_usd", "fees_btc_per_block": "btc_usd",
}  # fmt: skip
"""Columns that are only drawn where their partner is drawn too: beside a real one they would make no sense."""
NOT_DRAWN = ("import_limit_mw", "export_limit_mw")
"""Limits are the site's: they are drawn only where asked for by name."""


def drawn_columns(recipe: Recipe, span: Span, supplied: set[str], notes: Notes) -> tuple[dict[str, np.ndarray], str]:
    """The columns that the recipe wants from its market.

    Args:
        supplied: columns that are there already.

    Returns:
        Columns by name, and what to call their source.

    Raises:
        TraceError: a name is no column, or is fed as well.
    """
    synthetic = recipe.synthetic
    assert synthetic is not None
    if synthetic.columns == "rest":
        wanted = [
            name for name in COLUMNS
            if name not in supplied and name not in NOT_DRAWN
            and TOGETHER.get(name, "") not in supplied and not (name == "cp_weight" and recipe.coincident_peaks)
            and not (name == "price_da_usd_per_mwh" and recipe.day_ahead_from_past)
        ]  # fmt: skip
    else:
        wanted = list(synthetic.columns)
        for name in wanted:
            if name not in COLUMNS:
                raise TraceError(f"{recipe.name}: synthetic.columns: no trace column {name!r}")
            if name in supplied:
                raise TraceError(f"{recipe.name}: {name} is fed and drawn; keep one of the two")
    years = _years(recipe, span)
    out = {}
    for name in wanted:
        values = np.empty(span.rows)
        for rows, trace, taken in years:
            values[rows] = trace.rows[name][taken]
        if any(trace.origin.get(name) == "synthetic" for _, trace, _ in years):
            out[name] = values
    if any(len(taken) and (np.diff(taken) != 1).any() for _, _, taken in years):
        notes.filled("31 December of a leap year repeats the day before in drawn columns")
    label = f"drawn: {', '.join(dict.fromkeys(trace.name for _, trace, _ in years))}"
    return out, label


def drawn_jobs(recipe: Recipe, span: Span, notes: Notes) -> np.ndarray:
    """Gang jobs of the drawn years that arrive within the span."""
    parts = []
    for rows, trace, taken in _years(recipe, span):
        first, last = int(taken[0]), int(taken.max())
        jobs = trace.jobs[(trace.jobs["arrival_row"] >= first) & (trace.jobs["arrival_row"] <= last)].copy()
        for column in ("arrival_row", "deadline_row"):
            jobs[column] += rows.start - first
        parts.append(jobs)
    jobs = np.concatenate(parts) if parts else np.zeros(0, JOB)
    notes.assumed(f"{len(jobs)} gang jobs are drawn, not real")
    return jobs


def _years(recipe: Recipe, span: Span) -> list[tuple[slice, Trace, np.ndarray]]:
    """For each local calendar year of the span: its rows, the drawn year, and the drawn year's rows to take."""
    synthetic = recipe.synthetic
    assert synthetic is not None
    market = load_market(synthetic.market)
    limit = recipe.import_limit_mw or UNLIMITED_MW
    per_day = DAY_S // span.interval_s
    days = np.arange(np.datetime64(recipe.first_day, "D"), np.datetime64(recipe.last_day, "D") + np.timedelta64(1, "D"))
    year = days.astype("datetime64[Y]").astype(int) + 1970
    out = []
    for number, label in enumerate(np.unique(year).tolist()):
        here = np.flatnonzero(year == label)
        trace = load_or_generate(
            market, synthetic.seed + number, limit, span.interval_s, span.utc_offset_h, year=int(label)
        )
        day = (days[here] - np.datetime64(f"{label}-01-01")).astype(int)
        last_day = len(trace) // per_day - 1
        taken = (np.minimum(day, last_day)[:, None] * per_day + np.arange(per_day)).ravel()
        out.append((slice(int(here[0]) * per_day, (int(here[-1]) + 1) * per_day), trace, taken))
    return out
