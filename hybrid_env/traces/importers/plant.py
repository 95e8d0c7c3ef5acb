"""Wet bulb, solar power and wind power from a weather table, at the table's own times.

Solar power goes through pvlib: position of the sun at the middle of each interval, beam and diffuse light (measured, or
split from global by Erbs 1982), light on the panels' plane (Hay and Davies 1980), cell temperature (Faiman 2008),
PVWatts' module, losses and inverter (Dobos 2014, NREL/TP-6A20-62641). Where a file knows the sky's cover alone, global
light is the clear sky's (Ineichen and Perez 2002) times `1 - 0.75 n^3.4` (Kasten and Czeplak 1980).

Wind power: speed at the hub by a power law, density by IEC 61400-12-1 (`v (rho / 1.225)^(1/3)`), a turbine's power
curve, losses. An hour's mean speed goes through the curve as it is: gusts within the hour are not modelled.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field

from hybrid_env.traces.generate.weather import relative_humidity_pct, wetbulb_c
from hybrid_env.traces.importers.frame import Notes, Table
from hybrid_env.traces.importers.power_curves import POWER_CURVES, PowerCurve
from hybrid_env.traces.importers.span import Parameters, Span, extended, need, place
from hybrid_env.traces.schema import TraceError

Share = Annotated[float, Field(ge=0, lt=1)]

POWER_PER_K = -0.0035
"""Relative power of a module per kelvin of cell temperature (PVWatts' premium module)."""
INVERTER_EFFICIENCY = 0.96
ALBEDO = 0.2
"""Grass and soil; pvlib's range is 0.15 to 0.25."""
STILL_AIR_MS = 1.0
PLANE_TOLERANCE_DEG = 1.0
NIGHT_ZENITH_DEG, MOST_NIGHT_LIGHT = 96.0, 0.02
"""Below civil twilight there is no light: a file with more than this share of it there has another clock or place."""
CLOUD_FACTOR, CLOUD_POWER = 0.75, 3.4
STANDARD_DENSITY_KG_PER_M3 = 1.225
DRY_AIR_J_PER_KG_K = 287.05
SEA_LEVEL_PA = 101_325.0
WIND_COLUMN = re.compile(r"wind_(\d+(?:\.\d+)?)m_ms$")


class WetBulb(Parameters):
    """No choice to make."""


class SolarPower(Parameters):
    """A photovoltaic plant; its output is a share of the inverters' rating.

    Attributes:
        tilt_deg, azimuth_deg: of fixed panels; azimuth counts from north through east (180 = south). Not needed where
            the file's light is on a plane already, or with `tracker`.
        tracker: panels turn about a horizontal north-south axis, with backtracking.
        dc_ac_ratio: rating of the panels over that of the inverters; more than 1 clips at noon.
        loss_frac: soiling, shading, mismatch, wiring, ageing, outages; PVWatts' default is 0.14.
        latitude_deg, longitude_deg, altitude_m: where the file does not say them.
        sun_offset_s: seconds after a row's start for which its light is meant; None for what the file's format says,
            else the middle of the row.
    """

    tilt_deg: float | None = Field(default=None, ge=0, le=90)
    azimuth_deg: float = Field(default=180.0, ge=0, le=360)
    tracker: bool = False
    dc_ac_ratio: float = Field(default=1.3, ge=0.5, le=3)
    loss_frac: Share = 0.14
    latitude_deg: float | None = Field(default=None, ge=-90, le=90)
    longitude_deg: float | None = Field(default=None, ge=-180, le=180)
    altitude_m: float | None = Field(default=None, ge=-500, le=9000)
    sun_offset_s: int | None = Field(default=None, ge=0, le=3600)


class WindPower(Parameters):
    """A wind farm; its output is a share of nameplate.

    Attributes:
        curve: name in `POWER_CURVES`.
        hub_height_m: None for the curve's own.
        shear_exponent: of the power law from the file's height to the hub's; 1/7 over open land by day, more at night.
        loss_frac: wakes, outages, cables; about 0.11 in NREL's national supply curves (reV, ReEDS 2025).
        altitude_m: where neither pressure nor altitude is in the file; 0 is assumed without either.
    """

    curve: str = "iec2_composite"
    hub_height_m: float | None = Field(default=None, ge=10, le=250)
    shear_exponent: float = Field(default=1 / 7, ge=0, le=0.6)
    loss_frac: Share = 0.11
    altitude_m: float | None = Field(default=None, ge=-500, le=9000)


def wet_bulb(table: Table, parameters: WetBulb, span: Span) -> Table:
    """`wetbulb_c` by Stull (2011), from relative humidity or dew point; as it is where the file has it."""
    notes = Notes()
    if "wetbulb_c" in table.frame:
        return table
    need(table, "drybulb_c", why="the wet bulb")
    drybulb = table.frame["drybulb_c"].to_numpy(float)
    if "relative_humidity_pct" in table.frame:
        humidity = table.frame["relative_humidity_pct"].to_numpy(float)
    else:
        need(table, "dewpoint_c", why="the wet bulb (or relative_humidity_pct)")
        humidity = relative_humidity_pct(drybulb, table.frame["dewpoint_c"].to_numpy(float))
        notes.assumed("relative humidity from the dew point (Magnus)")
    notes.assumed("wet bulb by Stull (2011) at sea level's pressure; within 1 K")
    return extended(table, {"wetbulb_c": wetbulb_c(drybulb, humidity)}, notes)


def wind_power(table: Table, parameters: WindPower, span: Span) -> Table:
    """`wind_cf`, share of nameplate."""
    notes = Notes()
    curve = _curve(parameters.curve)
    hub_m = curve.hub_height_m if parameters.hub_height_m is None else parameters.hub_height_m
    heights = {float(found[1]): name for name in table.frame if (found := WIND_COLUMN.match(str(name)))}
    if not heights:
        raise TraceError(f"{table.path}: no column wind_<height>m_ms; wind power needs one")
    height_m = min(heights, key=lambda h: abs(np.log(h / hub_m)))
    at_hub = table.frame[heights[height_m]].to_numpy(float) * (hub_m / height_m) ** parameters.shear_exponent
    density = _air_density(table, parameters.altitude_m, notes)
    output = curve.output(at_hub * np.cbrt(density / STANDARD_DENSITY_KG_PER_M3)) * (1 - parameters.loss_frac)
    notes.assumed(
        f"wind at {hub_m:g} m from {height_m:g} m with shear exponent {parameters.shear_exponent:.3f}; curve"
        f" {parameters.curve} ({curve.source}); losses {parameters.loss_frac:.0%}"
    )
    if hub_m / height_m > 5:
        notes.warned(
            f"wind is measured at {height_m:g} m only, far below {hub_m:g} m; a file with 80 to 120 m is better"
        )
    return extended(table, {"wind_cf": np.where(np.isnan(at_hub), np.nan, output)}, notes)


def _curve(name: str) -> PowerCurve:
    if name not in POWER_CURVES:
        raise TraceError(f"curve: found {name!r}, allowed {', '.join(POWER_CURVES)}")
    return POWER_CURVES[name]


def _air_density(table: Table, altitude_m: float | None, notes: Notes) -> np.ndarray:
    """kg/m3 by the gas law; missing temperatures count as 15 C (a kelvin moves output by a tenth of a percent)."""
    frame = table.frame
    drybulb = frame["drybulb_c"].to_numpy(float) if "drybulb_c" in frame else np.full(len(frame), 15.0)
    kelvin = np.where(np.isnan(drybulb), 15.0, drybulb) + 273.15
    found = table.facts.get("altitude_m") if altitude_m is None else altitude_m
    if found is None:
        found = 0.0
        if "pressure_pa" not in frame:
            notes.assumed("air density of sea level: neither pressure nor altitude is known")
    standard = SEA_LEVEL_PA * (1 - 2.25577e-5 * found) ** 5.25588  # international standard atmosphere
    pressure = frame["pressure_pa"].to_numpy(float) if "pressure_pa" in frame else np.full(len(frame), standard)
    return np.where(np.isnan(pressure), standard, pressure) / (DRY_AIR_J_PER_KG_K * kelvin)


def solar_power(table: Table, parameters: SolarPower, span: Span) -> Table:
    """`solar_cf`, share of the inverters' rating, 0 to 1."""
    notes = Notes()
    need(table, "drybulb_c", why="the panels' temperature")
    plane = _plane_light(table, parameters, notes)
    pvlib = _pvlib()
    winds = sorted((float(found[1]), name) for name in table.frame if (found := WIND_COLUMN.match(str(name))))
    wind = table.frame[winds[0][1]].fillna(STILL_AIR_MS).to_numpy(float) if winds else STILL_AIR_MS
    cell_c = pvlib.temperature.faiman(plane, table.frame["drybulb_c"].to_numpy(float), wind)
    dc = pvlib.pvsystem.pvwatts_dc(plane, cell_c, parameters.dc_ac_ratio, POWER_PER_K) * (1 - parameters.loss_frac)
    ac = pvlib.inverter.pvwatts(dc, 1.0 / INVERTER_EFFICIENCY, eta_inv_nom=INVERTER_EFFICIENCY)
    notes.assumed(
        f"panels {parameters.dc_ac_ratio:g} times the inverters, losses {parameters.loss_frac:.0%}, inverters"
        f" {INVERTER_EFFICIENCY:.0%} (PVWatts)"
    )
    return extended(table, {"solar_cf": np.where(np.isnan(plane), np.nan, np.clip(ac, 0, 1))}, notes)


def _plane_light(table: Table, parameters: SolarPower, notes: Notes) -> np.ndarray:
    """Light on the panels, W/m2."""
    if "poa_w_per_m2" in table.frame:
        _check_plane(table, parameters)
        notes.assumed("light is on the plane that the file states")
        return table.frame["poa_w_per_m2"].to_numpy(float)
    if parameters.tilt_deg is None and not parameters.tracker:
        raise TraceError(f"{table.path}: solar power needs tilt_deg (and azimuth_deg), or tracker: true")
    pvlib = _pvlib()
    sun, offset_s = _sun(table, parameters)
    zenith = sun["zenith"].to_numpy(float)
    ghi, dni, dhi = _light(table, parameters, sun, notes)
    tilt, azimuth = parameters.tilt_deg, parameters.azimuth_deg
    if parameters.tracker:
        turned = pvlib.tracking.singleaxis(sun["apparent_zenith"], sun["azimuth"], axis_azimuth=180, max_angle=60)
        tilt = turned["surface_tilt"].fillna(0.0).to_numpy(float)
        azimuth = turned["surface_azimuth"].fillna(180.0).to_numpy(float)
    plane = pvlib.irradiance.get_total_irradiance(
        tilt, azimuth, sun["apparent_zenith"].to_numpy(float), sun["azimuth"].to_numpy(float), dni, ghi, dhi,
        dni_extra=_beyond_the_air(sun), albedo=ALBEDO, model="haydavies",
    )  # fmt: skip
    light = np.asarray(plane["poa_global"], float)
    notes.assumed(f"the sun stands where it is {offset_s} s into each row")
    return np.where(np.isnan(ghi), np.nan, np.where(zenith < 90, np.nan_to_num(light), 0.0))


def _check_plane(table: Table, parameters: SolarPower) -> None:
    if parameters.tracker:
        raise TraceError(f"{table.path}: light is on a fixed plane; a tracker needs global light (ghi_w_per_m2)")
    for name in ("tilt_deg", "azimuth_deg"):
        asked, found = getattr(parameters, name), table.facts.get(name)
        if name not in parameters.model_fields_set or asked is None or found is None:
            continue
        if abs(asked - found) > PLANE_TOLERANCE_DEG:
            raise TraceError(
                f"{table.path}: {name} is {asked:g} in the recipe, but the file's light is on a plane of {found:g};"
                " ask PVGIS for your plane, or leave it out"
            )


def _sun(table: Table, parameters: SolarPower) -> tuple[Any, int]:
    """Position of the sun, one row a row of the table, and the offset at which it was taken."""
    latitude, longitude = place(table, parameters, "latitude_deg", "longitude_deg")
    offset_s = parameters.sun_offset_s
    if offset_s is None:
        offset_s = int(table.facts.get("sun_offset_s", (table.interval_s or 0) // 2))
    times = pd.DatetimeIndex(table.frame.index) + pd.Timedelta(seconds=offset_s)
    altitude = _altitude(table, parameters)
    return _pvlib().solarposition.get_solarposition(times, latitude, longitude, altitude=altitude), offset_s


def _altitude(table: Table, parameters: SolarPower) -> float:
    found = table.facts.get("altitude_m") if parameters.altitude_m is None else parameters.altitude_m
    return 0.0 if found is None else float(found)


def _light(table: Table, parameters: SolarPower, sun: Any, notes: Notes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Global, direct and diffuse light, W/m2: measured, split from global, or guessed from the clouds."""
    pvlib = _pvlib()
    frame = table.frame
    zenith = sun["zenith"].to_numpy(float)
    if "ghi_w_per_m2" in frame:
        ghi = frame["ghi_w_per_m2"].to_numpy(float)
        _warn_of_another_clock(table, np.nan_to_num(ghi), zenith, notes)
        if "dni_w_per_m2" in frame and "dhi_w_per_m2" in frame:
            return ghi, frame["dni_w_per_m2"].to_numpy(float), frame["dhi_w_per_m2"].to_numpy(float)
        if "dhi_w_per_m2" in frame:
            dhi = frame["dhi_w_per_m2"].to_numpy(float)
            notes.assumed("direct light from global and diffuse light")
            return ghi, np.nan_to_num(pvlib.irradiance.dni(ghi, dhi, zenith)), dhi
        notes.assumed("direct and diffuse light split from global light by Erbs (1982)")
    else:
        need(table, "cloud_cover_pct", why="solar power (or ghi_w_per_m2)")
        ghi = _cloudy_light(table, parameters, sun)
        notes.warned(
            "no light in the file: guessed from cloud cover (Ineichen clear sky, Kasten and Czeplak 1980); a year comes"
            " out 10 to 20 % low, and single hours are not right"
        )
    split = pvlib.irradiance.erbs(np.nan_to_num(ghi), zenith, _day_of_year(sun))
    return ghi, np.asarray(split["dni"], float), np.asarray(split["dhi"], float)


def _warn_of_another_clock(table: Table, light: np.ndarray, zenith: np.ndarray, notes: Notes) -> None:
    """Where light falls by night, say by how much the stamps seem to be off."""
    by_night = float(light[zenith > NIGHT_ZENITH_DEG].sum() / max(light.sum(), 1.0))
    if by_night <= MOST_NIGHT_LIGHT:
        return
    height = np.maximum(np.cos(np.radians(zenith)), 0)
    rows_h = 3600 / (table.interval_s or 3600)
    half_day = np.arange(-int(12 * rows_h), int(12 * rows_h) + 1)
    off = max(half_day, key=lambda rows: float(light @ np.roll(height, -rows)))
    notes.warned(
        f"{by_night:.0%} of the light falls by night: stamps seem to be {abs(off) / rows_h:g} h too"
        f" {'early' if off > 0 else 'late'}; check the file's clock, and latitude and longitude"
    )


def _cloudy_light(table: Table, parameters: SolarPower, sun: Any) -> np.ndarray:
    """Global light under a sky of known cover, W/m2."""
    pvlib = _pvlib()
    latitude, longitude = place(table, parameters, "latitude_deg", "longitude_deg")
    there = pvlib.location.Location(latitude, longitude, altitude=_altitude(table, parameters))
    haze = pvlib.clearsky.lookup_linke_turbidity(sun.index, latitude, longitude, interp_turbidity=False)
    clear = there.get_clearsky(
        sun.index, model="ineichen", solar_position=sun, dni_extra=_beyond_the_air(sun), linke_turbidity=haze
    )
    ghi = clear["ghi"].to_numpy(float)
    cover = table.frame["cloud_cover_pct"].to_numpy(float) / 100
    return ghi * (1 - CLOUD_FACTOR * cover**CLOUD_POWER)


def _beyond_the_air(sun: Any) -> np.ndarray:
    """Light on a plane that faces the sun outside the atmosphere, W/m2 (Spencer 1971)."""
    return np.asarray(_pvlib().irradiance.get_extra_radiation(_day_of_year(sun)), float)


def _day_of_year(sun: Any) -> np.ndarray:
    return pd.DatetimeIndex(sun.index).day_of_year.to_numpy()


def _pvlib() -> Any:
    try:
        import pvlib
    except ImportError as error:
        raise ImportError('solar power needs pvlib: pip install "hybrid-env[data]"') from error
    return pvlib
