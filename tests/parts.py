"""Random parts of sites: one strategy a mechanism, for `tests/strategies.py`."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st


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
    terms = {
        "pool_scheme": draw(scheme),
        "pool_fee_frac": draw(number(0, 0.04)),
        "fee_on_fees_frac": draw(number(0, 0.2)),
    }
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
def reserves(draw: st.DrawFn) -> dict[str, Any]:
    """One to three products, quick and slow, long and short."""
    products = [
        {"name": f"product {k}", "response_s": draw(number(0, 1_800)), "duration_h": draw(number(1, 5))}
        for k in range(draw(st.integers(1, 3)))
    ]
    return {
        "products": products,
        "max_mw": draw(number(0.5, 80)),
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
