"""Opening models for scoring: one line for each adapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from auditor.models.model import ModelIdentity
from auditor.models.python_model import open_python_model
from auditor.models.scorer import Scorer
from auditor.models.transformers_scorer import open_transformers_models
from auditor.models.zero_shot_scorer import open_zero_shot_model

_OPENERS: Mapping[str, Callable[[Sequence[ModelIdentity], str], Scorer]] = {
    "transformers": open_transformers_models,
    "python": open_python_model,
    "zero_shot": open_zero_shot_model,
}


def open_models(identities: Sequence[ModelIdentity], device: str) -> Scorer:
    """Load a model, or several that have one trunk (`trunk_of`), on `device` (`cpu`, `cuda`, `cuda:1`).

    Heavy imports happen here.
    """
    return _OPENERS[identities[0].adapter](identities, device)


def open_model(identity: ModelIdentity, device: str) -> Scorer:
    """Load one model."""
    return open_models((identity,), device)
