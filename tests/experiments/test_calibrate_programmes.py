"""The two programmes: what they compose, write and refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.calibrate import __main__ as programme
from experiments.calibrate import check
from experiments.calibrate.__main__ import CalibrateSettings
from experiments.calibrate.check import CheckSettings
from experiments.command import UserError, compose
from experiments.command import check as checked
from hybrid_env.traces.market import load_market

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def test_the_configurations_compose():
    fit = checked(CalibrateSettings, compose("calibrate", ["market=caiso"]))
    assert fit.market == "caiso" and fit.file == Path("calibrated/caiso.yaml")
    held = checked(CheckSettings, compose("calibrate_check", ["page=null"]))
    assert held.market == "ercot" and held.page is None


def test_an_unknown_market_is_refused():
    with pytest.raises(UserError, match="market"):
        checked(CalibrateSettings, compose("calibrate", ["market=mars"]))


def test_a_fit_is_written_with_how_it_was_made(tmp_path, monkeypatch):
    market = load_market("ercot")
    seen = {}

    def fitted(place, data, **options):
        seen.update(options, place=place.name, data=data)
        options["tell"]("prices")
        return market

    monkeypatch.setattr(programme, "fit_market", fitted)
    path = tmp_path / "new" / "ercot.yaml"
    settings = compose("calibrate", [f"data={tmp_path}", f"file={path}", "rounds=1"])
    programme.main(checked(CalibrateSettings, settings))
    assert load_market(path) == market and seen["place"] == "ercot" and seen["rounds"] == 1
    first = path.read_text("utf-8").splitlines()[0]
    assert first == "# Made by: python -m experiments.calibrate market=ercot price_trials=6 rounds=1"
    assert not list(path.parent.glob("*.tmp"))


def test_a_market_that_is_not_fitted_fails_the_check_by_name(capsys):
    if not (DATA / "market").is_dir():
        pytest.skip(f"real market data are not beside this checkout ({DATA})")
    overrides = ["file=texas", f"data={DATA}", "years=2", "two_sample=false", "page=null"]
    with pytest.raises(UserError, match=r"broken without a stated reason: .*da_q99\.9"):
        check.main(checked(CheckSettings, compose("calibrate_check", overrides)))
    assert "tolerances hold against the training years" in capsys.readouterr().out
