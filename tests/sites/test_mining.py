"""Fleets and the machine catalogue."""

from __future__ import annotations

import pytest

from hybrid_env.sites.base import SiteError
from hybrid_env.sites.catalogue import asic, asics
from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


@pytest.mark.parametrize(("model", "j_per_th"), [("S21", 17.5), ("S21 XP", 13.5), ("S19j Pro", 29.5), ("M60S", 18.5)])
def test_the_catalogue_holds_nameplate_efficiencies(model: str, j_per_th: float) -> None:
    assert asic(model).j_per_th == pytest.approx(j_per_th, rel=1e-3)


def test_an_unknown_machine_lists_those_there_are() -> None:
    with pytest.raises(SiteError, match=r"'S99'.*S21 XP.*S19j Pro"):
        asic("S99")


def test_every_machine_is_plausible() -> None:
    for model, machine in asics().items():
        assert 5 < machine.j_per_th < 35 and 2_000 < machine.power_w < 12_000, model


def test_hash_at_nameplate_is_power_over_efficiency() -> None:
    p = parameter_record(site_with())[0]
    assert p["fleet_ph"][0] == pytest.approx(40e6 / 17.5 / 1e3)
    assert p["fleet_ph"][1] == 0


def test_fleets_are_served_best_first_and_equals_as_listed() -> None:
    fleets = [{"model": m, "nameplate_mw": 10} for m in ("S19j Pro", "S21", "S21 XP", "S21")]
    p = parameter_record(site_with({"mining.fleets": fleets, "mining.control": "per_fleet"}))[0]
    assert p["fleet_order"].tolist() == [2, 1, 3, 0] and p["per_fleet"] == 1


def test_segments_come_most_efficient_first() -> None:
    fleets = [{"model": m, "nameplate_mw": 10} for m in ("S19j Pro", "S21", "S21 XP")]
    p = parameter_record(site_with({"mining.fleets": fleets}))[0]
    efficiency = p["segment_ph_per_mw"][: p["n_segments"]]
    assert (efficiency[:-1] >= efficiency[1:]).all()
    assert p["segment_fleet"][0] == 2
    assert p["segment_mw"].sum() == pytest.approx(p["mining_max_mw"])


def test_at_most_four_fleets_are_taken() -> None:
    with pytest.raises(ValueError, match="at most 4"):
        site_with({"mining.fleets": [{"model": "S21", "nameplate_mw": 1}] * 5})
