"""The packaged site that has every mechanism: each shows in its books, and any site fits its universal layout."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given

from hybrid_env.batch import Batch
from hybrid_env.layout import Layout
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sim.ledger import KG_ACCOUNTS, MWH_ACCOUNTS, USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.sites.site import Site, load_site
from hybrid_env.spaces import action_names
from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.library import Library
from hybrid_env.traces.market import Market, load_market
from hybrid_env.traces.schema import Trace
from tests.strategies import sites

WEEK = 672
PARTS = {
    "hydro": {
        "winter_frac": 0.3, "freshet_frac": 0.9, "freshet_first_day": 110, "freshet_last_day": 190, "shoulder_days": 10,
        "noise_sigma": 0.2, "noise_tau_h": 100,
    },
    "geothermal": {"cf": 0.9, "design_drybulb_c": 15, "fall_frac_per_k": 0.01},
    "regulation": {"mining_levy": {"usd_per_mwh": 3}, "carbon_price": {"usd_per_t": 20}},
}  # fmt: skip


@cache
def eventful_year() -> Trace:
    """A year of the Texas market with water, ground heat and levies, deep grid orders and patient gang jobs."""
    texas = load_market("texas").model_dump()
    texas["orders"] |= {"orders_low": 20, "orders_high": 20, "limit_low_frac": 0.0, "limit_high_frac": 0.1}
    texas["work"] |= {"gang_slack_high_h": 150.0}
    market = Market.model_validate(texas | PARTS)
    return generate_year(market, seed=7, site_import_limit_mw=100)


def test_the_site_has_every_action() -> None:
    assert set(action_names(load_site("everything"))) == set(ACTIONS)


def test_every_account_moves_within_a_year() -> None:
    """A year of actions that change every three hours, most of them near full power, under 16 lucks."""
    rng, trace, n = np.random.default_rng(3), eventful_year(), 16
    batch = Batch(load_site("everything"), Library([trace]), n)
    batch.begin(np.arange(n), np.tile([[0, 4, 4 + 51 * WEEK]], (n, 1)), rng.random((n, 8)))
    moved = {name: np.zeros(len(names)) for name, names in NAMES.items()}
    action = np.ones((n, len(ACTIONS)), np.float32)
    for row in range(51 * WEEK):
        if row % 12 == 0:
            action = (1 - 2 * rng.beta(0.5, 1.5, (n, len(ACTIONS)))).astype(np.float32)
        batch.step(action)
        for name in NAMES:
            moved[name] += np.abs(batch.ledger[name]).sum(axis=0)
    still = [f"{name} {NAMES[name][k]}" for name in NAMES for k in np.flatnonzero(moved[name] == 0)]
    assert not still


NAMES = {"usd": USD_ACCOUNTS, "mwh": MWH_ACCOUNTS, "kg": KG_ACCOUNTS, "work": WORK_MEASURES}


@given(sites())
def test_any_site_fits_the_universal_layout(site: Site) -> None:
    layout = Layout(site, "universal")
    assert len(layout.observation_names) == len(Layout(load_site("everything"), "universal").observation_names)
