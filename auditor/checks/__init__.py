"""What must hold before a finding may be believed. A new check is one file, and one line here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from auditor.checks.effective_generation import EffectiveGeneration
from auditor.checks.independent_permutation import IndependentPermutation
from auditor.checks.outcome import CheckOutcome, Guarded, Tested
from auditor.checks.significance import Significance

AnyCheck = Annotated[EffectiveGeneration | IndependentPermutation | Significance, Field(discriminator="kind")]

__all__ = [
    "AnyCheck",
    "CheckOutcome",
    "EffectiveGeneration",
    "Guarded",
    "IndependentPermutation",
    "Significance",
    "Tested",
]
