"""Counterparty risk, measured: in how many weeks AI capacity was withdrawn, and in how many a tenant had left."""

from __future__ import annotations

import numpy as np

from hybrid_env.batch import Batch
from hybrid_env.scoring.result import Risk
from hybrid_env.sim.ledger import WITHDRAWN_H


class Weeks:
    """Marks the weeks of a roll, world by world."""

    def __init__(self, batch: Batch, weeks: int) -> None:
        p = batch.parameters[0]
        self.has_cash, self.has_tenants = bool(p["withdraw_frac"] > 0), bool(p["reserved_gpus"] > 0)
        self._withdrawn = np.zeros((batch.n, weeks), bool)
        self._away = np.zeros((batch.n, weeks), bool)

    def add(self, week: int, batch: Batch) -> None:
        """Mark what the interval just played brought."""
        played = batch.library.rows[batch.lanes["world"], batch.lanes["row"] - 1]
        self._withdrawn[:, week] |= batch.ledger["work"][:, WITHDRAWN_H] > 0
        self._away[:, week] |= played["tenant_contract_frac"] < 1

    def risk(self) -> Risk:
        """Shares of all weeks of all worlds."""
        return Risk(
            withdrawn_week_frac=float(self._withdrawn.mean()) if self.has_cash else None,
            tenant_away_week_frac=float(self._away.mean()) if self.has_tenants else None,
        )
