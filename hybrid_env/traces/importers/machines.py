"""Prices and telemetry of machines: AWS spot prices, cgminer's API, a pool's view of a worker.

Columns: `price_usd_per_h` (a whole machine), `hashrate_th_per_s`, `power_w`, `temperature_max_c`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile

GH_PER_TH = 1000.0
HASHES_PER_TH = 1e12
MOST_CHAINS = 16


def _is_spot(source: SourceFile) -> bool:
    opening = source.text.lstrip()[:2000]
    return opening.startswith(("[", "{")) and all(
        word in opening for word in ('"SpotPrice"', '"Timestamp"', '"AvailabilityZone"')
    )


def _read_spot(source: SourceFile) -> Table:
    notes = Notes()
    content = source.json
    items = content["SpotPriceHistory"] if isinstance(content, dict) else content
    several = len({item["InstanceType"] for item in items}) > 1
    points = [
        " ".join([item["AvailabilityZone"], item["ProductDescription"], *([item["InstanceType"]] if several else [])])
        for item in items
    ]
    price = np.array([float(item["SpotPrice"]) for item in items])
    start = pd.to_datetime([item["Timestamp"] for item in items], utc=True, format="ISO8601")
    notes.assumed("each price holds from its stamp until the next one of its zone and product; USD an hour and machine")
    facts = {"machine": items[0]["InstanceType"], "holds": True}
    table = build_table(source, "rent", start, {"price_usd_per_h": price}, notes, point=points, facts=facts)
    return table


def _is_cgminer(source: SourceFile) -> bool:
    opening = source.text.lstrip()
    return opening.startswith("{") and '"STATS"' in opening and '"GHS 5s"' in opening


def _read_cgminer(source: SourceFile) -> Table:
    notes = Notes()
    answer = source.json
    answer = answer.get("rpc_stats", answer)
    stats = next((item for item in answer["STATS"] if "GHS 5s" in item), None)
    if stats is None:
        raise ReadError(source.path, column="STATS", found="no entry with 'GHS 5s'", allowed="the answer to `stats`")
    chips = [int(stats.get(f"chain_acn{i}", 0)) for i in range(1, MOST_CHAINS + 1)]
    there = [i + 1 for i, count in enumerate(chips) if count > 0]
    absent = [i for i in range(1, MOST_CHAINS + 1) if i not in there and float(stats.get(f"chain_rateideal{i}", 0)) > 0]
    if absent:
        notes.warned(f"chains {absent[0]} to {absent[-1]} report an ideal rate but have no chips: not counted")
    temperatures = [float(stats.get(f"temp{i}", 0)) for i in there]
    columns = {
        "hashrate_th_per_s": [float(stats["GHS 5s"]) / GH_PER_TH],
        "hashrate_average_th_per_s": [float(stats.get("GHS av", np.nan)) / GH_PER_TH],
        "temperature_max_c": [float(stats.get("temp_max", max(temperatures, default=np.nan)))],
        "power_w": [float(stats.get("total_power", np.nan))],
    }
    notes.assumed("hash rates are GH/s, made TH/s; the stamp is the machine's own clock")
    when = pd.to_datetime([answer["STATUS"][0]["When"]], unit="s", utc=True)
    model = next((str(item["Type"]).strip() for item in answer["STATS"] if "Type" in item), "")
    facts: dict[str, Any] = {"model": model, "chains": len(there), "chips": sum(chips)}
    return build_table(source, "telemetry", when, {k: np.array(v) for k, v in columns.items()}, notes, facts=facts)


def _is_pool(source: SourceFile) -> bool:
    opening = source.text.lstrip()[:2000]
    return opening.startswith("{") and all(word in opening for word in ('"workers"', '"ts"', '"hr"'))


def _read_pool(source: SourceFile) -> Table:
    notes = Notes()
    rows = [(name, item["ts"], item["hr"]) for name, items in source.json["workers"].items() for item in items]
    if not rows:
        raise ReadError(source.path, column="workers", found="no sample", allowed="at least one")
    names, times, rates = zip(*rows, strict=True)
    start = pd.to_datetime(list(times), utc=True, format="ISO8601")
    rate = np.array(rates, float) / HASHES_PER_TH
    notes.assumed("rates are H/s as a pool estimates them from shares: noisy, and the same value may come twice")
    return build_table(source, "telemetry", start, {"hashrate_th_per_s": rate}, notes, point=list(names))


FORMATS = (
    Format(
        "aws_spot", "AWS spot price history (JSON)", "rent", _is_spot, _read_spot,
        "a price holds until the next one of its zone and product",
    ),
    Format(
        "cgminer_stats", "cgminer API, `stats` (JSON)", "telemetry", _is_cgminer, _read_cgminer,
        "GH/s; chains without chips do not exist, whatever rate they report",
    ),
    Format(
        "pool_worker", "mining pool's worker hash rates (JSON)", "telemetry", _is_pool, _read_pool,
        "H/s estimated from shares; stamps jitter by seconds",
    ),
)  # fmt: skip
