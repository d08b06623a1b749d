"""What comparisons with controls, and requirements about properties, must not leave to silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from auditor.checks import IdentityKept
from auditor.codes import CHECKS_NOTHING, CONTROL_IS_PROPERTY, KIND_UNFIT, NOT_MEASURED, TOO_FEW_CONTROLS
from auditor.errors import Problem
from auditor.interventions import AnySweep, Captured
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Positions
from auditor.spec.wording import listed, quoted


def requirements_are_about_followed_properties(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A requirement is about a property that its analysis follows, and bounds a ratio only where there are controls.

    Of any other nothing would be judged, and the audit would pass without a word about it.
    """
    realised = {one.name: one.realises for one in spec.sweeping}
    declared = {one.name for one in spec.properties}
    analyses = {analysis.name: analysis for analysis in spec.gradients}
    for index, promise in enumerate(spec.requirements):
        analysis = analyses.get(promise.analysis)
        if analysis is None or promise.property not in declared:
            continue
        followed = [realised[name] for name in analysis.interventions if name in realised]
        if promise.property not in followed:
            compared = promise.property in [realised.get(name) for name in analysis.controls]
            message = (
                f"the property {quoted(promise.property)} is "
                + ("a control of" if compared else "not followed by")
                + f" the analysis {quoted(analysis.name)}"
                + (", not what it measures" if compared else "")
            )
            where = positions.of_value(("requirements", index, "property"))
            yield Problem(NOT_MEASURED, message, where, f"name one that it follows: {listed(followed)}")
        elif promise.ratio is not None and not analysis.controls:
            message = (
                f"requirement {quoted(promise.name)} bounds a ratio to controls, and the analysis "
                f"{quoted(analysis.name)} has none"
            )
            where = positions.of_key(("requirements", index, "ratio"))
            yield Problem(TOO_FEW_CONTROLS, message, where, "name three `controls` or more, or bound the `range`")


def originals_are_there(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """Photographs have no picture before the intervention that could be a point of the score."""
    photographed = {one.name for one in spec.sweeping if isinstance(one, Captured)}
    for index, analysis in spec.gradients_at:
        found = sorted(photographed & {*analysis.sweeps})
        if analysis.include_original and found:
            message = (
                f"`include_original` of {quoted(analysis.name)} asks for the picture before the intervention, "
                f"which photographs of {listed(found)} do not have"
            )
            where = positions.of_key(("analyses", index, "include_original"))
            yield Problem(KIND_UNFIT, message, where, "delete it")


def kept_identities_are_looked_at(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A check `identity_kept` names what is to stay, or how alike pictures have to be."""
    for index, check in enumerate(spec.checks):
        if isinstance(check, IdentityKept) and not check.keeps and check.min_ssim is None:
            message = f"`identity_kept` of {quoted(check.intervention)} looks at nothing"
            way_out = "add `keeps:` with outputs of a detector, or `min_ssim:`, or delete the check"
            yield Problem(CHECKS_NOTHING, message, positions.of_owner(("checks", index)), way_out)


def controls_change_other_pixels(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """No control is the intervention on a property, or another control, under another name."""
    by_name = {one.name: one for one in spec.sweeping}
    for index, analysis in spec.gradients_at:
        seen = [by_name[name] for name in analysis.interventions if name in by_name]
        properties = {one.realises for one in seen}
        for place, name in enumerate(analysis.controls):
            control = by_name.get(name)
            if control is None or control.realises in properties or control in seen:
                continue  # Other rules tell of names that are not declared, and of a property that is its own control.
            twin = next((other for other in seen if _same_pixels(control, other)), None)
            if twin is not None:
                message = f"control {quoted(name)} does what {quoted(twin.name)} does, under another name"
                where = positions.of_value(("analyses", index, "controls", place))
                yield Problem(CONTROL_IS_PROPERTY, message, where, "let it change another part, or in another way")
            seen.append(control)


def _same_pixels(one: AnySweep, other: AnySweep) -> bool:
    """Whether two interventions make the same frames: they differ by their names and properties alone."""
    named = {"name", "realises"}
    return type(one) is type(other) and one.model_dump(exclude=named) == other.model_dump(exclude=named)


PROMISES_OF_SWEEPS: Final[tuple[Callable[[AuditSpec, Positions], Iterable[Problem]], ...]] = (
    requirements_are_about_followed_properties,
    kept_identities_are_looked_at,
    originals_are_there,
    controls_change_other_pixels,
)
"""Each finds what its name says to be untrue."""
