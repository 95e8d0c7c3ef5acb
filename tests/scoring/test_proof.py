"""Claims of carbon-free energy against the hours behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.naive import Naive
from hybrid_env.batch import Batch
from hybrid_env.scoring.evaluate import YearRoll, roll_year
from hybrid_env.scoring.proof import Months, Tally, tally
from hybrid_env.sim.ledger import CERTIFICATE_MWH, GPU_MWH, LEDGER
from hybrid_env.traces.library import Library
from tests.workbench import calm_trace, site_with

LOAD, MADE, GRID = [100] * 4, [250, 150, 0, 0], [0.5, 0.4, 0.3, 0.2]


def test_a_year_that_is_green_by_volume_is_half_green_by_the_hour() -> None:
    found = tally(LOAD, MADE, MADE, GRID).proof()
    assert (found.claim_frac, found.hourly_frac, found.cfe_frac) == pytest.approx((1.0, 0.5, 0.625))
    assert found.greenwash_index == pytest.approx(0.5)


def test_certificates_that_add_nothing_make_all_of_a_claim_greenwash() -> None:
    found = tally(LOAD, MADE, [0] * 4, GRID).proof()
    assert found.additional_frac == 0 and found.greenwash_index == found.claim_frac == 1


def test_what_is_matched_every_hour_is_no_greenwash() -> None:
    assert tally(LOAD, LOAD, LOAD, GRID).proof().greenwash_index == 0


def test_no_load_claims_nothing() -> None:
    assert Tally(certificates=5).proof().claim_frac == 0


def test_months_are_kept_apart_and_the_year_is_their_sum() -> None:
    months, page = Months(), np.zeros(2, LEDGER)
    page["mwh"][:, GPU_MWH] = 10
    page["work"][:, CERTIFICATE_MWH] = [20, 0]
    months.add(np.array([1, 2]), page)
    found = months.proofs()
    assert list(found) == ["year", "01", "02"]
    assert [found[k].claim_frac for k in found] == [1.0, 1.0, 0.0]


def rolled(changes: dict[str, Any]) -> YearRoll:
    site = site_with(changes)
    batch = Batch(site, Library([calm_trace(days=8, wind_cf=0.5, grid_cfe_frac=0.4)]), 1)
    batch.begin(np.zeros(1, np.int64), np.array([[0, 4, 4 + 7 * 96]]), np.full((1, 8), 0.5))
    return roll_year(Naive(), batch, 1, 0)


def test_an_evaluation_reports_what_its_ledger_says() -> None:
    proof = rolled({"supply.wind_mw": 40, "carbon": {"certificates": {}}}).proofs["year"]
    assert 0 < proof.hourly_frac == pytest.approx(proof.claim_frac)
    assert proof.cfe_frac == pytest.approx(proof.hourly_frac + 0.4 * (1 - proof.hourly_frac))


def test_a_site_without_certificates_reports_no_proof() -> None:
    assert not rolled({"supply.wind_mw": 40}).proofs
