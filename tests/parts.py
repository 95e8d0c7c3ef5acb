"""Random parts of sites: one strategy a mechanism, for `tests/strategies.py`."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from hypothesis import strategies as st

from hybrid_env.sites.catalogue import asics
from hybrid_env.sites.space import Hall


def number(low: float, high: float) -> st.SearchStrategy[float]:
    """A plain number; both ends are drawn often."""
    return st.one_of(st.just(low), st.just(high), st.floats(low, high, allow_nan=False))


@st.composite
def on_demand(draw: st.DrawFn, gpus: int) -> dict[str, Any] | None:
    """On-demand rental with any menu, or none."""
    asks = draw(st.integers(0, 5))
    if not asks:
        return None
    rise = draw(st.lists(number(0.05, 2), min_size=asks, max_size=asks))
    fall = draw(st.lists(number(0.01, 0.2), min_size=asks, max_size=asks))
    return {
        "peak_gpus": draw(st.integers(0, gpus)),
        "ask_frac": np.cumsum(rise).tolist(),
        "accept_frac": (1.0 - np.cumsum(fall) + fall[0]).clip(0, 1).tolist(),
    }


def failures() -> st.SearchStrategy[dict[str, Any]]:
    """Machines that break down, some all the time."""
    return st.fixed_dictionaries(
        {
            "rate_per_month": number(0, 1),
            "blocks": st.integers(1, 100),
            "start_hazard": number(0, 0.1),
            "repair_s": number(3_600, 1e7),
            "repair_usd_per_mw": number(0, 1e5),
        }
    )


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """Pool terms, with and without contracts on hash."""
    scheme = st.sampled_from(["fpps", "pps_plus", "pps"])
    terms: dict[str, Any] = {"pool_scheme": draw(scheme), "pool_fee_frac": draw(number(0, 0.04))}
    if terms["pool_scheme"] == "pps_plus":
        terms["fee_on_fees_frac"] = draw(number(0, 0.2))
    contract = {"sold_ph": number(1, 5_000), "price_usd_per_ph_day": number(0, 300)}
    if draw(st.booleans()):
        terms["forward"] = draw(st.fixed_dictionaries(contract))
    if draw(st.booleans()):
        terms["cloud"] = draw(st.fixed_dictionaries(contract | {"shortfall_credit_frac": number(1, 3)}))
    return terms


@st.composite
def own_generation(draw: st.DrawFn) -> dict[str, Any]:
    """Each source in half of the sites, with and without a pond."""
    own: dict[str, Any] = {"wind_mw": draw(number(0, 120))}
    for source in ("solar", "geothermal", "hydro"):
        if draw(st.booleans()):
            own |= {f"{source}_mw": draw(number(1, 60)), f"{source}_usd_per_mwh": draw(number(0, 90))}
    if "hydro_mw" in own and draw(st.booleans()):
        own |= {"hydro_turbine_mw": own["hydro_mw"] + draw(number(0, 50)), "hydro_pond_mwh": draw(number(1, 400))}
    if draw(st.booleans()):
        own["generator"] = {
            "nameplate_mw": draw(number(1, 80)),
            "min_load_frac": draw(number(0, 1)),
            "heat_rate_mmbtu_per_mwh": draw(number(6, 15)),
            "no_load_frac": draw(number(0, 0.5)),
        }
    if draw(st.booleans()):
        own["ppa"] = {"mw": 50, "strike_usd_per_mwh": 30, "shape": draw(st.sampled_from(["flat", "wind", "solar"]))}
    return own


@st.composite
def reserves(draw: st.DrawFn, droppable_mw: float) -> dict[str, Any]:
    """One to three products, quick and slow, long and short, of what a site could drop at most or less."""
    products = [
        {"name": f"product {k}", "response_s": draw(number(0, 1_800)), "duration_h": draw(number(1, 5))}
        for k in range(draw(st.integers(1, 3)))
    ]
    return {
        "products": products,
        "max_mw": droppable_mw * draw(number(0.01, 1)),
        "load_type": draw(st.sampled_from(["controllable", "plain"])),
        "gate_closure_s": draw(number(60, 3_600)),
        "penalty_mult": draw(number(0, 4)),
        "deviation_usd_per_mwh": draw(number(0, 3_000)),
        "deviation_tolerance_frac": draw(number(0, 0.2)),
    }


@st.composite
def carbon(draw: st.DrawFn) -> dict[str, Any]:
    """Carbon accounting, with and without certificates."""

    def quality() -> dict[str, Any]:
        return {"same_zone": draw(st.booleans()), "vintage_months": draw(number(0, 60))}

    out: dict[str, Any] = {"own_kg_per_mwh": draw(number(0, 50))}
    if draw(st.booleans()):
        out["certificates"] = {"own": draw(st.booleans())} | quality()
        out["matched_premium_usd_per_mwh"] = draw(number(0, 60))
    if draw(st.booleans()):
        shape = draw(st.sampled_from(["flat", "wind", "solar"]))
        out["contracted"] = {"mw": draw(number(1, 100)), "shape": shape, "usd_per_mwh": draw(number(0, 10))} | quality()
    return out


@st.composite
def halls(draw: st.DrawFn, mining: dict[str, Any] | None, gpu: dict[str, Any] | None) -> dict[str, Any] | None:
    """Racks that hold a site's machines, with few or none to spare, and GPUs in the mining hall."""
    space: dict[str, Any] = {}
    batch_gpus = 0
    node_kw = 8 * gpu["busy_kw"] if gpu else 0.0  # 20 kW at most, less than any rack below carries
    if mining and draw(st.booleans()):
        hall = Hall(racks=1, kw_per_rack=draw(number(25, 60)), oversubscription=draw(number(1, 2)))
        inside = [fleet for fleet in mining["fleets"] if fleet["cooling"] == "hall"]
        draw_w = [asics()[fleet["model"]].power_w for fleet in inside]
        units = [ceil(fleet["nameplate_mw"] * 1e6 / w) for fleet, w in zip(inside, draw_w, strict=True)]
        racks = sum(hall.racks_for(n, w / 1e3) for n, w in zip(units, draw_w, strict=True))
        least_mw = mining["sleep_draw_frac"] * sum(fleet["nameplate_mw"] for fleet in inside)
        if gpu:
            online = (gpu["reserved"] or {"gpus": 0})["gpus"] + (gpu["inference"] or {"peak_gpus": 0})["peak_gpus"]
            batch_gpus = draw(st.integers(0, gpu["gpus"] - online))
            racks += hall.racks_for(ceil(batch_gpus / 8), node_kw)
            least_mw += batch_gpus * gpu["idle_kw"] / 1e3
        space["mining_hall"] = _with_racks(draw, hall, racks, least_mw) | {"gpus": batch_gpus}
    if gpu and (not space or draw(st.booleans())):
        hall = Hall(racks=1, kw_per_rack=draw(number(25, 60)), oversubscription=draw(number(1, 2)))
        here = gpu["gpus"] - batch_gpus
        space["gpu_hall"] = _with_racks(
            draw, hall, hall.racks_for(ceil(here / 8), node_kw), here * gpu["idle_kw"] / 1e3
        )
    return space or None


def _with_racks(draw: st.DrawFn, hall: Hall, racks: int, least_mw: float) -> dict[str, Any]:
    """The hall with as many racks as machines take and as idle machines load, and a few more."""
    racks = max(1, racks, ceil(least_mw * 1e3 / hall.kw_per_rack)) + draw(st.integers(0, 100))
    return hall.model_dump() | {"racks": racks}


def supply_contracts() -> st.SearchStrategy[dict[str, Any]]:
    """What energy is settled at; a price where it is fixed."""
    market = st.fixed_dictionaries({"energy_price": st.sampled_from(["real_time", "day_ahead"])})
    return market | st.fixed_dictionaries({"energy_price": st.just("fixed"), "fixed_usd_per_mwh": number(0, 100)})


def plants() -> st.SearchStrategy[dict[str, Any]]:
    """A kind of cooling plant, with what it reads."""
    compressors = st.fixed_dictionaries(
        {"kind": st.sampled_from(["chiller", "air_chiller"]), "chiller_cop": number(3, 8)}
    )
    loops = st.fixed_dictionaries({"kind": st.sampled_from(["dry_cooler", "evaporative"]), "loop_c": number(30, 60)})
    return compressors | loops
