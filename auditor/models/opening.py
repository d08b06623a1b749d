"""Opening a model for scoring: one line for each adapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from auditor.models.model import ModelIdentity, Scorer
from auditor.models.python_model import open_python_model
from auditor.models.transformers_model import open_transformers_model

_OPENERS: Mapping[str, Callable[[ModelIdentity, str], Scorer]] = {
    "transformers": open_transformers_model,
    "python": open_python_model,
}


def open_model(identity: ModelIdentity, device: str) -> Scorer:
    """Load a model on `device` (`cpu`, `cuda`, `cuda:1`); heavy imports happen here."""
    return _OPENERS[identity.adapter](identity, device)
