"""A real Texas year, which no generator made, from its first hour to its last in thirteen parts side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.policy import Policy
from hybrid_env.batch import Batch
from hybrid_env.env import HybridEnv
from hybrid_env.sim.ledger import LEDGER, MWH_ACCOUNTS, USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.sites.site import load_site
from hybrid_env.traces.library import Library
from tests.traces.real_year import texas_real_trace

SITE = load_site("texas_wind")
FIRST, PARTS, PART = 4, 13, 4 * 672
ROWS = PARTS * PART
BOTH: tuple[type[Policy], ...] = (Naive, MarketClearing)
POLICIES = pytest.mark.parametrize("policy", BOTH)


@dataclass
class Year:
    """Ledger pages of 52 weeks in order of time, the energy stored before and after each, and the rows they were
    played on."""

    pages: np.ndarray
    before_mwh: np.ndarray
    after_mwh: np.ndarray
    rows: np.ndarray

    def mwh(self, name: str) -> np.ndarray:
        return self.pages["mwh"][:, MWH_ACCOUNTS.index(name)]

    def usd(self, name: str) -> np.ndarray:
        return self.pages["usd"][:, USD_ACCOUNTS.index(name)]

    def work(self, name: str) -> np.ndarray:
        return self.pages["work"][:, WORK_MEASURES.index(name)]


@cache
def played(policy: type[Policy]) -> Year:
    """2023 by a policy; skipped where the real data are absent."""
    trace = texas_real_trace(2023)
    batch = Batch(SITE, Library.of([trace]), PARTS)
    first = FIRST + PART * np.arange(PARTS)
    begins = np.stack([np.zeros(PARTS, np.int64), first, first + PART], axis=1)
    batch.begin(np.arange(PARTS), begins, np.full((PARTS, 8), 0.5))
    pages = np.zeros((PARTS, PART), LEDGER)
    before, after = np.zeros((2, PARTS, PART))
    mind = policy()
    mind.reset(batch)
    for t in range(PART):
        before[:, t] = batch.lanes["soc_mwh"]
        batch.step(mind.act(batch))
        pages[:, t], after[:, t] = batch.ledger, batch.lanes["soc_mwh"]
    return Year(pages.ravel(), before.ravel(), after.ravel(), trace.rows[FIRST : FIRST + ROWS])


@POLICIES
def test_energy_balances_at_every_step(policy: type[Policy]) -> None:
    y = played(policy)
    supply = y.mwh("import") + y.mwh("own_used") + y.mwh("battery_discharge")
    use = sum(y.mwh(name) for name in ("mining", "gpu", "cooling", "battery_charge", "export"))
    np.testing.assert_allclose(supply, use, atol=1e-8)
    np.testing.assert_allclose(y.mwh("own_available"), y.mwh("own_used") + y.mwh("own_curtailed"), atol=1e-8)
    np.testing.assert_allclose(y.mwh("own_available"), y.rows["wind_cf"] * 80 / 4, atol=1e-8)
    stored = y.before_mwh + y.mwh("battery_charge") - y.mwh("battery_discharge") - y.mwh("battery_loss")
    np.testing.assert_allclose(y.after_mwh, stored, atol=1e-8)


@POLICIES
def test_the_ledger_closes_at_every_step(policy: type[Policy]) -> None:
    y = played(policy)
    np.testing.assert_allclose(y.pages["reward"] * SITE.reward_scale_usd, y.pages["usd"].sum(axis=1), atol=1e-6)
    price = y.rows["price_rt_usd_per_mwh"]
    np.testing.assert_allclose(y.usd("energy_import"), -y.mwh("import") * (price + 2), atol=1e-6)
    np.testing.assert_allclose(
        y.usd("energy_export"), y.mwh("export") * (price + y.rows["basis_gen_usd_per_mwh"]), atol=1e-6
    )
    np.testing.assert_allclose(y.usd("mining"), y.work("btc") * y.rows["btc_usd"], atol=1e-6)
    ends = np.arange(1, PARTS + 1) * PART - 1
    np.testing.assert_array_equal(np.flatnonzero(y.pages["truncated"]), ends)
    assert np.isin(np.flatnonzero(y.usd("terminal")), ends).all()


@POLICIES
def test_the_grids_limits_hold_at_every_step(policy: type[Policy]) -> None:
    y = played(policy)
    assert (y.mwh("import") <= np.minimum(y.rows["import_limit_mw"], 100) / 4 + 1e-9).all()
    assert (y.mwh("export") <= 10 / 4 + 1e-9).all()


@POLICIES
def test_coincident_peaks_cost_what_was_imported_in_them(policy: type[Policy]) -> None:
    y = played(policy)
    peaks = np.flatnonzero(y.rows["cp_weight"])
    assert len(peaks) == 4
    expected = -(y.rows["cp_weight"][peaks] * 70_000 * y.mwh("import")[peaks] * 4).sum()
    assert y.usd("coincident_peak").sum() == pytest.approx(expected)


@POLICIES
def test_totals_are_plausible(policy: type[Policy]) -> None:
    """A 100 MW campus with 80 MW of wind; hash earned 0.06 to 0.13 USD/TH/day in 2023."""
    y = played(policy)
    assert 350_000 < y.mwh("import").sum() < 900_000
    assert 150_000 < y.mwh("own_available").sum() < 350_000
    assert 100_000 < y.mwh("mining").sum() < 700_000
    assert 0.02 < y.mwh("cooling").sum() / (y.mwh("mining") + y.mwh("gpu")).sum() < 0.25
    ph = y.work("btc").sum() * y.rows["btc_usd"].mean() / 365 / 85
    assert 500 < ph < 3_700  # of at most 3,200 in nameplate and 1.2 times that overclocked
    assert y.usd("gpu_reserved").sum() == pytest.approx(9_600 * 2.2 * ROWS / 4)
    assert 1.5e8 < y.pages["usd"].sum() < 6e8
    assert (y.after_mwh >= 0).all() and (y.after_mwh <= 57 + 1e-9).all()


def test_clearing_the_market_beats_naive_in_total_and_in_most_weeks() -> None:
    naive, market = (played(policy).pages["usd"].sum(axis=1).reshape(52, -1).sum(axis=1) for policy in BOTH)
    assert market.sum() > naive.sum() + 1e6
    assert (market > naive).mean() > 0.6


def test_the_gymnasium_face_plays_the_same_weeks() -> None:
    env = HybridEnv(site=SITE, traces=(texas_real_trace(2023),), horizon_rows=2 * 672)
    env.reset(seed=0, options={"world": 0, "row": FIRST, "standard_start": True})
    action = Naive().act(env.batch)[0, env.batch.native]
    expected = played(Naive).pages["reward"]
    for t in range(2 * 672):
        _, reward, terminated, truncated, _ = env.step(action)
        assert not terminated and truncated == (t == 2 * 672 - 1)
        if not truncated:
            assert reward == expected[t]
