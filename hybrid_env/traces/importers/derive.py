"""Trace columns that a file holds only by way of a model: wet bulb, solar and wind power, bitcoin, GPU demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hybrid_env.traces.importers.bitcoin_market import BitcoinMarket, bitcoin_market
from hybrid_env.traces.importers.demand_response import DemandResponse, demand_response
from hybrid_env.traces.importers.fleet import WindFleet, wind_fleet
from hybrid_env.traces.importers.frame import Table
from hybrid_env.traces.importers.gangs import GangJobs, gang_jobs
from hybrid_env.traces.importers.gpu_demand import (
    GpuRent,
    InferenceLoad,
    TrainingLoad,
    gpu_rent,
    inference_load,
    training_load,
)
from hybrid_env.traces.importers.plant import SolarPower, WetBulb, WindPower, solar_power, wet_bulb, wind_power
from hybrid_env.traces.importers.span import Parameters, Span
from hybrid_env.traces.importers.tariffs import TariffEnergy, tariff_energy
from hybrid_env.traces.importers.typical_year import TypicalYear, typical_year
from hybrid_env.traces.schema import TraceError

__all__ = ["DERIVE", "Derivation", "Span", "derive"]


@dataclass(frozen=True)
class Derivation:
    """A model that makes trace columns from a table.

    Attributes:
        function: the model; gets table, parameters and span, returns the table with more columns and notes.
        parameters: what it can be told.
        columns: trace columns that it makes.
        meaning: one line for people.
    """

    function: Callable[[Table, Any, Span], Table]
    parameters: type[Parameters]
    columns: tuple[str, ...]
    meaning: str


DERIVE: dict[str, Derivation] = {
    "typical_year": Derivation(
        typical_year, TypicalYear, (), "months of several years (EPW, TMY3) laid on the trace's calendar"
    ),
    "wet_bulb": Derivation(wet_bulb, WetBulb, ("wetbulb_c",), "wet bulb from dry bulb and humidity, Stull (2011)"),
    "solar_power": Derivation(
        solar_power, SolarPower, ("solar_cf",), "photovoltaic output from light (or clouds) and temperature, pvlib"
    ),
    "wind_power": Derivation(
        wind_power, WindPower, ("wind_cf",), "wind farm's output from wind speed, shear, density, a power curve"
    ),
    "wind_fleet": Derivation(
        wind_fleet, WindFleet, ("wind_cf",), "share of nameplate from the output of the grid's wind farms in MW"
    ),
    "bitcoin_market": Derivation(
        bitcoin_market, BitcoinMarket, ("btc_usd", "difficulty", "fees_btc_per_block", "subsidy_btc"),
        "prices from the time they are known, difficulty in steps, the subsidy by date; checks published hashprices",
    ),
    "inference_load": Derivation(
        inference_load, InferenceLoad, ("inference_load",), "requests as a share of the busiest interval"
    ),
    "training_load": Derivation(
        training_load, TrainingLoad, ("training_load",), "GPU-hours of small jobs by arrival, scaled to a mean"
    ),
    "gang_jobs": Derivation(
        gang_jobs, GangJobs, (), "jobs of 128 GPUs or more with deadlines and bids, for the trace's job table"
    ),
    "tariff_energy": Derivation(
        tariff_energy, TariffEnergy, (), "a tariff's energy charge by the local clock, as `price_usd_per_mwh`"
    ),
    "demand_response": Derivation(
        demand_response, DemandResponse, ("event_frac", "event_usd_per_mwh", "event_ahead_h"),
        "demand-response events with their notice and pay",
    ),
    "gpu_rent": Derivation(
        gpu_rent, GpuRent, ("gpu_rent_usd_per_gpu_h",), "a machine's spot price over its GPUs, held until it changes"
    ),
}  # fmt: skip
"""Models by name, as a recipe calls them."""


def derive(name: str, table: Table, parameters: Mapping[str, Any], span: Span) -> Table:
    """Apply one model.

    Args:
        name: in `DERIVE`.
        parameters: fields of its parameters; those left out keep their defaults.

    Raises:
        TraceError: unknown name or field, a value outside its range, or a table that does not hold what is needed.
        ImportError: pvlib is needed and not installed.
    """
    if name not in DERIVE:
        raise TraceError(f"derive: found {name!r}, allowed {', '.join(DERIVE)}")
    model = DERIVE[name]
    try:
        checked = model.parameters(**parameters)
    except ValidationError as error:
        item = error.errors()[0]
        field = ".".join(str(part) for part in item["loc"]) or name
        raise TraceError(
            f"{table.path}: {name}, {field}: {item['msg']}; fields are"
            f" {', '.join(model.parameters.model_fields) or 'none'}"
        ) from error
    return model.function(table, checked, span)
