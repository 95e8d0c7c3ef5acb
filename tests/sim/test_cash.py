"""The operator's cash by hand: 2,000 GPUs reserved at 2 USD, a quarter of an hour an interval."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench import FULL, Workbench, calm_trace, column, site_with


def bench(start_usd: float, **trace: Any) -> Workbench:
    cash = {"start_usd": start_usd, "fixed_cost_usd_per_day": 96_000, "floor_usd": 1_000}
    return Workbench(site_with({"cash": cash}), calm_trace(**trace))


def test_profit_comes_in_and_fixed_costs_go_out() -> None:
    w = bench(50_000)
    page = w.play()
    assert w.lane["cash_usd"] == pytest.approx(50_000 + page.total_usd - 1_000)
    assert page.usd("withdrawal") == page.work("low_cash_h") == 0


def test_under_the_floor_a_quarter_of_the_contract_is_withdrawn_and_credited() -> None:
    w, rich = bench(999), bench(1_000)
    page, usual = w.play(), rich.play()
    assert page.work("gpu_h_withdrawn") == pytest.approx(0.25 * 2_000 / 4)
    assert page.usd("withdrawal") == pytest.approx(-0.25 * 2_000 / 4 * 2 * (1 + 1))
    assert page.usd("gpu_reserved") == usual.usd("gpu_reserved")
    assert page.work("gpu_h_reserved") == pytest.approx(0.75 * usual.work("gpu_h_reserved"))
    assert page.work("low_cash_h") == 0.25 and usual.work("low_cash_h") == 0


def test_withdrawn_gpus_are_not_let_to_others() -> None:
    w, rich = bench(999), bench(1_000)
    assert w.play(FULL).work("gpu_h_spot") == pytest.approx(rich.play(FULL).work("gpu_h_spot"))


def test_capacity_comes_back_as_soon_as_there_is_cash() -> None:
    w = bench(999)
    w.play()
    assert w.lane["cash_usd"] > 1_000
    assert w.play().work("gpu_h_withdrawn") == 0


def test_what_is_left_at_the_end_is_not_cash() -> None:
    cash = {"start_usd": 0, "fixed_cost_usd_per_day": 0}
    w = Workbench(site_with({"cash": cash}), calm_trace(), horizon=1)
    page = w.play(battery=-1.0)
    assert page.usd("terminal") != 0
    assert w.lane["cash_usd"] == pytest.approx(page.total_usd - page.usd("terminal"))


def test_coincident_peaks_are_billed_later_and_so_do_not_show_in_cash() -> None:
    changes: dict[str, Any] = {"cash": {"start_usd": 0, "fixed_cost_usd_per_day": 0}}
    changes["tariff.coincident_peak_usd_per_kw_year"] = 70
    w = Workbench(site_with(changes), calm_trace(cp_weight=column({4: 1.0}, 0.0)), row=4)
    page = w.play()
    assert page.usd("coincident_peak") < -1e6
    assert w.lane["cash_usd"] == pytest.approx(page.total_usd - page.usd("coincident_peak"))


def test_cash_is_seen_against_its_floor() -> None:
    w = bench(501_000)
    assert (w.observed("cash_over_floor_usd"), w.observed("withdrawn_frac")) == (pytest.approx(0.5 / 1.5, abs=1e-6), 0)
    w.play()
    over = (w.lane["cash_usd"] - 1_000) / 1e6
    assert w.observed("cash_over_floor_usd") == pytest.approx(over / (1 + over), abs=1e-6)
    assert w.observed("withdrawn_frac") == 0
