"""What is set and would do nothing is refused by name, with what was found, what it needs and how to mend it."""

from __future__ import annotations

from typing import Any

import pytest

from hybrid_env.sites.base import SiteError
from hybrid_env.sites.catalogue import asics
from hybrid_env.sites.effect import most_mw
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.site import Site, load_site, site_from_dict
from tests.workbench import description_with, site_with

HALL = [{"model": "S21", "nameplate_mw": 40}]
ISLAND = {"meter.import_limit_mw": 0, "meter.export_limit_mw": 0}
PRODUCT = {"name": "ECRS", "response_s": 600, "duration_h": 1}
TIERS = [[0.999, 0.1], [0.95, 1.0]]
DATA = {"gb_per_gpu": 50, "wan_gbps": 100}

IDLE: list[tuple[dict[str, Any], str]] = [
    ({"gang.data": DATA, "gpu.training": None}, r"gang\.data is set, and no gang job ever comes.*add it or remove"),
    ({"gang.data": DATA, "gpu": None}, r"gang\.data is set"),
    ({"gang.mtbf_gpu_h": 50_000, "gpu.training.base_gpus": 0}, r"gang\.mtbf_gpu_h is set.*base_gpus above 0"),
    ({"gpu.admission": True, "gpu.training": None}, r"gpu\.admission = True.*no training.*remove gpu\.admission"),
    ({"mining.air": {"pad_efficiency": 0.8}}, r"air is set, and no fleet has cooling: air \(found: hall\).*remove air"),
    ({"mining.loop": {"approach_c": 9}}, r"loop is set, and no fleet has cooling: hydro or immersion"),
    ({"supply.hydro_turbine_mw": 9}, r"hydro_turbine_mw = 9 is of no use without hydro_mw \(found 0\)"),
    ({"supply.hydro_usd_per_mwh": 9}, r"hydro_usd_per_mwh = 9 is of no use without hydro_mw"),
    ({"supply.wind_usd_per_mwh": 9}, r"wind_usd_per_mwh = 9 is of no use without wind_mw"),
    ({"supply": {"hydro_mw": 9, "pond_value_usd_per_mwh": 30}}, r"pond_value_usd_per_mwh = 30 .* without hydro_pond"),
    ({"gpu.inference.credit_frac": 2, "gpu.inference.sla_tiers": TIERS}, r"credit_frac = 2 .*sla_tiers.*remove one"),
    ({"reserves": {"products": [PRODUCT, PRODUCT], "max_mw": 9}}, r"'ECRS' stands 2 times \(found: ECRS, ECRS\)"),
    (ISLAND | {"tariff.coincident_peak_usd_per_kw_year": 70}, r"_year = 70 is charged .*import_limit_mw = 0"),
    (ISLAND | {"tariff.demand_usd_per_kw_month": 7}, r"tariff\.demand_usd_per_kw_month = 7 is charged on imports"),
    (ISLAND | {"tariff.energy_adder_usd_per_mwh": 2}, r"tariff\.energy_adder_usd_per_mwh = 2 is charged on imports"),
    (ISLAND | {"tariff.energy_price": "day_ahead"}, r"energy_price = 'day_ahead' settles imports and exports"),
    (ISLAND | {"meter.ramp_mw_per_min": 2}, r"ramp_mw_per_min = 2 limits how fast imports rise"),
    ({"cooling.kind": "dry_cooler", "cooling.chiller_cop": 4}, r"chiller_cop = 4 .* kind: dry_cooler.*chiller or air_"),
    ({"cooling.loop_c": 50}, r"loop_c = 50 is of no use to kind: chiller; .*kind: dry_cooler or evaporative"),
    ({"cooling.kind": "air_chiller", "cooling.condenser_approach_c": 5}, r"condenser_approach_c = 5 is of no use"),
    ({"reserves": {"products": [PRODUCT], "max_mw": 100}}, r"max_mw = 100 .*could ever drop: .*allowed: up to 72\.\d+"),
    ({"network.fee_on_fees_frac": 0.05}, r"fee_on_fees_frac = 0\.05 is read by pool_scheme: pps_plus alone .*fpps"),
    ({"network.pool_fee_frac": 0.02, "mining": None}, r"network\.pool_fee_frac = 0\.02 is a pool's, .* no mining"),
    ({"mining.fleets": [{"model": "S21+ Hydro", "nameplate_mw": 9}]}, r"cooling = 'hall' does not cool a S21\+ Hydro"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), IDLE, ids=lambda x: str(x)[:60])
def test_a_setting_without_effect_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SiteError, match=said):
        site_from_dict(description_with(changes))


AT_WORK: list[dict[str, Any]] = [
    {"gang.data": DATA},
    {"gpu.admission": True},
    {"mining.air": {"pad_efficiency": 0.8}, "mining.fleets": [{**HALL[0], "cooling": "air"}]},
    {"mining.loop": {"approach_c": 9}, "mining.fleets": [{**HALL[0], "cooling": "immersion"}]},
    {"supply": {"hydro_mw": 9, "hydro_turbine_mw": 9, "hydro_pond_mwh": 1, "pond_value_usd_per_mwh": 30}},
    {"gpu.inference.credit_frac": 2},
    {"network": {"pool_scheme": "pps_plus", "fee_on_fees_frac": 0.05}},
    {"network": {"pool_fee_frac": 0.02}},
    {"reserves": {"products": [PRODUCT, PRODUCT | {"name": "RRS"}], "max_mw": 9}},
    ISLAND | {"tariff.day_ahead_mw": 5},
    {"meter.import_limit_mw": 0, "tariff.energy_price": "day_ahead"},
    {"mining.fleets": [{"model": "S21+ Hydro", "nameplate_mw": 9, "cooling": "hydro"}]},
    {"cooling.kind": "dry_cooler", "cooling.loop_c": 50},
    {"cooling.kind": "air_chiller", "cooling.chiller_cop": 3.5},
    {"gpu": None, "gang": {"checkpoint_interval_s": 3_600, "restart_s": 600}},
]


@pytest.mark.parametrize("changes", AT_WORK, ids=lambda x: str(x)[:60])
def test_the_same_setting_where_it_works_is_accepted(changes: dict[str, Any]) -> None:
    assert site_with(changes).hash != site_with().hash


def test_reserves_may_be_all_that_can_drop_and_no_more() -> None:
    most = most_mw(site_with().mining or pytest.fail("the bench mines")) + 20
    assert most == pytest.approx(float(parameter_record(site_with())[0]["mining_max_mw"]) + 20)
    site_with({"reserves": {"products": [PRODUCT], "max_mw": most}})
    with pytest.raises(ValueError, match=r"reserves\.max_mw"):
        site_with({"reserves": {"products": [PRODUCT], "max_mw": most * 1.001}})


@pytest.mark.parametrize("model", [name for name in asics() if "Hydro" in name])
def test_machines_that_run_on_water_say_so(model: str) -> None:
    assert asics()[model].cooling == "hydro"


def test_a_mechanism_with_nothing_behind_it_is_asked_about(tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nregulation:\nmeter: {import_limit_mw: 9}\n", "utf-8")
    with pytest.raises(SiteError, match=r"mine\.yaml.*'regulation' has no value; write null for none, \{\} for"):
        load_site(path)


def test_none_and_a_mechanisms_defaults_are_told_apart(tmp_path) -> None:
    sites: list[Site] = []
    for value in ("null", "{}"):
        text = "name: mine\nmeter: {import_limit_mw: 9}\nmining: {fleets: [{model: S21, nameplate_mw: 5}]}\n"
        path = tmp_path / "mine.yaml"
        path.write_text(f"{text}cooling: {{capacity_mw: 9}}\nregulation: {value}\n", "utf-8")
        sites.append(load_site(path))
    assert sites[0].regulation is None and sites[1].regulation is not None
