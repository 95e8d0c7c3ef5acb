"""The mining block against hand calculation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.optimum.tiny import prices, solved


def test_cheap_power_runs_every_machine_at_its_highest_profile() -> None:
    x = solved(price_rt_usd_per_mwh=1, price_lmp_usd_per_mwh=1)
    np.testing.assert_allclose(x["mining_mw"][:, 0], x.p["fleet_max_mw"][0])
    np.testing.assert_allclose(x["hash_ph"][:, 0], x.p["fleet_ph"][0] * 1.2)


def test_dear_power_puts_machines_to_sleep() -> None:
    x = solved(price_rt_usd_per_mwh=4_000, price_lmp_usd_per_mwh=4_000, n=8)
    np.testing.assert_allclose(x["mining_mw"][:-1], 0, atol=1e-9)


def test_at_a_middling_price_the_profile_is_where_a_marginal_megawatt_breaks_even() -> None:
    x = solved(price_rt_usd_per_mwh=80, price_lmp_usd_per_mwh=80, n=48)
    earns = x["hash_ph"][10, 0] / x["mining_mw"][10, 0] * x.t.hash_usd_per_ph_h[10]
    assert 0 < x["mining_mw"][10, 0] < x.p["fleet_max_mw"][0] and earns > 80


def test_a_start_costs_wear_and_the_boots_hash() -> None:
    changes = {"mining.boot_s": 450, "mining.wear_usd_per_mw_start": 20}
    asleep = solved(changes, state={"awake": np.zeros(1)}, price_rt_usd_per_mwh=1, price_lmp_usd_per_mwh=1)
    awake = solved(changes, price_rt_usd_per_mwh=1, price_lmp_usd_per_mwh=1)
    assert asleep["start"][0, 0] == pytest.approx(1)
    lost = 0.125 * asleep.p["fleet_floor_ph"][0] * asleep.t.hash_usd_per_ph_h[0]
    # waking machines are worth 20 USD/MW at the end, and those awake from the start were worth it at the start
    assert awake.usd - asleep.usd == pytest.approx(lost, rel=1e-6)


def test_staggering_limits_how_much_wakes_in_an_interval() -> None:
    x = solved(
        {"mining.stagger_share_per_h": 1}, state={"awake": np.zeros(1)}, price_rt_usd_per_mwh=1, price_lmp_usd_per_mwh=1
    )
    np.testing.assert_allclose(x["awake"][:4, 0], [0.25, 0.5, 0.75, 1])


def test_no_mining_where_it_is_forbidden() -> None:
    x = solved(mining_allowed=0)
    assert x["mining_mw"].max() == x["hash_ph"].max() == 0


def test_one_dear_interval_is_slept_through_only_if_it_pays_for_the_start() -> None:
    changes = {"mining.wear_usd_per_mw_start": 1_000, "mining.boot_s": 900}
    dear = solved(changes, **prices({10: 400}))
    assert dear["mining_mw"][10, 0] > 0
    dearer = solved(changes, **prices({10: 20_000}))
    assert dearer["mining_mw"][10, 0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("price", "low", "high"), [(20, 1.2, 1.2), (60, 0.6, 0.8), (80, 0.4, 0.41)])
def test_the_profile_follows_the_price_of_power_at_a_hashprice_of_30(price: float, low: float, high: float) -> None:
    x = solved(price_rt_usd_per_mwh=price, price_lmp_usd_per_mwh=price, btc_usd=100_000 * 30 / 52.3870, n=48)
    profile = x["hash_ph"][10, 0] / (x.p["fleet_ph"][0] * x["awake"][10, 0])
    assert low - 1e-6 <= profile <= high + 1e-6
