"""What claims of carbon-free energy are worth: the same year told by volume, by hour, and by what is additional."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hybrid_env.scoring.result import Proof
from hybrid_env.sim.ledger import (
    CERTIFICATE_MWH,
    CFE_MWH,
    COOLING_MWH,
    GPU_MWH,
    MATCHED_ADDITIONAL_MWH,
    MATCHED_MWH,
    MINING_MWH,
)

MONTHS = 12
Array = NDArray[np.float64]


@dataclass
class Tally:
    """Energy of a span, MWh: load, certificates, and load that the certificates of its own hour match.

    Attributes:
        additional: of the matched, by certificates that count as additional alone.
        cfe: load that is carbon-free hour by hour, the grid's share included.
    """

    load: float = 0.0
    certificates: float = 0.0
    matched: float = 0.0
    additional: float = 0.0
    cfe: float = 0.0

    def proof(self) -> Proof:
        """Claims and what is behind them; all zero for a span without load.

        `claim = min(1, sum G / sum L)`, `hourly = sum min(L_h, G_h) / sum L`, `CFE = sum (C_h + (L_h - C_h) g_h) / sum
        L` (the 24/7 score of Google's CFE methodology), `greenwash = max(0, claim - hourly of additional ones)`.
        """
        if self.load <= 0:
            return Proof(claim_frac=0.0, hourly_frac=0.0, additional_frac=0.0, cfe_frac=0.0, greenwash_index=0.0)
        claim, additional = min(1.0, self.certificates / self.load), self.additional / self.load
        return Proof(
            claim_frac=claim, hourly_frac=self.matched / self.load, additional_frac=additional,
            cfe_frac=self.cfe / self.load, greenwash_index=max(0.0, claim - additional),
        )  # fmt: skip


def tally(load: ArrayLike, certificates: ArrayLike, additional: ArrayLike, grid_cfe_frac: ArrayLike) -> Tally:
    """Match hourly series, MWh and shares, all of one length."""
    used, made, counted = (np.asarray(x, np.float64) for x in (load, certificates, additional))
    matched = np.minimum(used, made)
    cfe = matched + (used - matched) * np.asarray(grid_cfe_frac, np.float64)
    return Tally(*(float(x.sum()) for x in (used, made, matched, np.minimum(used, counted), cfe)))


class Months:
    """Sums a ledger's pages by calendar month, all lanes together."""

    def __init__(self) -> None:
        self._mwh = np.zeros((MONTHS, 5))

    def add(self, month: NDArray[np.int64], ledger: np.ndarray) -> None:
        """One interval: the month (1 to 12) and the page of each lane."""
        mwh, work = ledger["mwh"], ledger["work"]
        load = mwh[:, MINING_MWH] + mwh[:, GPU_MWH] + mwh[:, COOLING_MWH]
        measures = (CERTIFICATE_MWH, MATCHED_MWH, MATCHED_ADDITIONAL_MWH, CFE_MWH)
        np.add.at(self._mwh, month - 1, np.column_stack([load, *(work[:, k] for k in measures)]))

    def proofs(self) -> Mapping[str, Proof]:
        """`"year"` and the months played (`"01"` to `"12"`); empty where no certificate was made."""
        if not self._mwh[:, 1].any():
            return {}
        spans = {f"{k + 1:02d}": sums for k, sums in enumerate(self._mwh) if sums[0] > 0}
        spans = {"year": self._mwh.sum(axis=0)} | spans
        return {name: Tally(*map(float, sums)).proof() for name, sums in spans.items()}
