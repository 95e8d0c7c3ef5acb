"""All parts of a market together, read from YAML."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from hybrid_env.traces.market.base import MarketError, MarketModel
from hybrid_env.traces.market.bitcoin import Bitcoin
from hybrid_env.traces.market.carbon import Carbon
from hybrid_env.traces.market.flexibility import RESERVE_PRODUCTS, Events, ReserveProduct
from hybrid_env.traces.market.forecasting import Forecasting
from hybrid_env.traces.market.power import GridOrders, Price, SystemLoad
from hybrid_env.traces.market.regulation import Regulation
from hybrid_env.traces.market.supply import Fuel, Geothermal, Hydro, Solar
from hybrid_env.traces.market.weather import Weather, Wind
from hybrid_env.traces.market.work import Work
from hybrid_env.traces.schema import COLUMNS


class Provenance(MarketModel):
    """Where a fitted market's figures come from; it moves no trace."""

    fitted_on: str
    """Years and places that the fit saw."""
    sources: list[str]
    licence: str
    """What may be done with the figures, and that no series is in the file."""
    columns: dict[str, Literal["real", "derived", "synthetic"]]
    """What each trace column rests on: fitted to a real series of that quantity, computed from such, or published
    figures and assumptions alone."""

    @model_validator(mode="after")
    def _known_columns(self) -> Provenance:
        unknown = sorted(set(self.columns) - set(COLUMNS))
        if unknown:
            raise ValueError(f"unknown trace column {unknown[0]!r}")
        return self


class Market(MarketModel):
    """All that a synthetic year is drawn from, but its seed.

    A part with a default may be left out: its columns then keep the schema's neutral defaults.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str = ""
    provenance: Provenance | None = None
    year: int | None = Field(default=None, ge=1971, le=2200)
    """Calendar year of every trace; without one the seed chooses it."""
    weather: Weather
    wind: Wind
    load: SystemLoad
    price: Price
    bitcoin: Bitcoin
    work: Work
    orders: GridOrders
    forecasting: Forecasting
    solar: Solar | None = None
    hydro: Hydro | None = None
    geothermal: Geothermal | None = None
    fuel: Fuel | None = None
    carbon: Carbon | None = None
    reserves: list[ReserveProduct] = Field(default_factory=list, max_length=RESERVE_PRODUCTS)
    """Reserve products, in the order of the columns `reserve_0`, `reserve_1`, `reserve_2`."""
    events: Events | None = None
    regulation: Regulation | None = None

    @property
    def canonical_json(self) -> str:
        """The figures alone, in a fixed order: what a cached year is keyed by."""
        return json.dumps(self.model_dump(mode="json", exclude={"description", "provenance"}), sort_keys=True)


def load_market(source: str | Path) -> Market:
    """Read a market from a YAML file, or a packaged one by its name (`"texas"`).

    Raises:
        MarketError: the file is missing, is not YAML, or describes an impossible market.
    """
    path = Path(source)
    if path.suffix not in {".yaml", ".yml"}:
        return _packaged(str(source))
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MarketError(f"{path}: cannot be read as a UTF-8 text file ({error})") from error
    return market_from_yaml(text, str(path))


@cache
def _packaged(name: str) -> Market:
    folder = resources.files("hybrid_env") / "configs" / "market"
    file = folder / f"{name}.yaml"
    if not file.is_file():
        known = sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".yaml"))
        raise MarketError(f"no market named {name!r}; packaged: {', '.join(known)}; or give the path of a .yaml file")
    return market_from_yaml(file.read_text("utf-8"), str(file))


def market_from_yaml(text: str, origin: str = "market") -> Market:
    """Parse and validate YAML text; `origin` is named in errors.

    `base: texas` starts from a packaged market: mappings are merged, anything else takes the place of the base's.
    """
    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise MarketError(f"{origin}: not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise MarketError(f"{origin}: expected a mapping of fields at the top level, found {type(data).__name__}")
    if "base" in data:
        base = _packaged(str(data.pop("base"))).model_dump(mode="json", exclude={"provenance"})
        data = _merged(base, data)
    try:
        return Market.model_validate(data)
    except ValidationError as error:
        raise MarketError(_explain(error, origin)) from error


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for name, value in changes.items():
        below = out.get(name)
        out[name] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return out


def _explain(error: ValidationError, origin: str) -> str:
    """One line a mistake: file, field, what is wrong, what was found."""
    lines = []
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"]) or "(whole file)"
        found = item.get("input")
        shown = "" if isinstance(found, dict | MarketModel) else f" (found {found!r})"
        hint = "; unknown field: check the spelling and the indentation" if item["type"] == "extra_forbidden" else ""
        lines.append(f"{origin}: {place}: {item['msg']}{shown}{hint}")
    return "\n".join(lines)
