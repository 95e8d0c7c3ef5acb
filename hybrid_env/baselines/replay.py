"""References that know the whole future: the optimal plan replayed, and what search in the simulator makes of it (R*).

R* starts from the replayed plan and goes through the year hour by hour. In each hour it branches the state, tries the
planned actions, the dispatcher's, and changed ones, follows the plan for a day, and keeps what earned most. It is
*reachable*: it was played.
"""

from __future__ import annotations

import numpy as np

from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.policy import Array
from hybrid_env.baselines.steer import Target, steer
from hybrid_env.batch import Batch, Floats
from hybrid_env.optimum import cooling, supply
from hybrid_env.optimum.horizon import StartState
from hybrid_env.optimum.plan import Plan, plan
from hybrid_env.sim.action import ACTIONS, BATTERY, MINING, SPOT, TRAINING
from hybrid_env.sim.state import leftover_usd
from hybrid_env.sites import plant

SEARCH_SEED = 20_240


class PlanReplay:
    """Reference: the programme's plan of the whole episode, megawatts turned into actions row by row."""

    name = "plan_replay"

    def reset(self, batch: Batch) -> None:
        """Plan every lane to its end with full knowledge."""
        self._plans = [lane_plan(batch, lane) for lane in range(batch.n)]

    def act(self, batch: Batch) -> Floats:
        """The planned megawatts of this row as actions."""
        out = np.empty((batch.n, len(ACTIONS)), np.float32)
        for lane, planned in enumerate(self._plans):
            out[lane] = plan_action(batch, lane, planned)
        return out


class Reachable:
    """Reference R*: the replayed plan improved by search, hour by hour, with full knowledge.

    Args:
        tries: changed actions tried in each hour, on top of the plan's and the dispatcher's.
        ahead_h: hours for which a choice is followed before it is judged.
        passes: how often the year is gone through.
    """

    name = "reachable"

    def __init__(self, tries: int = 22, ahead_h: int = 24, passes: int = 3) -> None:
        self.tries, self.ahead_h, self.passes = tries, ahead_h, passes

    def reset(self, batch: Batch) -> None:
        """Do the whole search; `act` only reads it out."""
        self._first_row = batch.lanes["row"].copy()
        self._actions = []
        for lane in range(batch.n):
            actions = replayed_actions(batch, lane)
            for number in range(self.passes):
                actions = improved(batch, lane, actions, self.tries, self.ahead_h, SEARCH_SEED + number)
            self._actions.append(actions)

    def act(self, batch: Batch) -> Floats:
        """The actions that were found."""
        rows = batch.lanes["row"] - self._first_row
        return np.stack([actions[row] for actions, row in zip(self._actions, rows, strict=True)])


def lane_plan(batch: Batch, lane: int) -> Plan:
    """The plan of one lane from its state to the end of its episode."""
    record = batch.lanes[lane]
    trace = batch.library.traces[int(record["world"])]
    row = int(record["row"])
    return plan(batch.site, trace, row, int(record["end_row"]) - row, StartState.from_lane(record, batch.parameters[0]))


def plan_action(batch: Batch, lane: int, planned: Plan) -> np.ndarray:
    """What brings a lane closest to its plan in the coming row; reads the row itself, as its plan did."""
    p, record = batch.parameters[0], batch.lanes[lane]
    t = int(record["row"]) - int(planned.row[0])
    now = batch.library.rows[int(record["world"])][int(record["row"])]
    own = float(supply.most_mw(p, now, record["pond_mwh"]))
    limit = min(float(p["import_limit_mw"]), float(now["import_limit_mw"]))
    if p["ramp_mw"] > 0 and record["ramp_from_mw"] >= 0:
        limit = min(limit, float(record["ramp_from_mw"] + p["ramp_mw"]))
    mining = float(planned.mining_mw[t].sum())
    gpu = float(
        planned.reserved_mw[t]
        + planned.inference_mw[t]
        + planned.training_mw[t]
        + planned.spot_mw[t]
        + planned.on_demand_mw[t]
        + planned.gpu_mining_mw[t]
        + p["gpu_idle_mw"]
    )
    weather = batch.library.rows[int(record["world"])][int(record["row"]) : int(record["row"]) + 1]
    specific, capacity = float(cooling.best_specific(p, weather)[0]), float(plant.capacity_mw(p, weather)[0])
    net = planned.import_mw[t] - planned.export_mw[t]
    used_own = float(mining + gpu + p["sleep_mw"] - planned.battery_mw[t] - net) + 0.05 * (mining + gpu)
    dyn = float(p["gpu_dyn_mw"])
    return steer(
        p, record,
        Target(
            mining_mw=planned.mining_mw[t],
            spare_mw=float(limit - planned.import_mw[t]) + max(0.0, own - max(0.0, used_own)),
            mining_plant_mw=float(capacity - (1 + specific) * gpu), reserved_mw=float(planned.reserved_mw[t]),
            inference_mw=float(planned.inference_mw[t]), training_mw=float(planned.training_mw[t]),
            training_gpus=float(planned.training_mw[t] / (p["training_knee"] * dyn)), spot_mw=float(planned.spot_mw[t]),
            spot_gpus=float(planned.spot_mw[t] / (p["inference_knee"] * dyn)), battery_mw=float(planned.battery_mw[t]),
            tenant_load=float(now["tenant_load"]), inference_load=float(now["inference_load"]),
            on_demand_mw=float(planned.on_demand_mw[t]),
            on_demand_gpus=float(planned.on_demand_mw[t] / (p["inference_knee"] * dyn)), ask=int(planned.ask[t]),
            on_demand_load=float(now["on_demand_load"]), tenant_contract_frac=float(now["tenant_contract_frac"]),
            gpu_mining_mw=float(planned.gpu_mining_mw[t]),
            water_mw=float(planned.water_mw[t]), inflow_mw=float(now["hydro_cf"] * p["hydro_nameplate_mw"]),
        ),
    )  # fmt: skip


def replayed_actions(batch: Batch, lane: int) -> Floats:
    """Actions of the replayed plan of one lane, [rows, A]; the lane does not move."""
    twin = lane_twin(batch, lane, 1)
    planned = lane_plan(twin, 0)
    out = np.empty((int(twin.lanes["end_row"][0] - twin.lanes["row"][0]), len(ACTIONS)), np.float32)
    for t in range(len(out)):
        out[t] = plan_action(twin, 0, planned)
        twin.step(out[t : t + 1])
    return out


def lane_twin(batch: Batch, lane: int, n: int) -> Batch:
    """A batch of `n` copies of one lane."""
    twin = Batch(batch.site, batch.library, n)
    twin.lanes[:] = batch.lanes[lane]
    twin.observations[:] = batch.observations[lane]
    return twin


def improved(batch: Batch, lane: int, actions: Floats, tries: int, ahead_h: int, seed: int) -> Floats:
    """Go through the episode once, hour by hour, and keep in each what earns most by the end of the look-ahead."""
    generator = np.random.default_rng(seed)
    per_hour = int(batch.parameters["rows_per_hour"][0])
    out = actions.copy()
    played, dispatcher = lane_twin(batch, lane, 1), MarketClearing()
    for first in range(0, len(out), per_hour):
        rows = min(per_hour, len(out) - first)
        block = candidates(out[first : first + rows], dispatcher.act(played)[0], tries, generator)
        after = out[first + rows : first + ahead_h * per_hour]
        best = int(np.argmax(worth_usd(played, block, after)))
        out[first : first + rows] = block[:, best]
        for t in range(rows):
            played.step(out[first + t : first + t + 1])
    return out


def candidates(planned: Floats, dispatched: Floats, tries: int, generator: np.random.Generator) -> Floats:
    """Choices for a block of rows, [rows, 2 + tries, A]: the plan first, then the dispatcher, then changed plans."""
    rows = len(planned)
    block = np.repeat(planned[:, None], 2 + tries, axis=1)
    block[:, 1] = dispatched
    for k in range(tries):
        change = generator.normal(0.0, 0.4, len(ACTIONS)).astype(np.float32)
        change[generator.random(len(ACTIONS)) < 0.6] = 0.0
        base = planned if k % 2 else np.repeat(dispatched[None], rows, axis=0)
        block[:, 2 + k] = np.clip(base + change, -1.0, 1.0)
        if k % 4 == 0:
            block[:, 2 + k, BATTERY] = generator.choice(np.array([-1.0, 0.0, 1.0], np.float32))
        if k % 5 == 0:
            block[:, 2 + k, MINING] = generator.choice(np.array([-1.0, 1.0], np.float32))
        if k % 7 == 0:
            block[:, 2 + k, [TRAINING, SPOT]] = 1.0
    return block


def worth_usd(played: Batch, block: Floats, after: Floats) -> Array:
    """What each choice [rows, K, A], followed by the actions `after` [more, A], earns and leaves over, USD [K]."""
    k = block.shape[1]
    steps = np.concatenate([block, np.repeat(after[:, None], k, axis=1)])
    rolled = played.branch([0], k, steps[:, None], len(steps))
    p = played.parameters[0]
    open_end = np.array(
        [0.0 if done else leftover_usd(lane, p) for lane, done in zip(rolled.lanes[0], rolled.done[0], strict=True)]
    )
    return rolled.usd[0].sum(axis=1) + open_end
