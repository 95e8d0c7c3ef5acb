"""A generator beside a grid: started for what pays for it, and not for a trifle."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.mpc import Mpc
from hybrid_env.sim.ledger import MWH_ACCOUNTS
from tests.baselines.tiny import lanes, view
from tests.workbench import calm_trace, site_with

ENGINE = {
    "supply.generator": {"nameplate_mw": 30, "min_load_frac": 0.5, "heat_rate_mmbtu_per_mwh": 10},
    "meter.import_limit_mw": 40,
    "battery": None,
}
"""40 MW of miners and up to 11 MW of GPUs behind 40 MW of grid."""
ROWS = 40


def generated_mwh(policy: MarketClearing | Mpc, fuel_usd_per_mmbtu: float) -> np.ndarray:
    """Of each row, while the weather and tenants change."""
    rng, hour = np.random.default_rng(0), np.arange(192) / 4
    drybulb_c = 20 + 6 * np.sin(hour * 4 / 3)
    trace = calm_trace(
        fuel_usd_per_mmbtu=fuel_usd_per_mmbtu, drybulb_c=drybulb_c, wetbulb_c=drybulb_c - 5,
        tenant_load=np.clip(0.8 + 0.2 * rng.standard_normal(192), 0, 1),
        inference_load=np.clip(0.5 + 0.1 * rng.standard_normal(192), 0, 1),
    )  # fmt: skip
    batch, found = lanes(site_with(ENGINE), trace, [8]), []
    for _ in range(ROWS):
        batch.step(policy.act(batch))
        found.append(float(batch.ledger["mwh"][0, MWH_ACCOUNTS.index("generator")]))
    return np.array(found)


@pytest.mark.parametrize("policy", [MarketClearing(), Mpc()], ids=["market_clearing", "mpc"])
def test_one_that_no_hash_pays_for_is_not_started_by_a_little_too_much_of_it(policy: MarketClearing | Mpc) -> None:
    """At 30 USD/MMBtu a MWh of it costs 305 USD; hash is worth 164 at most."""
    assert generated_mwh(policy, 30).max() == 0


def test_one_that_is_cheaper_than_hash_carries_what_the_grid_cannot() -> None:
    """At 6 USD/MMBtu a MWh of it costs 65 USD; the last hash is worth 77."""
    assert generated_mwh(MarketClearing(), 6).min() >= 30 / 2 / 4


def test_too_little_fuel_to_run_on_is_no_power_at_hand() -> None:
    found = [view(site_with(ENGINE), calm_trace(fuel_cf=fuel), 8).generator_mw()[0] for fuel in (0.6, 0.4)]
    assert found == pytest.approx([18, 0])
