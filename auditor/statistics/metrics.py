"""What a metric needs of its labels and scores, and which way it points.

A decision is 1 where the score is at least the threshold, or for the class of the largest score (the first, where
several are equal); in the log loss probabilities are clipped to [1e-7, 1 - 1e-7].
"""

from __future__ import annotations

import numpy as np

from auditor.metric_names import BALANCED, LOWER_IS_BETTER, RANKING, Metric, task_of
from auditor.statistics.arrays import Floats, Ints

__all__ = ["BALANCED", "RANKING", "Metric", "check_metric", "label_cells", "sign_of"]


def check_metric(metric: str, labels: Floats, n_classes: int | None = None) -> None:
    """Refuse a metric that is unknown or that these labels and scores cannot have.

    Args:
        metric: its name.
        labels: (n_rows,).
        n_classes: how many scores a picture has, one a class; None where it has one score.

    Raises:
        ValueError: for an unknown name, one score where classes need several or the reverse, labels that are not 0 and
            1 or not classes of the scores, one class alone where several are needed, or constant labels for R2.
    """
    task = task_of(metric)
    if (n_classes is not None) != (task == "classes"):
        raise ValueError(
            f"{metric} needs a score for each class: scores with one axis more"
            if task == "classes"
            else f"{metric} takes one score a picture, and these scores have an axis of classes"
        )
    if task == "binary" and not np.isin(labels, (0.0, 1.0)).all():
        raise ValueError(f"{metric} needs labels that are 0 or 1")
    if n_classes is not None and not np.isin(labels, np.arange(n_classes)).all():
        raise ValueError(f"{metric} needs labels that are classes, 0 .. {n_classes - 1}, one for each score")
    if (metric in RANKING or metric in BALANCED) and np.unique(labels).size < 2:
        raise ValueError(f"{metric} needs rows of both classes, and all {labels.size} have one label")
    if metric == "r2" and np.ptp(labels) == 0.0:
        raise ValueError("r2 needs labels that differ: their variance is its denominator")


def sign_of(metric: str) -> float:
    """1 where a higher value is better, -1 for losses."""
    return -1.0 if metric in LOWER_IS_BETTER else 1.0


def label_cells(metric: str, labels: Floats) -> Ints:
    """The class of each row in classification, 0 in regression, (n_rows,)."""
    if task_of(metric) == "numbers":
        return np.zeros(labels.shape[0], dtype=np.int64)
    return labels.astype(np.int64)
