"""Every shock by its name, in the order in which the suite plays them."""

from __future__ import annotations

from hybrid_env.traces.stress import market, outlook, supply, weather
from hybrid_env.traces.stress.shock import Shock

_PRICES = ("price_rt_usd_per_mwh", "price_lmp_usd_per_mwh")

_ALL = (
    Shock(
        "bitcoin_crash", "bitcoin 60 % cheaper all year, difficulty unchanged", ("btc_usd",), market.bitcoin_crash,
        "-77 % within a year to November 2022, -36 % within two months of 2025",
    ),
    Shock(
        "hashprice_low", "mean hashprice at its historic low of 28.7 USD/PH/day, by bitcoin's price", ("btc_usd",),
        market.hashprice_low, "June 2026, difficulty 133.87e12",
    ),
    Shock(
        "rent_halved", "GPU rent and gang bids at half all year", ("gpu_rent_usd_per_gpu_h",), market.rent_halved,
        "H100 rent, mid-2024 to October 2025", jobs=True,
    ),
    Shock(
        "tenant_lost", "no contract for the reserved GPUs for 120 days from a third of the year on",
        ("tenant_contract_frac",), market.tenant_lost, "assumed: 60 to 180 days to let again",
    ),
    Shock(
        "halving", "subsidy halves in mid-year; difficulty stays for two weeks, then falls 6.0 % and 9.3 %",
        ("subsidy_btc", "difficulty"), market.halving, "retargets after 11 May 2020",
    ),
    Shock(
        "heat_dome", "ten hottest days: +8 K dry bulb, up to +4 K wet bulb, load +16 %, prices x 1.5, evenings at 1,000"
        " USD/MWh or more", (*_PRICES, "drybulb_c", "wetbulb_c", "system_load_mw"), weather.heat_dome,
        "Pacific Northwest, June 2021 (White et al. 2023); Sherwood and Huber 2010",
        follows=("price_da_usd_per_mwh", "cp_weight"),
        forecasts=("price_usd_per_mwh", "system_load_mw", "drybulb_c"), outlook=outlook.FOLLOWS,
    ),
    Shock(
        "winter_storm", "four days from 14 February (else the coldest): mean of -10 C, wind at a quarter; after a day"
        " price at the cap of 5,000 USD/MWh and imports ordered to 40 %",
        (*_PRICES, "drybulb_c", "wetbulb_c", "system_load_mw", "wind_cf", "import_limit_mw"), weather.winter_storm,
        "Texas, February 2021 (FERC and NERC 2021)", follows=("price_da_usd_per_mwh", "cp_weight"),
        forecasts=("price_usd_per_mwh", "system_load_mw", "drybulb_c", "wind_cf"), outlook=outlook.FOLLOWS,
    ),
    Shock(
        "wind_drought", "own wind at a quarter in what would be its two best weeks", ("wind_cf",), weather.wind_drought,
        "assumed; North Sea, summer 2021", forecasts=("wind_cf",), outlook=outlook.FOLLOWS,
    ),
    Shock(
        "fuel_outage", "no generator fuel for three days, three times a year", ("fuel_cf",), supply.fuel_outage,
        "assumed; flare gas is there 70 to 90 % of the time",
    ),
    Shock(
        "carbon_price", "CO2 costs 80 USD/t more all year", ("carbon_usd_per_t",), supply.carbon_price,
        "European allowances, 2022 and 2023",
    ),
    Shock(
        "mining_ban", "no mining from 16 to 21 h local time, and a levy of 20 USD/MWh, all year",
        ("mining_allowed", "mining_levy_usd_per_mwh"), supply.mining_ban, "New York A9138/S8518, lowest rate",
    ),
    Shock(
        "forecast_bias", "forecasts say price x 0.7, load x 0.95, wind x 1.2; what happens is unchanged", (),
        outlook.forecast_bias, "assumed", forecasts=("price_usd_per_mwh", "system_load_mw", "wind_cf"),
        outlook="wrong from the first issue on",
    ),
)  # fmt: skip

SHOCKS: dict[str, Shock] = {shock.name: shock for shock in _ALL}
"""Name -> shock."""
