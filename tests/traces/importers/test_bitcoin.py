"""Bitcoin files: units of time, bars that have only begun, snapshots that open a day, charts in three dialects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("pandas")

from hybrid_env.traces.importers import ReadError, read
from tests.traces.importers.notes import said
from tests.traces.importers.real import real_file, value, written


def binance_bar(open_time: int, length: int, close: float = 100.0) -> str:
    return f"{open_time},99,101,98,{close},5.0,{open_time + length - 1},500.0,40,2.0,200.0,0\n"


def test_kraken_is_in_seconds_and_its_last_bar_had_only_begun() -> None:
    table = read(real_file("kraken_XBTUSD_60_piece.csv"))
    assert (table.format, table.interval_s, len(table.frame)) == ("kraken_ohlc", 3600, 26)
    assert value(table, "2023-01-06T07:00Z", "btc_usd") == 16784.2
    assert [note.lines for note in table.notes if note.kind == "dropped"] == [(27,)]


def test_kraken_keeps_a_full_last_bar(tmp_path: Path) -> None:
    rows = "".join(f"{1_672_988_400 + 3600 * i},1,1,1,{i},1.0,500\n" for i in range(4))
    assert len(read(written(tmp_path, rows)).frame) == 4


def test_binance_was_in_milliseconds_until_2024() -> None:
    table = read(real_file("binance_BTCUSDT-1h-2023-01_tail.csv"))
    assert (table.format, table.interval_s, table.facts["known_at"]) == ("binance_klines", 3600, "end")
    assert value(table, "2023-01-31T10:00Z", "btc_usd") == 22828.87


def test_binance_is_in_microseconds_since_2025(tmp_path: Path) -> None:
    last_ms, first_us = 1_735_686_000_000, 1_735_689_600_000_000  # 2024-12-31T23:00Z and 2025-01-01T00:00Z
    rows = binance_bar(last_ms, 3_600_000, 1.0) + binance_bar(first_us, 3_600_000_000, 2.0)
    table = read(written(tmp_path, rows))
    assert (value(table, "2024-12-31T23:00Z", "btc_usd"), value(table, "2025-01-01T00:00Z", "btc_usd")) == (1, 2)
    assert any("microseconds" in text for text in said(table, "assumed"))


def test_binance_with_a_header_reads_the_same(tmp_path: Path) -> None:
    head = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_volume,taker_quote,ignore\n"
    table = read(written(tmp_path, head + binance_bar(1_675_159_200_000, 3_600_000)))
    assert value(table, "2023-01-31T10:00Z", "btc_usd") == 100


def test_binance_bars_of_two_lengths_are_refused_with_their_line(tmp_path: Path) -> None:
    rows = binance_bar(1_675_159_200_000, 3_600_000) + binance_bar(1_675_162_800_000, 60_000)
    with pytest.raises(ReadError, match=r"line 2, column 'close time': found a bar of 60 s"):
        read(written(tmp_path, rows))


def test_coingecko_is_told_by_its_header_not_its_name() -> None:
    table = read(real_file("coingecko_BTC-USD_named_like_yahoo.csv"))
    assert (table.format, table.interval_s, table.facts["known_at"]) == ("coingecko", 86_400, "start")
    assert value(table, "2013-04-28T00:00Z", "btc_usd") == 135.3
    assert round(value(table, "2026-01-02T00:00Z", "btc_usd"), 2) == 88727.67


def test_coingecko_drops_the_price_of_the_moment_of_download(tmp_path: Path) -> None:
    days = "".join(f"2024-01-0{day} 00:00:00 UTC,{day},1,1\n" for day in (1, 2, 3))
    table = read(written(tmp_path, f"snapped_at,price,market_cap,total_volume\n{days}2024-01-03 09:12:44 UTC,9,1,1\n"))
    assert (table.interval_s, list(table.frame["btc_usd"])) == (86_400, [1, 2, 3])


def test_coin_metrics_gives_difficulty_fees_and_subsidy() -> None:
    table = read(real_file("coinmetrics_btc_2019dialect_piece.csv"))
    day = "2019-10-09T00:00Z"
    assert (table.format, table.interval_s, len(table.frame)) == ("coin_metrics", 86_400, 3)
    assert round(value(table, day, "btc_usd"), 2) == 8598.33
    assert value(table, day, "difficulty") == 12759819404408.766
    assert (value(table, day, "issued_btc"), value(table, day, "fees_btc")) == (1725, 30.55367406)
    assert value(table, day, "subsidy_btc") == 12.5
    assert value(table, day, "fees_btc_per_block") == pytest.approx(30.55367406 / 138)
    assert "hashrate_th_per_s" not in table.frame


def test_coin_metrics_of_later_years_begins_with_time(tmp_path: Path) -> None:
    head = "time,BlkCnt,DiffMean,FeeTotNtv,HashRate,IssContNtv,PriceUSD,SplyCur\n"
    rows = head + "2024-05-01,144,8.8e13,40,600000000,450,58000,1\n"
    table = read(written(tmp_path, rows))
    assert value(table, "2024-05-01T00:00Z", "subsidy_btc") == 3.125
    assert value(table, "2024-05-01T00:00Z", "hashrate_th_per_s") == 6e8


def test_blockchain_com_xy_is_told_by_its_name_and_says_so() -> None:
    table = read(real_file("blockchain.com_hash-rate_3years_xy.csv"))
    assert (table.format, table.interval_s) == ("blockchain_com_xy", 86_400)
    assert round(value(table, "2019-10-23T00:00Z", "hashrate_th_per_s"), 2) == 98750515.78
    assert any("its name says hash-rate" in text for text in said(table, "assumed"))


def test_blockchain_com_xy_of_unknown_content_stays_unnamed(tmp_path: Path) -> None:
    table = read(written(tmp_path, '\ufeff"x","y"\n"1571788800000","5"\n'))
    assert value(table, "2019-10-23T00:00Z", "value") == 5


def test_blockchain_com_stamps_of_a_changed_clock_go_to_midnight() -> None:
    table = read(real_file("blockchain.com_miners-revenue_1year.csv"))
    assert (table.format, table.interval_s, len(table.frame)) == ("blockchain_com_timestamp", 86_400, 120)
    assert round(value(table, "2021-10-08T00:00Z", "miners_revenue_usd"), 2) == 41966394.78
    assert round(value(table, "2021-11-08T00:00Z", "miners_revenue_usd"), 2) == 57270493.49
    assert [note.lines[0] for note in table.notes if "midnight" in note.text] == [33]


def test_blockchain_com_pair_of_charts_is_one_table() -> None:
    table = read(real_file("blockchain.com_difficulty_two_metric.json"))
    assert value(table, "2026-01-01T00:00Z", "difficulty") == 148258433855480.4
    assert value(table, "2026-01-02T00:00Z", "btc_usd") == 88735
    assert any("every" in text for text in said(table, "warned"))


def test_blockchain_com_pair_of_unknown_charts_is_refused(tmp_path: Path) -> None:
    content = {"metric1": "mempool", "metric2": "mempool", "mempool": [{"x": 1_725_840_000_000, "y": 1}]}
    with pytest.raises(ReadError, match="no known chart; allowed: hash-rate"):
        read(written(tmp_path, json.dumps(content)))
