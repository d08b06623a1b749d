"""What belongs together: analyses with the interventions, checks, requirements and data of their own kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from auditor.analyses import PermutationImportance
from auditor.codes import KIND_UNFIT, NEEDS_CONCEPTS, UNKNOWN_INTERVENTION
from auditor.errors import Problem
from auditor.interventions import Captured, TextToImage
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc, Positions
from auditor.spec.wording import closest, listed, quoted

OF_CONCEPTS: Final = ("response", "importance")
OF_PROPERTIES: Final = ("range", "ratio")


def parts_are_of_one_kind(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """Analyses have interventions, checks and requirements of their own kind."""
    by_name = {one.name: one for one in spec.interventions}
    for index, analysis in enumerate(spec.analyses):
        here: Loc = ("analyses", index)
        if isinstance(analysis, PermutationImportance):
            source = by_name.get(analysis.intervention)
            if source is not None and not isinstance(source, TextToImage):
                message = f"permutation importance needs captions, and {quoted(source.name)} is of kind {source.kind}"
                where = positions.of_value((*here, "intervention"))
                yield Problem(KIND_UNFIT, message, where, "name a text_to_image intervention")
            continue
        for key in ("interventions", "controls"):
            for place, name in enumerate(getattr(analysis, key)):
                if isinstance(by_name.get(name), TextToImage):
                    message = f"intervention {quoted(name)} is of kind text_to_image, which nothing changes gradually"
                    where = positions.of_value((*here, key, place))
                    yield Problem(KIND_UNFIT, message, where, "name an image_edit, compositing or captured one")
    kinds = {one.name: one.kind for one in spec.analyses}
    for index, check in enumerate(spec.checks):
        guards = type(check).GUARDS
        if check.of in kinds and kinds[check.of] not in guards:
            message = f"check {check.kind} does not fit analysis {quoted(check.of)}, of kind {kinds[check.of]}"
            where = positions.of_value(("checks", index, "of"))
            yield Problem(KIND_UNFIT, message, where, f"it guards analyses of kind {listed(guards)}")
    sweeps = {one.name: one.sweeps for one in spec.gradients}
    for index, check in enumerate(spec.checks):
        name = getattr(check, "intervention", None)
        if name is not None and check.of in sweeps and name not in sweeps[check.of]:
            message = f"intervention {quoted(name)} is none of the analysis {quoted(check.of)}"
            where = positions.of_value(("checks", index, "intervention"))
            way_out = f"name one of {listed(sweeps[check.of])}"
            yield Problem(UNKNOWN_INTERVENTION, message, where, way_out, closest(name, sweeps[check.of]))
    for index, promise in enumerate(spec.requirements):
        kind = kinds.get(promise.analysis)
        if kind is None:
            continue
        here = ("requirements", index)
        wanted, other = ("concept", "property") if kind == "permutation_importance" else ("property", "concept")
        if getattr(promise, other) is not None:
            message = f"requirement {quoted(promise.name)} is about a {other}, and its analysis is of kind {kind}"
            yield Problem(KIND_UNFIT, message, positions.of_key((*here, other)), f"name a `{wanted}`")
        elif getattr(promise, wanted) is None:
            message = f"requirement {quoted(promise.name)} names no {wanted}"
            yield Problem(KIND_UNFIT, message, positions.of_owner(here), f"add `{wanted}:`")
        for key in OF_PROPERTIES if wanted == "concept" else (*OF_CONCEPTS, "subgroup"):
            if getattr(promise, key) is not None:
                message = f"requirement {quoted(promise.name)} has `{key}`, and its analysis is of kind {kind}"
                kept = OF_CONCEPTS if wanted == "concept" else OF_PROPERTIES
                way_out = f"bound one of {listed((*kept, 'flips'))}"
                yield Problem(KIND_UNFIT, message, positions.of_key((*here, key)), way_out)


def analyses_have_their_data(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """Permutation importance has concepts, rows and labels; edits and composites have rows."""
    for index, analysis in spec.reliances_at:
        lacking = [
            what
            for what, there in (
                ("`dataset`", spec.dataset is not None),
                ("`dataset.label`", spec.dataset is None or spec.dataset.label is not None),
                ("`concepts`", bool(spec.concepts)),
            )
            if not there
        ]
        if lacking:
            what = " and no ".join(lacking)
            message = f"analysis {quoted(analysis.name)} permutes concepts, and the document has no {what}"
            where = positions.of_value(("analyses", index, "kind"))
            way_out = "name the table with `dataset: {source: FOLDER, label: COLUMN}`, and its columns under `concepts`"
            yield Problem(NEEDS_CONCEPTS, message, where, way_out)
    for index, one in spec.sweeping_at:
        if spec.dataset is None and not isinstance(one, Captured):
            message = f"intervention {quoted(one.name)} changes pictures, and the document has no `dataset`"
            where = positions.of_value(("interventions", index, "kind"))
            yield Problem(NEEDS_CONCEPTS, message, where, "add `dataset: {source: FOLDER}`")


KIND_RULES: Final[tuple[Callable[[AuditSpec, Positions], Iterable[Problem]], ...]] = (
    parts_are_of_one_kind,
    analyses_have_their_data,
)
"""Each finds what its name says to be untrue."""
