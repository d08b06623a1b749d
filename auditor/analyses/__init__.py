"""What is measured. A new analysis is one file, and one line here."""

from __future__ import annotations

from auditor.analyses.permutation_importance import Intervals, Margins, PermutationImportance
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
