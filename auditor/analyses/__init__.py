"""What is measured. A new analysis is one file, and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from auditor.analyses.margins import Intervals, Margins
from auditor.analyses.permutation_importance import PermutationImportance

if TYPE_CHECKING:
    from auditor.analyses.reliance import ConceptReliance, RelianceEstimates
    from auditor.analyses.view import AuditView

# With a second analysis this becomes a union discriminated by `kind`.
AnyAnalysis = PermutationImportance

__all__ = [
    "AnyAnalysis",
    "AuditView",
    "ConceptReliance",
    "Intervals",
    "Margins",
    "PermutationImportance",
    "RelianceEstimates",
]

_COMPUTING = {"AuditView": "view", "ConceptReliance": "reliance", "RelianceEstimates": "reliance"}


def __getattr__(name: str) -> Any:
    """What analyses compute with, imported when it is asked for: a document is read without it."""
    if name not in _COMPUTING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_COMPUTING[name]}"), name)
