"""What `auditor init` leaves for the author to write, in capitals; nobody may run an audit that still says it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from auditor.codes import PLACEHOLDER
from auditor.errors import Problem
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Positions

TITLE: Final = "WHICH CONCEPTS DOES THE MODEL RELY ON?"
PROPERTY_TITLE: Final = "WHICH PROPERTY DOES THE SCORE FOLLOW?"
OWNER: Final = "WHO ANSWERS FOR THIS AUDIT"
INTENDED_USE: Final = "WHAT THE ANSWER DECIDES"

_ASKED: Final = {
    "title": ((TITLE, PROPERTY_TITLE), "write the question of this audit"),
    "owner": ((OWNER,), "write who answers for it, or delete the line"),
    "intended_use": ((INTENDED_USE,), "write what its answer will be used for, or delete the line"),
}


def placeholders_are_filled_in(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """No value of the header is what `auditor init` wrote there."""
    for key, (left, way_out) in _ASKED.items():
        if getattr(spec.audit, key) in left:
            message = f"`{key}` still has what `auditor init` wrote for you to fill in"
            yield Problem(PLACEHOLDER, message, positions.of_value(("audit", key)), way_out)
