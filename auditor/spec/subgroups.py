"""Subgroups that a document names: columns of its table, and values of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from auditor import codes
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.source import Loc, nearest
from auditor.spec.audit_spec import AuditSpec

MOST_SUBGROUPS: Final = 50
"""More values in a column are no subgroups that anybody reads; chosen."""


def subgroup_columns(spec: AuditSpec) -> Mapping[str, Loc]:
    """The columns that analyses name as `by`, and where each is first named."""
    found: dict[str, Loc] = {}
    for number, analysis in spec.reliances_at:
        if analysis.by is not None:
            found.setdefault(analysis.by, ("analyses", number, "by"))
    return found


def subgroup_faults(spec: AuditSpec, rows: Rows) -> list[DataError]:
    """Columns with too many values for subgroups, and requirements about subgroups that no row is in."""
    errors = []
    columns = {name: sorted(set(column.tolist())) for name, column in rows.columns.items()}
    for name, loc in subgroup_columns(spec).items():
        count = len(columns.get(name, ()))
        if count > MOST_SUBGROUPS:
            errors.append(
                DataError(
                    f"column `{name}` has {count:,} values, and at most {MOST_SUBGROUPS} are subgroups",
                    code=codes.TOO_MANY_SUBGROUPS,
                    loc=loc,
                    way_out="name a column with fewer values, or add one to the table that groups these",
                )
            )
    by = {analysis.name: analysis.by for analysis in spec.reliances}
    for number, promise in enumerate(spec.requirements):
        column = by.get(promise.analysis)
        known = columns.get(column or "")
        if promise.subgroup is None or known is None or promise.subgroup in known:
            continue
        errors.append(
            DataError(
                f"no row has `{promise.subgroup}` in column `{column}`, so the requirement is about nothing",
                code=codes.UNKNOWN_SUBGROUP,
                loc=("requirements", number, "subgroup"),
                way_out=f"its values: {', '.join(f'`{value}`' for value in known[:20])}",
                suggestion=nearest(promise.subgroup, known),
            )
        )
    return errors
