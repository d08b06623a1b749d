"""What is measured. A new analysis is one file, and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from auditor.analyses.gradient_margins import GradientMargins
from auditor.analyses.margins import Intervals, Margins
from auditor.analyses.permutation_importance import PermutationImportance
from auditor.analyses.property_gradient import PropertyGradient

if TYPE_CHECKING:
    from auditor.analyses.gradient_estimates import Curves, GradientEstimates
    from auditor.analyses.reliance import ConceptReliance, RelianceEstimates
    from auditor.analyses.view import AuditView

AnyAnalysis = Annotated[PermutationImportance | PropertyGradient, Field(discriminator="kind")]

__all__ = [
    "AnyAnalysis",
    "AuditView",
    "ConceptReliance",
    "Curves",
    "GradientEstimates",
    "GradientMargins",
    "Intervals",
    "Margins",
    "PermutationImportance",
    "PropertyGradient",
    "RelianceEstimates",
]

_COMPUTING = {
    "AuditView": "view",
    "ConceptReliance": "reliance",
    "Curves": "gradient_estimates",
    "GradientEstimates": "gradient_estimates",
    "RelianceEstimates": "reliance",
}


def __getattr__(name: str) -> Any:
    """What analyses compute with, imported when it is asked for: a document is read without it."""
    if name not in _COMPUTING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_COMPUTING[name]}"), name)
