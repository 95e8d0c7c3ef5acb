"""What the bitcoin network pays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hybrid_env.sim import network
from tests.workbench import OFF, Workbench, calm_trace, site_with


def hashprice(difficulty: float = 1.2e14, subsidy: float = 3.125, fees: float = 0.0, btc_usd: float = 100_000) -> float:
    row = SimpleNamespace(difficulty=difficulty, subsidy_btc=subsidy, fees_btc_per_block=fees, btc_usd=btc_usd)
    return network.hashprice_usd_per_ph_day.py_func(row)


def test_a_petahash_earns_52_39_usd_a_day_at_difficulty_120_t() -> None:
    assert hashprice() == pytest.approx(52.387, rel=1e-4)


def test_200_th_s_earn_1_04774e_4_btc_a_day() -> None:
    assert hashprice(btc_usd=1.0) * 0.2 == pytest.approx(1.04774e-4, rel=1e-5)


def test_the_printed_hashprice_of_12_november_2024_is_met_within_2_percent() -> None:
    assert hashprice(1.0165e14, 3.125, 0.155, 87_235) == pytest.approx(55.97, rel=0.02)


@pytest.mark.parametrize(("price", "j_per_th", "usd_per_mwh"), [(55, 17.5, 129.6), (30, 29.5, 41.95)])
def test_breakeven_is_what_a_megawatt_hour_hashes(price: float, j_per_th: float, usd_per_mwh: float) -> None:
    p = SimpleNamespace(pool_fee_frac=0.01, fleet_j_per_th=[j_per_th])
    assert network.breakeven_usd_per_mwh.py_func(p, 0, price) == pytest.approx(usd_per_mwh, rel=1e-3)


def test_breakeven_with_site_overhead_matches_the_published_figure() -> None:
    p = SimpleNamespace(pool_fee_frac=0.01, fleet_j_per_th=[17.5])
    assert network.breakeven_usd_per_mwh.py_func(p, 0, 55) / 1.03 == pytest.approx(125.87, rel=2e-3)


def test_20_j_per_th_at_43_34_usd_earn_0_79_million_per_mw_year() -> None:
    p = SimpleNamespace(pool_fee_frac=0.0, fleet_j_per_th=[20.0])
    assert network.breakeven_usd_per_mwh.py_func(p, 0, 43.34) * 8760 == pytest.approx(0.791e6, rel=1e-3)


PH = 40e6 / 17.5 / 1e3
"""PH/s of the bench's 40 MW of S21 at nameplate."""
HASHPRICE = 52.3870
"""USD per PH/s and day on the calm trace, without transaction fees."""
FULL_HASHPRICE = HASHPRICE * 3.75 / 3.125
"""The same with 0.625 BTC of transaction fees a block, which a PPS pool keeps and the market counts."""
CLOUD = {"sold_ph": 1_000, "price_usd_per_ph_day": 60, "shortfall_credit_frac": 1.5}


def bench(fees: float = 0.0, **terms: Any) -> Workbench:
    changes = {f"network.{name}": value for name, value in terms.items()} | {"mining.max_hash_frac": 1.0}
    return Workbench(site_with(changes), calm_trace(fees_btc_per_block=fees))


@pytest.mark.parametrize(
    ("scheme", "kept_btc"), [("fpps", 3.75 * 0.99), ("pps_plus", 3.125 * 0.99 + 0.625 * 0.97), ("pps", 3.125 * 0.99)]
)
def test_a_pool_pays_its_share_of_subsidy_and_fees(scheme: str, kept_btc: float) -> None:
    fee = {"fee_on_fees_frac": 0.03} if scheme == "pps_plus" else {}
    page = bench(0.625, pool_scheme=scheme, **fee).play()
    assert page.usd("mining") == pytest.approx(PH * HASHPRICE * kept_btc / 3.125 / 96, rel=1e-5)
    assert page.work("btc") == pytest.approx(page.usd("mining") / 100_000)


@pytest.mark.parametrize(("scheme", "kept_btc"), [("fpps", 3.75 * 0.99), ("pps", 3.125 * 0.99)])
def test_the_breakeven_that_is_seen_is_of_the_sites_own_pool(scheme: str, kept_btc: float) -> None:
    even = HASHPRICE * kept_btc / 3.125 / 0.42  # a PH/s of S21 takes 0.42 MWh a day
    b = bench(0.625, pool_scheme=scheme)
    b.play()
    assert b.observed("fleet_0_breakeven_usd_per_mwh") == pytest.approx(even / (100 + even), rel=1e-5)
    assert b.observed("hashprice_usd_per_ph_day") == pytest.approx(62.8644 / (50 + 62.8644), rel=1e-5)


@pytest.mark.parametrize("action", [{}, OFF])
def test_a_forward_pays_the_difference_to_hashprice_whatever_is_hashed(action: dict[str, float]) -> None:
    b = bench(forward={"sold_ph": 100, "price_usd_per_ph_day": 60})
    assert b.play(action or None).usd("hashprice_forward") == pytest.approx(100 * (60 - HASHPRICE) / 96, rel=1e-4)


def test_customers_own_what_is_hashed_first_and_pay_for_it() -> None:
    page = bench(cloud=CLOUD).play()
    assert page.usd("cloud_mining") == pytest.approx(60 * 1_000 / 96)
    assert page.usd("mining") == pytest.approx((PH - 1_000) * HASHPRICE * 0.99 / 96, rel=1e-4)


def test_hash_that_customers_miss_is_credited_above_hashprice() -> None:
    page = bench(cloud=CLOUD).play(OFF)
    assert page.usd("cloud_mining") == pytest.approx((60 - 1.5 * HASHPRICE) * 1_000 / 96, rel=1e-5)
    assert page.usd("mining") == page.work("btc") == 0


def test_without_contracts_their_accounts_stay_empty() -> None:
    page = bench().play()
    assert page.usd("hashprice_forward") == page.usd("cloud_mining") == 0


def test_contracts_follow_the_markets_hashprice_and_not_what_the_pool_pays() -> None:
    b = bench(0.625, pool_scheme="pps", cloud=CLOUD, forward={"sold_ph": 100, "price_usd_per_ph_day": 60})
    page = b.play(OFF)
    assert page.usd("hashprice_forward") == pytest.approx(100 * (60 - FULL_HASHPRICE) / 96, rel=1e-4)
    assert page.usd("cloud_mining") == pytest.approx((60 - 1.5 * FULL_HASHPRICE) * 1_000 / 96, rel=1e-4)


def test_each_fleet_breaks_even_by_its_own_efficiency() -> None:
    fleets = [{"model": "S21", "nameplate_mw": 20}, {"model": "S19j Pro", "nameplate_mw": 20}]
    b = Workbench(site_with({"mining.fleets": fleets}))
    b.play()
    for f, j_per_th in enumerate((3_500 / 200, 3_068 / 104)):
        even = HASHPRICE * 0.99 / (j_per_th * 0.024)
        assert b.observed(f"fleet_{f}_breakeven_usd_per_mwh") == pytest.approx(even / (100 + even), rel=1e-5)
