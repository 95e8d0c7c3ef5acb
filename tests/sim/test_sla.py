"""Monthly service credit by hand: 1,000 GPUs are asked, 250 GPU-hours an interval, at 3 USD."""

from __future__ import annotations

import pytest

from tests.workbench import Workbench, calm_trace, site_with

TIERS = [[0.999, 0.10], [0.99, 0.25], [0.95, 1.0]]
CAPPED = 1 - 0.70 * 0.5**1.55
"""Throughput of inference at half power."""
BILL = 250 * 3.0


def bench(row: int = 4) -> Workbench:
    return Workbench(site_with({"gpu.inference.sla_tiers": TIERS}), calm_trace(days=3), row)


def test_full_service_is_not_credited() -> None:
    assert bench().play().usd("sla_credit") == 0


def test_a_deep_miss_credits_the_whole_bill_to_date() -> None:
    b = bench()
    assert b.play(inference=-1.0).usd("sla_credit") == pytest.approx(-BILL)


@pytest.mark.parametrize("import_limit_mw", [2.0, 0.0])
def test_credit_never_takes_back_more_than_was_billed(import_limit_mw: float) -> None:
    """Almost nothing, or nothing at all, is delivered: customers pay nothing, and the site pays them nothing."""
    b = Workbench(site_with({"gpu.inference.sla_tiers": TIERS}), calm_trace(import_limit_mw=import_limit_mw))
    pages = [b.play(inference=-1.0) for _ in range(8)]
    assert sum(page.usd("gpu_inference") for page in pages) == pytest.approx(8 * BILL)
    credit = sum(page.usd("sla_credit") for page in pages)
    assert credit < 0
    tenants = sum(page.usd("gpu_reserved") for page in pages)
    assert credit >= -8 * BILL - tenants


def test_credit_is_posted_as_it_grows_and_taken_back_as_attainment_recovers() -> None:
    b = bench()
    posted = [b.play(inference=-1.0).usd("sla_credit")] + [b.play().usd("sla_credit") for _ in range(9)]
    missed = (1 - CAPPED) / 10
    share = 0.25 if 0.01 < missed <= 0.05 else 1.0
    assert sum(posted) == pytest.approx(-share * 10 * BILL)
    assert max(posted) > 0


@pytest.mark.parametrize(("intervals", "share"), [(4, 1.0), (5, 0.25), (23, 0.25), (24, 0.10)])
def test_each_tier_begins_at_its_attainment(intervals: int, share: float) -> None:
    """One interval misses 24 % of its work: 94.0, 95.2, 98.96 and 99.004 % of the month's after 4, 5, 23 and 24."""
    b = bench()
    posted = [b.play(inference=-1.0).usd("sla_credit")] + [b.play().usd("sla_credit") for _ in range(intervals - 1)]
    assert sum(posted) == pytest.approx(-share * intervals * BILL)


def test_a_new_month_is_a_new_bill() -> None:
    b = bench(row=191)
    b.play(inference=-1.0)
    assert float(b.lane["sla_asked_h"]) == 0
    assert b.play().usd("sla_credit") == 0


def test_attainment_and_credit_are_seen() -> None:
    b = bench()
    b.play(inference=-1.0)
    missed = 200 * (1 - CAPPED)
    assert b.observed("sla_missed_frac") == pytest.approx(missed / (1 + missed), abs=1e-6)
    assert b.observed("sla_credit_frac") == 1
