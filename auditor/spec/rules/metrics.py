"""What metrics, labels and models must have in common: one task, and scores on the scale that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from auditor.codes import METRIC_UNFIT, SEVERAL_TASKS
from auditor.errors import Problem
from auditor.metric_names import TASKS, Task, task_of
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Positions
from auditor.spec.wording import listed, quoted

WORDS: Final[dict[Task, str]] = {
    "binary": "labels that are 0 or 1",
    "classes": "labels that are classes",
    "numbers": "labels that are numbers",
}


def task_of_audit(spec: AuditSpec) -> Task:
    """What the labels of the data set are: what the metric of the first analysis needs."""
    return task_of(spec.reliances[0].metric) if spec.reliances else "binary"


def analyses_have_one_task(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """The label is one column, which cannot be two kinds of label."""
    wanted = task_of_audit(spec)
    for index, analysis in spec.reliances_at:
        task = task_of(analysis.metric)
        if task != wanted:
            yield Problem(
                SEVERAL_TASKS,
                f"the metric {quoted(analysis.metric)} needs {WORDS[task]}, and {quoted(spec.reliances[0].metric)} of "
                f"analysis {quoted(spec.reliances[0].name)} needs {WORDS[wanted]}; the label is one column",
                positions.of_value(("analyses", index, "metric")),
                f"choose one of {listed(TASKS[wanted])}, or write a document for each",
            )


def models_have_the_scale(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """Numbers are predicted by models whose output is a value, and classes by no such model."""
    task = task_of_audit(spec)
    if not spec.reliances:
        return
    metric = quoted(spec.reliances[0].metric)
    for index, model in enumerate(spec.models):
        where = positions.of_owner(("models", index))
        if task == "numbers" and model.output != "value":
            message = (
                f"the metric {metric} needs a number, and `output` of model {quoted(model.name)} is {model.output}"
            )
            yield Problem(
                METRIC_UNFIT, message, where, f"say `output: value`, or choose one of {listed(TASKS['binary'])}"
            )
        if task != "numbers" and model.output == "value":
            message = f"model {quoted(model.name)} predicts a number, and the metric {metric} needs {WORDS[task]}"
            yield Problem(METRIC_UNFIT, message, where, f"choose one of {listed(TASKS['numbers'])}")
    for index, detector in enumerate(spec.detectors):
        if detector.output == "value":
            message = (
                f"detector {quoted(detector.name)} predicts a number, and detectors say whether a concept is there"
            )
            where = positions.of_value(("detectors", index, "output"))
            yield Problem(METRIC_UNFIT, message, where, "say `output: probability`, or use another detector")


def a_positive_label_is_of_two(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """Which label counts as 1 is asked only where labels are two."""
    task = task_of_audit(spec)
    if spec.dataset is not None and spec.dataset.positive is not None and task != "binary":
        message = f"`positive` says which label counts as 1, and {quoted(spec.reliances[0].metric)} needs {WORDS[task]}"
        where = positions.of_key(("dataset", "positive"))
        yield Problem(METRIC_UNFIT, message, where, f"delete it, or choose one of {listed(TASKS['binary'])}")


def numbers_decide_nothing(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """Changed decisions are bounded only where models decide."""
    if task_of_audit(spec) != "numbers":
        return
    for index, requirement in enumerate(spec.requirements):
        if requirement.flips is not None:
            message = f"requirement {quoted(requirement.name)} bounds changed decisions, and a number decides nothing"
            where = positions.of_key(("requirements", index, "flips"))
            yield Problem(METRIC_UNFIT, message, where, "bound `response` or `importance` instead")


METRIC_RULES: Final[tuple[Callable[[AuditSpec, Positions], Iterable[Problem]], ...]] = (
    analyses_have_one_task,
    models_have_the_scale,
    a_positive_label_is_of_two,
    numbers_decide_nothing,
)
"""Each finds what its name says to be untrue."""
