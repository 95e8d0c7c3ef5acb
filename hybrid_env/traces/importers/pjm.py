"""PJM Data Miner: hourly prices and metered load. Hour BEGINNING; the UTC column alone is unique."""

from __future__ import annotations

from hybrid_env.traces.importers.clock import from_offset, stamps
from hybrid_env.traces.importers.frame import Format, Notes, Table, build_table
from hybrid_env.traces.importers.source import DataFrame, SourceFile, numbers, read_csv

UTC_COLUMN = "datetime_beginning_utc"
LAYOUTS = ("%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %H:%M")
PRICES = {"total_lmp_rt": "rt", "total_lmp_da": "da"}
BEGINNING = "hours begin at their stamp; the UTC column is used, for the Eastern one has an hour twice in autumn"


def _recognises_prices(source: SourceFile) -> bool:
    return any(source.has_columns(UTC_COLUMN, "pnode_name", price) for price in PRICES)


def _recognises_load(source: SourceFile) -> bool:
    return source.has_columns(UTC_COLUMN, "load_area", "mw")


def _current(raw: DataFrame, notes: Notes) -> DataFrame:
    """The rows that PJM has not replaced by a later version."""
    if "row_is_current" not in raw:
        return raw
    old = raw["row_is_current"].str.upper() != "TRUE"
    notes.dropped("rows that PJM marks as replaced by a later version", raw.index[old])
    return raw[~old]


def _read_prices(source: SourceFile) -> Table:
    notes = Notes()
    raw = _current(read_csv(source), notes)
    name, market = next((name, market) for name, market in PRICES.items() if name in raw)
    notes.assumed(BEGINNING)
    notes.assumed(f"the price is `{name}`, with congestion and losses; `system_energy_price` is left aside")
    start = from_offset(stamps(raw[UTC_COLUMN], source, LAYOUTS), 0)
    return build_table(
        source, "price", start, {"price_usd_per_mwh": numbers(raw[name], source)}, notes, point=raw["pnode_name"],
        interval_s=3600, lines=raw.index, facts={"market": market},
    )  # fmt: skip


def _read_load(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    notes.assumed(BEGINNING)
    start = from_offset(stamps(raw[UTC_COLUMN], source, LAYOUTS), 0)
    return build_table(
        source, "load", start, {"load_mw": numbers(raw["mw"], source)}, notes, point=raw["load_area"], interval_s=3600,
        lines=raw.index,
    )  # fmt: skip


FORMATS = (
    Format(
        "pjm_hrl_lmps", "PJM hourly LMPs, real-time or day-ahead (Data Miner CSV)", "price", _recognises_prices,
        _read_prices, BEGINNING + "; total LMP",
    ),
    Format("pjm_hrl_load", "PJM hourly metered load (Data Miner CSV)", "load", _recognises_load, _read_load, BEGINNING),
)  # fmt: skip
