"""The accounts. Ordered and append-only: an account's place never changes, so arrays of old results stay readable."""

from __future__ import annotations

import numpy as np

USD_ACCOUNTS = (
    "energy_import", "energy_export", "coincident_peak", "mining", "mining_wear", "gpu_reserved", "gpu_inference",
    "gpu_training", "gpu_spot", "sla_credit", "late_penalty", "battery_wear", "terminal",
)  # fmt: skip
"""Dollars; income positive, cost negative. Their sum is the profit, and the reward times `reward_scale_usd`."""

MWH_ACCOUNTS = (
    "import", "export", "wind_available", "wind_used", "wind_curtailed", "mining", "gpu", "cooling", "battery_charge",
    "battery_discharge", "battery_loss",
)  # fmt: skip
"""Energy, never negative. `import + wind_used + battery_discharge = mining + gpu + cooling + battery_charge + export`;
`wind_available = wind_used + wind_curtailed`; `battery_loss` is what the store lost to conversion and standing."""

KG_ACCOUNTS = ("carbon_location",)
"""CO2 of the energy used, at the grid's average intensity and at own generation's own."""

WORK_MEASURES = (
    "gpu_h_reserved", "gpu_h_inference", "gpu_h_training", "gpu_h_spot", "gpu_h_undelivered", "gpu_h_rolled_back",
    "gpu_h_late", "gpu_h_arrived", "jobs_arrived", "jobs_finished", "jobs_late", "jobs_refused", "gang_restarts",
    "throttle_h", "btc", "mw_started", "import_limit_h", "cooling_limit_h", "shed_mwh",
)  # fmt: skip
"""What was done. `gpu_h_training` is net of what was rolled back; `gpu_h_reserved` is what tenants got;
`import_limit_h` is time at the import limit; `shed_mwh` is GPU work cut because a limit would have broken."""

(
    IMPORT_USD, EXPORT_USD, PEAK_USD, MINING_USD, WEAR_USD, RESERVED_USD, INFERENCE_USD, TRAINING_USD, SPOT_USD,
    CREDIT_USD, LATE_USD, BATTERY_USD, TERMINAL_USD,
) = range(len(USD_ACCOUNTS))  # fmt: skip
(
    IMPORT_MWH, EXPORT_MWH, WIND_MWH, WIND_USED_MWH, CURTAILED_MWH, MINING_MWH, GPU_MWH, COOLING_MWH, CHARGE_MWH,
    DISCHARGE_MWH, LOSS_MWH,
) = range(len(MWH_ACCOUNTS))  # fmt: skip
(CARBON_KG,) = range(len(KG_ACCOUNTS))
(
    RESERVED_H, INFERENCE_H, TRAINING_H, SPOT_H, UNDELIVERED_H, ROLLED_BACK_H, LATE_H, ARRIVED_H, JOBS_ARRIVED,
    JOBS_FINISHED, JOBS_LATE, JOBS_REFUSED, RESTARTS, THROTTLE_H, BTC, STARTED_MW, IMPORT_LIMIT_H, COOLING_LIMIT_H,
    SHED_MWH,
) = range(len(WORK_MEASURES))  # fmt: skip

LEDGER = np.dtype(
    [
        ("reward", np.float64), ("clipped_mw", np.float64), ("truncated", np.int64),
        ("usd", np.float64, len(USD_ACCOUNTS)), ("mwh", np.float64, len(MWH_ACCOUNTS)),
        ("kg", np.float64, len(KG_ACCOUNTS)), ("work", np.float64, len(WORK_MEASURES)),
    ]
)  # fmt: skip
"""What one interval wrote, one record a lane. `clipped_mw` is how much of the action could not be done."""
