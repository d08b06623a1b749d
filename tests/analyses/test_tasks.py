"""Audits of classes and of numbers, from arrays: what each metric is taken of, and what follows from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from auditor.analyses import PermutationImportance
from auditor.analyses.metric_scores import decisions, labels_of_model, metric_scores
from auditor.checks import EffectiveGeneration, Significance
from auditor.models import ModelIdentity
from auditor.statistics import exact_importance
from tests.valued import Valued
from tests.world import Given, drive, identity

OUTPUTS = ("dog", "cat", "eel", "fox")
CLASSES = ("cat", "dog", "eel")


def many(name: str = "outcome", outputs: tuple[str, ...] = OUTPUTS) -> ModelIdentity:
    return replace(identity(name, outputs, 1), multi_label=False)


class Tasked(Valued):
    """The valued world with labels of another task, and a model of them; the lamp moves the second output."""

    def __init__(self, task: str) -> None:
        super().__init__(rows=90, effects={"lamp": (0.0, 2.0)})
        rng = np.random.default_rng(7)
        self.task = task
        self.classes = CLASSES if task == "classes" else ()
        lamp = self.values[:, 3]
        classes = np.where((lamp == 1) & (rng.random(self.rows) < 0.9), 0, rng.integers(0, 3, self.rows))
        self.labels = classes if task == "classes" else 2.0 * lamp + rng.normal(size=self.rows)
        self.offsets = np.zeros((self.rows, len(OUTPUTS)))
        if task == "classes":
            places = np.array([OUTPUTS.index(name) for name in CLASSES])[self.labels]
            self.offsets[np.arange(self.rows), places] = 0.5

    def logit(self, values):
        """Numbers are predicted but for a little; of classes this is the logit of one output."""
        own = 0.3 * self.content if self.task == "classes" else self.labels - 2.0 * self.values[:, 3]
        return (own + 2.0 * values[:, 3])[:, None] + self.noise

    @property
    def model(self) -> ModelIdentity:
        if self.task == "classes":
            return many()
        return replace(identity("outcome", ("amount",), 0), scale="value")

    def view(self):
        found = super().view()
        rows = replace(found.rows, labels=self.labels, classes=self.classes, task=self.task)
        return replace(found, rows=rows, models={"outcome": self.model})

    def answers(self, changed):
        given = super().answers(changed).arrays
        if self.task == "numbers":
            return Given(given)
        digest = self.model.digest
        for axes in (1, 2, 4):
            logits = np.repeat(given[digest, axes], len(OUTPUTS), axis=-1) * np.array([0.0, 1.0, 0.0, 0.0])
            offsets = self.offsets.reshape(self.rows, *([1] * (axes - 1)), len(OUTPUTS))
            given[digest, axes] = logits + offsets
        return Given(given)


def analysis(metric: str, **given: object) -> PermutationImportance:
    return PermutationImportance(
        name="r", kind="permutation_importance", intervention="captions", metric=metric, concepts=("lamp", "colour"),
        **given,
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize("metric", ["macro_auroc", "multiclass_accuracy", "multiclass_log_loss"])
def test_classes_are_compared_with_outputs_by_name(metric):
    world = Tasked("classes")
    view, given = world.view(), world.answers(("lamp", "colour"))
    found = drive(analysis(metric).rounds(view), given)
    places = {0: 1, 1: 0, 2: 2}
    labels = np.array([places[int(label)] for label in world.labels])
    assert np.array_equal(labels_of_model(world.model, view.rows), labels)
    logits = given.arrays[world.model.digest, 4].astype(np.float32)[:, 0, :, :2].astype(np.float64)
    lifted = np.exp(logits)
    probabilities = lifted / lifted.sum(axis=-1, keepdims=True)
    # The log odds rank as the probabilities do.
    expected = exact_importance(probabilities, view.rows.values[:, 3], labels, metric)
    assert found.concepts["outcome", "lamp"].importance.importance == pytest.approx(expected.importance, abs=1e-6)
    assert found.concepts["outcome", "lamp"].scores.shape == (90, 2, 2, 4)
    assert found.factual["outcome"].value == pytest.approx(expected.factual, abs=1e-6)
    flips = found.concepts["outcome", "lamp"].flips
    changed = logits.argmax(axis=-1)
    assert flips is not None
    assert flips.share.value == pytest.approx(np.mean(changed[:, :, 0] != changed[:, :, 1]))


def test_numbers_are_compared_as_they_are_and_decide_nothing():
    world = Tasked("numbers")
    found = drive(analysis("r2").rounds(world.view()), world.answers(("lamp", "colour")))
    lamp = found.concepts["outcome", "lamp"]
    assert lamp.flips is None
    assert lamp.importance.importance > 0.3
    assert lamp.response.mean.value > 0.2
    assert found.concepts["outcome", "colour"].importance.importance == pytest.approx(0.0, abs=1e-9)


def test_average_precision_is_sampled_whatever_is_asked_for():
    world = Valued(effects={"lamp": (0.0, 1.0)})
    found = world.estimate(analysis("average_precision")).concepts["outcome", "lamp"].importance
    assert (found.expectation, found.monte_carlo_se > 0.0) == ("sampled", True)
    assert found.monte_carlo_se <= 6e-4
    few = world.estimate(analysis("average_precision", permutations=30)).concepts["outcome", "lamp"].importance
    assert few.permutations == 30


@pytest.mark.parametrize(
    ("task", "metric", "word"), [("classes", "macro_auroc", "macro AUROC"), ("numbers", "r2", "R2")]
)
def test_checks_of_other_tasks(task, metric, word):
    world = Tasked(task)
    tested = world.check(Significance(kind="significance", of="r", swaps=199), analysis(metric))
    assert tested.tests["outcome", "lamp", "importance"].p_value <= 0.02
    assert tested.tests["outcome", "colour", "response"].p_value > 0.02
    gate = world.check(EffectiveGeneration(kind="effective_generation", of="r"), analysis(metric))
    part = gate.result.parts[0]
    assert (part.subject, part.quantity) == ("outcome", f"{word}, real minus generated")
    assert part.measured == pytest.approx(0.0, abs=0.05)
    assert gate.result.parts[1].quantity == "AUROC, real minus generated"


def test_what_a_metric_is_taken_of():
    logits = np.array([[2.0, 0.0, -1.0, 0.5]])
    assert metric_scores("auroc", many(), logits).shape == (1,)
    assert metric_scores("macro_auroc", many(), logits).shape == (1, 4)
    assert metric_scores("multiclass_brier", many(), logits).sum() == pytest.approx(1.0)
    assert metric_scores("log_loss", many(), logits)[0] == pytest.approx(
        metric_scores("multiclass_brier", many(), logits)[0, 1]
    )
    assert decisions("multiclass_accuracy", many(), logits).tolist() == [0]  # type: ignore[union-attr]
    assert decisions("accuracy", many(), logits).tolist() == [False]  # type: ignore[union-attr]
    value = replace(identity("age", ("age",), 0), scale="value")
    assert metric_scores("r2", value, np.array([[3.5]])).tolist() == [3.5]
    assert decisions("r2", value, np.array([[3.5]])) is None
