"""`python -m experiments.leaderboard task=texas_wind`: every result of a task, scored, as a table and an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field
from rich.table import Table

from experiments.command import Settings, console, run_programme
from experiments.evaluate import results_folder
from experiments.report import build_page, leaderboard_table
from hybrid_env.baselines.naive import Naive
from hybrid_env.scoring.evaluate import roll_year, year_batch
from hybrid_env.scoring.reference import stored_references, stored_results
from hybrid_env.scoring.result import Result, load_results
from hybrid_env.scoring.score import ScoreError, check_comparable
from hybrid_env.sites.site import Site
from hybrid_env.tasks import WEEKS, Split, Task


class LeaderboardSettings(Settings):
    """`configs/leaderboard.yaml`."""

    task: Task
    split: Split
    weeks: int = Field(gt=0, le=WEEKS)
    results: Path
    page: Path | None


def show(results: Sequence[Result], task: Task, page: Path, command: str) -> Path | None:
    """Print the table and write the page, the stored reference controllers included.

    Without fitting references money alone is shown, and no page is written.
    """
    references = stored_references(task)
    if references is None:
        console.print(money_table(results, task))
        console.print(
            f"no references are stored for {task.id}, so no scores;"
            f" python -m experiments.references task={task.slug} makes them"
        )
        return None
    try:
        for result in results:
            check_comparable(result, references)
    except ScoreError as error:
        console.print(money_table(results, task))
        console.print(f"not scored: {error}")
        return None
    there = {(result.policy, result.seed) for result in results}
    results = [*results, *(r for r in stored_results(task) if (r.policy, r.seed) not in there)]
    console.print(leaderboard_table(results, references))
    build_page(results, references, page, facts=facts(task.site_model), summary=task.description, command=command)
    console.print(f"page: {page}")
    return page


def money_table(results: Sequence[Result], task: Task) -> Table:
    """Money over naive on the same years."""
    naive = next((r.weekly() for r in results if r.policy == "naive"), None)
    table = Table(title=task.id)
    for name in ("policy", "kind", "seed", "k USD a week", "over naive", "worst week", "ms a decision"):
        table.add_column(name, justify="left" if name in ("policy", "kind") else "right", no_wrap=True)
    weeks = results[0].weekly().shape[1]
    if naive is None:
        naive = roll_year(Naive(), year_batch(task, "test", weeks), weeks).weekly_usd
    for result in sorted(results, key=lambda r: -float(r.weekly().mean())):
        weekly = result.weekly()
        gain = weekly - naive if weekly.shape == naive.shape else None
        table.add_row(
            result.policy,
            result.kind,
            str(result.seed),
            f"{weekly.mean() / 1e3:,.0f}",
            "" if gain is None else f"{gain.mean() / 1e3:+,.1f}",
            "" if gain is None else f"{gain.min() / 1e3:+,.1f}",
            f"{result.decision_latency_ms:.2f}",
        )
    return table


def facts(site: Site) -> dict[str, str | float]:
    """What the site is, for the top of the page."""
    owned = () if site.mining is None else site.mining.fleets
    fleets = ", ".join(f"{fleet.model} {fleet.nameplate_mw:g} MW" for fleet in owned) or "none"
    battery = "none" if site.battery is None else f"{site.battery.power_mw:g} MW, {site.battery.energy_mwh:g} MWh"
    return {
        "site": site.name,
        "import limit": f"{site.meter.import_limit_mw:g} MW",
        "export limit": f"{site.meter.export_limit_mw:g} MW",
        "mining": fleets,
        "GPUs": "none" if site.gpu is None else f"{site.gpu.gpus:,}",
        "wind": f"{site.supply.wind_mw:g} MW",
        "battery": battery,
        "interval": f"{site.interval_s} s",
    }


def main(settings: LeaderboardSettings) -> None:
    """Show all results of a task."""
    folder = results_folder(settings.results, settings.task, settings.split, settings.weeks)
    page = settings.page or folder.with_suffix(".html")
    show(load_results(folder), settings.task, page, f"python -m experiments.leaderboard task={settings.task.slug}")


if __name__ == "__main__":
    run_programme("leaderboard", LeaderboardSettings, main)
