"""What every check on one gradual intervention declares."""

from __future__ import annotations

from typing import ClassVar

from auditor.node import Name, SpecNode


class SweepCheck(SpecNode):
    """A check that looks at the sweeps of one gradual intervention."""

    GUARDS: ClassVar = ("property_gradient",)
    """Kinds of analyses that the check guards."""

    kind: str
    """Which kind of check this is."""

    of: Name
    """The analysis whose sweeps are looked at."""

    intervention: Name
    """The gradual intervention."""
