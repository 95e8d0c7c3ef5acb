"""Spot prices and telemetry: change points, chains that do not exist, units of hash rate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pandas")

from hybrid_env.traces.importers import ReadError, read
from tests.traces.importers.notes import said
from tests.traces.importers.real import real_file, value, written


def spot(price: str, time: str, machine: str = "p5.48xlarge", zone: str = "us-east-1a") -> dict[str, str]:
    return {
        "AvailabilityZone": zone, "InstanceType": machine, "ProductDescription": "Linux/UNIX", "SpotPrice": price,
        "Timestamp": time,
    }  # fmt: skip


def stats(**cells: Any) -> str:
    return json.dumps(
        {"STATUS": [{"When": 1_738_856_891}], "STATS": [{"Type": "A machine"}, {"GHS 5s": 1000, **cells}]}
    )


def test_spot_prices_are_told_apart_by_zone_and_product() -> None:
    table = read(real_file("aws_describe-spot-price-history_m1.large.json"))
    assert (table.format, table.facts["machine"]) == ("aws_spot", "m1.large")
    assert value(table, "2023-01-31T21:07:29Z", "price_usd_per_h", "us-west-1a Red Hat Enterprise Linux") == 0.0805
    assert table.frame.index.is_monotonic_increasing
    assert len(table.points) == 8


def test_spot_prices_also_come_wrapped_and_of_several_machines(tmp_path: Path) -> None:
    items = [spot("30.5", "2024-01-01T10:00:00+00:00"), spot("8.25", "2024-01-01T09:00:00+00:00", "g5.48xlarge")]
    table = read(written(tmp_path, json.dumps({"SpotPriceHistory": items})))
    assert table.points == ("us-east-1a Linux/UNIX g5.48xlarge", "us-east-1a Linux/UNIX p5.48xlarge")


def test_cgminer_counts_only_chains_that_exist() -> None:
    table = read(real_file("cgminer_api_mskminer_2.6.0.39_version_stats.json"))
    row = table.frame.iloc[0]
    assert (round(row["hashrate_th_per_s"], 2), row["temperature_max_c"], row["power_w"]) == (99.99, 47, 3358)
    assert (table.facts["chains"], table.facts["chips"]) == (3, 264)
    assert any("chains 4 to 16" in text for text in said(table, "warned"))


def test_cgminer_unwrapped_takes_the_hottest_chain_that_exists(tmp_path: Path) -> None:
    table = read(written(tmp_path, stats(chain_acn1=10, chain_acn2=12, temp1=60, temp2=71, temp3=99)))
    assert (table.facts["chips"], table.frame["temperature_max_c"].iloc[0]) == (22, 71)
    assert table.frame["hashrate_th_per_s"].iloc[0] == 1


def test_pool_rates_are_hashes_a_second() -> None:
    table = read(real_file("mining_pool_worker_hashrate_piece.json"))
    assert (table.format, table.points, table.interval_s) == ("pool_worker", ("cmine.r21033",), None)
    first = value(table, "2026-07-20T03:30:50.972Z", "hashrate_th_per_s", "cmine.r21033")
    assert round(first, 2) == 199.85


def test_a_pool_without_samples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no sample"):
        read(written(tmp_path, '{"workers": {"a": [], "ts": [], "hr": []}}'))
