"""The sections of a report, in reading order. A new section is one file, and one line here."""

from __future__ import annotations

from collections.abc import Callable

from auditor.report.page import Section
from auditor.report.sections.checking import checking_section
from auditor.report.sections.document import document_section
from auditor.report.sections.fidelity import fidelity_section
from auditor.report.sections.findings import findings_section
from auditor.report.sections.gates import gates_section
from auditor.report.sections.glossary import glossary_section
from auditor.report.sections.independence import independence_section
from auditor.report.sections.limits import limits_section
from auditor.report.sections.pairs import pairs_section
from auditor.report.sections.plan import plan_section
from auditor.report.sections.provenance import provenance_section
from auditor.report.sections.reach import reach_section
from auditor.report.sections.sample import sample_section
from auditor.report.sections.subgroups import subgroups_section
from auditor.report.sections.verdict import verdict_section
from auditor.report.source import Source

SECTIONS: tuple[Callable[[Source], Section], ...] = (
    verdict_section,  # first: the answer, and the promises it was asked about
    gates_section,  # before the findings: whether they may be believed at all
    findings_section,
    subgroups_section,
    independence_section,  # after the findings, which its matrices qualify
    pairs_section,
    sample_section,
    reach_section,
    plan_section,
    limits_section,
    fidelity_section,
    provenance_section,
    checking_section,
    glossary_section,
    document_section,  # last: it is the longest, and everything above refers to it
)

__all__ = ["SECTIONS"]
