"""The unmixed response to a category against its definition by elimination, loops and the jackknife, and its null."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import joint_p, spill, total_change, unmixed_response, unmixed_values, value_basis
from tests.benchmarks.null_simulations import category_world

PAIRS = ((0, 1, 0.5), (0, 2, 0.3), (1, 2, 0.2))


def exact_world(rng, n_rows=40):
    """A lamp and three colours: scores and sights at each value, where a blue wall takes the lamp in some rows.

    A picture shows exactly one colour, so that leaving one sight out loses nothing.
    """
    lamp, colour = rng.integers(0, 2, n_rows), rng.integers(0, 3, n_rows)
    hit = rng.random(n_rows) < 0.3
    content = rng.normal(size=n_rows)

    def seen(lamps, colours):
        kept = lamps & ~(hit & (colours == 2))
        score = 0.4 * kept + np.array([0.0, 0.1, 0.5])[colours] + 0.05 * content * (1 + colours)
        sight = np.column_stack([0.9 * kept + 0.05, *(0.8 * (colours == v) + 0.2 / 3 for v in range(3))])
        return score, sight

    of_lamp = [seen(np.full(n_rows, v), colour) for v in (0, 1)]
    of_colour = [seen(lamp, np.full(n_rows, v)) for v in range(3)]
    return of_lamp, of_colour


def arrays(of_lamp, of_colour):
    """What `unmixed_response` takes: changes of the score and of what is seen."""
    basis = value_basis(3)

    def told(sight):
        return np.column_stack([sight[:, :1], sight[:, 1:] @ basis])

    made = [(of_lamp[1][0] - of_lamp[0][0], told(of_lamp[1][1]) - told(of_lamp[0][1]))]
    for c in range(2):
        made.append(tuple(sum(basis[v, c] * part for v, part in enumerate(parts)) for parts in (
            [score for score, _ in of_colour], [told(sight) for _, sight in of_colour]
        )))  # fmt: skip
    return np.stack([score for score, _ in made], axis=1), np.stack([sight for _, sight in made], axis=1)


def by_reference(of_lamp, of_colour, rows):
    """The slow twin: red is the reference, and its sight is left out; responses of green and blue by solving."""
    lines, raw = [], []
    for first, second in ((of_lamp[0], of_lamp[1]), (of_colour[0], of_colour[1]), (of_colour[0], of_colour[2])):
        lines.append([sum(second[1][i, k] - first[1][i, k] for i in rows) / len(rows) for k in (0, 2, 3)])
        raw.append(sum(second[0][i] - first[0][i] for i in rows) / len(rows))
    return np.linalg.solve(lines, raw)


def found_in(of_lamp, of_colour):
    changes, seen = arrays(of_lamp, of_colour)
    unmixed = unmixed_response(changes, seen)
    assert unmixed.estimates is not None
    own = np.array([one.value for one in unmixed.estimates])
    return own, unmixed_values(own[1:], unmixed.influence[:, 1:], PAIRS)


def test_the_basis_is_orthonormal_and_adds_up_to_nought():
    for n_values in (2, 3, 5):
        basis = value_basis(n_values)
        assert basis.T @ basis == pytest.approx(np.eye(n_values - 1)) and basis.sum(axis=0) == pytest.approx(0)
    with pytest.raises(ValueError, match="two"):
        value_basis(1)


def test_pairs_are_those_of_a_reference_and_their_errors_the_jackknifes():
    world = exact_world(np.random.default_rng(1))
    own, values = found_in(*world)
    everyone = list(range(40))
    slow = by_reference(*world, everyone)
    assert own[0] == pytest.approx(slow[0], abs=1e-12)
    exchanged = np.array([slow[1], slow[2], slow[2] - slow[1]])
    assert [pair.mean.value for pair in values.pairs] == pytest.approx(exchanged.tolist(), abs=1e-12)
    weights = np.array([weight for _, _, weight in PAIRS])
    assert values.mean.value == pytest.approx(float(weights @ exchanged), abs=1e-12)
    left_out = np.array([by_reference(*world, [i for i in everyone if i != out])[1:] for out in everyone])
    spread = np.sqrt(39 / 40 * np.sum((left_out - left_out.mean(axis=0)) ** 2, axis=0))
    assert [pair.mean.standard_error for pair in values.pairs[:2]] == pytest.approx(spread.tolist(), rel=0.05)


def test_the_joint_p_is_hotellings_and_that_of_one_value_students():
    from scipy.stats import f as f_distribution
    from scipy.stats import ttest_1samp

    rng = np.random.default_rng(2)
    rows = rng.normal(0.2, 1, (30, 3))
    mean = rows.mean(axis=0)
    spread = sum(np.outer(row - mean, row - mean) for row in rows) / 29
    squared = 30 * mean @ np.linalg.inv(spread) @ mean
    assert joint_p(mean, rows - mean) == pytest.approx(f_distribution.sf(squared * 27 / (29 * 3), 3, 27))
    one = rows[:, :1]
    assert joint_p(mean[:1], one - mean[:1]) == pytest.approx(ttest_1samp(one[:, 0], 0).pvalue)


def test_what_cannot_be_told_is_not_called_different():
    assert joint_p(np.zeros(2), np.zeros((10, 2))) == 1.0
    assert joint_p(np.ones(2), np.ones((2, 2))) == 1.0, "as many units as values"
    assert joint_p(np.array([0.3, 0.0]), np.zeros((10, 2))) == 0.0, "all rows move alike"


def test_rows_of_one_source_count_once():
    rng = np.random.default_rng(3)
    rows = np.repeat(rng.normal(0.5, 1, (8, 2)), 5, axis=0)
    mean, sources = rows.mean(axis=0), np.repeat(np.arange(8), 5)
    assert joint_p(mean, rows - mean, sources) == pytest.approx(joint_p(mean, rows[::5] - mean))


def test_a_category_that_vanishes_is_told_by_its_total():
    seen = np.zeros((4, 2, 3))
    seen[:, :, 1] = 1.0
    seen[:3, 1, 1] = 0.0
    assert total_change(seen) == pytest.approx(0.75)
    seen[:3, 1, 2] = 1.0
    assert total_change(seen) == pytest.approx(0.0), "one colour in the place of another"


def test_spill_of_a_category_is_its_largest_ratio():
    drops = np.array([[0.4, 0.02, 0.08], [0.03, 0.2, 0.1]])
    found = spill(drops, np.array([0.3, -0.1]), np.array([0, 1, 1]))
    assert found == pytest.approx([0.1 * max(0.02 / 0.2, 0.08 / 0.1), 0.3 * 0.03 / 0.4])
    drops[1, 2] = 0.0
    assert spill(drops, np.array([0.3, -0.1]), np.array([0, 1, 1])).tolist() == [np.inf, pytest.approx(0.0225)]


@pytest.mark.parametrize(("blind_to", "place"), [("lamp", slice(0, 1)), ("colour", slice(1, 3))])
def test_a_blind_model_is_rejected_in_one_of_twenty_audits(blind_to, place):
    rng, rejected, raw = np.random.default_rng(4), 0, 0
    for _ in range(400):
        changes, seen = category_world(rng, 0.2, blind_to)
        unmixed = unmixed_response(changes, seen)
        assert unmixed.estimates is not None
        values = np.array([one.value for one in unmixed.estimates])
        rejected += joint_p(values[place], unmixed.influence[:, place]) <= 0.05
        mean = changes.mean(axis=0)
        raw += joint_p(mean[place], (changes - mean)[:, place]) <= 0.05
    assert 9 <= rejected <= 34, "the binomial 99.9 % band"
    assert raw > 250
