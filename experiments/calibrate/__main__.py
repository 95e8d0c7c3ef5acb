"""`python -m experiments.calibrate market=ercot data=../shared/data`: fit a market to real years and write its file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from experiments.calibrate.fit import fit_market
from experiments.calibrate.places import PLACES
from experiments.calibrate.yaml_file import write_market
from experiments.command import Settings, console, run_programme
from experiments.progress import progress_bar


class CalibrateSettings(Settings):
    """`configs/calibrate.yaml`."""

    market: Literal["ercot", "caiso", "ontario"]
    data: Path
    file: Path
    price_trials: int = Field(gt=0, le=100)
    rounds: int = Field(gt=0, le=10)


def main(settings: CalibrateSettings) -> None:
    """Fit and write."""
    place = PLACES[settings.market]
    with progress_bar() as bar:
        line = bar.add_task(settings.market, total=None, note="")
        market = fit_market(
            place, settings.data, price_trials=settings.price_trials, rounds=settings.rounds,
            tell=lambda note: bar.update(line, advance=1, note=note),
        )  # fmt: skip
    again = (
        f"python -m experiments.calibrate market={settings.market} price_trials={settings.price_trials}"
        f" rounds={settings.rounds}"
    )
    heading = f"Made by: {again}\nFitted parameters; see `provenance` below and docs/calibration.md."
    console.print(f"market: {write_market(settings.file, market, heading)}")


if __name__ == "__main__":
    run_programme("calibrate", CalibrateSettings, main)
