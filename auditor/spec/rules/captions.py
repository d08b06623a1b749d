"""What captions need beyond their fields: slots that are concepts, a place for what is permuted, named tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from auditor.codes import CONCEPT_FIELDS, NO_TABLE_OF_PERMUTATIONS, NOT_IN_CAPTION, TEMPLATE_SLOT
from auditor.errors import Problem
from auditor.interventions.caption import pieces_of, stray_brace
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Positions
from auditor.spec.wording import closest, listed, quoted, strange_letter


def templates_hold_what_is_permuted(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """The slots of a template are concepts, and every concept that is permuted has one."""
    names = [concept.name for concept in spec.concepts]
    for index, intervention in spec.captioning_at:
        template, where = intervention.caption.template, ("interventions", index, "caption", "template")
        if template is None:
            continue
        if brace := stray_brace(template):
            message = f"the template of intervention {quoted(intervention.name)} has a lone {quoted(brace)}"
            way_out = f"close the slot, or double the brace where it is no slot: {quoted(brace * 2)}"
            yield Problem(TEMPLATE_SLOT, message, positions.of_value(where), way_out)
            continue
        slots = [piece for piece, slot in pieces_of(template) if slot]
        for name in dict.fromkeys(slot for slot in slots if slot not in names):
            suggestion = closest(name, names)
            message = f"slot {quoted(f'{{{name}}}')} of the template names no concept{strange_letter(name, suggestion)}"
            way_out = f"a slot holds a concept's name and nothing more; declared are {listed(names)}"
            yield Problem(TEMPLATE_SLOT, message, positions.of_value(where), way_out, suggestion)
        if intervention.caption.include != "all":
            message = f"intervention {quoted(intervention.name)} has a template, and `include` would be ignored"
            here = positions.of_key(("interventions", index, "caption", "include"))
            yield Problem(CONCEPT_FIELDS, message, here, "delete it, and leave slots out of the template instead")
        for analysis in spec.reliances:
            if analysis.intervention != intervention.name:
                continue
            for name in [name for name in analysis.permuted(spec.concepts) if name in names and name not in slots]:
                message = (
                    f"concept {quoted(name)} is permuted by analysis {quoted(analysis.name)}, and the template of "
                    f"intervention {quoted(intervention.name)} has no slot for it"
                )
                way_out = f"write {quoted(f'{{{name}}}')} into the template, or name the `concepts` of the analysis"
                yield Problem(NOT_IN_CAPTION, message, positions.of_value(where), way_out)


def tables_of_permutations_are_named(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """Permutations are taken from a table only where the intervention's caption names one."""
    tables = {intervention.name: intervention.caption.table for intervention in spec.captioning}
    for index, analysis in spec.reliances_at:
        if analysis.permutations == "table" and analysis.intervention in tables and not tables[analysis.intervention]:
            message = (
                f"analysis {quoted(analysis.name)} takes its permutations from a table, and the caption of "
                f"intervention {quoted(analysis.intervention)} names none"
            )
            where = positions.of_value(("analyses", index, "permutations"))
            way_out = "add `table:` to the `caption` of the intervention, or write `exact` or a number"
            yield Problem(NO_TABLE_OF_PERMUTATIONS, message, where, way_out)


CAPTION_RULES: Final[tuple[Callable[[AuditSpec, Positions], Iterable[Problem]], ...]] = (
    templates_hold_what_is_permuted,
    tables_of_permutations_are_named,
)
"""Each finds what its name says to be untrue."""
