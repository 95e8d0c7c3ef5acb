"""The leaderboard page and table, built from made-up runs and opened in a browser where there is one."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from experiments.report import build_page, leaderboard_table, standings
from experiments.report.dispatch import common_axes, dispatch_panels, step_path
from experiments.report.figures import ledger_moves
from experiments.report.standings import mean_over_runs
from experiments.report.wording import duration, number, significant
from hybrid_env.scoring.result import Kind, Proof, Result, Risk, WeekTrace
from hybrid_env.scoring.score import ScoreError
from tests.scoring.made_up import WORLDS, accounts, naive, provenance, references, result, room, week_trace

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=5000",
)  # fmt: skip
VOID = {"meta", "input", "br"}


def run(policy: str, kind: Kind, share: float, seed: int = 0, **changes: object) -> Result:
    """A run that earns about `share` of the room in every block."""
    rng = np.random.default_rng([seed, len(policy)])
    luck = 0.02 * np.repeat(rng.normal(size=(len(WORLDS), 13)), 4, axis=-1) + (0.01 * rng.normal() if seed else 0.0)
    return result(policy, seed, kind, weekly=naive() + (share + luck) * room(), **changes)


def runs() -> list[Result]:
    return [
        run("breakeven", "rule", 0.6),
        run("merit_order", "rule", 0.85),
        run("mpc", "mpc", 0.95, decision_latency_ms=14.0),
        *(run("agent", "agent", 0.75, seed, training_seconds=600.0, training_steps=1_200_000) for seed in (1, 2, 3)),
    ]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "leaderboard.html"
    facts = {"import limit": "100 MW", "GPUs": 28_800, "odd <b>": "a & b"}
    return build_page(
        runs(), references(), path, facts=facts, summary="A made-up site.", command="make page", resamples=500
    )


class Structure(HTMLParser):
    """Counts tags and checks that they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.count: dict[str, int] = {}
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "action", "srcset"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag


def test_the_price_of_a_gpu_hour_on_demand_is_shown_where_one_was_sold(tmp_path: Path) -> None:
    nothing = run("mpc", "mpc", 0.9)
    books = nothing.accounts_usd | {"gpu_on_demand": 5_000.0}
    sold = nothing.model_copy(update={"work": {"gpu_h_on_demand": 2_000.0}, "accounts_usd": books})
    pages = [
        build_page([found], references(), tmp_path / f"{i}.html", resamples=500)
        for i, found in enumerate([sold, nothing])
    ]
    with_sales, without = (page.read_text("utf-8") for page in pages)
    assert re.search(r"on demand, mean price, USD per GPU-hour</th><td>2\.5", with_sales)
    assert "mean price" not in without


def test_risks_to_buyers_are_shown_where_a_run_measured_them(tmp_path: Path) -> None:
    plain, risky = run("mpc", "mpc", 0.9), run("rule", "rule", 0.5, risk=Risk(withdrawn_week_frac=0.125))
    pages = [
        build_page(found, references(), tmp_path / f"{i}.html", resamples=500).read_text("utf-8")
        for i, found in enumerate([[plain, risky], [plain]])
    ]
    assert "AI capacity withdrawn" in pages[0] and re.search(r"<td[^>]*>12\.5</td></tr>", pages[0])
    assert "AI capacity withdrawn" not in pages[1] and "tenant away" not in pages[0]
    table = leaderboard_table([plain, risky], references(), resamples=500)
    assert list(table.columns[-1].cells).count("12.5") == 1


def test_the_proof_of_a_years_claim_is_shown_where_one_is_made(tmp_path: Path) -> None:
    proof = Proof(claim_frac=1, hourly_frac=0.5, additional_frac=0.5, cfe_frac=0.625, greenwash_index=0.5)
    found = run("mpc", "mpc", 0.9)
    pages = [
        build_page([one, found], references(), tmp_path / f"{i}.html", resamples=500).read_text("utf-8")
        for i, one in enumerate([run("rule", "rule", 0.5, proofs={"year": proof}), run("rule", "rule", 0.5)])
    ]
    assert re.search(r"carbon-free by the hour, grid included, % of load</th>(<td>\S</td>)?<td>62\.5", pages[0])
    assert "Proof of the year" in pages[0] and "Proof of the year" not in pages[1]


def test_the_page_nests_and_holds_tables_and_plots(page: Path) -> None:
    structure = Structure()
    structure.feed(page.read_text("utf-8"))
    assert not structure.open
    assert structure.count["table"] == 3
    assert structure.count["svg"] > 40


def test_the_page_needs_no_network(page: Path) -> None:
    text = page.read_text("utf-8")
    structure = Structure()
    structure.feed(text)
    assert structure.links == []
    assert not re.search(r"https?:|//[a-z]|url\(|@import|import\s*\(|fetch\s*\(|XMLHttp", text)
    assert "default-src 'none'" in text
    assert page.stat().st_size < 1_000_000


def test_text_from_outside_cannot_become_markup(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script><img src=x>"
    week = WeekTrace.model_validate({**week_trace().model_dump(), "world": evil})
    made = provenance(command=evil, machine=evil, config={"note": evil}, git_commit=evil)
    outside = run("rule", "rule", 0.5, week_trace=week, provenance=made, work={evil: 1.0})
    path = build_page(
        [outside],
        references(),
        tmp_path / "p.html",
        facts={evil: evil},
        title=evil,
        summary=evil,
        command=evil,
        resamples=50,
    )
    structure = Structure()
    structure.feed(path.read_text("utf-8"))
    assert not structure.open
    assert structure.count["script"] == 2 and "img" not in structure.count


def test_policies_are_ranked_by_money_with_reference_lines_between() -> None:
    rows = standings(runs(), references(), resamples=500)
    assert [row.policy for row in rows] == ["bound", "R*", "mpc", "P24", "merit_order", "agent", "breakeven", "naive"]
    by_name = {row.policy: row for row in rows}
    assert by_name["agent"].seeds == 3 and by_name["agent"].training_steps == 1_200_000
    assert by_name["merit_order"].against_rule is None
    comparison = by_name["mpc"].against_rule
    assert comparison is not None and comparison.beats
    comparison = by_name["breakeven"].against_rule
    assert comparison is not None and comparison.loses


def test_a_run_with_a_lines_name_takes_its_place() -> None:
    rows = standings([*runs(), result("naive", 0, "reference", weekly=naive())], references(), resamples=50)
    assert [row.policy for row in rows].count("naive") == 1
    assert rows[-1].score.estimate == 0.0 and rows[-1].runs


def test_plots_show_the_seed_of_median_money() -> None:
    agent = next(row for row in standings(runs(), references(), resamples=50) if row.policy == "agent")
    money = sorted(float(one.weekly().sum()) for one in agent.runs)
    assert agent.shown_run is not None and float(agent.shown_run.weekly().sum()) == money[1]


def test_the_waterfall_adds_up_to_the_gain() -> None:
    for row in standings(runs(), references(), resamples=50):
        if row.runs:
            assert sum(move for _, move in ledger_moves(row, references())) == pytest.approx(row.gain_usd_per_week)


def test_small_moves_are_gathered_and_unchanged_accounts_left_out() -> None:
    base = accounts(float(naive().sum()))
    weekly = naive() + 1_000.0
    ledger = {**base, "mining": base["mining"] + 1_000.0 * weekly.size - 100.0, "battery_wear": 60.0, "new": 40.0}
    row = standings([result("rule", weekly=weekly, accounts_usd=ledger)], references(), resamples=50)
    shown = next(standing for standing in row if standing.runs)
    assert [name for name, _ in ledger_moves(shown, references())] == ["mining revenue", "6 small accounts"]


def test_means_over_runs_count_a_missing_account_as_zero() -> None:
    pair = [run("a", "rule", 0.5, mwh={"mining": 4.0, "gpu": 2.0}), run("a", "rule", 0.5, 1, mwh={"mining": 2.0})]
    assert mean_over_runs(pair, "mwh") == {"mining": 3.0, "gpu": 1.0}


def test_the_page_warns_of_what_a_reader_should_doubt(tmp_path: Path) -> None:
    odd = [
        run("too_good", "agent", 1.2, provenance=provenance(kernel_hash="8" * 16, git_commit="abc-dirty")),
        run("rule", "rule", 0.5, week_trace=broken_week()),
    ]
    text = build_page(odd, references(), tmp_path / "p.html", resamples=50).read_text("utf-8")
    for warning in (
        "above the bound",
        "2 different simulator",
        "2 different code",
        "-dirty",
        "One training seed",
        "Supply and use differ in",
    ):
        assert warning in text
    fine = build_page([run("rule", "rule", 0.5)], references(), tmp_path / "q.html", resamples=50).read_text("utf-8")
    assert '<div class="warnings"' not in fine


def broken_week() -> WeekTrace:
    week = week_trace()
    return WeekTrace.model_validate({**week.model_dump(), "mining_mw": tuple(mw + 1.0 for mw in week.mining_mw)})


def test_the_finding_claims_only_what_the_interval_allows(tmp_path: Path) -> None:
    sure = build_page(runs(), references(), tmp_path / "a.html", resamples=500).read_text("utf-8")
    assert "That beats the best rule, merit_order" in sure
    close = [run("merit_order", "rule", 0.85), run("mpc", "mpc", 0.851)]
    unsure = build_page(close, references(), tmp_path / "b.html", resamples=500).read_text("utf-8")
    assert "beats the best rule, merit_order" not in unsure


def test_a_page_without_runs_weeks_or_accounts_still_stands(tmp_path: Path) -> None:
    bare = run("rule", "rule", 0.5, week_trace=None, mwh={}, kg={}, work={})
    for index, results in enumerate(([], [bare])):
        stored = references(naive_accounts_usd={}, p24_usd=None, reachable_usd=None)
        text = build_page(results, stored, tmp_path / f"{index}.html", resamples=50).read_text("utf-8")
        assert "Leaderboard" in text and 'id="dispatch"' not in text and 'id="ledger"' not in text


def test_runs_on_other_traces_are_refused_and_no_page_is_left(tmp_path: Path) -> None:
    with pytest.raises(ScoreError, match="site hash"):
        build_page([run("a", "rule", 0.5, provenance=provenance(site_hash="0"))], references(), tmp_path / "p.html")
    assert list(tmp_path.iterdir()) == []


def test_a_step_path_draws_every_interval_once() -> None:
    assert step_path(np.array([5.0, 5.0, 7.0, 7.4, 1.0])) == "M0,5h2V7h2V1h1"


def test_the_stack_reaches_the_sum_of_uses_and_axes_hold_every_week() -> None:
    calm, hot = week_trace(1), week_trace(2)
    spike = WeekTrace.model_validate({**hot.model_dump(), "price_usd_per_mwh": (*hot.price_usd_per_mwh[:-1], 9_000.0)})
    axes = common_axes([calm, spike])
    assert axes.price.high >= 9_000 and axes.price.low < 0
    assert axes.use.high >= max(np.max(week.column("mining_mw") + week.column("reserved_mw")) for week in (calm, spike))
    assert dispatch_panels(calm, axes).count('class="area') == 8


def test_a_quiet_week_of_a_plain_site_can_be_drawn() -> None:
    zeros, ones = np.zeros(8), np.ones(8)
    columns = {name: zeros for name in WeekTrace.model_fields if name.endswith(("_mw", "_mwh", "_c"))}
    columns |= {"price_usd_per_mwh": zeros, "import_limit_mw": ones, "import_mw": ones, "mining_mw": ones}
    week = WeekTrace.from_arrays("w", 0, week_trace().start_utc, 3_600, columns)
    assert "nan" not in dispatch_panels(week, common_axes([week])).lower()


def test_the_terminal_table_names_every_policy_and_marks_the_claim() -> None:
    output = io.StringIO()
    Console(file=output, width=200).print(leaderboard_table(runs(), references(), resamples=500))
    text = output.getvalue()
    for word in (
        "hybrid_env/MadeUp-v0",
        "bound",
        "P24",
        "R*",
        "mpc",
        "agent x3",
        "breakeven",
        "naive",
        "10 min, 1.2 M",
        "104 weeks",
    ):
        assert word in text
    assert re.search(r"mpc +.*\] \*", text) and not re.search(r"breakeven +.*\] \*", text)


def test_numbers_read_well() -> None:
    assert number(-1234.5, 1) == "\N{MINUS SIGN}1,234.5"
    assert number(-0.04, 1, sign=True) == "0.0"
    assert [significant(value) for value in (0.0, 0.2, 14.23, 28_800.0, 1_234_567.0)] == [
        "0",
        "0.200",
        "14.2",
        "28,800",
        "1,234,567",
    ]
    assert [duration(seconds) for seconds in (0.0, 45.0, 620.0, 9_000.0)] == ["–", "45 s", "10 min", "2.5 h"]


def browse(page: Path, folder: Path, *extra: str) -> str:
    """What the browser made of the page."""
    assert CHROMIUM is not None
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder}", *extra, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: the page is checked as text only")
def test_a_browser_runs_the_page_without_errors(page: Path, tmp_path: Path) -> None:
    driver = tmp_path / "driven.html"
    act = """
      const select = document.querySelector('select[data-group="dispatch"]');
      select.value = 'breakeven'; select.dispatchEvent(new Event('change'));
      const figure = document.querySelector('.dispatch[data-policy="breakeven"]');
      const slider = figure.querySelector('input'); slider.value = 100; slider.dispatchEvent(new Event('input'));
      const shown = [...document.querySelectorAll('.dispatch')].filter((part) => part.offsetParent !== null);
      document.documentElement.dataset.shown = shown.map((part) => part.dataset.policy).join();
      document.documentElement.dataset.read = figure.querySelector('.readout').textContent;
      document.documentElement.dataset.wide = document.documentElement.scrollWidth > innerWidth;
    """
    driver.write_text(page.read_text("utf-8").replace("</body>", f"<script>{act}</script></body>"), "utf-8")
    opening = browse(driver, tmp_path / "profile", "--dump-dom", "--window-size=500,900").partition("<head>")[0]
    assert 'data-ready="yes"' in opening and "data-error" not in opening
    assert 'data-shown="breakeven"' in opening
    assert 'data-wide="false"' in opening
    read = re.search(r'data-read="([^"]*)"', opening)
    assert read and re.search(r"Tue,? 6 Aug,? 01:00 UTC", read[1])
    price = week_trace().price_usd_per_mwh[100]
    assert f"price{price:.2f} USD/MWh" in read[1]


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: the page is checked as text only")
def test_a_browser_can_paint_the_page(page: Path, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    browse(page, tmp_path / "profile", f"--screenshot={picture}", "--window-size=1280,4000", "--hide-scrollbars")
    assert picture.stat().st_size > 100_000
