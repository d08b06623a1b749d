"""What must hold before a finding may be believed. A new check is one file, and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from auditor.checks.edit_success import EditSuccess
from auditor.checks.effective_generation import EffectiveGeneration
from auditor.checks.identity_kept import IdentityKept
from auditor.checks.independent_permutation import IndependentPermutation
from auditor.checks.significance import Significance

if TYPE_CHECKING:
    from auditor.checks.detected_changes import DetectedChanges
    from auditor.checks.outcome import CheckOutcome, Guarded, GuardedSweeps, ImageTest, Tested

AnyCheck = Annotated[
    EffectiveGeneration | IndependentPermutation | Significance | EditSuccess | IdentityKept,
    Field(discriminator="kind"),
]

__all__ = [
    "AnyCheck",
    "CheckOutcome",
    "DetectedChanges",
    "EditSuccess",
    "EffectiveGeneration",
    "Guarded",
    "GuardedSweeps",
    "IdentityKept",
    "ImageTest",
    "IndependentPermutation",
    "Significance",
    "Tested",
]


_COMPUTING = {
    "CheckOutcome": "outcome",
    "DetectedChanges": "detected_changes",
    "Guarded": "outcome",
    "GuardedSweeps": "outcome",
    "ImageTest": "outcome",
    "Tested": "outcome",
}


def __getattr__(name: str) -> Any:
    """What checks judge with, imported when it is asked for: a document is read without it."""
    if name not in _COMPUTING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_COMPUTING[name]}"), name)
