"""Section: everything the numbers depend on, by digest and version."""

from __future__ import annotations

from auditor.report.page import Cell, Column, KeyValues, Section, Table
from auditor.report.source import Source
from auditor.report.words import spoken

GUIDE = (
    "The numbers depend on these things, and on nothing else. A digest (SHA-256) changes when a single bit of the "
    "thing changes."
)


def provenance_section(source: Source) -> Section:
    """The digests of the evidence, then the identities in the result's order."""
    columns = (Column("Role"), Column("Name"), Column("SHA-256", "code"), Column("Detail", "wide"))
    rows = tuple(
        (Cell(spoken(found.role)), Cell(found.name), Cell(found.digest or "none"), Cell(found.detail or "none"))
        for found in source.result.identities
    )
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
    table = Table("Models, data and software", columns, rows, empty="No identities are recorded.")
    return Section("provenance", "Provenance", GUIDE, (evidence, table))
