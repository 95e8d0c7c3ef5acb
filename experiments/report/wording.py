"""How names and numbers read in tables and on the page: labels of accounts, thousands, signs, times."""

from __future__ import annotations

import math

from hybrid_env.scoring.statistics import Comparison, Interval

LINE_LABELS = {
    "naive": "naive",
    "P24": "P24: knows 24 hours",
    "R*": "R*: reachable plan",
    "bound": "bound",
}
ACCOUNT_LABELS = {
    "energy_import": "energy bought",
    "energy_export": "energy sold",
    "coincident_peak": "coincident-peak charges",
    "mining": "mining revenue",
    "mining_wear": "mining wear",
    "gpu_reserved": "reserved GPUs",
    "gpu_inference": "inference",
    "gpu_on_demand": "GPUs on demand",
    "gpu_training": "training",
    "gpu_mining": "GPU mining",
    "hashprice_forward": "hashprice sold forward",
    "cloud_mining": "cloud mining",
    "own_supply": "own generation, take-or-pay",
    "ppa": "power purchase agreement",
    "day_ahead": "day-ahead position",
    "reserve_pay": "reserves, availability",
    "reserve_penalty": "reserves, penalties",
    "event_pay": "demand-response events",
    "withdrawal": "withdrawn AI capacity",
    "gpu_spot": "spot GPUs",
    "sla_credit": "SLA credits",
    "late_penalty": "late penalties",
    "battery_wear": "battery wear",
    "terminal": "left at the end",
    "matched_premium": "premium for matched energy, less certificates bought",
}
MEASURE_LABELS = {
    "gpu_h_reserved": "reserved, GPU-hours",
    "gpu_h_inference": "inference, GPU-hours",
    "gpu_h_on_demand": "on demand, what small customers got, GPU-hours",
    "gpu_h_on_demand_lost": "on demand, asked for and not served, GPU-hours",
    "on_demand_usd_per_gpu_h": "on demand, mean price, USD per GPU-hour",
    "gpu_h_training": "training, GPU-hours",
    "gpu_h_spot": "spot, GPU-hours",
    "gpu_h_gpu_mining": "GPU mining, GPU-hours",
    "gang_failures": "gang jobs stopped by failures",
    "gpu_h_undelivered": "promised and not delivered, GPU-hours",
    "gpu_h_rolled_back": "lost to preemption, GPU-hours",
    "gpu_h_late": "not done by the deadline, GPU-hours",
    "gpu_h_arrived": "arrived, GPU-hours",
    "throttle_h": "throttle budget used, hours",
    "btc": "bitcoin mined, BTC",
    "mw_started": "miners started, MW",
    "import_limit_h": "at the import limit, hours",
    "cooling_limit_h": "at the cooling limit, hours",
    "shed_mwh": "GPU work shed, MWh",
    "import_drop_mw": "imports that fell faster than allowed, MW",
    "carbon_location": "carbon dioxide, location-based",
    "carbon_market": "carbon dioxide, market-based (after certificates)",
    "carbon_marginal": "carbon dioxide, at the grid's marginal intensity",
    "water_m3": "water evaporated, m3",
    "transformer_life_h": "transformer life used, hours",
    "certificate_mwh": "certificates, MWh",
    "matched_mwh": "load matched by certificates of its hour, MWh",
    "matched_additional_mwh": "load matched by additional certificates of its hour, MWh",
    "cfe_mwh": "load that is carbon-free by the hour, MWh",
    "stranded_mwh": "own energy used that could not have been exported, fuel aside, MWh",
    "claim_frac": "claimed carbon-free, by volume of the year, % of load",
    "hourly_frac": "matched by the hour, % of load",
    "additional_frac": "matched by additional certificates by the hour, % of load",
    "cfe_frac": "carbon-free by the hour, grid included, % of load",
    "greenwash_index": "claim less additional match (greenwash), % of load",
    "gpu": "GPUs",
}
RISK_LABELS = {
    "withdrawn_week_frac": "AI capacity withdrawn, % of weeks",
    "tenant_away_week_frac": "tenant away, % of weeks",
}
MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"


def share(frac: float | None) -> str:
    """A share in per cent; a dash where there is none."""
    return NONE if frac is None else number(100 * frac, 1)


def account_label(name: str) -> str:
    """An account's name in plain words; unknown accounts keep theirs."""
    return ACCOUNT_LABELS.get(name, name.replace("_", " "))


def measure_label(name: str) -> str:
    """A measure's name in plain words; unknown measures keep theirs."""
    return MEASURE_LABELS.get(name, name.replace("_", " "))


def number(value: float, digits: int = 0, *, sign: bool = False) -> str:
    """With thousands separators and a true minus sign; `sign` also shows a plus."""
    text = f"{value:+,.{digits}f}" if sign else f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = f"{0:.{digits}f}"
    return text.replace("-", MINUS)


def points(share: float, *, sign: bool = False) -> str:
    """A share of the bound as points of 100; far off the scale without decimals."""
    return number(100 * share, 1 if abs(share) < 2 else 0, sign=sign)


def interval_text(interval: Interval, *, sign: bool = False) -> str:
    """`[low, high]` in points, or a dash where nothing could be resampled."""
    if not interval.known:
        return NONE
    return f"[{points(interval.low, sign=sign)}, {points(interval.high, sign=sign)}]"


def comparison_text(comparison: Comparison | None) -> str:
    """Difference in points, its interval, and the claim where there is one."""
    if comparison is None:
        return NONE
    difference = comparison.difference
    return f"{points(difference.estimate, sign=True)} {interval_text(difference, sign=True)}"


def thousands(usd: float | None, *, sign: bool = True) -> str:
    """USD as thousands with one digit."""
    return NONE if usd is None else number(usd / 1_000, 1, sign=sign)


def significant(value: float) -> str:
    """Three significant digits with separators, no exponent."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return number(round(value, digits), min(digits, 6))


def milliseconds(value: float | None) -> str:
    """A latency, three digits at most."""
    return NONE if value is None else significant(value)


def duration(seconds: float) -> str:
    """A training time as people say it; a dash for none."""
    if seconds <= 0:
        return NONE
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def count(value: float) -> str:
    """A count of steps: 1.2 M, 300 k."""
    if value >= 1e6:
        return f"{value / 1e6:.1f} M"
    return f"{value / 1e3:.0f} k" if value >= 1e3 else f"{value:.0f}"
