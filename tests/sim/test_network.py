"""What the bitcoin network pays."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hybrid_env.sim import network


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
