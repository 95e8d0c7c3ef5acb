"""Bitcoin's columns: nothing from the future, steps of difficulty, subsidies by date, published hashprices."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pandas")

import pandas as pd

from hybrid_env.traces.generate.bitcoin import hashprice_usd_per_ph_day
from hybrid_env.traces.importers import Table, read
from hybrid_env.traces.importers.derive import Span, derive
from hybrid_env.traces.schema import TraceError
from tests.traces.importers.notes import said
from tests.traces.importers.real import real_data, real_file, value

SPAN = Span(datetime(2023, 1, 1, tzinfo=UTC), 24, 3600, 0)


def market(table: Table, **parameters: Any) -> Table:
    return derive("bitcoin_market", table, parameters, SPAN)


def days(start: str, columns: dict[str, list[float]], known_at: str = "end") -> Table:
    n = len(next(iter(columns.values())))
    index = pd.date_range(start, periods=n, freq="D", tz="UTC", name="start_utc").as_unit("ns")
    facts = {"known_at": known_at}
    return Table(pd.DataFrame(columns, index=index), 86_400, "bitcoin", "made", Path("made.csv"), "0", (), facts)


def test_a_bars_close_holds_from_its_end_on() -> None:
    table = market(read(real_file("kraken_XBTUSD_60_piece.csv")))
    assert np.isnan(value(table, "2023-01-06T07:00Z", "btc_usd"))
    assert value(table, "2023-01-06T08:00Z", "btc_usd") == 16784.2
    assert table.frame.index[-1] == pd.Timestamp("2023-01-07T09:00Z")


def test_a_snapshot_opens_its_day() -> None:
    table = market(read(real_file("coingecko_BTC-USD_named_like_yahoo.csv")))
    assert value(table, "2013-04-28T00:00Z", "btc_usd") == 135.3
    assert value(table, "2013-04-28T23:00Z", "btc_usd") == 135.3
    assert value(table, "2013-04-29T00:00Z", "btc_usd") == 141.96


def test_a_gap_of_years_is_not_filled_with_an_old_price() -> None:
    table = market(read(real_file("coingecko_BTC-USD_named_like_yahoo.csv")))
    assert np.isnan(value(table, "2020-01-01T00:00Z", "btc_usd"))


def test_nothing_before_its_end_depends_on_a_day() -> None:
    base = {"btc_usd": [1.0, 2.0, 3.0, 4.0], "fees_btc_per_block": [0.1, 0.2, 0.3, 0.4]}
    changed = {name: [*values[:2], 99.0, *values[3:]] for name, values in base.items()}
    before, after = (market(days("2023-01-01", columns)).frame for columns in (base, changed))
    end = pd.Timestamp("2023-01-04T00:00Z")
    assert before[before.index < end].equals(after[after.index < end])
    assert not before[before.index >= end].equals(after[after.index >= end])


def test_a_price_of_unknown_kind_is_taken_as_a_close_unless_said() -> None:
    table = days("2023-01-01", {"btc_usd": [1.0, 2.0]})
    unknown = Table(table.frame, 86_400, "tidy", "tidy", table.path, "0")
    assert value(market(unknown), "2023-01-02T00:00Z", "btc_usd") == 1
    assert value(market(unknown, known_at="start"), "2023-01-02T00:00Z", "btc_usd") == 2


def test_a_retarget_lies_where_it_gives_the_mean_of_its_day() -> None:
    noisy = [1e14, 1e14 * (1 + 1e-12), 1.25e14, 2e14, 2e14]
    steps = market(days("2023-01-01", {"difficulty": noisy})).frame["difficulty"]
    assert steps[pd.Timestamp("2023-01-03T17:00Z")] == pytest.approx(1e14)
    assert steps[pd.Timestamp("2023-01-03T18:00Z")] == 2e14
    assert steps["2023-01-03"].mean() == pytest.approx(1.25e14)
    assert set(np.round(steps / 1e13)) == {10, 20}


def test_a_retarget_at_midnight_is_one_step() -> None:
    steps = market(days("2023-01-01", {"difficulty": [1e14, 1e14, 2e14, 2e14]})).frame["difficulty"]
    assert steps[pd.Timestamp("2023-01-02T23:00Z")] == 1e14
    assert steps[pd.Timestamp("2023-01-03T00:00Z")] == 2e14


def test_a_last_mixed_day_stays_as_it_is() -> None:
    steps = market(days("2023-01-01", {"difficulty": [1e14, 1e14, 1.25e14]})).frame["difficulty"]
    assert steps.iloc[-1] == 1.25e14


def test_hash_rate_alone_gives_a_difficulty() -> None:
    table = market(read(real_file("blockchain.com_hash-rate_3years_xy.csv")))
    found = value(table, "2019-10-24T00:00Z", "difficulty")
    assert found == pytest.approx(98750515.78246196e12 * 600 / 2**32)
    assert 0.9 < found / 13.008e12 < 1.12  # difficulty of Coin Metrics that month
    assert any("hash rate" in text for text in said(table, "warned"))


@pytest.mark.parametrize(
    ("before", "after", "subsidies"), [("2020-05-11T19:00Z", "2020-05-11T20:00Z", (12.5, 6.25)),
                                       ("2024-04-20T00:00Z", "2024-04-20T01:00Z", (6.25, 3.125))],
)  # fmt: skip
def test_the_subsidy_halves_on_its_day(before: str, after: str, subsidies: tuple[float, float]) -> None:
    day = before[:10]
    table = market(days(day, {"btc_usd": [1.0]}))
    assert (value(table, before, "subsidy_btc"), value(table, after, "subsidy_btc")) == subsidies


def test_a_published_hashprice_is_checked() -> None:
    # Luxor printed 55.97 USD/PH/day on 12 November 2024 at difficulty 101.65e12 and 87,235 USD (a 24 h average)
    columns = {"btc_usd": [87_235.0] * 2, "difficulty": [101.65e12] * 2, "fees_btc_per_block": [0.155] * 2}
    table = days("2024-11-11", columns, known_at="start")
    good = market(table, hashprice=[{"at_utc": "2024-11-12T00:00:00Z", "usd_per_ph_day": 55.97}])
    assert any("they agree" in text for text in said(good, "assumed"))
    off = market(table, hashprice=[{"at_utc": "2024-11-12T00:00:00Z", "usd_per_ph_day": 45.0}])
    assert any(text.endswith("published 45 (-21%)") for text in said(off, "warned"))
    with pytest.raises(TraceError, match=r"computed 56.63 USD/PH/day, published 0.05597; check the units"):
        market(table, hashprice=[{"at_utc": "2024-11-12T00:00:00Z", "usd_per_ph_day": 0.05597}])
    with pytest.raises(TraceError, match="lies outside the file"):
        market(table, hashprice=[{"at_utc": "2025-11-12T00:00:00Z", "usd_per_ph_day": 50}])


def test_a_file_without_bitcoin_is_refused() -> None:
    with pytest.raises(TraceError, match="'btc_usd' is needed"):
        market(days("2023-01-01", {"volume_btc": [1.0]}))


@pytest.mark.parametrize(("year", "published"), [(2021, 314.6), (2022, 123.9)])
def test_real_days_give_the_published_hashprice_of_their_year(year: int, published: float) -> None:
    frame = market(read(real_data("bitcoin_daily_2020-2023.csv"))).frame.loc[str(year)]
    price = hashprice_usd_per_ph_day(
        frame["difficulty"].to_numpy(), frame["subsidy_btc"].to_numpy() + 0.2, frame["btc_usd"].to_numpy()
    )
    assert float(np.mean(price)) == pytest.approx(published, rel=0.08)
