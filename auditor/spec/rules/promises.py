"""What parts of the document need beyond their fields: bounds, targets, detectors, phrases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from auditor.codes import (
    BOUND_COUNT,
    DETECTOR_IS_MODEL,
    DETECTOR_WITH_TARGET,
    EXCUSE_OF_MODEL,
    GATE_WITHOUT_DETECTOR,
    IMPORTANCE_BOUND_COUNT,
    MODEL_WITHOUT_TARGET,
    RESERVED_PROFILE,
    SAME_BACKBONE,
    UNKNOWN_SUBGROUP,
)
from auditor.errors import Problem
from auditor.numerics_profile import RESERVED, NumericsProfile
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Positions
from auditor.spec.wording import listed, quoted

BOUNDS: Final = ("flips", "importance", "range", "ratio", "response")
IMPORTANCE_BOUNDS: Final = ("at_least", "at_most", "within")


def requirements_promise_one_thing(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A requirement has exactly one bound, and a bound on importance exactly one number."""
    for index, promise in enumerate(spec.requirements):
        given = [key for key in BOUNDS if getattr(promise, key) is not None]
        if len(given) != 1:
            here = ("requirements", index)
            where = positions.of_key((*here, given[1])) if given else positions.of_owner(here)
            message = f"requirement {quoted(promise.name)} has {bounds(given)}, not exactly one"
            way_out = "make each bound a requirement of its own" if given else f"add one of {listed(BOUNDS)}"
            yield Problem(BOUND_COUNT, message, where, way_out)
        if promise.importance is not None:
            limits = [key for key in IMPORTANCE_BOUNDS if getattr(promise.importance, key) is not None]
            if len(limits) != 1:
                where = positions.of_key(("requirements", index, "importance"))
                message = f"`importance` of requirement {quoted(promise.name)} has {bounds(limits)}, not exactly one"
                yield Problem(IMPORTANCE_BOUND_COUNT, message, where, f"keep one of {listed(IMPORTANCE_BOUNDS)}")


def subgroups_have_a_column(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A requirement about a subgroup is about an analysis that tells of subgroups."""
    by = {analysis.name: analysis.by for analysis in spec.reliances}
    for index, promise in enumerate(spec.requirements):
        if promise.subgroup is not None and promise.analysis in by and by[promise.analysis] is None:
            where = positions.of_key(("requirements", index, "subgroup"))
            message = (
                f"requirement {quoted(promise.name)} is about a subgroup, and the analysis {quoted(promise.analysis)} "
                "names no column of subgroups"
            )
            yield Problem(UNKNOWN_SUBGROUP, message, where, "name the column as `by` of the analysis")


def bounds(given: list[str]) -> str:
    """The bounds given, in words."""
    return f"the bounds {listed(given)}" if given else "no bound"


def models_have_targets(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """An audited model has a target, a detector none; and only a detector has a backbone to excuse."""
    for index, model in enumerate(spec.models):
        if model.shares_backbone_because is not None:
            where = positions.of_key(("models", index, "shares_backbone_because"))
            message = f"model {quoted(model.name)} says why it shares a backbone, which only a detector has to"
            yield Problem(EXCUSE_OF_MODEL, message, where, "write it under the detector that shares the backbone")
        if model.target is None and spec.reliances:
            where = positions.of_owner(("models", index))
            message = f"model {quoted(model.name)} has no `target`"
            yield Problem(MODEL_WITHOUT_TARGET, message, where, "add `target:` with the output's label or index")
    for index, detector in enumerate(spec.detectors):
        if detector.target is not None:
            where = positions.of_key(("detectors", index, "target"))
            message = f"detector {quoted(detector.name)} has a `target`"
            way_out = "delete it; a concept's output is `detector_output` under `concepts`"
            yield Problem(DETECTOR_WITH_TARGET, message, where, way_out)
        if detector.label is not None:
            where = positions.of_key(("detectors", index, "label"))
            message = f"detector {quoted(detector.name)} has a `label`"
            yield Problem(
                DETECTOR_WITH_TARGET, message, where, "delete it; a detector is judged by the concepts' columns"
            )


def gates_have_detectors(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A check that asks a detector has one to ask."""
    if spec.detectors:
        return
    for index, check in enumerate(spec.checks):
        if getattr(check, "keeps", None) == ():
            continue  # identity_kept by structural similarity alone
        if "detector" in type(check).model_fields and getattr(check, "detector", None) is None:
            where = positions.of_value(("checks", index, "kind"))
            message = f"check `{check.kind}` needs a detector, and none is declared"
            yield Problem(GATE_WITHOUT_DETECTOR, message, where, "declare one under `detectors`, or delete the check")


def detectors_are_independent(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A detector is neither the audited model nor built on what that one was built on."""
    for index, detector in enumerate(spec.detectors):
        for model in spec.models:
            if detector.source == model.source:
                where = positions.of_value(("detectors", index, "source"))
                message = f"detector {quoted(detector.name)} is the audited model {quoted(model.name)}: one source"
                yield Problem(DETECTOR_IS_MODEL, message, where, "name a detector that was trained apart")
            reason = detector.shares_backbone_because
            if detector.backbone is not None and detector.backbone == model.backbone and not reason:
                where = positions.of_value(("detectors", index, "backbone"))
                message = (
                    f"detector {quoted(detector.name)} and audited model {quoted(model.name)} "
                    f"have one backbone, {quoted(detector.backbone)}"
                )
                way_out = "name a detector built on other weights, or say why it may, as `shares_backbone_because`"
                yield Problem(SAME_BACKBONE, message, where, way_out)


def profiles_have_names_of_their_own(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A profile with overrides is not called like one without."""
    profile = spec.numerics
    if isinstance(profile, NumericsProfile) and profile.name in RESERVED:
        where = positions.of_value(("numerics", "name"))
        message = f"the profile with its own settings is called {quoted(profile.name)}, which names one without any"
        way_out = f"give it another name, or write `numerics: {profile.name}` alone"
        yield Problem(RESERVED_PROFILE, message, where, way_out)


RULES_OF_PARTS: Final[tuple[Callable[[AuditSpec, Positions], Iterable[Problem]], ...]] = (
    requirements_promise_one_thing,
    subgroups_have_a_column,
    models_have_targets,
    gates_have_detectors,
    detectors_are_independent,
    profiles_have_names_of_their_own,
)
"""Each finds what its name says to be untrue."""
