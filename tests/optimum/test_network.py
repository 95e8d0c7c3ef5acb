"""What hash earns."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum import network
from hybrid_env.sim.network import hashprice_usd_per_ph_day
from hybrid_env.sites.parameters import parameter_record
from tests.workbench import calm_trace, site_with


def test_a_petahash_earns_the_simulators_hashprice_less_the_pools_fee() -> None:
    p, trace = parameter_record(site_with({"network.pool_fee_frac": 0.02}))[0], calm_trace()
    hour = network.hash_usd_per_ph_h(p, trace.rows)
    assert hour[0] == pytest.approx(hashprice_usd_per_ph_day.py_func(trace.rows.view(np.recarray)[0]) / 24 * 0.98)


def test_by_hand() -> None:
    p, trace = parameter_record(site_with({"network.pool_fee_frac": 0}))[0], calm_trace()
    blocks = 1e15 * 3600 / (1.2e14 * 2**32)
    assert network.hash_usd_per_ph_h(p, trace.rows)[0] == pytest.approx(blocks * 3.125 * 100_000)
