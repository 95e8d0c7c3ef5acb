"""What a market is: the figures from which a synthetic year is drawn, read from YAML, one file a subject.

Every number that the generators use stands in a `Market`; `configs/market/texas.yaml` gives each with its source.
"""

from hybrid_env.traces.market.base import MarketError, MarketModel
from hybrid_env.traces.market.bitcoin import Bitcoin
from hybrid_env.traces.market.carbon import Carbon
from hybrid_env.traces.market.flexibility import Events, ReserveProduct
from hybrid_env.traces.market.forecasting import Forecasting, Skill
from hybrid_env.traces.market.market import Market, Provenance, load_market, market_from_yaml
from hybrid_env.traces.market.power import GridOrders, Price, PriceMap, SystemLoad
from hybrid_env.traces.market.regulation import Regulation
from hybrid_env.traces.market.supply import Fuel, Geothermal, Hydro, Solar
from hybrid_env.traces.market.weather import Weather, Wind
from hybrid_env.traces.market.work import OnDemand, ProofOfWork, Tenants, Work

__all__ = [
    "Bitcoin", "Carbon", "Events", "Forecasting", "Fuel", "Geothermal", "GridOrders", "Hydro", "Market", "MarketError",
    "MarketModel", "OnDemand", "Price", "PriceMap", "ProofOfWork", "Provenance", "Regulation", "ReserveProduct",
    "Skill", "Solar", "SystemLoad", "Tenants", "Weather", "Wind", "Work", "load_market", "market_from_yaml",
]  # fmt: skip
