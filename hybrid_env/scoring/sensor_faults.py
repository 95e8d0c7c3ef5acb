"""Faulty sensors as stress: the years are as they were, but a policy is shown lost, late or noisy readings.

A policy decides on a `Batch`: published columns and forecasts from its library, the site's own state from its lanes,
and the observation, which the kernel makes of both. Under a fault it is handed another batch, whose library and lanes
hold what the sensors delivered, and whose observation the kernel makes of that: rules, MPC and trained networks meet
the same fault. What happens on the site, and what it earns, is played on the true one.
"""

from __future__ import annotations

import copy
from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hybrid_env.baselines.policy import Policy
from hybrid_env.batch import Batch, Floats
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import COLUMNS, HIDDEN, Trace
from hybrid_env.wrappers.sensors import GROUPS

SEED = 20_23
"""Of the faults' luck, the same for every policy; each world has its own."""
CLOCK = ("world", "site", "row", "end_row", "start_value_usd")
"""Fields of a lane that no sensor reads."""
METERED = ("wind_cf", "solar_cf", "hydro_cf", "geothermal_cf", "system_load_mw", "inference_load", "tenant_load",
           "training_load", "on_demand_load", "carbon_average_kg_per_mwh", "carbon_marginal_kg_per_mwh",
           "grid_cfe_frac")  # fmt: skip
"""Columns read from meters, whose error is a share of the reading. Prices, orders and the network come as digits."""
THERMOMETERS = ("drybulb_c", "wetbulb_c")
HALLS = ("mining_hall_c", "gpu_hall_c")


@dataclass(frozen=True)
class SensorFault:
    """One way in which readings go wrong. The four lines of `GROUPS` fail apart from each other.

    Attributes:
        name: how results call it.
        meaning: one line, with its size.
        source: where its figures come from.
        down_every_h, down_h: mean time between outages of a line and their mean length, both exponential; 0: none.
        delay_h: how late everything arrives; at least one interval where it is above 0.
        meter_frac: standard deviation of meters, share of the reading; of charge, share of the battery.
        thermometer_k: standard deviation of thermometers, outdoors and in the halls.
    """

    name: str
    meaning: str
    source: str
    down_every_h: float = 0.0
    down_h: float = 0.0
    delay_h: float = 0.0
    meter_frac: float = 0.0
    thermometer_k: float = 0.0

    def delay_rows(self, interval_s: int) -> int:
        """How late everything arrives, in intervals."""
        return int(np.ceil(self.delay_h * 3600 / interval_s))

    @property
    def noisy(self) -> bool:
        """Whether readings are off."""
        return self.meter_frac > 0 or self.thermometer_k > 0


SENSOR_FAULTS: dict[str, SensorFault] = {
    fault.name: fault
    for fault in (
        SensorFault(
            "sensor_dropout", "each line (dispatch signals, settled readings, forecasts, site state) is down for 6 h on"
            " average, every two days on average; the last good values stay", "assumed", down_every_h=48, down_h=6,
        ),
        SensorFault(
            "sensor_delay", "everything arrives half an hour late (an interval where those are longer)", "assumed",
            delay_h=0.5,
        ),
        SensorFault(
            "sensor_noise", "meters and the battery's charge are off by 5 %, thermometers by 1 K (standard deviations);"
            " prices, orders and forecasts arrive as sent", "assumed", meter_frac=0.05, thermometer_k=1.0,
        ),
    )
}  # fmt: skip
"""Name -> fault, in the order in which the suite plays them."""


class Through:
    """A policy that sees its site through faulty sensors; a policy itself.

    Args:
        policy: who decides.
        fault: what its sensors do.
    """

    def __init__(self, policy: Policy, fault: SensorFault) -> None:
        self.name, self._policy, self._fault = policy.name, policy, fault

    def reset(self, batch: Batch) -> None:
        """All readings arrive as the episodes begin."""
        self._seen = copy.copy(batch)
        self._seen.library = seen_library(batch.library, self._fault)
        worlds, count = batch.library.rows.shape
        depth = self._fault.delay_rows(batch.library.interval_s) + 1
        lines = [line_down(self._fault, world, count, batch.library.interval_s) for world in range(worlds)]
        self._arrives = ~np.stack(lines)[:, GROUPS.index("state")]
        self._read = deque([batch.lanes.copy()] * depth, depth)  # oldest first
        self._lanes = batch.lanes.copy()
        self._rng = np.random.default_rng([SEED, worlds, len(GROUPS)])
        self._show(batch)
        self._policy.reset(self._seen)

    def act(self, batch: Batch) -> Floats:
        """What the policy does about what it is shown."""
        self._read.append(batch.lanes.copy())
        self._show(batch)
        return self._policy.act(self._seen)

    def _show(self, batch: Batch) -> None:
        arrives = self._arrives[batch.lanes["world"], batch.lanes["row"]]
        self._lanes[arrives] = self._noisy(batch, self._read[0])[arrives]
        for name in CLOCK:
            self._lanes[name] = batch.lanes[name]
        self._seen.lanes = self._lanes
        self._seen.observations = np.empty_like(batch.observations)
        self._seen.observe(np.arange(batch.n))

    def _noisy(self, batch: Batch, lanes: np.ndarray) -> np.ndarray:
        if not self._fault.noisy:
            return lanes
        lanes, p = lanes.copy(), batch.parameters[0]
        for name in HALLS:
            lanes[name] += self._fault.thermometer_k * self._rng.standard_normal(batch.n)
        off_mwh = self._fault.meter_frac * p["soc_max_mwh"] * self._rng.standard_normal(batch.n)
        lanes["soc_mwh"] = np.clip(lanes["soc_mwh"] + off_mwh, p["soc_min_mwh"], p["soc_max_mwh"])
        return lanes


def seen_library(library: Library, fault: SensorFault) -> Library:
    """The years as the sensors deliver them: row `t` holds what a policy is shown of it once `t` is the next row."""
    return Library([_seen(trace, fault, world) for world, trace in enumerate(library.traces)])


def line_down(fault: SensorFault, world: int, rows: int, interval_s: int) -> NDArray[np.bool_]:
    """Whether each line is down in each row, [groups, rows]; row 0 always arrives."""
    down = np.zeros((len(GROUPS), rows), np.bool_)
    if fault.down_every_h <= 0:
        return down
    per_h = 3600 / interval_s
    for group, line in enumerate(down):
        rng = np.random.default_rng([SEED, world, group])
        row = 1 + int(rng.exponential(fault.down_every_h * per_h))
        while row < rows:
            length = max(1, round(rng.exponential(fault.down_h * per_h)))
            line[row : row + length] = True
            row += length + max(1, round(rng.exponential(fault.down_every_h * per_h)))
    return down


def _seen(trace: Trace, fault: SensorFault, world: int) -> Trace:
    rows_per_h, count = 3600 // trace.interval_s, len(trace)
    delay = fault.delay_rows(trace.interval_s)
    down = line_down(fault, world, count, trace.interval_s)
    shown = dict(zip(GROUPS, (_shown_row(line, delay) for line in down), strict=True))
    settled = np.maximum(shown["settled"][1:] - 1, 0)  # what is settled as row t begins is of row t - 1
    read = _readings(trace, fault, world)
    rows = trace.rows.copy()
    for name, spec in COLUMNS.items():
        if spec.lag_rows == 0:
            rows[name] = read[name][shown["now"]]
        elif spec.lag_rows != HIDDEN:
            rows[name][:-1] = read[name][settled]
    issue = shown["forecast"][::rows_per_h] // rows_per_h  # a forecast arrives once an hour
    return replace(trace, name=f"{trace.name}+{fault.name}", rows=rows, forecast=trace.forecast[issue])


def _shown_row(down: NDArray[np.bool_], delay: int) -> NDArray[np.int64]:
    """Which row's reading is shown in each row."""
    arrived = np.maximum.accumulate(np.where(down, 0, np.arange(len(down))))
    return np.maximum(arrived - delay, 0)


def _readings(trace: Trace, fault: SensorFault, world: int) -> np.ndarray:
    """The trace's rows as they are read, with noise, within each column's physical range."""
    read = trace.rows.copy()
    rng = np.random.default_rng([SEED, world, len(GROUPS)])
    station = fault.thermometer_k * rng.standard_normal(len(trace))  # both outdoor thermometers hang in one hut
    for name in (*THERMOMETERS, *METERED):
        off = station if name in THERMOMETERS else fault.meter_frac * rng.standard_normal(len(trace)) * read[name]
        read[name] = np.clip(read[name] + off, COLUMNS[name].low, COLUMNS[name].high)
    return read
