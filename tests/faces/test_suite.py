"""The task suite: every task makes, checks and plays, and its books show what its archetype is named for."""

from __future__ import annotations

import time

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from hybrid_env.baselines.registry import make_policy
from hybrid_env.scoring.evaluate import roll_year, year_batch
from hybrid_env.scoring.headroom import Held
from hybrid_env.sim.ledger import USD_ACCOUNTS
from hybrid_env.tasks import Task, load_task, task_names
from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.market import load_market

SUITE: dict[str, tuple[str, set[str]]] = {
    "texas_wind": ("naive", {"energy_import", "mining", "gpu_reserved"}),
    "texas_wind_reserves": ("market_clearing", {"reserve_pay", "energy_import", "mining", "gpu_reserved"}),
    "california_solar": ("naive", {"carbon_price", "water", "demand_charge"}),
    "northern_hydro": ("naive", {"demand_charge", "own_supply"}),
    "stranded_hydro": ("naive", {"own_supply", "gpu_training", "mining"}),
    "flare_gas": ("naive", {"fuel", "mining"}),
    "gpu_miner": ("naive", {"gpu_on_demand", "gpu_spot"}),
    "geothermal_base": ("naive", {"own_supply", "matched_premium"}),
    "national_surplus": ("naive", {"energy_import", "mining", "gpu_reserved"}),
}
"""Packaged task -> policy that uses its mechanisms, and accounts that its first week must move."""


@pytest.fixture(scope="module", params=sorted(SUITE))
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def task(name: str) -> Task:
    return load_task(name)


def test_the_suite_is_what_is_packaged() -> None:
    assert set(SUITE) == set(task_names())


def test_it_makes_and_passes_gymnasiums_checker(task: Task) -> None:
    check_env(gymnasium.make(task.id, split="validation").unwrapped, skip_render_check=True)


def test_a_week_under_a_rule_moves_the_accounts_it_is_named_for(name: str, task: Task) -> None:
    policy, accounts = SUITE[name]
    rolled = roll_year(make_policy(policy), year_batch(task, "validation", 1), 1, shown_week=0)
    moved = {account for account, usd in zip(USD_ACCOUNTS, rolled.usd, strict=True) if abs(usd) > 1}
    assert accounts <= moved
    assert np.all(np.isfinite(rolled.weekly_usd))


def test_naive_earns_money_in_every_world(task: Task) -> None:
    rolled = roll_year(make_policy("naive"), year_batch(task, "validation", 1), 1, shown_week=0)
    assert rolled.weekly_usd.min() > 0


def test_a_year_is_made_in_seconds(task: Task) -> None:
    """Of the processor's time, after the first year, which compiles."""
    site, market = task.site_model, load_market(task.market)

    def draw(seed: int) -> None:
        generate_year(market, seed, site.meter.import_limit_mw, site.interval_s, site.utc_offset_h)

    draw(1)
    began = time.process_time()
    draw(2)
    assert time.process_time() - began < 2


def test_the_national_programme_bars_and_levies_mining() -> None:
    library = load_task("national_surplus").library("validation")
    rows = library.rows[0][: int(library.length[0])]
    assert 0.02 < np.mean(rows["mining_allowed"] == 0) < 0.15
    assert rows["mining_levy_usd_per_mwh"].max() == 8


def test_the_gpu_miners_idle_cards_mine_when_told_to() -> None:
    policy = Held(make_policy("naive"), "gpu_mining", 1.0)
    rolled = roll_year(policy, year_batch(load_task("gpu_miner"), "validation", 1), 1, shown_week=0)
    assert rolled.usd[USD_ACCOUNTS.index("gpu_mining")] > 1_000
