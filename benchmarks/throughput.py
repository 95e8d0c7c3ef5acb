"""`python -m benchmarks.throughput [--site NAME] [--json]`: speed on one core, beside Gymnasium's own environments.

Both sides are made through Gymnasium's registry and stepped with the same loop; repeats alternate between them. Sites
are past their first day when the clock starts, with jobs in their queues.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, Literal

import gymnasium
from rich.console import Console
from rich.table import Table

import hybrid_env  # noqa: F401  (registers the ids)
from benchmarks.measure import Measure, keep_to_one_core, seconds, side_by_side
from hybrid_env.scoring.provenance import git_commit, processor_name, versions
from hybrid_env.sites.site import Site, load_site

TASK, TASK_ID = "texas_wind", "hybrid_env/TexasWind-v0"
LANES = (1, 64, 1024, 8192)
WARM_UP_STEPS = 100
"""More than a day of 15-minute intervals."""
PPO_LANES, PPO_STEPS_PER_LANE = 64, 128
MPC_DECISIONS = 24


def single(site: Site, repeats: int, steps: int) -> list[Measure]:
    """Steps a second of one environment, beside Pendulum-v1."""
    ours, theirs = side_by_side(_single(TASK_ID, steps, site=site), _single("Pendulum-v1", steps), repeats)
    return [
        Measure.of("single environment", "steps/s", ours),
        Measure.of("Pendulum-v1", "steps/s", theirs),
        _ratio("single environment / Pendulum-v1", ours, theirs),
    ]


def _single(name: str, steps: int, **given: Any) -> Callable[[], float]:
    env = gymnasium.make(name, **given)
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(256)]

    def run(count: int) -> None:
        for k in range(count):
            _, _, terminated, truncated, _ = env.step(actions[k % 256])
            if terminated or truncated:
                env.reset()

    run(WARM_UP_STEPS)
    return lambda: steps / seconds(lambda: run(steps))


def vector(site: Site, lanes: int, repeats: int, site_steps: int) -> list[Measure]:
    """Site-steps a second of the native vector environment, beside CartPole's at the same number of lanes."""
    ours, theirs = side_by_side(
        _vector(TASK_ID, lanes, site_steps, site=site), _vector("CartPole-v1", lanes, site_steps), repeats
    )
    return [
        Measure.of(f"vector environment, N = {lanes}", "site-steps/s", ours),
        Measure.of(f"CartPoleVectorEnv, N = {lanes}", "site-steps/s", theirs),
        _ratio(f"vector environment / CartPoleVectorEnv, N = {lanes}", ours, theirs),
    ]


def _vector(name: str, lanes: int, site_steps: int, **given: Any) -> Callable[[], float]:
    env = gymnasium.make_vec(name, num_envs=lanes, vectorization_mode="vector_entry_point", **given)
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(16)]
    steps = max(16, site_steps // lanes)

    def run(count: int) -> None:
        for k in range(count):
            env.step(actions[k % 16])

    run(WARM_UP_STEPS)
    return lambda: steps * lanes / seconds(lambda: run(steps))


def _ratio(name: str, ours: list[float], theirs: list[float]) -> Measure:
    return Measure.of(name, "x", [a / b for a, b in zip(ours, theirs, strict=True)])


FIRST_STEP = """
import time
from hybrid_env.batch import Batch
from hybrid_env.env import HybridEnv
from hybrid_env.tasks import load_task
load_task("texas_wind").library("train")
began = time.perf_counter()
env = HybridEnv()
env.reset(seed=0)
env.step(env.action_space.sample())
print(time.perf_counter() - began)
"""


def compiling() -> list[Measure]:
    """Seconds to the first step in a new process with the years at hand: nothing cached, then all cached."""
    with tempfile.TemporaryDirectory() as cache:
        cold, cached = (float(_python(FIRST_STEP, XDG_CACHE_HOME=cache)[0]) for _ in range(2))
    return [
        Measure.of("first step, empty cache (compiling)", "s", [cold]),
        Measure.of("first step, kernel cached", "s", [cached]),
    ]


def _python(code: str, lines: int = 1, **environment: str) -> list[str]:
    """The last lines that a fresh interpreter prints."""
    whole = {**os.environ, **environment}
    done = subprocess.run([sys.executable, "-c", code], env=whole, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-lines:]


MEMORY = """
import resource
import gymnasium, hybrid_env
env = gymnasium.make_vec("hybrid_env/TexasWind-v0", num_envs={lanes}, vectorization_mode="vector_entry_point")
env.reset(seed=0)
for _ in range(3):
    env.step(env.action_space.sample())
batch = env.unwrapped.batch
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(batch.lanes.nbytes + batch.ledger.nbytes + batch.observations.nbytes)
"""


def memory() -> list[Measure]:
    """Peak memory of a process with many sites, and what the sites' own arrays take of it."""
    lanes = LANES[-1]
    peak, arrays = (int(line) for line in _python(MEMORY.format(lanes=lanes), lines=2))
    own = f"{arrays / lanes / 1024:.1f} kB a lane"
    return [
        Measure.of(f"peak memory, N = {lanes}", "MiB", [peak * _rss_unit() / 2**20], "loading 8 years included"),
        Measure.of(f"states, ledgers, observations, N = {lanes}", "MiB", [arrays / 2**20], own),
    ]


def _rss_unit() -> int:
    return 1 if sys.platform == "darwin" else 1024


def ppo_share(site: Site, repeats: int, updates: int = 2) -> list[Measure]:
    """Share of PPO's wall time that is spent inside the environment."""
    try:
        import torch
        from stable_baselines3 import PPO

        from hybrid_env.sb3 import HybridVecEnv
    except ImportError as error:
        return [Measure.skipped("environment's share of PPO", "%", f"{error.name} is not installed")]
    torch.set_num_threads(1)
    env = HybridVecEnv(PPO_LANES, site=site)
    inside = [0.0]
    original = env.step_wait

    def timed() -> Any:
        began = time.perf_counter()
        try:
            return original()
        finally:
            inside[0] += time.perf_counter() - began

    env.step_wait = timed  # type: ignore[method-assign]
    model = PPO("MlpPolicy", env, n_steps=PPO_STEPS_PER_LANE, batch_size=1024, n_epochs=4, seed=0, device="cpu")
    steps = updates * PPO_LANES * PPO_STEPS_PER_LANE
    model.learn(steps)
    shares, rates = [], []
    for _ in range(repeats):
        inside[0] = 0.0
        took = seconds(lambda: model.learn(steps, reset_num_timesteps=False))
        shares.append(100 * inside[0] / took)
        rates.append(steps / took)
    return [
        Measure.of(f"environment's share of PPO, N = {PPO_LANES}", "%", shares, "2 x 64 units, 4 epochs"),
        Measure.of(f"PPO, N = {PPO_LANES}", "site-steps/s", rates),
    ]


def optimiser(site: str, bound_weeks: int) -> list[Measure]:
    """Time of a bound and of one decision of model-predictive control."""
    try:
        from hybrid_env.baselines.registry import PolicyError, make_policy
        from hybrid_env.optimum.bound import bound
        from hybrid_env.optimum.horizon import StartState
    except ImportError as error:
        return [Measure.skipped("bound and MPC", "s", f"{error.name} is not installed")]
    from hybrid_env.scoring.evaluate import HOURS_PER_WEEK, year_batch
    from hybrid_env.tasks import load_task

    task = load_task(TASK).model_copy(update={"site": site})
    batch = year_batch(task, "validation", bound_weeks)
    trace, lane = batch.library.traces[0], batch.lanes[0]
    rows = bound_weeks * HOURS_PER_WEEK * 3600 // batch.site.interval_s
    state = StartState.from_lane(lane, batch.parameters[0])
    took = seconds(lambda: bound(batch.site, trace, int(lane["row"]), rows, state, workers=1))
    measures = [Measure.of(f"bound of {bound_weeks} weeks", "s", [took])]
    try:
        policy = make_policy("mpc")
    except PolicyError as error:
        return [*measures, Measure.skipped("MPC decision", "ms", str(error))]
    one = year_batch(task.model_copy(update={"validation_seeds": task.validation_seeds[:1]}), "validation", 1)
    policy.reset(one)
    times = []
    for _ in range(MPC_DECISIONS):
        began = time.perf_counter()
        actions = policy.act(one)
        times.append((time.perf_counter() - began) * 1e3)
        one.step(actions)
    return [*measures, Measure.of("MPC decision", "ms", times)]


def run(site: str, repeats: int, steps: int, bound_weeks: int) -> list[Measure]:
    """All measurements."""
    described = load_site(site)
    measures = single(described, repeats, steps)
    for lanes in LANES:
        measures += vector(described, lanes, repeats, 10 * steps)
    measures += ppo_share(described, repeats)
    measures += compiling()
    measures += memory()
    return measures + optimiser(site, bound_weeks)


def table(measures: list[Measure], title: str) -> Table:
    """For people."""
    out = Table(title=title)
    for name in ("what", "median", "lowest", "highest", "unit", "note"):
        justify: Literal["left", "right"] = "right" if name in {"median", "lowest", "highest"} else "left"
        out.add_column(name, justify=justify, no_wrap=name != "note")
    for m in measures:
        out.add_row(m.name, *(_figure(x) for x in (m.median, m.low, m.high)), m.unit, m.note)
    return out


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.throughput", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--site", default=TASK, help=f"packaged site or its YAML file, in the years of {TASK}")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--repeats", type=int, default=5, help="of each measurement (default 5)")
    parser.add_argument(
        "--steps", type=int, default=20_000, help="of a single environment in one repeat (default 20000)"
    )
    parser.add_argument(
        "--bound-weeks", type=int, default=4, help="length of the bound that is timed, 52 for a year (default 4)"
    )
    given = parser.parse_args()
    if min(given.repeats, given.steps, given.bound_weeks) < 1 or given.bound_weeks > 52:
        parser.error("repeats and steps must be at least 1, bound-weeks must lie in 1 to 52")
    pinned = keep_to_one_core()
    measures = run(given.site, given.repeats, given.steps, given.bound_weeks)
    if given.json:
        facts = {"machine": processor_name(), "pinned": pinned, "system": platform.platform(), "versions": versions()}
        facts |= {"site": given.site, "git_commit": git_commit(), "measures": [m.as_dict() for m in measures]}
        print(json.dumps(facts, indent=1))
    else:
        Console(width=None if sys.stdout.isatty() else 150).print(
            table(measures, f"{given.site}, one core of {processor_name()}; {pinned}")
        )


if __name__ == "__main__":
    main()
