"""Scores of Python functions that look like probabilities, where logits are asked for."""

from __future__ import annotations

import numpy as np

from auditor.analyses import AuditView
from auditor.execute import StoredAnswers
from auditor.plan import Plan, Units, predict

SUMS_TO_ONE = 1e-3
"""How near to 1 a row of exclusive probabilities adds up, rounding included."""

NO_MOVE = 1e-3
"""Scores that differ by no more tell nothing of their scale."""


def doubtful_scores(view: AuditView, plan: Plan, answers: StoredAnswers) -> tuple[str, ...]:
    """A sentence for each audited Python function whose every score might be a probability.

    Nothing forbids logits between 0 and 1, so that nothing is refused; but a sigmoid of a probability moves at most
    .23, and an audit of it would call a model harmless that is not.
    """
    said = []
    for model in view.models.values():
        op = predict(model.digest)
        if model.adapter != "python" or model.scale != "probability" or all(table.op != op for table in plan.tables):
            continue
        scores = answers[Units(op, plan.table(op.digest).places)].astype(np.float64)
        scores = scores[np.isfinite(scores).all(axis=-1)]
        if _like_probabilities(scores, model.multi_label):
            said.append(
                f"Every one of the {len(scores):,} scores that the function of {model.name} returned lies between 0 "
                "and 1, as probabilities do. It must return logits, log(p / (1 - p)): if these are probabilities, its "
                "score moves further than this report says."
            )
    return tuple(said)


def _like_probabilities(scores: np.ndarray, multi_label: bool) -> bool:
    """Whether scores (n, n_outputs) lie from 0 to 1, move at all, and add up to 1 where outputs are exclusive."""
    if scores.size == 0 or scores.min() < 0.0 or scores.max() > 1.0 or np.ptp(scores, axis=0).max() <= NO_MOVE:
        return False
    return multi_label or bool(np.allclose(scores.sum(axis=-1), 1.0, atol=SUMS_TO_ONE))
