"""The metrics that an audit knows, and what each says of the task: which labels it needs, which numbers of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

BinaryMetric = Literal["auroc", "average_precision", "accuracy", "balanced_accuracy", "log_loss", "brier"]
"""Labels are 0 and 1; a score is about the label 1."""

ClassesMetric = Literal[
    "macro_auroc", "multiclass_accuracy", "multiclass_balanced_accuracy", "multiclass_log_loss", "multiclass_brier"
]
"""Labels are classes; a picture has a score for each. `macro_auroc`: mean AUROC of one class against the rest."""

NumbersMetric = Literal["r2", "mean_absolute_error", "mean_squared_error"]
"""Labels and scores are numbers in one unit."""

Metric = Literal[BinaryMetric, ClassesMetric, NumbersMetric]

Task = Literal["binary", "classes", "numbers"]
"""What a label is: 0 or 1, one of several classes, a number."""

Scale = Literal["rank", "probability", "number"]
"""What a metric is taken of: any number in the right order, a probability, a number in the label's unit."""

TASKS: Final[Mapping[Task, tuple[str, ...]]] = {
    "binary": get_args(BinaryMetric),
    "classes": get_args(ClassesMetric),
    "numbers": get_args(NumbersMetric),
}

RANKING: Final[frozenset[str]] = frozenset({"auroc", "average_precision", "macro_auroc"})
LOWER_IS_BETTER: Final[frozenset[str]] = frozenset(
    {"log_loss", "brier", "multiclass_log_loss", "multiclass_brier", "mean_absolute_error", "mean_squared_error"}
)
BALANCED: Final[frozenset[str]] = frozenset({"balanced_accuracy", "multiclass_balanced_accuracy"})


def task_of(metric: str) -> Task:
    """Which labels a metric needs.

    Raises:
        ValueError: for an unknown name.
    """
    for task, metrics in TASKS.items():
        if metric in metrics:
            return task
    raise ValueError(f"unknown metric {metric!r} (known: {', '.join(sorted(get_args(Metric)))})")


def scale_of(metric: str) -> Scale:
    """What a metric is taken of; metrics that rank need no probabilities, which saturate."""
    if task_of(metric) == "numbers":
        return "number"
    return "rank" if metric in RANKING else "probability"
