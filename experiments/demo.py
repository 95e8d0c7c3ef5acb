"""`python -m experiments.demo`: train one agent, evaluate it beside the rules on unseen years, show the leaderboard.

What a run or evaluation has finished is kept, so a second demo takes seconds.
"""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import Field

from agents.config import AgentConfig
from experiments.command import Settings, console, run_programme
from experiments.evaluate import evaluate_rule, evaluate_run
from experiments.leaderboard import show
from experiments.train import make_run, train_with_bar
from hybrid_env.tasks import WEEKS, Task


class DemoSettings(Settings):
    """`configs/demo.yaml`."""

    task: Task
    agent: AgentConfig = Field(discriminator="algorithm")
    seed: int = Field(ge=0, lt=2**31)
    weeks: int = Field(gt=0, le=WEEKS)
    policies: tuple[str, ...] = Field(min_length=1)
    folder: Path


def main(settings: DemoSettings) -> None:
    """Train, evaluate, show."""
    began = time.perf_counter()
    console.print(f"[bold]{settings.task.id}[/]: {settings.task.description}")
    console.print("1/3 training: the agent starts as the naive policy and sees training years only")
    run = make_run(settings.task, settings.agent, settings.seed, settings.folder / "runs")
    train_with_bar(run)
    console.print(f"2/3 evaluation: {settings.weeks} consecutive weeks of each test year, which nobody has trained on")
    results = settings.folder / "results"
    found = [evaluate_rule(name, settings.task, "test", settings.weeks, results) for name in settings.policies]
    found.append(evaluate_run(run.folder, settings.task, "test", settings.weeks, results))
    console.print("3/3 leaderboard")
    show(found, settings.task, settings.folder / "index.html", "make demo")
    agent, rule = found[-1], next((r for r in found if r.policy == "breakeven"), None)
    if rule is not None:
        ahead = (agent.weekly() - rule.weekly()).mean() / 1e3
        console.print(f"{agent.policy} against the on/off breakeven rule: {ahead:+,.1f} k USD a week")
    console.print(f"everything is in {settings.folder}; done in {time.perf_counter() - began:,.0f} s")
    console.print(f"training curves: tensorboard --logdir {settings.folder / 'runs'}")


if __name__ == "__main__":
    run_programme("demo", DemoSettings, main)
