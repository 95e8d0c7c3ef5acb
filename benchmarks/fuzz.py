"""`python -m benchmarks.fuzz [steps]`: random play of random sites, whose books must close at every step.

Sites, traces and actions are those of the tests (`tests/strategies.py`): tiny plants, no grid, free, negative and
scarce power, frost and heat, anything switched on or off. Ten million steps by default.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hybrid_env.batch import Batch
from hybrid_env.sim.ledger import MWH_ACCOUNTS
from hybrid_env.sites.site import Site
from hybrid_env.traces.library import Library
from tests.strategies import actions, sites, wild_trace

LANES = 64
DAYS = 4
TOLERANCE = 1e-6
"""MWh or USD, beside a relative 1e-9."""
SUPPLY = ("import", "own_used", "battery_discharge")
USE = ("mining", "gpu", "cooling", "battery_charge", "export")
SOURCES = ("wind", "solar", "hydro", "geothermal", "generator")


ROUND = settings(
    max_examples=20,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""Sites drawn at a time."""


def mwh(batch: Batch, *accounts: str) -> np.ndarray:
    """Sum of some energy accounts of the last step, [lanes]."""
    return batch.ledger["mwh"][:, [MWH_ACCOUNTS.index(name) for name in accounts]].sum(axis=1)


def broken(batch: Batch, before: np.ndarray) -> str:
    """Which book of the last step does not close; empty if all do."""
    page = batch.ledger
    usd = page["usd"].sum(axis=1)
    pairs = {
        "energy in = energy out": (mwh(batch, *SUPPLY), mwh(batch, *USE)),
        "own energy = used + curtailed": (mwh(batch, "own_available"), mwh(batch, "own_used", "own_curtailed")),
        "own energy = its sources": (mwh(batch, "own_available"), mwh(batch, *SOURCES)),
        "reward = dollars": (page["reward"] * batch.parameters["reward_scale_usd"][0], usd),
        "charge kept": (
            batch.lanes["soc_mwh"] - before,
            mwh(batch, "battery_charge") - mwh(batch, "battery_discharge", "battery_loss"),
        ),
    }
    for name, (left, right) in pairs.items():
        if not np.allclose(left, right, rtol=1e-9, atol=TOLERANCE):
            return f"{name}: off by {np.abs(left - right).max():g}"
    if not (page["mwh"] >= -TOLERANCE).all():
        return "energy below zero"
    if not (np.isfinite(batch.observations).all() and np.abs(batch.observations).max() <= 1):
        return "an observation outside [-1, 1]"
    return ""


def play(site: Site, luck: int, steps: int) -> int:
    """Play one site on a wild trace and check every step.

    Returns:
        Steps played, over all lanes.

    Raises:
        AssertionError: a book does not close.
    """
    trace = wild_trace(luck, site.interval_s, site.utc_offset_h, DAYS)
    lanes = min(LANES, steps)
    batch = Batch(site, Library([trace]), lanes)
    per_hour = 3600 // site.interval_s
    rng = np.random.default_rng(luck)
    rows = min(len(trace) - 1 - per_hour, max(1, steps // lanes))
    begins = np.tile(np.array([[0, per_hour, per_hour + rows]]), (lanes, 1))
    batch.begin(np.arange(lanes), begins, rng.random((lanes, 8)))
    for row, action in enumerate(actions(luck, rows, lanes)):
        before = batch.lanes["soc_mwh"].copy()
        batch.step(action)
        wrong = broken(batch, before)
        assert not wrong, f"row {row}, luck {luck}: {wrong}\n{site.model_dump_json()}"
    return rows * lanes


def fuzz(steps: int) -> int:
    """Random sites until `steps` have been played; returns how many sites that took."""
    done, count = 0, 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as progress:
        shown = progress.add_task("steps", total=steps)

        def played(site: Site, luck: int) -> None:
            nonlocal done, count
            if done < steps:
                done, count = done + play(site, luck, steps - done), count + 1
                progress.update(shown, completed=done)

        while done < steps:
            drawn = given(site=sites(), luck=st.integers(0, 2**32 - 1))(played)
            seed(count)(settings(ROUND)(drawn))()
    return count


def main() -> None:
    """Fuzz and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="?", type=int, default=10_000_000)
    steps = parser.parse_args().steps
    began = time.perf_counter()
    count = fuzz(steps)
    seconds = time.perf_counter() - began
    sys.stdout.write(f"{steps:,} steps of {count} random sites: every book closes ({seconds:.0f} s)\n")


if __name__ == "__main__":
    main()
