"""What fits which hall, by hand: nodes of 8 kW, five a rack of 40 kW; S21 of 3.5 kW, twelve a shelf of 42 kW."""

from __future__ import annotations

from typing import Any

import pytest

from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.site import SiteError, load_site, site_from_dict
from hybrid_env.sites.space import GpuHall
from hybrid_env.spaces import observation_fields
from tests.workbench import description_with, site_with

GPU_HALL = {"racks": 250, "kw_per_rack": 40}
"""The bench site's 10,000 GPUs: 1,250 nodes, five a rack."""
MINING_HALL = {"racks": 953, "kw_per_rack": 42}
"""Its 40 MW of S21: 11,429 machines, twelve a shelf."""


def refused(changes: dict[str, Any]) -> str:
    with pytest.raises(SiteError) as caught:
        site_from_dict(description_with(changes))
    return str(caught.value)


def test_halls_that_just_hold_the_machines_are_accepted_and_one_rack_less_is_not() -> None:
    site_with({"space": {"gpu_hall": GPU_HALL, "mining_hall": MINING_HALL}})
    assert "racks = 249 of 40 kW do not hold the site's 10000 GPUs: they take 250" in refused(
        {"space.gpu_hall": GPU_HALL | {"racks": 249}}
    )
    assert "racks = 952 of 42 kW do not hold the site's fleets: they take 953" in refused(
        {"space.mining_hall": MINING_HALL | {"racks": 952}}
    )


def test_a_rack_holds_whole_units_and_more_of_them_if_oversubscribed() -> None:
    assert GpuHall(racks=1, kw_per_rack=40).racks_for(10, 9.2) == 3  # four a rack
    assert GpuHall(racks=1, kw_per_rack=40, oversubscription=1.25).racks_for(10, 9.2) == 2  # five
    assert GpuHall(racks=1, kw_per_rack=40).racks_for(10, 8) == 2


def test_gpus_in_the_mining_hall_take_shelves_there_and_none_in_the_gpu_hall() -> None:
    # 2,000 GPUs: 250 nodes, five a shelf; 8,000 are left: 200 racks
    halls = {"gpu_hall": GPU_HALL | {"racks": 200}, "mining_hall": MINING_HALL | {"racks": 1_003, "gpus": 2_000}}
    site_with({"space": halls})
    short = halls | {"mining_hall": MINING_HALL | {"racks": 1_002, "gpus": 2_000}}
    assert "fleets and GPUs: they take 1003" in refused({"space": short})


def test_only_fleets_inside_take_shelves() -> None:
    def one_shelf(cooling: str) -> dict[str, Any]:
        fleets = [{"model": "S21", "nameplate_mw": 40, "cooling": cooling}]
        return {"mining.fleets": fleets, "space.mining_hall": {"racks": 1, "kw_per_rack": 42}}

    assert site_with(one_shelf("air")).space is not None
    assert "mining_hall" in refused(one_shelf("hall"))


def test_air_carries_only_so_much_off_a_rack() -> None:
    dense = {"racks": 100, "kw_per_rack": 120}
    assert "space.gpu_hall: kw_per_rack = 120 is more than air carries off a rack (60)" in refused(
        {"space.gpu_hall": dense}
    )
    site_with({"space.gpu_hall": dense | {"cooling": "liquid"}})


def test_a_liquid_rack_of_gpus_needs_a_liquid_hall() -> None:
    space = {"gpus_per_node": 72, "gpu_hall": {"racks": 139, "kw_per_rack": 60}}
    assert "72 GPUs in one unit draw 72; set cooling: liquid" in refused({"space": space})
    liquid = {"racks": 139, "kw_per_rack": 72, "cooling": "liquid"}
    site_with({"space": space | {"gpu_hall": liquid}})
    mining_hall = {"racks": 2_000, "kw_per_rack": 80, "gpus": 720}
    assert "a unit of 72 kW needs liquid" in refused(
        {"space": space | {"gpu_hall": liquid, "mining_hall": mining_hall}}
    )


def test_a_unit_too_strong_for_its_rack_is_named() -> None:
    message = refused({"space.gpu_hall": {"racks": 9_000, "kw_per_rack": 5}})
    assert "space.gpu_hall: a unit draws 8 kW and a rack carries 5" in message


@pytest.mark.parametrize(
    ("network", "kept", "message"),
    [
        ("online", None, "'online' is too poor for gpu.training, which brings gang jobs, which needs 'fabric'"),
        ("batch", "reserved", "'batch' is too poor for gpu.reserved, which needs 'online'"),
        ("batch", "inference", "'batch' is too poor for gpu.inference, which needs 'online'"),
    ],
)
def test_work_that_needs_a_better_network_is_refused(network: str, kept: str | None, message: str) -> None:
    classes = [] if kept is None else [c for c in ("reserved", "inference", "training") if c != kept]
    without = {f"gpu.{name}": None for name in classes}
    assert message in refused(without | {"space.gpu_hall": GPU_HALL | {"network": network}})


def test_a_hall_on_a_thin_line_may_rent_spot() -> None:
    thin = {"space.gpu_hall": GPU_HALL | {"network": "batch"}}
    spot = {f"gpu.{name}": None for name in ("reserved", "inference", "training")}
    site = site_with(spot | thin)
    assert site.gpu is not None and site.gpu.spot is not None
    assert "network" in refused(thin)


def test_contracts_need_their_gpus_in_the_gpu_hall() -> None:
    hall = {"racks": 5_000, "kw_per_rack": 42, "gpus": 6_001}
    assert "= 4000 must stand in the GPU hall, and space.mining_hall.gpus = 6001 of 10000 leaves 3999" in refused(
        {"space.mining_hall": hall}
    )
    assert "and there are 10000" in refused({"space.mining_hall": hall | {"gpus": 10_001}})


@pytest.mark.parametrize(("hall", "lacks"), [("gpu_hall", "gpu"), ("mining_hall", "mining")])
def test_a_hall_without_its_machines_is_refused(hall: str, lacks: str) -> None:
    assert f"space.{hall}: the site has no" in refused({lacks: None, f"space.{hall}": {"racks": 9, "kw_per_rack": 40}})


def test_a_space_without_halls_is_refused() -> None:
    assert "needs `gpu_hall`, `mining_hall` or both" in refused({"space": {}})


def test_idle_machines_alone_must_not_overload_a_hall() -> None:
    idle = {"gpu.idle_kw": 0.9, "space.gpu_hall": {"racks": 125, "kw_per_rack": 40, "oversubscription": 2}}
    assert "carries 5 MW, less than the 9 MW of idle GPUs alone" in refused(idle)


def test_the_record_holds_what_the_racks_carry() -> None:
    hall = MINING_HALL | {"racks": 1_003, "gpus": 2_000}
    p = parameter_record(site_with({"space": {"gpu_hall": GPU_HALL, "mining_hall": hall}}))[0]
    found = [float(p[name]) for name in ("gpu_hall_mw", "mining_hall_mw", "batch_gpus", "batch_idle_mw")]
    assert found == pytest.approx([10, 42.126, 2_000, 0.4])
    other = parameter_record(site_with({"space.gpu_hall": GPU_HALL}))[0]
    assert other["mining_hall_mw"] == pytest.approx(other["sleep_mw"] + other["mining_max_mw"])


def test_a_site_without_it_shows_nothing_of_it() -> None:
    names = {f.name for f in observation_fields(site_with({"space.gpu_hall": GPU_HALL}))}
    more = names - {f.name for f in observation_fields(site_with())}
    assert more == {"gpu_hall_load_frac", "mining_hall_load_frac"}
    assert load_site("texas_wind").space is None
