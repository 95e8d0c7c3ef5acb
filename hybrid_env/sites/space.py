"""Racks: how many machines each hall has room and power for, and which work its network is good for."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites.base import SiteModel
from hybrid_env.sites.catalogue import asic

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F, _I = np.float64, np.int64

AIR_KW_PER_RACK = 60.0
"""What air can carry off a rack: about 30 kW in a plain row (factryze.ai, "DLC and watts per rack"), 56 kW in NVIDIA's
design for four air-cooled DGX B300; from there on vendors go to liquid."""
NETWORKS = ("batch", "online", "fabric")
"""Classes of network, poor to good. `batch`: what mining needs, a thin line. `online`: 10 to 100 Gb/s to the outside
and less than 100 ms there and back, for answers. `fabric`: on top of it 400 Gb/s between GPUs (InfiniBand, RoCE)."""
NEEDS = {"reserved": "online", "inference": "online", "on_demand": "online", "training": "fabric"}
"""The least network of a hall for each class of GPU work that cannot do with `batch`; `training` brings gang jobs."""


class Hall(SiteModel):
    """What every hall has."""

    racks: int = Field(gt=0, le=1_000_000)
    """Places: racks for GPU nodes, shelves for miners."""
    kw_per_rack: float = Field(gt=0, le=400)
    """What the feed of a rack carries: 40 for four nodes of H100 or a shelf of a dozen miners, 120 to 140 for a rack
    of liquid-cooled GPUs (GB200 NVL72)."""
    oversubscription: float = Field(default=1.0, ge=1, le=2)
    """Nameplate power in a rack over what its feed carries; above 1 the hall cannot run at full power. Clusters for
    language models have room for 1.3 (POLCA, Patel et al. 2023, arXiv 2308.12908)."""

    @property
    def limit_mw(self) -> float:
        """What the feeds of all racks carry."""
        return self.racks * self.kw_per_rack / 1e3

    def racks_for(self, units: int, unit_kw: float) -> int:
        """Racks that hold so many units of one kind; a rack holds a whole number of them.

        Raises:
            ValueError: not one fits.
        """
        if unit_kw > self.kw_per_rack:
            raise ValueError(f"a unit draws {unit_kw:g} kW and a rack carries {self.kw_per_rack:g}; raise kw_per_rack")
        return ceil(units / floor(self.kw_per_rack * self.oversubscription / unit_kw + 1e-9))


class GpuHall(Hall):
    """The hall of GPUs."""

    cooling: Literal["air", "liquid"] = "air"
    """`air` carries `AIR_KW_PER_RACK` at most."""
    network: Literal["batch", "online", "fabric"] = "fabric"

    @model_validator(mode="after")
    def _heat_leaves_the_rack(self) -> GpuHall:
        if self.cooling == "air" and self.kw_per_rack > AIR_KW_PER_RACK:
            raise ValueError(
                f"kw_per_rack = {self.kw_per_rack:g} is more than air carries off a rack ({AIR_KW_PER_RACK:g});"
                " lower it or set cooling: liquid"
            )
        return self


class MiningHall(Hall):
    """The hall of the fleets with `cooling: hall`; its network is `batch`, its GPUs are cooled by air."""

    gpus: int = Field(default=0, ge=0, le=10_000_000)
    """How many of `gpu.gpus` stand here: fit for small training jobs, spot rental and proof of work only."""


class Space(SiteModel):
    """The halls whose racks are a limit; one that is not named has room for all its machines."""

    gpu_hall: GpuHall | None = None
    mining_hall: MiningHall | None = None
    gpus_per_node: int = Field(default=8, ge=1, le=576)
    """GPUs of the smallest unit that goes into a rack: 8 in a node of H100, 72 in a rack of GB200 NVL72."""

    @model_validator(mode="after")
    def _is_of_some_hall(self) -> Space:
        if self.gpu_hall is None and self.mining_hall is None:
            raise ValueError(
                "space needs `gpu_hall`, `mining_hall` or both; found neither; fill one in or leave it out"
            )
        return self

    @property
    def batch_gpus(self) -> int:
        """GPUs in the mining hall."""
        return 0 if self.mining_hall is None else self.mining_hall.gpus


def check(site: Site) -> None:
    """See that halls can host what the site has.

    Raises:
        ValueError: something does not fit; the message names the field, what was found and what would do.
    """
    space = site.space
    if space is None:
        return
    if space.mining_hall is not None:
        if site.mining is None:
            raise ValueError("space.mining_hall: the site has no mining; add `mining` or remove the hall")
        _check_mining_hall(site, space, space.mining_hall)
    if space.gpu_hall is not None:
        if site.gpu is None:
            raise ValueError("space.gpu_hall: the site has no GPUs; add `gpu` or remove the hall")
        _check_gpu_hall(site, space, space.gpu_hall)


def _check_gpu_hall(site: Site, space: Space, hall: GpuHall) -> None:
    assert site.gpu is not None
    for name, network in NEEDS.items():
        if getattr(site.gpu, name) is not None and NETWORKS.index(hall.network) < NETWORKS.index(network):
            why = "which brings gang jobs, " if name == "training" else ""
            raise ValueError(
                f"space.gpu_hall.network = {hall.network!r} is too poor for gpu.{name}, {why}which needs {network!r};"
                f" build a better one or remove gpu.{name}"
            )
    here = site.gpu.gpus - space.batch_gpus
    node_kw = space.gpus_per_node * site.gpu.busy_kw
    if hall.cooling == "air" and node_kw > AIR_KW_PER_RACK:
        raise ValueError(
            f"space.gpu_hall.cooling = 'air' carries {AIR_KW_PER_RACK:g} kW off a rack, and {space.gpus_per_node} GPUs"
            f" in one unit draw {node_kw:g}; set cooling: liquid or lower space.gpus_per_node"
        )
    need = _racks("space.gpu_hall", hall, ceil(here / space.gpus_per_node), node_kw)
    _refuse_too_few("space.gpu_hall", hall, need, f"{here} GPUs")
    _refuse_too_weak("space.gpu_hall", hall, here * site.gpu.idle_kw / 1e3, "idle GPUs")


def _check_mining_hall(site: Site, space: Space, hall: MiningHall) -> None:
    mining, gpu = site.mining, site.gpu
    assert mining is not None
    inside = [fleet for fleet in mining.fleets if fleet.cooling == "hall"]
    need = sum(
        _racks("space.mining_hall", hall, ceil(fleet.nameplate_mw * 1e6 / unit_w), unit_w / 1e3)
        for fleet in inside
        for unit_w in [asic(fleet.model).power_w]
    )
    asleep_mw = mining.sleep_draw_frac * mining.availability_frac * sum(f.nameplate_mw for f in inside)
    if hall.gpus:
        if gpu is None or hall.gpus > gpu.gpus:
            found = "none" if gpu is None else f"{gpu.gpus}"
            raise ValueError(
                f"space.mining_hall.gpus = {hall.gpus} are some of gpu.gpus, and there are {found}; lower it"
            )
        online = (gpu.reserved.gpus if gpu.reserved else 0) + (gpu.inference.peak_gpus if gpu.inference else 0)
        if online > gpu.gpus - hall.gpus:
            raise ValueError(
                f"reserved.gpus + inference.peak_gpus = {online} must stand in the GPU hall, and"
                f" space.mining_hall.gpus = {hall.gpus} of {gpu.gpus} leaves {gpu.gpus - hall.gpus} there; lower one"
            )
        node_kw = space.gpus_per_node * gpu.busy_kw
        if node_kw > AIR_KW_PER_RACK:
            raise ValueError(
                f"space.mining_hall.gpus = {hall.gpus}: a unit of {node_kw:g} kW needs liquid, and the mining hall has"
                f" air ({AIR_KW_PER_RACK:g} kW a rack); set it to 0 or lower space.gpus_per_node"
            )
        need += _racks("space.mining_hall", hall, ceil(hall.gpus / space.gpus_per_node), node_kw)
        asleep_mw += hall.gpus * gpu.idle_kw / 1e3
    _refuse_too_few("space.mining_hall", hall, need, "fleets and GPUs" if hall.gpus else "fleets")
    _refuse_too_weak("space.mining_hall", hall, asleep_mw, "sleeping miners and idle GPUs")


def _racks(place: str, hall: Hall, units: int, unit_kw: float) -> int:
    try:
        return hall.racks_for(units, unit_kw)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def _refuse_too_few(place: str, hall: Hall, need: int, what: str) -> None:
    if need > hall.racks:
        raise ValueError(
            f"{place}.racks = {hall.racks} of {hall.kw_per_rack:g} kW do not hold the site's {what}: they take {need};"
            " build more, raise kw_per_rack or oversubscription, or buy fewer machines"
        )


def _refuse_too_weak(place: str, hall: Hall, draw_mw: float, what: str) -> None:
    if draw_mw > hall.limit_mw:
        raise ValueError(
            f"{place} carries {hall.limit_mw:g} MW, less than the {draw_mw:g} MW of {what} alone;"
            " lower oversubscription or idle_kw"
        )


RECORD = [
    ("halls", _I), ("gpu_hall_mw", _F), ("mining_hall_mw", _F), ("batch_gpus", _F), ("batch_idle_mw", _F),
]  # fmt: skip
"""`halls` is 1 where racks are a limit. `gpu_hall_mw`, `mining_hall_mw` are what the racks carry, where a hall is not
named what its machines draw at most; `batch_gpus` stand in the mining hall and draw `batch_idle_mw` when idle."""


def fill(p: np.void, site: Site) -> None:
    """Write the halls into the site's record, after GPUs, fleets and where these stand."""
    space = site.space
    if space is None:
        return
    p["halls"], p["batch_gpus"] = 1, space.batch_gpus
    p["batch_idle_mw"] = p["gpu_idle_mw"] * (p["batch_gpus"] / p["gpus"] if p["gpus"] else 0.0)
    busy_mw = p["gpus"] * p["gpu_dyn_mw"] + p["gpu_idle_mw"]
    p["gpu_hall_mw"] = busy_mw if space.gpu_hall is None else space.gpu_hall.limit_mw
    most_mw = p["sleep_mw"] + p["mining_max_mw"]
    p["mining_hall_mw"] = most_mw if space.mining_hall is None else space.mining_hall.limit_mw
