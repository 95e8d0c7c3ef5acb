"""Units are the ends of names: equal ones fit, known ones convert, all others are refused."""

from __future__ import annotations

import pytest

from hybrid_env.traces.importers.units import UnitError, factor, unit_of

RATES = {"eur": 1.1, "jpy": 0.0067}
PRICE = "price_rt_usd_per_mwh"


@pytest.mark.parametrize(
    ("source", "target", "times"),
    [
        ("price_usd_per_mwh", PRICE, 1),
        ("price_eur_per_mwh", PRICE, 1.1),
        ("price_jpy_per_mwh", PRICE, 0.0067),
        ("energy_usd_per_kwh", PRICE, 1000),
        ("load_mw", "system_load_mw", 1),
        ("power_kw", "system_load_mw", 1e-3),
        ("difficulty", "difficulty", 1),
        ("renewable_frac", "grid_cfe_frac", 1),
        ("low_carbon_pct", "grid_cfe_frac", 0.01),
        ("output_pct", "wind_cf", 0.01),
        ("carbon_lca_kg_per_mwh", "carbon_average_kg_per_mwh", 1),
        ("price_usd_per_mw_h", "reserve_0_usd_per_mw_h", 1),
    ],
)
def test_factors(source: str, target: str, times: float) -> None:
    assert factor(source, target, RATES) == pytest.approx(times)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("price_cad_per_mwh", PRICE, "prices are in CAD: give `usd_per"),
        ("price_usd_per_mw_h", PRICE, "cannot feed"),
        ("power_unstated", "system_load_mw", "give `scale`"),
        ("energy_mwh", "system_load_mw", "cannot feed"),
        ("drybulb_c", "wind_cf", "cannot feed"),
    ],
)
def test_what_does_not_fit_is_refused(source: str, target: str, message: str) -> None:
    with pytest.raises(UnitError, match=message):
        factor(source, target, RATES)


def test_a_name_may_end_in_no_unit() -> None:
    assert [unit_of(name) for name in ("difficulty", "inference_load", "drybulb_c")] == [None, None, "c"]
