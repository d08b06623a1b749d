"""What a metric is taken of: labels and scores of a model, on the scale that the metric needs."""

from __future__ import annotations

import numpy as np

from auditor.dataset import Rows
from auditor.metric_names import Metric, scale_of, task_of
from auditor.models import ModelIdentity


def labels_of_model(model: ModelIdentity, rows: Rows) -> np.ndarray:
    """The rows' labels as the metric compares them with the model's scores, (n_rows,).

    Classes become the places of the model's own outputs of those names; other labels stay as they are.
    """
    labels = rows.labels_of(model.name)
    if not rows.classes:
        return labels
    # Another model's label may have classes that this one does not know.
    known = [model.outputs.index(name) if name in model.outputs else -1 for name in rows.classes]
    places: np.ndarray = np.array(known)[labels]
    return places


def metric_scores(metric: Metric, model: ModelIdentity, logits: np.ndarray) -> np.ndarray:
    """What the metric is taken of, from logits (.., n_outputs).

    Returns:
        (..): of the audited output, rankable scores, probabilities or numbers. For metrics of classes (.., n_outputs).
    """
    target, scale = model.target or 0, scale_of(metric)
    if task_of(metric) == "classes":
        if scale == "probability":
            return model.probabilities(logits)
        return np.stack([model.rankable(logits, output) for output in range(len(model.outputs))], axis=-1)
    if scale == "probability":
        probabilities: np.ndarray = model.probabilities(logits)[..., target]
        return probabilities
    return model.rankable(logits, target)


def decisions(metric: Metric, model: ModelIdentity, logits: np.ndarray) -> np.ndarray | None:
    """What the model decides, (..), from logits (.., n_outputs): whether for the audited output, or for which class.

    None where it predicts a number, and decides nothing."""
    task = task_of(metric)
    if task == "numbers":
        return None
    if task == "classes":
        return np.asarray(np.argmax(logits, axis=-1))
    return model.decides(logits, model.target or 0)
