"""Shocks of what work earns: bitcoin, rent, tenants."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.generate.bitcoin import EPOCH_H, hashprice_usd_per_ph_day
from hybrid_env.traces.stress.shock import Draft, ShockError
from hybrid_env.traces.stress.window import at_share

BITCOIN_LEFT = 0.4
LOWEST_HASHPRICE_USD_PER_PH_DAY = 28.7
RENT_LEFT = 0.5
TENANT_FROM_SHARE, TENANT_DAYS = 1 / 3, 120
HALVING_AT_SHARE = 0.5
RETARGETS = (0.94, 0.94 * 0.9071)
"""Difficulty after the first and after the second retarget that see fewer machines, over what it was."""


def bitcoin_crash(draft: Draft) -> None:
    """Bitcoin costs 60 % less all year; difficulty stays.

    Source: bitcoin fell by 77 % from November 2021 to November 2022 and by 36 % within October and November 2025
    (126,000 to 80,500 USD, K33); 60 % lies between. The network's machines are taken to stay on: the worst case for
    who mines.
    """
    draft.columns["btc_usd"] *= BITCOIN_LEFT


def hashprice_low(draft: Draft) -> None:
    """Bitcoin's price is scaled by one factor so that the mean hashprice is 28.7 USD/PH/day.

    Source: 28.68 USD/PH/day on 26 June 2026, the lowest so far (bt-miners.com, difficulty 133.87e12).

    Raises:
        ShockError: the trace's hashprice is as low already.
    """
    columns = draft.columns
    reward = columns["subsidy_btc"] + columns["fees_btc_per_block"]
    mean = float(np.mean(hashprice_usd_per_ph_day(columns["difficulty"], reward, columns["btc_usd"])))
    if mean <= LOWEST_HASHPRICE_USD_PER_PH_DAY:
        raise ShockError(
            f"the mean hashprice is {mean:.2f} USD/PH/day, already at or below the historic low of"
            f" {LOWEST_HASHPRICE_USD_PER_PH_DAY}; leave this shock out"
        )
    columns["btc_usd"] *= LOWEST_HASHPRICE_USD_PER_PH_DAY / mean


def rent_halved(draft: Draft) -> None:
    """GPU rent and the bids of gang jobs are half all year.

    Source: H100 rent fell from 4 to 8 USD/GPU-h in mid-2024 to 1.7 in October 2025 (compux.net); a new generation alone
    takes about 20 % off.
    """
    draft.columns["gpu_rent_usd_per_gpu_h"] *= RENT_LEFT
    draft.jobs["bid_usd_per_gpu_h"] *= RENT_LEFT


def tenant_lost(draft: Draft) -> None:
    """The reserved GPUs are without a contract for 120 days from a third of the year on.

    Source: default or churn of a tenant is assumed at 2 to 5 % a year with 60 to 180 days to let again; 120 is the
    middle.
    """
    draft.columns["tenant_contract_frac"][at_share(draft, TENANT_FROM_SHARE, TENANT_DAYS)] = 0.0


def halving(draft: Draft) -> None:
    """The subsidy halves in mid-year; difficulty stays for one epoch (two weeks), then falls by 6.0 % and 9.3 %.

    Source: protocol (halving, retarget every 2,016 blocks); after the halving of 11 May 2020 the retargets were -6.00 %
    (19 May) and -9.29 % (4 June). On a short trace an epoch is a quarter of what is left of it.
    """
    first = at_share(draft, HALVING_AT_SHARE, 0).start
    epoch = min(EPOCH_H * draft.rows_per_h, (len(draft) - first) // 4 // draft.rows_per_h * draft.rows_per_h)
    if epoch < 1:
        raise ShockError(f"a trace of {draft.hours} h is too short for a halving and two retargets; 8 h are needed")
    draft.columns["subsidy_btc"][first:] *= 0.5
    for n, factor in enumerate(RETARGETS, 1):
        end = first + (n + 1) * epoch if n < len(RETARGETS) else len(draft)
        draft.columns["difficulty"][first + n * epoch : end] *= factor
