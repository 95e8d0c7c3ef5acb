"""Wet bulb, solar and wind power: by hand, at their limits, and on real weather."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pvlib")

import pandas as pd

from hybrid_env.traces.generate.weather import wetbulb_c
from hybrid_env.traces.importers import Table, read
from hybrid_env.traces.importers.derive import Span, derive
from hybrid_env.traces.importers.power_curves import POWER_CURVES
from hybrid_env.traces.schema import TraceError
from tests.traces.importers.notes import said
from tests.traces.importers.real import real_data, real_file

SPAN = Span(datetime(2023, 1, 1, tzinfo=UTC), 24, 3600, 0)
EQUATOR = {"latitude_deg": 0.0, "longitude_deg": 0.0, "altitude_m": 0.0}
STANDARD = {"drybulb_c": 15.0}


def weather(columns: dict[str, Any], **facts: float) -> Table:
    n = max(len(np.atleast_1d(values)) for values in columns.values())
    index = pd.date_range("2023-04-15T00:00Z", periods=n, freq="h", name="start_utc").as_unit("ns")
    frame = pd.DataFrame({name: np.broadcast_to(values, n) for name, values in columns.items()}, index=index)
    return Table(frame.astype(float), 3600, "weather", "made", Path("made.csv"), "0", (), facts)


def solar(table: Table, **parameters: Any) -> np.ndarray:
    return derive("solar_power", table, parameters, SPAN).frame["solar_cf"].to_numpy()


def wind(table: Table, **parameters: Any) -> np.ndarray:
    return derive("wind_power", table, parameters, SPAN).frame["wind_cf"].to_numpy()


def test_wet_bulb_is_stulls_from_humidity_or_dew_point() -> None:
    humid = derive("wet_bulb", weather({"drybulb_c": [20.0], "relative_humidity_pct": [50.0]}), {}, SPAN)
    assert humid.frame["wetbulb_c"].iloc[0] == pytest.approx(13.699, abs=1e-3)
    dewy = derive("wet_bulb", weather({"drybulb_c": [20.0], "dewpoint_c": [9.27]}), {}, SPAN)
    assert dewy.frame["wetbulb_c"].iloc[0] == pytest.approx(13.7, abs=0.02)


def test_a_measured_wet_bulb_is_kept() -> None:
    assert derive("wet_bulb", weather({"wetbulb_c": [7.0]}), {}, SPAN).frame["wetbulb_c"].iloc[0] == 7


def test_wind_follows_the_curve_at_standard_density() -> None:
    table = weather({**STANDARD, "wind_100m_ms": [0.0, 8.0, 13.0, 25.0, 26.0, np.nan], "pressure_pa": 101_325.0})
    output = wind(table, loss_frac=0)
    curve = POWER_CURVES["iec2_composite"]
    assert output[1] == pytest.approx(0.5550, abs=2e-4)
    assert (output[0], output[4]) == (0, 0)
    assert output[2] == pytest.approx(max(curve.output_frac), abs=2e-4)
    assert np.isnan(output[5])
    assert wind(table)[1] == pytest.approx(0.555 * 0.89, abs=2e-4)


def test_wind_is_taken_from_the_height_nearest_to_the_hub() -> None:
    table = weather({**STANDARD, "wind_10m_ms": [3.0], "wind_120m_ms": [8.0], "pressure_pa": 101_325.0})
    assert wind(table, loss_frac=0, hub_height_m=120)[0] == pytest.approx(0.5550, abs=2e-4)


def test_wind_grows_with_height_by_the_power_law() -> None:
    low = weather({**STANDARD, "wind_10m_ms": [8 / 10**0.2], "pressure_pa": 101_325.0})
    assert wind(low, loss_frac=0, shear_exponent=0.2)[0] == pytest.approx(0.5550, abs=2e-4)


def test_thin_air_yields_less() -> None:
    columns = {**STANDARD, "wind_100m_ms": [8.0]}
    sea, hill = wind(weather(columns, altitude_m=0.0)), wind(weather(columns, altitude_m=1500.0))
    assert hill[0] < 0.92 * sea[0]
    assert wind(weather(columns, altitude_m=0.0), altitude_m=1500) == hill


def test_wind_needs_a_known_curve_and_a_speed() -> None:
    with pytest.raises(TraceError, match="found 'vestas', allowed iec2_composite"):
        wind(weather({"wind_100m_ms": [8.0]}), curve="vestas")
    with pytest.raises(TraceError, match=r"no column wind_<height>m_ms"):
        wind(weather(STANDARD | {"rain": [0.0]}))


@pytest.mark.parametrize("name", POWER_CURVES)
def test_power_curves_rise_from_cut_in_to_rated(name: str) -> None:
    curve = POWER_CURVES[name]
    assert np.all(np.diff(curve.wind_ms) > 0) and len(curve.wind_ms) == len(curve.output_frac)
    peak = int(np.argmax(curve.output_frac))
    assert np.all(np.diff(curve.output_frac[: peak + 1]) > 0)
    assert 0.99 < max(curve.output_frac) <= 1


def test_solar_power_on_the_plane_is_pvwatts_by_hand() -> None:
    table = weather({"drybulb_c": [20.0], "poa_w_per_m2": [500.0], "wind_10m_ms": [2.0]}, tilt_deg=30.0)
    cell_c = 20 + 500 / (25 + 6.84 * 2)
    dc = 1.2 * 0.5 * (1 - 0.0035 * (cell_c - 25)) * 0.86
    zeta = dc * 0.96
    ac = dc * 0.96 / 0.9637 * (-0.0162 * zeta - 0.0059 / zeta + 0.9858)
    assert solar(table, dc_ac_ratio=1.2)[0] == pytest.approx(ac, rel=1e-6)


def test_more_panels_than_inverters_clip() -> None:
    table = weather({"drybulb_c": [10.0], "poa_w_per_m2": [1000.0]})
    assert solar(table, dc_ac_ratio=1.5)[0] == 1
    assert solar(table, dc_ac_ratio=1.0)[0] < 0.9


def test_light_on_a_stated_plane_refuses_another_plane() -> None:
    table = weather({"drybulb_c": [10.0], "poa_w_per_m2": [1000.0]}, tilt_deg=30.0, azimuth_deg=180.0)
    assert solar(table, tilt_deg=30)[0] == solar(table)[0]
    with pytest.raises(TraceError, match="tilt_deg is 10 in the recipe, but the file's light is on a plane of 30"):
        solar(table, tilt_deg=10)
    with pytest.raises(TraceError, match="a tracker needs global light"):
        solar(table, tracker=True)


def test_nights_are_dark_and_unknown_light_is_unknown() -> None:
    light = np.full(24, 300.0)
    light[12] = np.nan
    output = solar(weather({"drybulb_c": 20.0, "ghi_w_per_m2": light}, **EQUATOR), tilt_deg=0)
    assert np.all(output[:6] == 0) and np.all(output[18:] == 0)
    assert np.isnan(output[12]) and np.all(output[7:12] > 0)


def test_an_hours_light_is_meant_for_its_middle() -> None:
    hours = np.arange(24) + 0.5
    light = np.maximum(900 * np.cos(2 * np.pi * (hours - 12) / 24), 0)
    table = weather({"drybulb_c": 20.0, "ghi_w_per_m2": light}, **(EQUATOR | {"latitude_deg": 40.0}))

    def east_over_west(**parameters: Any) -> float:
        east, west = (solar(table, tilt_deg=60, azimuth_deg=side, **parameters).sum() for side in (90, 270))
        return float(east / west)

    assert east_over_west() == pytest.approx(1, abs=0.1)  # solar and mean time agree in mid-April
    assert east_over_west(sun_offset_s=0) > 1.2


@pytest.mark.parametrize(("moved_h", "told"), [(0, None), (-6, "6 h too early"), (5, "5 h too late")])
def test_light_by_night_tells_of_another_clock(moved_h: int, told: str | None) -> None:
    hours = np.arange(72) + 0.5
    light = np.maximum(900 * np.cos(2 * np.pi * (hours - moved_h - 12) / 24), 0)
    table = weather({"drybulb_c": 20.0, "ghi_w_per_m2": light}, **(EQUATOR | {"latitude_deg": 40.0}))
    warned = said(derive("solar_power", table, {"tracker": True}, SPAN), "warned")
    assert not warned if told is None else (len(warned) == 1 and told in warned[0] and "by night" in warned[0])


def test_direct_light_follows_from_global_and_diffuse() -> None:
    light = np.maximum(900 * np.cos(2 * np.pi * (np.arange(24) + 0.5 - 12) / 24), 0)
    columns = {"drybulb_c": 20.0, "ghi_w_per_m2": light}
    clear, murky = (
        solar(weather({**columns, "dhi_w_per_m2": share * light}, **EQUATOR), tracker=True) for share in (0.1, 1.0)
    )
    assert np.isfinite(clear).all() and clear.sum() > 1.1 * murky.sum()


def test_a_tracker_yields_more_than_fixed_panels() -> None:
    light = np.maximum(900 * np.cos(2 * np.pi * (np.arange(24) + 0.5 - 12) / 24), 0)
    table = weather({"drybulb_c": 20.0, "ghi_w_per_m2": light}, **EQUATOR)
    assert solar(table, tracker=True).sum() > 1.05 * solar(table, tilt_deg=0).sum()


def test_clouds_stand_in_for_light() -> None:
    def day(cover: float) -> np.ndarray:
        return solar(
            weather({"drybulb_c": np.full(24, 20.0), "cloud_cover_pct": cover}, **EQUATOR), tilt_deg=0, loss_frac=0
        )

    clear, covered = day(0), day(100)
    assert 0.2 < covered.sum() / clear.sum() < 0.35
    assert 0.9 < clear.max() <= 1


def test_solar_power_says_what_it_lacks() -> None:
    with pytest.raises(TraceError, match="needs tilt_deg"):
        solar(weather({"drybulb_c": [20.0], "ghi_w_per_m2": 1.0}, **EQUATOR))
    with pytest.raises(TraceError, match="does not say latitude_deg; give it in the recipe"):
        solar(weather({"drybulb_c": [20.0], "ghi_w_per_m2": 1.0}), tilt_deg=0)
    with pytest.raises(TraceError, match="'cloud_cover_pct' is needed"):
        solar(weather({"drybulb_c": [20.0]}, **EQUATOR), tilt_deg=0)
    with pytest.raises(TraceError, match=r"loss_frac: Input should be less than 1; fields are tilt_deg"):
        solar(weather({"drybulb_c": [20.0]}, **EQUATOR), tilt_deg=0, loss_frac=1)


def test_measured_and_split_light_agree_on_real_days() -> None:
    table = read(real_file("tmy3_723170TYA_piece.CSV"))
    measured = solar(table, tilt_deg=35)
    without = Table(
        table.frame.drop(columns=["dni_w_per_m2", "dhi_w_per_m2"]),
        3600,
        "weather",
        "tmy3",
        table.path,
        "0",
        (),
        table.facts,
    )
    assert solar(without, tilt_deg=35).sum() == pytest.approx(measured.sum(), rel=0.1)


@pytest.mark.parametrize(
    ("place", "latitude", "longitude", "fixed", "tracking", "blowing"),
    [
        ("texas", 32.78, -96.80, (0.17, 0.24), (0.20, 0.28), (0.20, 0.36)),
        ("california", 37.34, -121.89, (0.18, 0.25), (0.20, 0.29), (0.08, 0.18)),
        ("ontario", 43.65, -79.38, (0.12, 0.19), (0.13, 0.21), (0.17, 0.32)),
    ],
)
def test_real_years_have_plausible_capacity_factors(
    place: str, latitude: float, longitude: float, fixed: tuple[float, float], tracking: tuple[float, float],
    blowing: tuple[float, float],
) -> None:  # fmt: skip
    path = real_data(f"{place}_2022.csv.gz")
    there = {"latitude_deg": latitude, "longitude_deg": longitude}
    table = derive("wet_bulb", read(path), {}, SPAN)
    assert (table.frame["wetbulb_c"] <= table.frame["drybulb_c"]).all()
    assert fixed[0] < np.nanmean(solar(table, tilt_deg=25, **there)) < fixed[1]
    assert tracking[0] < np.nanmean(solar(table, tracker=True, **there)) < tracking[1]
    windy = derive("wind_power", table, {}, SPAN)
    assert blowing[0] < float(windy.frame["wind_cf"].mean()) < blowing[1]
    assert any("10 m only" in text for text in said(windy, "warned"))
    expected = wetbulb_c(table.frame["drybulb_c"].to_numpy(), table.frame["relative_humidity_pct"].to_numpy())
    assert np.array_equal(table.frame["wetbulb_c"].to_numpy(), expected, equal_nan=True)
