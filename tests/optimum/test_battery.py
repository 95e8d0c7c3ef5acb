"""The battery block against hand calculation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.optimum.tiny import prices, solved

QUIET = {"battery.wear_usd_per_mwh": 1, "battery.charge_value_usd_per_mwh": 0}


def test_charges_when_cheap_and_discharges_when_dear() -> None:
    cheap_then_dear = prices({row: 5 for row in range(4)} | {row: 300 for row in range(8, 12)}, usual=290)
    x = solved(QUIET, state={"soc_mwh": 5.0}, n=16, **cheap_then_dear)
    np.testing.assert_allclose(x["charge_mw"][:4], 20)
    # 20 MWh in, times both efficiencies, out
    assert x["discharge_mw"].sum() / 4 == pytest.approx(20 * 0.922**2)
    assert x["soc_mwh"][-1] == pytest.approx(5)


def test_its_worth_is_the_spread_less_losses_and_wear() -> None:
    trade = prices({row: 5 for row in range(4)} | {row: 300 for row in range(8, 12)}, usual=290)
    flat = {"mining_allowed": 0, "n": 16}
    with_it = solved(QUIET, state={"soc_mwh": 5.0}, **flat, **trade)
    without = solved(QUIET | {"battery": None}, **flat, **trade)
    out = 20 * 0.922**2
    assert with_it.usd - without.usd == pytest.approx(out * 300 - 20 * 5 - (20 + out), rel=1e-3)


def test_never_both_ways_at_once_even_if_energy_is_paid_to_be_burnt() -> None:
    x = solved(QUIET, n=8, price_rt_usd_per_mwh=-500, price_lmp_usd_per_mwh=-500)
    assert (x["charge_mw"] + x["discharge_mw"]).max() <= 20 + 1e-9


def test_standing_loss_may_carry_it_below_its_floor() -> None:
    x = solved({"battery.self_discharge_frac_per_month": 0.5}, n=96, state={"soc_mwh": 5.0}, mining_allowed=0)
    assert x["soc_mwh"].min() >= 5.0 * x.p["soc_keep"] ** 96 - 1e-9


def test_charge_left_is_worth_its_value() -> None:
    full = solved({"battery.charge_value_usd_per_mwh": 5_000}, n=4, state={"soc_mwh": 95.0})
    half = solved({"battery.charge_value_usd_per_mwh": 5_000}, n=4, state={"soc_mwh": 50.0})
    # both charge as long as there is room; worth of the start is taken off
    assert half.usd > full.usd


def test_a_site_without_one_has_no_columns() -> None:
    assert solved({"battery": None}, n=4).site.battery is None


def test_ageing_by_time_is_a_constant() -> None:
    plain, ageing = solved(n=8), solved({"battery.calendar_usd_per_mwh_year": 10_000}, n=8)
    assert plain.usd - ageing.usd == pytest.approx(10_000 * 100 * 2 / 8_760)
