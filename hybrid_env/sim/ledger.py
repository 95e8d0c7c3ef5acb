"""The accounts. Ordered and append-only: an account's place never changes, so arrays of old results stay readable."""

from __future__ import annotations

import numpy as np

USD_ACCOUNTS = (
    "energy_import", "energy_export", "coincident_peak", "mining", "mining_wear", "gpu_reserved", "gpu_inference",
    "gpu_training", "gpu_spot", "sla_credit", "late_penalty", "battery_wear", "terminal",
    "gpu_on_demand", "gpu_mining", "hashprice_forward", "cloud_mining", "repair", "data_transfer", "water",
    "transformer", "own_supply", "fuel", "ppa", "day_ahead", "demand_charge", "reserve_pay", "reserve_penalty",
    "event_pay", "mining_levy", "carbon_price", "matched_premium", "withdrawal",
)  # fmt: skip
"""Dollars; income positive, cost negative. Their sum is the profit, and the reward times `reward_scale_usd`."""

MWH_ACCOUNTS = (
    "import", "export", "own_available", "own_used", "own_curtailed", "mining", "gpu", "cooling", "battery_charge",
    "battery_discharge", "battery_loss", "wind", "solar", "hydro", "geothermal", "generator",
)  # fmt: skip
"""Energy, never negative. `import + own_used + battery_discharge = mining + gpu + cooling + battery_charge + export`;
`own_available = own_used + own_curtailed = wind + solar + hydro + geothermal + generator`; `battery_loss` is what the
store lost to conversion and standing."""

KG_ACCOUNTS = ("carbon_location", "carbon_market", "carbon_marginal")
"""CO2 of the energy used: at the grid's average intensity, after certificates, and at the grid's marginal intensity."""

WORK_MEASURES = (
    "gpu_h_reserved", "gpu_h_inference", "gpu_h_training", "gpu_h_spot", "gpu_h_undelivered", "gpu_h_rolled_back",
    "gpu_h_late", "gpu_h_arrived", "jobs_arrived", "jobs_finished", "jobs_late", "jobs_refused", "gang_restarts",
    "throttle_h", "btc", "mw_started", "import_limit_h", "cooling_limit_h", "shed_mwh",
    "gpu_h_on_demand", "gpu_h_on_demand_lost", "gpu_h_gpu_mining", "jobs_turned_away", "gang_failures",
    "blocks_failed", "water_m3", "transformer_life_h", "reserve_mw_h", "reserve_short_mw_h", "reserve_called_mwh",
    "event_mwh", "certificate_mwh", "matched_mwh", "matched_additional_mwh", "cfe_mwh", "stranded_mwh",
    "gpu_h_withdrawn", "low_cash_h", "demand_peak_mw", "import_drop_mw",
)  # fmt: skip
"""What was done. `gpu_h_training` is net of what was rolled back; `gpu_h_reserved` is what tenants got;
`import_limit_h` is time at the import limit; `shed_mwh` is GPU work cut because a limit would have broken;
`import_drop_mw` is by how much the import fell faster than the connection's terms have it."""

(
    IMPORT_USD, EXPORT_USD, PEAK_USD, MINING_USD, WEAR_USD, RESERVED_USD, INFERENCE_USD, TRAINING_USD, SPOT_USD,
    CREDIT_USD, LATE_USD, BATTERY_USD, TERMINAL_USD, ON_DEMAND_USD, GPU_MINING_USD, FORWARD_USD, CLOUD_USD, REPAIR_USD,
    DATA_USD, WATER_USD, TRANSFORMER_USD, OWN_SUPPLY_USD, FUEL_USD, PPA_USD, DAY_AHEAD_USD, DEMAND_USD,
    RESERVE_PAY_USD, RESERVE_PENALTY_USD, EVENT_USD, LEVY_USD, CARBON_USD, MATCHED_USD, WITHDRAWAL_USD,
) = range(len(USD_ACCOUNTS))  # fmt: skip
(
    IMPORT_MWH, EXPORT_MWH, OWN_MWH, OWN_USED_MWH, CURTAILED_MWH, MINING_MWH, GPU_MWH, COOLING_MWH, CHARGE_MWH,
    DISCHARGE_MWH, LOSS_MWH, WIND_MWH, SOLAR_MWH, HYDRO_MWH, GEOTHERMAL_MWH, GENERATOR_MWH,
) = range(len(MWH_ACCOUNTS))  # fmt: skip
CARBON_KG, MARKET_KG, MARGINAL_KG = range(len(KG_ACCOUNTS))
(
    RESERVED_H, INFERENCE_H, TRAINING_H, SPOT_H, UNDELIVERED_H, ROLLED_BACK_H, LATE_H, ARRIVED_H, JOBS_ARRIVED,
    JOBS_FINISHED, JOBS_LATE, JOBS_REFUSED, RESTARTS, THROTTLE_H, BTC, STARTED_MW, IMPORT_LIMIT_H, COOLING_LIMIT_H,
    SHED_MWH, ON_DEMAND_H, ON_DEMAND_LOST_H, GPU_MINING_H, TURNED_AWAY, GANG_FAILURES, BLOCKS_FAILED, WATER_M3,
    TRANSFORMER_LIFE_H, RESERVE_MW_H, RESERVE_SHORT_MW_H, RESERVE_CALLED_MWH, EVENT_MWH, CERTIFICATE_MWH, MATCHED_MWH,
    MATCHED_ADDITIONAL_MWH, CFE_MWH, STRANDED_MWH, WITHDRAWN_H, LOW_CASH_H, DEMAND_PEAK_MW,
    IMPORT_DROP_MW,
) = range(len(WORK_MEASURES))  # fmt: skip

LEDGER = np.dtype(
    [
        ("reward", np.float64), ("clipped_mw", np.float64), ("truncated", np.int64),
        ("usd", np.float64, len(USD_ACCOUNTS)), ("mwh", np.float64, len(MWH_ACCOUNTS)),
        ("kg", np.float64, len(KG_ACCOUNTS)), ("work", np.float64, len(WORK_MEASURES)),
    ]
)  # fmt: skip
"""What one interval wrote, one record a lane. `clipped_mw` is how much of the action could not be done."""
