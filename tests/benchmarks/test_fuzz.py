"""The fuzz plays as many steps as asked, and notices books that do not close."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import fuzz
from hybrid_env.batch import Batch
from hybrid_env.sites.site import load_site


def test_random_sites_keep_their_books() -> None:
    assert fuzz.fuzz(200_000) >= 2


def test_a_book_that_does_not_close_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    step = Batch.step

    def leaking(batch: Batch, actions: np.ndarray) -> None:
        step(batch, actions)
        batch.ledger["mwh"][:, 0] += 0.01

    monkeypatch.setattr(Batch, "step", leaking)
    with pytest.raises(AssertionError, match="energy in = energy out"):
        fuzz.play(load_site("texas_wind"), 1, 2_000)
