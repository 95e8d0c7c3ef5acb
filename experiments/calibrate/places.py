"""The markets that are calibrated: what each starts from, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from hybrid_env.traces.market import Market, Provenance, load_market
from hybrid_env.traces.schema import COLUMNS

Basis = Literal["real", "derived", "synthetic"]

BASE = "texas"
"""Parts that nothing here is fitted to are those of this market, with its sources."""
STACK = "ercot"
"""The market whose merit order, fitted to 2021 and 2022 by `fit_stack`, others scale to their load."""

LICENCE = (
    "Fitted parameters only: no value of any series is in this file. Weather: Open-Meteo (CC BY 4.0). Carbon:"
    " Electricity Maps (ODbL). Prices, load and generation: public data of the market operators, partly through EIA (US"
    " public domain). Job tables: Alibaba cluster traces (research use, with citation). Figures: as cited. The file is"
    " under the project's licence."
)


@dataclass(frozen=True)
class Place:
    """A market to calibrate.

    Attributes:
        parts: part -> fields that replace the base's before anything is fitted.
        absent: optional parts of the base that this market lacks.
        stack_share: the merit order is `STACK`'s over this share of its net load, at its gas price unless `parts` has
            another; None where the market's own is fitted.
        real, derived: trace columns that rest on real series of their kind, or are computed from such.
    """

    name: str
    description: str
    fitted_on: str
    sources: tuple[str, ...]
    utc_offset_h: float
    parts: dict[str, dict[str, Any]]
    real: tuple[str, ...]
    derived: tuple[str, ...]
    absent: tuple[str, ...] = ()
    stack_share: float | None = None

    def start(self) -> Market:
        """The market from which fitting starts, with its provenance.

        Raises:
            MarketError: the base is missing, or the market with the merit order.
        """
        base = load_market(BASE)
        data = base.model_dump()
        if self.stack_share is not None:
            data["price"] |= _stack(self.stack_share)
        for part, fields in self.parts.items():
            data[part] = fields if data.get(part) is None else data[part] | fields
        for part in self.absent:
            data.pop(part)
        data |= {"name": self.name, "description": self.description, "provenance": self.provenance().model_dump()}
        return Market.model_validate(data)

    def provenance(self) -> Provenance:
        """Where the figures come from, column by column."""
        columns: dict[str, Basis] = dict.fromkeys(COLUMNS, "synthetic")
        columns |= dict.fromkeys(self.derived, "derived")
        columns |= dict.fromkeys(self.real, "real")
        return Provenance(fitted_on=self.fitted_on, sources=list(self.sources), licence=LICENCE, columns=columns)


def _stack(share: float) -> dict[str, Any]:
    """Fields of `Price`: the fitted merit order over a share of its net load."""
    price = load_market(STACK).price
    return {
        "gas_usd_per_mmbtu": price.gas_usd_per_mmbtu,
        "stack_net_load_mw": [round(share * mw) for mw in price.stack_net_load_mw],
        "stack_heat_rate_mmbtu_per_mwh": list(price.stack_heat_rate_mmbtu_per_mwh),
    }


_WEATHER = "weather: Open-Meteo, as collected by the SustainCluster project"
_BITCOIN = "bitcoin: daily price and difficulty, April 2020 to December 2022 (public chain)"
_JOBS = "bursts and day of submissions: Alibaba cluster-trace-gpu-v2023 (openb)"
_SKILL = "forecast skill and reserve prices: figures of ERCOT's published series of 2024, not the series"
_EVERYWHERE_REAL = ("drybulb_c", "wetbulb_c", "price_rt_usd_per_mwh", "btc_usd", "difficulty", "training_load")
_EVERYWHERE_DERIVED = ("price_lmp_usd_per_mwh", "carbon_marginal_kg_per_mwh")

ERCOT = Place(
    name="ercot",
    description="ERCOT's West hub with the fleets of 2021 and 2022, Dallas weather; fitted to both years, without the"
    " winter storm of February 2021, which is a stress year",
    fitted_on="ERCOT HB_WEST and Dallas, 2021 without 10 to 21 February, and 2022; 2023 was kept back",
    sources=(
        "real-time price by 15 minutes, wind and solar: ERCOT through EIA", "day-ahead price: ERCOT report 13060",
        "system load: ERCOT native load", _WEATHER, "carbon: Electricity Maps", _BITCOIN, _JOBS, _SKILL,
    ),
    utc_offset_h=-6,
    # a site's panels stand under the fleet's fitted curve, which is overbuilt and clipped already
    parts={"solar": {"derate_frac": 0.9, "overbuild_frac": 0.0}},
    real=(*_EVERYWHERE_REAL, "price_da_usd_per_mwh", "system_load_mw", "carbon_average_kg_per_mwh"),
    derived=(*_EVERYWHERE_DERIVED, "wind_cf", "solar_cf", "cp_weight", "grid_cfe_frac", "reserve_0_usd_per_mw_h",
             "reserve_1_usd_per_mw_h", "reserve_2_usd_per_mw_h"),
)  # fmt: skip

_STACK_GW = [5, 16, 20.5, 23.5, 26.5, 29.5, 32, 34.5, 37, 40, 44, 50, 56, 62]
"""Net load of the base's stack, which `caiso` keeps: over that of `STACK` it comes less near to its own prices."""

CAISO = Place(
    name="caiso",
    description="California's NP15 hub, San Jose weather: a grid with 60 % of its mean load in solar panels, cheap at"
    " noon and dear at dusk; fitted to 2021 and 2022",
    fitted_on="CAISO NP15 and San Jose, 2021 and 2022; 2023 was kept back",
    sources=(
        "real-time price by 15 minutes: CAISO through EIA", "day-ahead price: CAISO through GridStatus", _WEATHER,
        "load, wind and solar: no series; means, peaks and capacities of CAISO's yearly statistics", _BITCOIN, _JOBS,
        _SKILL,
    ),
    utc_offset_h=-8,
    parts={
        "weather": {"latitude_deg": 37.3, "sun_power": 0.8, "sun_overbuild_frac": 0.9, "noon_hour": 12.1,
                    "sun_loss_frac": 0.7},
        # mean load about 25 GW, peak 52 GW (6 September 2022); the coast's city understates the valleys' heat
        "load": {"base_mw": 21_500.0, "cooling_above_c": 17.0, "cooling_mw_per_c": 1_150.0, "heating_below_c": 9.0,
                 "heating_mw_per_c": 250.0, "frost_mw_per_c": 0.0, "noise_frac": 0.02},
        "price": {"wind_capacity_mw": 7_500.0, "solar_capacity_mw": 16_000.0, "gas_usd_per_mmbtu": 5.5,
                  "stack_net_load_mw": [round(1_000 * 0.52 * gw) for gw in _STACK_GW], "cap_usd_per_mwh": 2_000.0,
                  "floor_usd_per_mwh": -150.0, "outage_sd_mw": 1_000.0, "surprise_sd_mw": 800.0,
                  "scarcity_scale_mw": 1_500.0, "export_limit_mw": 13_000.0, "export_solar_share": 1.0,
                  "export_load_share": 0.6, "export_load_ref_mw": 25_000.0, "export_noise_mw": 1_500.0,
                  "scarcity_usd_per_mwh": 500.0, "cp_rule": "NCP", "da_doubt_mw": 700.0},
        "carbon": {"slack_net_load_mw": 13_800.0, "tight_net_load_mw": 26_000.0, "firm_carbon_free_mw": 5_500.0},
        "solar": {"derate_frac": 0.9, "overbuild_frac": 0.0},
    },
    real=(*_EVERYWHERE_REAL, "price_da_usd_per_mwh"),
    derived=(*_EVERYWHERE_DERIVED, "carbon_average_kg_per_mwh"),
    absent=("reserves",),
)  # fmt: skip

ONTARIO = Place(
    name="ontario",
    description="Ontario's hourly price and Toronto weather: a cold grid of nuclear and hydro; fitted to 2021 and 2022",
    fitted_on="IESO hourly Ontario energy price (in USD) and Toronto, 2021 and 2022; 2023 was kept back",
    sources=(
        "hourly price: IESO, converted by the Bank of Canada's yearly averages", _WEATHER,
        "load and wind: no series; means, peaks and capacities of IESO's yearly statistics", _BITCOIN, _JOBS, _SKILL,
    ),
    utc_offset_h=-5,
    parts={
        "weather": {"latitude_deg": 43.7},
        # mean load about 15.5 GW, peaks of 22 to 24 GW in summer
        "load": {"base_mw": 13_600.0, "cooling_above_c": 18.0, "cooling_mw_per_c": 550.0, "heating_below_c": 11.0,
                 "heating_mw_per_c": 110.0, "frost_mw_per_c": 0.0, "noise_frac": 0.02},
        "price": {"wind_capacity_mw": 4_900.0, "solar_capacity_mw": 480.0,
                  "outage_sd_mw": 600.0, "surprise_sd_mw": 500.0, "scarcity_scale_mw": 900.0,
                  "export_limit_mw": 7_000.0, "export_load_ref_mw": 15_500.0, "export_noise_mw": 1_000.0,
                  "scarcity_usd_per_mwh": 300.0, "cp_rule": "NCP", "da_doubt_mw": 400.0},
        "carbon": {"slack_net_load_mw": 8_700.0, "tight_net_load_mw": 16_500.0, "firm_carbon_free_mw": 13_000.0},
        "hydro": {"winter_frac": 0.3, "freshet_frac": 0.95, "freshet_first_day": 95, "freshet_last_day": 160,
                  "shoulder_days": 7, "noise_sigma": 0.12, "noise_tau_h": 240},
    },
    real=_EVERYWHERE_REAL,
    derived=(*_EVERYWHERE_DERIVED, "carbon_average_kg_per_mwh"),
    absent=("reserves",),
    stack_share=0.33,  # 15.5 GW over 47
)  # fmt: skip

PLACES = {place.name: place for place in (ERCOT, CAISO, ONTARIO)}
"""Name -> place."""
