"""The bootstrap and its helpers, by hand where a hand can, on synthetic years elsewhere."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from hybrid_env.scoring.score import ScoreError, score
from hybrid_env.scoring.statistics import (
    cell_weights,
    interquartile_mean,
    interquartile_mean_interval,
    kendall_tau,
    paired_difference,
    score_interval,
    season_of_blocks,
    seed_weights,
)

SEASON = np.repeat([1.0, 0.6, 2.5, 0.8], 13)


def synthetic(rng: np.random.Generator, seeds: int, worlds: int, skill: float) -> tuple[np.ndarray, np.ndarray]:
    """Gains [S, W, 52] whose expected score is `skill`, and room [W, 52] that lies in a few weeks."""
    room = SEASON * np.exp(0.2 * rng.normal(size=(worlds, 1))) * rng.gamma(0.6, 1.0, size=(worlds, 52))
    weather = 0.1 * np.repeat(rng.normal(size=(1, worlds, 13)), 4, axis=-1)
    training = 0.04 * rng.normal(size=(seeds, 1, 1)) * (seeds > 1)
    return room * (skill + weather + training), room


def test_the_estimate_is_the_score() -> None:
    gain, room = synthetic(np.random.default_rng(0), 3, 2, 0.8)
    naive = np.random.default_rng(1).normal(size=room.shape)
    interval = score_interval(gain + naive, naive, room + naive, resamples=100)
    assert interval.estimate == pytest.approx(score(gain + naive, naive, (room + naive).sum(axis=1)))
    assert interval.low < interval.estimate < interval.high


def test_the_same_seed_gives_the_same_interval() -> None:
    gain, room = synthetic(np.random.default_rng(0), 3, 2, 0.8)
    same = [score_interval(gain, 0 * room, room, resamples=200, seed=5) for _ in range(2)]
    assert same[0] == same[1] != score_interval(gain, 0 * room, room, resamples=200, seed=6)


def test_a_constant_share_has_no_uncertainty_because_the_ratio_is_recomputed() -> None:
    _, room = synthetic(np.random.default_rng(0), 1, 3, 0.8)
    interval = score_interval(0.7 * room, 0 * room, room, resamples=200)
    assert (interval.low, interval.high) == pytest.approx((0.7, 0.7))


@pytest.mark.parametrize(("seeds", "worlds"), [(1, 1), (1, 3), (5, 3)])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(seeds: int, worlds: int) -> None:
    rng, held, cases = np.random.default_rng(7), 0, 150
    for case in range(cases):
        gain, room = synthetic(rng, seeds, worlds, 0.8)
        interval = score_interval(gain, 0 * room, room, resamples=300, seed=case)
        held += interval.low <= 0.8 <= interval.high
    assert 0.84 <= held / cases <= 1.0


def test_a_sure_gain_beats_and_noise_does_not() -> None:
    gain, room = synthetic(np.random.default_rng(2), 1, 3, 0.8)
    naive = 0 * room
    better = paired_difference(gain + 0.02 * room, gain, naive, room, resamples=500)
    assert better.beats and not better.loses and better.claim == "beats"
    assert better.difference.estimate == pytest.approx(0.02)
    assert paired_difference(gain, gain + 0.02 * room, naive, room, resamples=500).claim == "loses to"
    noise = np.random.default_rng(3).normal(0, 0.3, size=room.shape) * room
    assert (
        paired_difference(gain + noise - noise.sum() / room.sum() * room, gain, naive, room).claim
        == "not told apart from"
    )


def test_pairing_sees_what_two_separate_intervals_do_not() -> None:
    gain, room = synthetic(np.random.default_rng(4), 1, 3, 0.8)
    a, b = gain + 0.01 * room, gain
    separate = [score_interval(policy, 0 * room, room, resamples=500) for policy in (a, b)]
    assert separate[0].low < separate[1].high
    assert paired_difference(a, b, 0 * room, room, resamples=500).beats


def test_equal_policies_do_not_beat_each_other() -> None:
    gain, room = synthetic(np.random.default_rng(4), 1, 2, 0.8)
    comparison = paired_difference(gain, gain, 0 * room, room, resamples=100)
    assert comparison.difference.low == comparison.difference.high == 0.0
    assert not comparison.beats and not comparison.loses


def test_a_false_claim_is_rare() -> None:
    rng, claims, cases = np.random.default_rng(11), 0, 150
    for case in range(cases):
        rule, room = synthetic(rng, 1, 3, 0.8)
        style = 0.05 * np.repeat(rng.normal(size=(1, 3, 13)), 4, axis=-1)
        agent = rule + room * (style + 0.02 * rng.normal(size=(3, 1, 1)))
        comparison = paired_difference(agent, rule, 0 * room, room, resamples=300, seed=case)
        claims += comparison.beats or comparison.loses
    assert claims / cases <= 0.12


def test_an_agent_is_compared_with_a_deterministic_rule() -> None:
    gain, room = synthetic(np.random.default_rng(5), 5, 2, 0.9)
    comparison = paired_difference(gain, 0.5 * room, 0 * room, room, resamples=300)
    assert comparison.beats and comparison.seeds == (5, 1)


def test_more_spread_between_seeds_widens_the_interval() -> None:
    _, room = synthetic(np.random.default_rng(6), 1, 2, 0.8)
    spread = np.array([-1.0, 0.0, 1.0])[:, None, None]
    narrow, wide = (score_interval((0.8 + scale * spread) * room, 0 * room, room) for scale in (0.01, 0.1))
    assert wide.high - wide.low > 5 * (narrow.high - narrow.low)


def test_a_single_block_has_an_estimate_and_no_interval() -> None:
    interval = score_interval(np.full((1, 4), 0.5), np.zeros((1, 4)), np.ones((1, 4)), resamples=50)
    assert interval.estimate == 0.5 and not interval.known
    comparison = paired_difference(
        np.full((1, 4), 0.9), np.full((1, 4), 0.5), np.zeros((1, 4)), np.ones((1, 4)), resamples=50
    )
    assert comparison.claim == "not told apart from"


def test_a_year_has_thirteen_blocks_in_four_seasons() -> None:
    assert season_of_blocks(52).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3]
    assert season_of_blocks(10).tolist() == [0, 0, 0]
    assert season_of_blocks(104).tolist() == season_of_blocks(52).tolist() * 2


@pytest.mark.parametrize("worlds", [1, 3])
def test_every_resample_holds_each_season_in_full(worlds: int) -> None:
    weights = cell_weights(np.random.default_rng(0), 500, worlds, 52)
    assert weights.shape == (500, worlds, 13)
    for season, size in enumerate((3, 3, 4, 3)):
        assert weights[:, :, season_of_blocks(52) == season].sum(axis=(1, 2)) == pytest.approx(
            np.full(500, worlds * size)
        )


def test_seed_weights_give_the_unbiased_variance_of_a_mean() -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0])
    means = seed_weights(np.random.default_rng(0), 100_000, 4) @ values
    assert means.mean() == pytest.approx(values.mean(), rel=0.01)
    assert means.var() == pytest.approx(values.var(ddof=1) / 4, rel=0.02)
    assert seed_weights(np.random.default_rng(0), 3, 1).tolist() == [[1.0]] * 3


def test_a_bound_split_that_leaves_nothing_to_win_is_an_error() -> None:
    room = np.full((1, 52), -1.0)
    room[0, :4] = 60.0
    with pytest.raises(ScoreError, match="nothing to win"):
        score_interval(0.5 * room, 0 * room, room)
    with pytest.raises(ScoreError, match="nothing to win"):
        score_interval(0 * room, 0 * room, 0 * room)
    with pytest.raises(ScoreError, match="bound_weekly_usd has shape"):
        score_interval(0 * room, 0 * room, np.zeros(1))


def test_interquartile_mean_by_hand() -> None:
    assert interquartile_mean([1.0, 2.0, 3.0, 100.0]) == pytest.approx(2.5)
    assert interquartile_mean([[100.0, 2.0], [3.0, 1.0]]) == pytest.approx(2.5)
    assert interquartile_mean([0.0, 1.0, 50.0]) == pytest.approx((0.25 * 0 + 1 + 0.25 * 50) / 1.5)
    assert interquartile_mean([5.0]) == 5.0


def test_interquartile_mean_interval_resamples_within_tasks() -> None:
    interval = interquartile_mean_interval([[0.8, 0.9, 0.85], [0.4, 0.5]], resamples=300)
    assert interval.low < interval.estimate < interval.high
    assert not interquartile_mean_interval([[0.8], [0.4]], resamples=10).known


def test_kendall_tau_by_hand_and_against_scipy() -> None:
    assert kendall_tau([1, 2, 3], [4, 5, 6]) == 1.0
    assert kendall_tau([1, 2, 3], [3, 2, 1]) == -1.0
    assert np.isnan(kendall_tau([1, 1], [1, 2]))
    scipy_stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 6, 30), rng.integers(0, 6, 30)
    assert kendall_tau(a, b) == pytest.approx(scipy_stats.kendalltau(a, b).statistic)
    with pytest.raises(ScoreError, match="two lists of one length"):
        kendall_tau([1, 2], [1])


def test_scoring_needs_no_scipy() -> None:
    without = "import sys; sys.modules['scipy'] = None"
    code = f"{without}; import hybrid_env.scoring.statistics as s; s.kendall_tau([1, 2], [1, 2])"
    subprocess.run([sys.executable, "-c", code], check=True)
