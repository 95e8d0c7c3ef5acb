"""What hash earns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.optimum import network
from hybrid_env.sim.network import hashprice_usd_per_ph_day
from hybrid_env.sites.parameters import parameter_record
from tests.optimum.tiny import solved
from tests.workbench import calm_trace, site_with


def test_a_petahash_earns_the_simulators_hashprice_less_the_pools_fee() -> None:
    p, trace = parameter_record(site_with({"network.pool_fee_frac": 0.02}))[0], calm_trace()
    hour = network.hash_usd_per_ph_h(p, trace.rows)
    assert hour[0] == pytest.approx(hashprice_usd_per_ph_day.py_func(trace.rows.view(np.recarray)[0]) / 24 * 0.98)


def test_by_hand() -> None:
    p, trace = parameter_record(site_with({"network.pool_fee_frac": 0}))[0], calm_trace()
    blocks = 1e15 * 3600 / (1.2e14 * 2**32)
    assert network.hash_usd_per_ph_h(p, trace.rows)[0] == pytest.approx(blocks * 3.125 * 100_000)


@pytest.mark.parametrize("scheme", ["fpps", "pps_plus", "pps"])
def test_every_scheme_pays_what_the_simulators_does(scheme: str) -> None:
    fee = {"network.fee_on_fees_frac": 0.05} if scheme == "pps_plus" else {}
    site = site_with({"network.pool_scheme": scheme} | fee)
    p, trace = parameter_record(site), calm_trace(fees_btc_per_block=0.4)
    pays = hashprice_usd_per_ph_day.py_func(trace.rows.view(np.recarray)[0], p[0]["pool_fees_weight"]) * 0.99 / 24
    assert network.hash_usd_per_ph_h(p[0], trace.rows)[0] == pytest.approx(pays)


def test_a_forward_is_worth_its_difference_to_hashprice() -> None:
    forward = {"sold_ph": 100, "price_usd_per_ph_day": 60}
    gain = solved({"network.forward": forward}).usd - solved().usd
    assert gain == pytest.approx(100 * (60 - 52.3870) / 24 * 8, rel=1e-4)


def test_rented_hash_is_delivered_at_prices_at_which_the_pool_is_not_worth_it() -> None:
    """At 300 USD/MWh only a credit of three times hashprice keeps machines awake, and only for what is rented out."""
    cloud = {"sold_ph": 500, "price_usd_per_ph_day": 60, "shortfall_credit_frac": 3}
    x = solved({"network.cloud": cloud}, price_rt_usd_per_mwh=300, price_lmp_usd_per_mwh=300)
    assert x["hash_ph"][4:-1].sum(axis=1) == pytest.approx(500)
    assert x["cloud_short_ph"].max() == pytest.approx(0, abs=1e-9)


def test_rented_hash_costs_what_the_pool_would_have_paid() -> None:
    cheap: dict[str, Any] = {"price_rt_usd_per_mwh": 1, "price_lmp_usd_per_mwh": 1}
    cloud = {"sold_ph": 500, "price_usd_per_ph_day": 60}
    gain = solved({"network.cloud": cloud}, **cheap).usd - solved(**cheap).usd
    assert gain == pytest.approx(500 * (60 - 0.99 * 52.3870) / 24 * 8, rel=1e-4)
