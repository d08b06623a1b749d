"""The analysis from arrays: every number from its definition, and what it does without some rows."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from auditor.checks import EffectiveGeneration, Guarded, Significance
from auditor.errors import ExecutionError
from auditor.models import ModelIdentity
from auditor.statistics import exact_importance
from tests.world import NAMES, World, drive, identity, reliance


def slow_auroc(labels, scores) -> float:
    positives, negatives = [s for y, s in zip(labels, scores, strict=True) if y], []
    negatives = [s for y, s in zip(labels, scores, strict=True) if not y]
    wins = [(a > b) + 0.5 * (a == b) for a in positives for b in negatives]
    return sum(wins) / len(wins)


def test_numbers_are_those_of_the_definition():
    """Importance over every deal of values, the response by double loops, flips by counting."""
    world = World(rows=7, draws=1, effects=(1.0, 0.3, 0.0), jitter=0.2, seed=3)
    found = world.estimate(reliance())
    for j, name in enumerate(NAMES):
        estimate = found.concepts["outcome", name]
        scores = world.by_value[:, j, 0].astype(np.float32).astype(float)
        factual = [scores[i, world.values[i, j]] for i in range(7)]
        deals = [
            slow_auroc(world.labels, [scores[i, v] for i, v in enumerate(dealt)])
            for dealt in itertools.permutations(world.values[:, j])
        ]
        assert estimate.importance.importance == pytest.approx(slow_auroc(world.labels, factual) - np.mean(deals))
        placed = [
            [sum((other < score) + 0.5 * (other == score) for other in factual) / 7 for score in row] for row in scores
        ]
        moves = [row[1] - row[0] for row in placed]
        assert estimate.response.mean.value == pytest.approx(np.mean(moves))
        assert estimate.response.systematic == pytest.approx(np.sqrt(np.mean(np.square(moves))))
        flips = [(row[0] > 0) != (row[1] > 0) for row in scores]
        assert estimate.flips.share.value == pytest.approx(np.mean(flips))
    expected = slow_auroc(world.labels, world.real.astype(np.float32))
    assert found.real["outcome"].value == pytest.approx(expected)


def test_a_row_without_one_picture_leaves_every_statistic():
    """The numbers are those of an audit that never had the row."""
    world = World(rows=60, effects=(1.0, 0.0, 0.0), broken=(5, 17))
    found = world.estimate(reliance())
    assert np.flatnonzero(~found.valid).tolist() == [5, 17]
    assert found.reasons[5] == "the model returned numbers that are not finite" and found.reasons[6] == ""
    kept = np.delete(np.arange(60), [5, 17])
    for j, name in enumerate(NAMES):
        alone = exact_importance(
            world.by_value[kept, j].astype(np.float32), world.values[kept, j], world.labels[kept], "auroc"
        )
        assert found.concepts["outcome", name].importance.importance == alone.importance
        assert found.concepts["outcome", name].response.n == 58


def test_audits_without_enough_rows_say_why():
    world = World(rows=20, broken=tuple(range(20)))
    with pytest.raises(
        ExecutionError, match=r"`reliance`: 0 of 20 rows have all .* because the model returned numbers"
    ):
        world.estimate(reliance())


def test_audits_left_with_one_label_say_why():
    world = World(rows=20)
    broken = World(rows=20, broken=tuple(np.flatnonzero(world.labels == 1).tolist()))
    with pytest.raises(ExecutionError, match="no number can be had from so few"):
        broken.estimate(reliance())


def test_audits_left_with_one_cluster_say_why():
    clusters = np.zeros(20, int)
    with pytest.raises(ExecutionError, match="the data set has one label or one source"):
        World(rows=20, clusters=clusters).estimate(reliance())


def test_one_analysis_of_two_concepts_keeps_the_order_given():
    found = World(rows=40).estimate(reliance(concepts=("blue square", "red circle")))
    assert [concept for _, concept in found.concepts] == ["blue square", "red circle"]
    assert found.pictures.concepts == ("blue square", "red circle")


@pytest.mark.parametrize("metric", ["auroc", "accuracy", "balanced_accuracy", "log_loss", "brier"])
def test_sampled_permutations_agree_with_exact_ones(metric):
    world = World(rows=80, effects=(1.0, 0.5, 0.0))
    exact = world.estimate(reliance(metric=metric))
    sampled = world.estimate(reliance(metric=metric, permutations=400))
    for key, estimate in exact.concepts.items():
        other = sampled.concepts[key].importance
        assert other.expectation == "sampled" and other.permutations == 400
        assert abs(other.importance - estimate.importance.importance) < 5 * other.monte_carlo_se + 1e-12


def test_rows_of_one_source_widen_intervals():
    """Doubling every row adds nothing to what is known, and clusters say so."""
    world = World(rows=100, effects=(0.5, 0.0, 0.0), noise=0.5, jitter=0.5)
    alone = world.estimate(reliance()).concepts["outcome", NAMES[0]]
    doubled = World(rows=200, effects=(0.5, 0.0, 0.0))
    for name in ("values", "labels", "factual", "by_value", "real"):
        setattr(doubled, name, np.repeat(getattr(world, name), 2, axis=0))
    doubled.clusters = np.repeat(np.arange(100), 2)
    found = doubled.estimate(reliance()).concepts["outcome", NAMES[0]]
    assert found.response.mean.value == pytest.approx(alone.response.mean.value)
    assert found.response.mean.standard_error == pytest.approx(alone.response.mean.standard_error, rel=0.01)


def test_as_published_counts_what_the_paper_would_make():
    world = World(rows=10, draws=2)
    assert reliance(permutations=25).as_published(world.view()) == {"generate": 10 * 2 * 76, "predict": 10 * 2 * 76}
    assert reliance().as_published(world.view())["generate"] == 10 * 2 * (1 + 3 * 500)


def logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


MULTI = identity("m", ("a", "b"), 0)
SOFTMAX = identity("s", ("a", "b", "c"), 0, multi_label=False)


def test_probabilities_are_those_of_the_definition():
    assert MULTI.probabilities(np.array([logit(0.2), 0.0])) == pytest.approx([0.2, 0.5])
    shares = np.array([0.2, 0.3, 0.5])
    assert SOFTMAX.probabilities(np.log(shares) + 7.0) == pytest.approx(shares)
    assert SOFTMAX.rankable(np.log(shares), 1) == pytest.approx(logit(0.3))


@pytest.mark.parametrize("model", [MULTI, SOFTMAX], ids=["multi-label", "softmax"])
@pytest.mark.parametrize("size", [1e3, 1e30, 3e38])
def test_extreme_logits_overflow_nothing(model: ModelIdentity, size):
    logits = np.array([[size, -size, 0.0], [-size, size, 0.0], [0.0, 0.0, 0.0]], np.float32)[:, : len(model.outputs)]
    found = model.probabilities(logits)
    assert np.isfinite(found).all() and (found >= 0).all() and (found <= 1).all()
    ranked = model.rankable(logits, 0)
    assert np.isfinite(ranked).all() and ranked[0] > ranked[2] > ranked[1]
    assert model.decides(logits, 0).tolist()[:2] == [True, False]


def test_small_probabilities_keep_their_digits():
    assert MULTI.probabilities(np.array([-50.0]))[0] == pytest.approx(np.exp(-50.0), rel=1e-12)


def test_rankable_scores_order_as_probabilities_do():
    rng = np.random.default_rng(0)
    for model in (MULTI, SOFTMAX):
        logits = rng.normal(0, 3, (200, len(model.outputs)))
        assert np.array_equal(
            np.argsort(model.rankable(logits, 0)), np.argsort(model.probabilities(logits)[:, 0], kind="stable")
        )


def test_rankable_scores_tell_apart_what_probabilities_cannot():
    logits = np.array([[40.0, 0.0, 0.0], [50.0, 0.0, 0.0]])
    assert len(set(SOFTMAX.probabilities(logits)[:, 0])) == 1
    assert SOFTMAX.rankable(logits, 0)[0] < SOFTMAX.rankable(logits, 0)[1]


def test_decisions_follow_the_probability():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (500, 3))
    assert np.array_equal(SOFTMAX.decides(logits, 2), np.argmax(SOFTMAX.probabilities(logits), axis=1) == 2)
    two = logits[:, :2]
    assert np.array_equal(MULTI.decides(two, 1), MULTI.probabilities(two)[:, 1] > 0.5)


def test_the_scale_of_findings_is_the_declared_one():
    logits = np.array([[1.0, -2.0]])
    assert np.array_equal(MULTI.scaled(logits), MULTI.probabilities(logits))
    import dataclasses

    assert np.array_equal(dataclasses.replace(MULTI, scale="logit").scaled(logits), logits)


def test_answers_come_in_one_round():
    world = World(rows=30)
    rounds = reliance().rounds(world.view())
    next(rounds)
    with pytest.raises(StopIteration):
        rounds.send(world.answers())
    assert drive(reliance().rounds(world.view()), world.answers()).valid.all()


def test_a_model_is_held_against_its_own_label():
    """Findings, the effective generation and the tests of a model with a label of its own are those of that label."""
    world, analysis = World(rows=80, effects=(1.0, 0.5, 0.0)), reliance()
    own = np.asarray(world.values[:, 1])
    other = World(rows=80, effects=(1.0, 0.5, 0.0))
    other.labels = own
    checks = (
        EffectiveGeneration(kind="effective_generation", of="reliance"),
        Significance(kind="significance", of="reliance", alpha=0.05, swaps=199),
    )

    def everything(given: World, own_labels: dict[str, np.ndarray]):
        def view():
            plain = given.view()
            return dataclasses.replace(plain, rows=dataclasses.replace(plain.rows, own_labels=own_labels))

        found = drive(analysis.rounds(view()), given.answers())
        return found, [drive(check.rounds(view(), Guarded(analysis, found)), given.answers()) for check in checks]

    # The label takes part in nothing but the comparison: both worlds have the same scores.
    mine, my_checks = everything(world, {"outcome": own, "unknown": 1 - own})
    theirs, their_checks = everything(other, {})
    plain, plain_checks = everything(world, {})
    for key, estimate in theirs.concepts.items():
        assert mine.concepts[key].importance.importance == estimate.importance.importance
    assert mine.factual["outcome"].value == theirs.factual["outcome"].value != plain.factual["outcome"].value
    assert mine.real["outcome"].value == theirs.real["outcome"].value
    assert [one.result for one in my_checks] == [one.result for one in their_checks]
    assert my_checks[0].result != plain_checks[0].result and my_checks[1].result != plain_checks[1].result
