"""Section: everything the numbers depend on, by digest and version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from auditor.report.page import Cell, Column, KeyValues, Section, Table
from auditor.report.source import Source
from auditor.report.words import spoken
from auditor.results.audit_result import Identity

GUIDE = (
    "The numbers depend on these things, and on nothing else. A digest (SHA-256) changes when a single bit of the "
    "thing changes."
)

MOST_ALIKE = 24
"""Things of one kind that stand among all others; more have a folded table of their own."""


def provenance_section(source: Source) -> Section:
    """The digests of the evidence, then the identities in the result's order."""
    columns = (Column("Role"), Column("Name"), Column("SHA-256", "code"), Column("Detail", "wide"))
    many = _many(source.result.identities)
    rows = tuple(_cells(found) for found in source.result.identities if _kind(found) not in many)
    evidence = KeyValues(
        "The evidence",
        (
            (f"SHA-256 of {source.digest_of}", Cell(source.digest)),
            ("SHA-256 of units.jsonl", Cell(source.result.units_digest)),
            ("Made with", Cell(f"auditor {source.result.tool_version}")),
            ("Version of the result format", Cell(str(source.result.schema_version))),
        ),
        code=True,
    )
    blocks = [Table("Models, data and software", columns, rows, empty="No identities are recorded.")]
    for role, what in many:
        each = tuple(_cells(found) for found in source.result.identities if _kind(found) == (role, what))
        blocks.append(Table(f"{spoken(what or role)}: all {len(each)}", columns, each, folded=True))
    return Section("provenance", "Provenance", GUIDE, (evidence, *blocks))


def _cells(found: Identity) -> tuple[Cell, ...]:
    return Cell(spoken(found.role)), Cell(found.name), Cell(found.digest or "none"), Cell(found.detail or "none")


def _kind(found: Identity) -> tuple[str, str]:
    """What is listed together: a role, and of numerics the probes."""
    head, _, rest = found.name.partition(": ")
    return found.role, f"{head}s" if found.role == "numerics" and rest else ""


def _many(identities: Sequence[Identity]) -> tuple[tuple[str, str], ...]:
    """The kinds with so many members, such as checkpoints, that they would bury all others."""
    counts = Counter(_kind(found) for found in identities)
    return tuple(kind for kind, count in counts.items() if count > MOST_ALIKE)
