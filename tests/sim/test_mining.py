"""ASIC fleets: merit order, waking, hashing, wear."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_env.sim import mining
from hybrid_env.sim.state import LANE
from hybrid_env.sites.parameters import parameter_record
from tests.strategies import number
from tests.workbench import OFF, Workbench, calm_trace, column, site_with

PH = 40e6 / 17.5 / 1e3
"""PH/s of the bench's 40 MW of S21 at nameplate."""
HOUR_USD = 52.3870 / 24 * 0.99
"""What a PH/s earns in an hour, less the pool fee."""


def bench(interval_s: int = 900, columns: dict[str, Any] | None = None, **changes: Any) -> Workbench:
    changes = {f"mining.{name}": value for name, value in ({"max_hash_frac": 1.0} | changes).items()}
    return Workbench(site_with(changes | {"interval_s": interval_s}), calm_trace(interval_s, **(columns or {})))


def asleep(b: Workbench) -> Workbench:
    b.lane["fleet_awake"] = 0
    return b


def test_a_fleet_at_nameplate_draws_and_earns_its_nameplate() -> None:
    page = bench().play()
    assert page.mwh("mining") == pytest.approx(40 / 4)
    assert page.usd("mining") == pytest.approx(PH * HOUR_USD / 4, rel=1e-4)
    assert page.work("btc") == pytest.approx(page.usd("mining") / 100_000)


def test_overclocking_hashes_more_at_more_power_each() -> None:
    page = bench(max_hash_frac=1.2).play()
    assert page.usd("mining") == pytest.approx(1.2 * PH * HOUR_USD / 4, rel=1e-4)
    assert page.mwh("mining") / 10 == pytest.approx(0.97 * 1.2 * (1 + 0.25 * 0.2) ** 2 + 0.03)


def test_unavailable_machines_draw_and_earn_nothing() -> None:
    whole, half = bench().play(), bench(availability_frac=0.5).play()
    assert half.usd("mining") == pytest.approx(whole.usd("mining") / 2)
    assert half.mwh("mining") == pytest.approx(whole.mwh("mining") / 2)


def test_sleeping_machines_draw_one_percent() -> None:
    page = bench().play(OFF)
    assert page.mwh("mining") == pytest.approx(0.4 / 4)
    assert page.usd("mining") == 0


def test_half_the_share_is_half_the_power_above_sleep() -> None:
    page = bench().play(mining=0.0)
    assert page.mwh("mining") * 4 == pytest.approx(0.4 + 39.6 / 2)


def test_a_share_of_little_room_is_a_share_of_the_room() -> None:
    b = Workbench(site_with({"meter.import_limit_mw": 30.0}))
    full = b.play()
    assert full.mwh("import") * 4 == pytest.approx(30)
    half = b.play(mining=0.0)
    assert half.mwh("mining") * 4 - 0.4 == pytest.approx((full.mwh("mining") * 4 - 0.4) / 2, rel=1e-9)


def test_part_load_is_more_efficient_than_nameplate() -> None:
    full, part = bench().play(), bench().play(mining=0.2)
    assert part.usd("mining") / part.mwh("mining") > full.usd("mining") / full.mwh("mining")


def test_below_the_floor_machines_sleep_and_the_rest_stay_at_the_floor() -> None:
    b = bench()
    b.play(mining=-0.9)
    share = b.lane["fleet_awake"][0]
    assert 0 < share < 1
    assert b.lane["fleet_mw"][0] == pytest.approx(share * b.p["fleet_floor_mw"][0])


def test_no_machine_hashes_where_mining_is_forbidden() -> None:
    b = bench(columns={"mining_allowed": column({4: 0}, 1)})
    assert b.play().usd("mining") == 0
    assert b.play().usd("mining") > 0


def test_booting_machines_draw_and_earn_nothing() -> None:
    b = asleep(bench(boot_s=360))
    first, second = b.play(), b.play()
    assert first.mwh("mining") == second.mwh("mining")
    assert first.usd("mining") == pytest.approx(second.usd("mining") * (1 - 360 / 900))


def test_a_boot_that_outlasts_an_interval_goes_on_in_the_next() -> None:
    b = asleep(bench(300, boot_s=700))
    earned = [b.play().usd("mining") for _ in range(4)]
    assert earned == pytest.approx([0, 0, earned[3] * 2 / 3, earned[3]])


def test_machines_put_to_sleep_while_booting_start_again() -> None:
    b = asleep(bench(300, boot_s=700))
    b.play()
    b.play(mining=-1.0)
    assert b.lane["fleet_boot_left_s"][0] == 0
    assert [b.play().usd("mining") for _ in range(2)] == [0, 0]


def test_staggering_limits_how_much_is_woken_in_an_interval() -> None:
    b = asleep(bench(stagger_share_per_h=2.4))
    shares = []
    for _ in range(2):
        b.play()
        shares.append(b.lane["fleet_awake"][0])
    assert shares == pytest.approx([0.6, 1.0])


def test_what_staggering_holds_back_is_reported_as_clipped() -> None:
    b = asleep(bench(stagger_share_per_h=2.4))
    page = b.play()
    assert float(page.page["clipped_mw"]) == pytest.approx(39.6 * 0.4)


def test_a_start_wears_20_usd_per_megawatt_once() -> None:
    b = asleep(bench())
    assert [b.play().usd("mining_wear") for _ in range(2)] == pytest.approx([-20 * 40, 0])
    assert b.play(mining=-1.0).usd("mining_wear") == 0


def test_a_hot_hall_slows_machines_by_3_percent_per_kelvin_above_40() -> None:
    cool, hot = bench(), bench()
    hot.lane["mining_hall_c"] = 45
    assert hot.play().usd("mining") == pytest.approx(cool.play().usd("mining") * (1 - 0.03 * 5))


def test_the_least_efficient_fleet_goes_off_first() -> None:
    fleets = [{"model": "S19j Pro", "nameplate_mw": 20}, {"model": "S21", "nameplate_mw": 20}]
    b = bench(fleets=fleets)
    b.play(mining=-0.3)
    old, new = b.lane["fleet_awake"][:2]
    assert old < new == 1.0


TWO = [{"model": "S19j Pro", "nameplate_mw": 20}, {"model": "S21", "nameplate_mw": 20}]


def test_fleets_with_an_action_each_follow_their_own() -> None:
    b = bench(fleets=TWO, control="per_fleet")
    b.play(mining=-1.0, mining_1=1.0)
    assert b.lane["fleet_mw"][:2] == pytest.approx([0, b.p["fleet_max_mw"][1]])
    b.play(mining=0.0, mining_1=-1.0)
    assert b.lane["fleet_mw"][:2] == pytest.approx([b.p["fleet_max_mw"][0] / 2, 0])


def test_what_little_is_left_goes_to_the_most_efficient_fleet_first() -> None:
    b = Workbench(site_with({"mining.fleets": TWO, "mining.control": "per_fleet", "meter.import_limit_mw": 25.0}))
    page = b.play()
    old, new = b.lane["fleet_mw"][:2]
    assert page.mwh("import") * 4 == pytest.approx(25)
    assert new > old and new == pytest.approx(min(b.p["fleet_max_mw"][1], old + new))
    b.play(mining_1=-1.0)
    assert b.lane["fleet_mw"][:2] == pytest.approx([min(b.p["fleet_max_mw"][0], old + new), 0], rel=1e-3)


def test_fleets_that_share_an_action_hear_no_other() -> None:
    heard, other = bench(fleets=TWO), bench(fleets=TWO)
    heard.play(mining=0.3)
    other.play(mining=0.3, mining_1=-1.0)
    assert heard.lane.tobytes() == other.lane.tobytes()


@st.composite
def dispatches(draw: st.DrawFn) -> tuple[np.void, float]:
    models = ["S21 XP", "S21", "S19j Pro"]
    fleets = [{"model": m, "nameplate_mw": draw(number(1, 60))} for m in draw(st.permutations(models))]
    site = site_with(
        {
            "mining.fleets": fleets[: draw(st.integers(1, 3))],
            "mining.floor_hash_frac": draw(number(0.3, 0.7)),
            "mining.max_hash_frac": draw(number(1.0, 1.3)),
        }
    )
    p = parameter_record(site)[0]
    return p, draw(number(0, 1)) * float(p["mining_max_mw"])


def hash_ph(p: np.void, fleet_mw: np.ndarray) -> np.ndarray:
    """Hash of power splits `[splits, fleets]` on the hull."""
    n = int(p["n_fleets"])
    awake = np.minimum(1, fleet_mw / p["fleet_floor_mw"][:n])
    lines = p["hash_slope"][:n] * fleet_mw[..., None] + p["hash_offset"][:n] * awake[..., None]
    return lines.min(axis=-1).sum(axis=-1)


@given(case=dispatches())
def test_no_split_of_the_same_power_hashes_more(case: tuple[np.void, float]) -> None:
    p, target = case
    n = int(p["n_fleets"])
    lane = np.zeros(1, LANE)[0]
    lane["fleet_healthy"] = 1
    mining.dispatch(lane, p, target)
    assert lane["fleet_mw"].sum() == pytest.approx(target, abs=1e-9)
    splits = np.random.default_rng(0).dirichlet(np.full(n, 0.7), 2_000) * target
    possible = splits[(splits <= p["fleet_max_mw"][:n] + 1e-9).all(axis=1)]
    best = hash_ph(p, possible).max(initial=0.0)
    assert hash_ph(p, lane["fleet_mw"][:n]) >= best * (1 - 1e-9) - 1e-9


def waking(boot_s: float, shares: tuple[float, ...]) -> tuple[Workbench, list[float]]:
    """A fleet asleep that is asked for these shares of its floor; income of each interval."""
    b = Workbench(site_with({"gpu": None, "battery": None, "mining.boot_s": boot_s}))
    b.lane["fleet_awake"] = 0
    floor = float(b.p["fleet_floor_mw"][0] / b.p["mining_max_mw"])
    return b, [b.play(mining=2 * share * floor - 1).usd("mining") for share in shares]


def test_half_a_fleet_that_boots_loses_its_own_time_and_no_more() -> None:
    _, at_once = waking(0, (0.5,))
    _, booting = waking(360, (0.5,))
    assert booting[0] == pytest.approx(at_once[0] * (1 - 360 / 900), rel=1e-5)


def test_a_boot_of_40_minutes_ends_in_the_third_quarter_of_an_hour() -> None:
    _, full = waking(0, (1.0,))
    _, usd = waking(2_400, (1.0,) * 4)
    assert usd == pytest.approx([0, 0, full[0] / 3, full[0]], rel=1e-5, abs=1e-6)


def test_two_cohorts_are_carried_as_one_with_their_mean_time_left() -> None:
    """Half has 2,400 - 1,800 s to go, the other half 2,400 - 900."""
    b, _ = waking(2_400, (0.5, 1.0))
    assert b.lane["fleet_boot_share"][0] == pytest.approx(1, rel=1e-5)
    assert b.lane["fleet_boot_left_s"][0] == pytest.approx((600 + 1_500) / 2, rel=1e-5)


def test_machines_that_sleep_when_the_books_close_must_be_started_again() -> None:
    b = Workbench(site_with({"gpu": None, "battery": None}), horizon=1)
    assert b.play(OFF).usd("terminal") == pytest.approx(-20 * 40)


@pytest.mark.parametrize(("allowed", "luck", "awake"), [(1, 0.79, 1), (1, 0.81, 0), (0, 0.5, 0)])
def test_machines_begin_awake_with_four_chances_in_five_where_mining_is_allowed(
    allowed: float, luck: float, awake: float
) -> None:
    b = Workbench(trace=calm_trace(mining_allowed=allowed))
    b.batch.begin(np.zeros(1, np.int64), np.array([[0, 4, 8]]), np.full((1, 8), luck))
    assert b.lane["fleet_awake"].tolist() == [awake, 0, 0, 0]


def test_each_fleets_own_boot_is_seen() -> None:
    fleets = [{"model": "S21", "nameplate_mw": 20}, {"model": "S19j Pro", "nameplate_mw": 20}]
    b = Workbench(site_with({"mining.fleets": fleets, "mining.boot_s": 1_800, "gpu": None, "battery": None}))
    b.lane["fleet_awake"] = [1, 0, 0, 0]
    b.play()
    assert (b.observed("fleet_0_boot_s"), b.observed("fleet_1_boot_s")) == (0, pytest.approx(0.5))
