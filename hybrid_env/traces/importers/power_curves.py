"""Power curves of wind turbines: output at 1.225 kg/m3 as a share of nameplate, by wind speed at the hub."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PowerCurve:
    """One turbine's curve, linear between its knots; nothing below the first and above the last.

    Attributes:
        wind_ms: speeds at the hub, rising.
        output_frac: share of nameplate at each.
        hub_height_m: the turbine's usual hub height.
        source: where the figures were published.
    """

    wind_ms: tuple[float, ...]
    output_frac: tuple[float, ...]
    hub_height_m: float
    source: str

    def output(self, hub_wind_ms: np.ndarray) -> np.ndarray:
        """Share of nameplate at the given hub speeds; not a number where the speed is not one."""
        return np.interp(hub_wind_ms, self.wind_ms, self.output_frac, left=0.0, right=0.0)


POWER_CURVES: dict[str, PowerCurve] = {
    "iec2_composite": PowerCurve(
        wind_ms=(3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 10, 10.5, 11, 11.5, 12, 12.5, 13, 14, 15, 16,
                 17, 18, 19, 20, 21, 22, 23, 24, 25),
        output_frac=(0.0100, 0.0322, 0.0576, 0.0924, 0.1302, 0.1786, 0.2329, 0.3019, 0.3762, 0.4648, 0.5550, 0.6543,
                     0.7507, 0.8287, 0.8988, 0.9394, 0.9739, 0.9857, 0.9942, 0.9980, 0.9998, 0.9994, 0.9959, 0.9906,
                     0.9877, 0.9870, 0.9266, 0.8662, 0.8058, 0.7454, 0.6850, 0.6246, 0.5642),
        hub_height_m=100,
        source="composite of commercial IEC class II turbines (King, Clifton and Hodge 2014, NREL/TP-5D00-61714;"
        " NREL turbine-models archive)",
    ),
    "atb_4mw_150": PowerCurve(
        wind_ms=(3, 3.25, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 9.75, 24.75),
        output_frac=(0.0, 0.0235, 0.0330, 0.0563, 0.0860, 0.1235, 0.1690, 0.2238, 0.2883, 0.3638, 0.4505, 0.5500,
                     0.6625, 0.7890, 0.9305, 1.0, 1.0),
        hub_height_m=110,
        source="NREL reference turbine of 4 MW and 150 m rotor of the Annual Technology Baseline 2020 (NREL"
        " turbine-models archive)",
    ),
}  # fmt: skip
"""Curves that a recipe can name."""
