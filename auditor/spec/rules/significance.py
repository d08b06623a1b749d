"""What a `significance` check needs to find anything."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from auditor.analyses import PermutationImportance
from auditor.checks import Significance
from auditor.codes import SECOND_SIGNIFICANCE, TOO_FEW_SWAPS
from auditor.errors import Problem
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Positions
from auditor.spec.wording import quoted


def tests_can_find_something(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A `significance` check can reach its alpha after adjustment, and stands alone for its analysis."""
    analyses: dict[str, Any] = {analysis.name: analysis for analysis in spec.analyses}
    seen: dict[str, int] = {}
    for index, check in enumerate(spec.checks):
        if not isinstance(check, Significance):
            continue
        if check.of in seen:
            yield Problem(
                SECOND_SIGNIFICANCE,
                f"a second `significance` check of the analysis {quoted(check.of)}",
                positions.of_value(("checks", index, "of")),
                f"keep one; the first is in line {positions.of_owner(('checks', seen[check.of])).line}",
            )
        seen.setdefault(check.of, index)
        if isinstance(analyses.get(check.of), PermutationImportance):
            concepts = len(analyses[check.of].permuted(spec.concepts))
            models = len(analyses[check.of].models or spec.models)
            yield from enough_swaps(check, concepts, models, index, positions)


def enough_swaps(
    check: Significance, concepts: int, models: int, index: int, positions: Positions
) -> Iterator[Problem]:
    """The smallest adjusted p-value may not exceed alpha."""
    smallest = check.smallest_p(concepts, models)
    if smallest > check.alpha:
        key = "swaps" if ("checks", index, "swaps") in positions.values else "alpha"
        needed = math.ceil(round(2 * check.family_size(concepts, models) / check.alpha, 9)) - 1
        of_models = f" of {models} models" if check.family == "analysis" and models > 1 else ""
        yield Problem(
            TOO_FEW_SWAPS,
            f"with {check.swaps} swaps over {concepts} concept{'s' if concepts > 1 else ''}{of_models} the smallest "
            f"adjusted p-value is {smallest:.2g}, above alpha {check.alpha}",
            positions.of_value(("checks", index, key)),
            f"write `swaps: {needed}` or more",
        )
