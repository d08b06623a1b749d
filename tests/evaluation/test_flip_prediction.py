"""Predicting flips: against loops from the definition, against what is known of noise, and where it is not defined."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

from auditor.evaluation import flip_table
from auditor.evaluation.flip_prediction import best_threshold, flipped, halves, predict_held_out
from auditor.statistics import metric_value, wilson

POINTS = np.linspace(0.0, 1.0, 11)


def slow_threshold(scores, flips):
    """Every candidate tried, from the highest down."""
    levels = sorted(set(scores.tolist()))
    candidates = [-math.inf, *((a + b) / 2 for a, b in itertools.pairwise(levels)), math.inf]
    best, most = None, -1
    for candidate in reversed(candidates):
        right = sum((score > candidate) == flip for score, flip in zip(scores, flips, strict=True))
        if right > most:
            best, most = candidate, right
    return best, most / len(scores)


def slow_held_out(scores, flips, second):
    """Right predictions, image by image, each from a threshold of the other half."""
    right = []
    for i in range(len(scores)):
        others = [j for j in range(len(scores)) if second[j] != second[i]]
        threshold, _ = slow_threshold(scores[others], flips[others])
        right.append((scores[i] > threshold) == flips[i])
    return np.array(right)


def slow_score(curve):
    """E|grad| per step, point by point."""
    slopes = [curve[1] - curve[0], curve[-1] - curve[-2]]
    slopes += [(curve[i + 1] - curve[i - 1]) / 2 for i in range(1, len(curve) - 1)]
    return sum(abs(slope) for slope in slopes) / len(curve)


def some_curves(n=60, seed=0):
    """Curves of which some cross one half, and their decisions."""
    rng = np.random.default_rng(seed)
    start, height = rng.uniform(0.2, 0.45, n), rng.uniform(0.0, 0.5, n)
    curves = (
        start[:, None] + height[:, None] / (1 + np.exp(-8 * (POINTS - 0.5))) + rng.normal(0, 0.02, (n, len(POINTS)))
    )
    return curves, (curves > 0.5).astype(int)


@pytest.mark.parametrize("seed", range(6))
def test_the_threshold_is_the_best_of_all_candidates(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 8, 30) / 4 if seed % 2 else rng.normal(size=30)
    flips = rng.random(30) < 1 / (1 + np.exp(-2 * scores))
    threshold, most = slow_threshold(scores, flips)
    assert best_threshold(scores, flips) == threshold
    assert np.mean((scores > threshold) == flips) == most >= max(flips.mean(), 1 - flips.mean())


def test_a_threshold_between_neighbouring_numbers_parts_them():
    low = 1.0
    high = np.nextafter(low, 2.0)
    assert low <= best_threshold(np.array([low, high]), np.array([False, True])) < high


def test_the_table_is_what_loops_say():
    curves, decisions = some_curves()
    clusters = np.repeat(np.arange(30), 2)
    maps = np.random.default_rng(1).random(60)
    table = flip_table(curves, decisions, {"maps": maps}, clusters=clusters, seed=3)
    second = halves(60, clusters, 3)
    for apart in (False, True):
        seen = curves[:, ::2] if apart else curves
        aim = decisions[:, 1::2] if apart else decisions
        flips = aim[:, 0] != aim[:, -1]
        scores = {
            "E|grad|": np.array([slow_score(curve) for curve in seen]),
            "|p_end - p_start|": np.abs(seen[:, -1] - seen[:, 0]),
            "maps": maps,
        }
        for name, given in scores.items():
            row = table.row(name)
            right = slow_held_out(given, flips, second)
            reading = row.even_to_odd if apart else row.held_out
            assert reading.accuracy.value == pytest.approx(right.mean())
            assert (reading.accuracy.n, reading.accuracy.units) == (60, 30)
            by_half = [right[second].mean(), right[~second].mean()]
            assert [each.value for each in reading.halves] == pytest.approx(by_half)
            assert {
                slow_threshold(given[~second], flips[~second])[0],
                slow_threshold(given[second], flips[second])[0],
            } == set(reading.thresholds)
            expected = wilson(right.mean() * 30, 30, 0.95)
            assert (reading.accuracy.interval.low, reading.accuracy.interval.high) == pytest.approx(
                (expected.low, expected.high)
            )
            auroc = row.auroc_even_to_odd if apart else row.auroc
            assert auroc.value == pytest.approx(metric_value("auroc", flips.astype(float), given[:, None]))
            assert 0.0 <= auroc.interval.low <= auroc.value <= auroc.interval.high <= 1.0
            if not apart:
                assert row.published.accuracy.value == pytest.approx(slow_threshold(given, flips)[1])
                assert row.published.resampled_sd > 0.0
            change = table.row("|p_end - p_start|")
            base = (change.even_to_odd if apart else change.held_out).accuracy.value
            if name != "|p_end - p_start|":
                assert reading.above_change.value == pytest.approx(reading.accuracy.value - base)
    majority = table.row("majority")
    share = table.flips.count / 60
    assert majority.published.accuracy.value == pytest.approx(max(share, 1 - share)) and majority.auroc is None
    assert json.loads(json.dumps(table.as_json(), allow_nan=False))["rows"][0]["held_out"]["thresholds"] == [None, None]


def test_noise_looks_better_than_the_majority_as_published_and_not_when_held_out():
    rng = np.random.default_rng(5)
    published, held_out = [], []
    for seed in range(120):
        decisions = np.zeros((60, 11), dtype=int)
        decisions[:, 9:] = (rng.random(60) < 0.5)[:, None]
        curves = rng.random((60, 11))
        row = flip_table(curves, decisions, {"noise": rng.random(60)}, seed=seed).row("noise")
        published.append(row.published.accuracy.value)
        held_out.append(row.held_out.accuracy.value)
    assert np.mean(published) > 0.56, "choosing and reporting on the same images flatters noise"
    assert abs(np.mean(held_out) - 0.5) < 3.5 * np.std(held_out) / math.sqrt(120) + 0.01


def test_halves_part_no_cluster_and_follow_the_seed():
    clusters = np.array(["b", "a", "b", "c", "a", "d", "e"])
    second = halves(7, clusters, 0)
    assert all(len(set(second[clusters == name])) == 1 for name in set(clusters))
    assert sum({name: second[clusters == name][0] for name in set(clusters)}.values()) == 2
    assert any(not np.array_equal(halves(40, None, 0), halves(40, None, seed)) for seed in (1, 2))
    assert halves(40, None, 1).sum() == 20
    assert np.array_equal(halves(40, None, 1), halves(40, None, 1))


def test_a_half_without_flips_predicts_none():
    scores, flips = np.arange(6.0), np.array([False, False, False, False, True, True])
    found = predict_held_out(scores, flips, np.array([False, False, False, True, True, True]))
    assert found.thresholds == (math.inf, 3.5) and found.correct.tolist() == [True, True, True, True, False, False]


@pytest.mark.parametrize(("answer", "words"), [(0, "none of 8 predictions flips"), (1, "all of 8 predictions flip")])
def test_without_both_answers_nothing_is_defined(answer, words):
    decisions = np.zeros((8, 7), dtype=int)
    decisions[:, 5:] = answer
    table = flip_table(np.random.default_rng(0).random((8, 7)), decisions, {"maps": np.arange(8.0)})
    assert table.flips.reason == table.odd_flips.reason == f"not defined: {words}"
    assert all((row.published, row.held_out, row.even_to_odd, row.auroc) == (None,) * 4 for row in table.rows)
    assert [row.method for row in table.rows] == ["majority", "E|grad|", "|p_end - p_start|", "maps"]


def test_a_short_sweep_has_no_even_points_of_its_own():
    curves, decisions = some_curves()
    table = flip_table(curves[:, [0, 4, 6, 10]], decisions[:, [0, 4, 6, 10]], {})
    assert table.odd_flips.reason == "not defined: a sweep of 4 points has no three even and two odd ones"
    assert all(row.even_to_odd is None and row.published is not None for row in table.rows)


def test_what_counts_as_a_flip():
    decisions = np.array([[0, 1, 0], [0, 0, 1], [2, 2, 2]])
    assert flipped(decisions, "ends").tolist() == [False, True, False]
    assert flipped(decisions, "anywhere").tolist() == [True, True, False]


def test_bad_input_is_refused():
    curves, decisions = some_curves(8)
    with pytest.raises(ValueError, match="decisions have the shape"):
        flip_table(curves, decisions[:, :3], {})
    with pytest.raises(ValueError, match="the scores of lime have the shape"):
        flip_table(curves, decisions, {"lime": np.zeros(3)})
    with pytest.raises(ValueError, match="the scores of lime must be finite"):
        flip_table(curves, decisions, {"lime": np.full(8, np.nan)})
    with pytest.raises(ValueError, match="at least two independent images, and there is 1"):
        flip_table(curves, decisions, {}, clusters=np.zeros(8))
