"""Closing an interval: deadlines, the month's end, the episode's end, the reward."""

from __future__ import annotations

from hybrid_env.sim import carbon, cash, gang, gpu, sla, tariff
from hybrid_env.sim.compiler import part
from hybrid_env.sim.ledger import PEAK_USD, TERMINAL_USD, USD_ACCOUNTS
from hybrid_env.sim.state import leftover_usd

N_USD = len(USD_ACCOUNTS)


@part
def clear(out):
    """An empty page of the ledger."""
    out.clipped_mw = out.reward = 0.0
    out.truncated = 0
    for k in range(out.usd.size):
        out.usd[k] = 0.0
    for k in range(out.mwh.size):
        out.mwh[k] = 0.0
    for k in range(out.kg.size):
        out.kg[k] = 0.0
    for k in range(out.work.size):
        out.work[k] = 0.0


@part
def close(s, p, row, next_row, out):
    """Advance the clock by one row and sum up."""
    gang.close(s, p, s.row + 1, out)
    gpu.close(s, p, s.row + 1, out)
    tariff.close(s, row, next_row)
    carbon.close(s, p, s.row + 1, out)
    if next_row.month != row.month:
        gpu.forget_month(s)
        sla.forget_month(s)
    s.row += 1
    if s.row >= s.end_row:
        out.truncated = 1
        out.usd[TERMINAL_USD] += leftover_usd(s, p) - s.start_value_usd
    total = 0.0
    for k in range(N_USD):
        total += out.usd[k]
    if p.withdraw_frac > 0.0:
        cash.close(s, p, total - out.usd[TERMINAL_USD] - out.usd[PEAK_USD])
    out.reward = total / p.reward_scale_usd
