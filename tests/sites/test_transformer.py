"""The transformer's tables, against IEEE C57.91 worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.sites import transformer
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.transformer import Transformer
from tests.workbench import site_with

UNIT = Transformer(rating_mw=100)


def read(p: np.void, y0: float, at: str, change: str, value: float) -> float:
    return y0 + float(np.maximum(0.0, value - p[f"transformer_{at}"]) @ p[f"transformer_{change}"])


@pytest.mark.parametrize(("hot_spot_c", "rate"), [(110, 1.0), (120, 2.71), (140, 17.2)])
def test_insulation_ages_as_the_guide_says(hot_spot_c: float, rate: float) -> None:
    assert transformer.ageing_rate(np.array(hot_spot_c)) == pytest.approx(rate, rel=2e-3)
    p = parameter_record(site_with({"transformer": {"rating_mw": 100}}))[0]
    assert read(p, p["transformer_ageing_y0"], "hot_spot_c", "ageing_change", hot_spot_c) == pytest.approx(
        rate, rel=2e-3
    )


@pytest.mark.parametrize(("load", "ambient_c", "hot_spot_c"), [(1.0, 30, 95), (1.2, 20, 107.3)])
def test_hot_spots_meet_the_guides(load: float, ambient_c: float, hot_spot_c: float) -> None:
    k = np.array(load)
    found = ambient_c + transformer.oil_rise_c(UNIT, k) + transformer.winding_rise_c(UNIT, k)
    assert found == pytest.approx(hot_spot_c, abs=0.05)
    p = parameter_record(site_with({"transformer": {"rating_mw": 100}}))[0]
    oil = read(p, p["transformer_oil_y0"], "load", "oil_change", load)
    assert ambient_c + oil + read(p, 0.0, "load", "winding_change", load) == pytest.approx(hot_spot_c, abs=0.05)


def test_tables_are_close_to_their_formulas_and_never_below() -> None:
    p = parameter_record(site_with({"transformer": {"rating_mw": 100}}))[0]
    load, theta = np.linspace(0, 2, 300), np.linspace(60, 200, 500)
    oil = np.array([read(p, p["transformer_oil_y0"], "load", "oil_change", k) for k in load])
    winding = np.array([read(p, 0.0, "load", "winding_change", k) for k in load])
    ageing = np.array([read(p, p["transformer_ageing_y0"], "hot_spot_c", "ageing_change", x) for x in theta])
    for table, formula, most in (
        (oil, transformer.oil_rise_c(UNIT, load), 0.15), (winding, transformer.winding_rise_c(UNIT, load), 0.15)
    ):  # fmt: skip
        assert (table - formula).min() > -1e-9 and (table - formula).max() < most
    off = ageing / transformer.ageing_rate(theta) - 1
    assert off.min() > -1e-9 and off.max() < 0.06


def test_every_table_is_convex_so_that_a_bound_may_use_its_lines() -> None:
    p = parameter_record(site_with({"transformer": {"rating_mw": 100, "n": 0.5, "m": 0.5}}))[0]
    for name in ("oil_change", "winding_change"):
        assert (p[f"transformer_{name}"][:-1] >= -1e-9).all()
    assert (p["transformer_ageing_change"] >= 0).all()


def test_the_oil_remembers_by_its_time_constant() -> None:
    p = parameter_record(site_with({"transformer": {"rating_mw": 100, "oil_tau_s": 900}}))[0]
    assert p["transformer_oil_keep"] == pytest.approx(np.exp(-1))


def test_a_transformer_far_too_small_for_its_connection_is_refused() -> None:
    with pytest.raises(ValueError, match=r"transformer\.rating_mw = 90 would be loaded to more than 2 times"):
        site_with({"transformer": {"rating_mw": 90}})
