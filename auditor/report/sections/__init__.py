"""The sections of a report, in reading order. A new section is one file, and one line here."""

from __future__ import annotations

from collections.abc import Callable

from auditor.report.page import Section
from auditor.report.sections.checking import checking_section
from auditor.report.sections.document import document_section
from auditor.report.sections.dynamics import dynamics_section
from auditor.report.sections.fidelity import fidelity_section
from auditor.report.sections.findings import findings_section
from auditor.report.sections.gates import gates_section
from auditor.report.sections.glossary import glossary_section
from auditor.report.sections.independence import independence_section
from auditor.report.sections.limits import limits_section
from auditor.report.sections.pairs import pairs_section
from auditor.report.sections.plan import plan_section
from auditor.report.sections.properties import properties_section
from auditor.report.sections.provenance import provenance_section
from auditor.report.sections.reach import reach_section
from auditor.report.sections.sample import sample_section
from auditor.report.sections.subgroups import subgroups_section
from auditor.report.sections.sweeps import sweeps_section
from auditor.report.sections.verdict import verdict_section
from auditor.report.source import Source

SECTIONS: tuple[Callable[[Source], Section], ...] = (
    verdict_section,  # first: the answer, and the promises it was asked about
    gates_section,  # before the findings: whether they may be believed at all
    dynamics_section,  # of checkpoints, whose curves say more than a line for each of them
    properties_section,
    sweeps_section,
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

OF_CONCEPTS: frozenset[Callable[[Source], Section]] = frozenset(
    (findings_section, subgroups_section, independence_section, pairs_section, reach_section)
)
"""Left out of the report of an audit that has gradual interventions alone."""

OF_PROPERTIES: frozenset[Callable[[Source], Section]] = frozenset((properties_section, sweeps_section))
"""Left out of the report of an audit without gradual interventions."""


def sections_of(source: Source) -> tuple[Callable[[Source], Section], ...]:
    """The sections of this audit's report, in reading order."""
    left_out: set[Callable[[Source], Section]] = set()
    left_out |= set() if source.about_concepts else OF_CONCEPTS
    left_out |= set() if source.about_properties else OF_PROPERTIES
    left_out |= set() if source.result.checkpoints else {dynamics_section}
    return tuple(section for section in SECTIONS if section not in left_out)


__all__ = ["SECTIONS", "sections_of"]
