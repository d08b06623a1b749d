"""What one part of the document says about another: names that exist, promises that can be kept.

Every rule is a function from the audit to the problems it finds, and stands in `RULES`. A
missing margin is no problem: it means that nothing will ever be called `does_not_rely`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from auditor.analyses import PermutationImportance
from auditor.codes import (
    DUPLICATE_NAME,
    LABEL_IS_CONCEPT,
    NOT_MEASURED,
    REPEATED_ENTRY,
    UNKNOWN_ANALYSIS,
    UNKNOWN_CONCEPT,
    UNKNOWN_DETECTOR,
    UNKNOWN_INTERVENTION,
    UNKNOWN_MODEL,
    UNKNOWN_PROPERTY,
)
from auditor.errors import Problem
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc, Positions, line_seen_from
from auditor.spec.rules.captions import CAPTION_RULES
from auditor.spec.rules.concepts import CONCEPT_RULES
from auditor.spec.rules.kinds import KIND_RULES
from auditor.spec.rules.metrics import METRIC_RULES
from auditor.spec.rules.placeholders import placeholders_are_filled_in
from auditor.spec.rules.promises import RULES_OF_PARTS
from auditor.spec.rules.significance import tests_can_find_something
from auditor.spec.rules.sweeps import SWEEP_RULES
from auditor.spec.rules.undeclared import named
from auditor.spec.wording import listed, quoted

Rule = Callable[[AuditSpec, Positions], Iterable[Problem]]

LISTED: Final = (
    ("models", "models", UNKNOWN_MODEL),
    ("concepts", "concepts", UNKNOWN_CONCEPT),
    ("interventions", "interventions", UNKNOWN_INTERVENTION),
    ("controls", "interventions", UNKNOWN_INTERVENTION),
)
"""Keys of analyses that list names, where these are declared, and the code of one that is not."""

NAMED_LISTS: Final = ("models", "detectors", "concepts", "properties", "interventions", "analyses", "requirements")


def reference_problems(spec: AuditSpec, positions: Positions) -> tuple[Problem, ...]:
    """Everything in `spec` that does not fit together."""
    return tuple(
        problem
        for rule in (*RULES, *CONCEPT_RULES, *CAPTION_RULES, *METRIC_RULES, *RULES_OF_PARTS, *SWEEP_RULES, *KIND_RULES)
        for problem in rule(spec, positions)
    )


def names_are_given_once(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """A name stands once in its list, and models and detectors share none."""
    for part in NAMED_LISTS:
        first: dict[str, int] = {}
        for index, entry in enumerate(getattr(spec, part)):
            if entry.name in first:
                there = positions.of_value((part, first[entry.name], "name"))
                yield Problem(
                    DUPLICATE_NAME,
                    f"the name {quoted(entry.name)} stands twice under `{part}`",
                    positions.of_value((part, index, "name")),
                    f"give one of the two another name; the first is in line {there.line}",
                )
            first.setdefault(entry.name, index)
    models = {model.name: index for index, model in enumerate(spec.models)}
    for index, detector in enumerate(spec.detectors):
        if detector.name in models:
            here = positions.of_value(("detectors", index, "name"))
            there = positions.of_value(("models", models[detector.name], "name"))
            yield Problem(
                DUPLICATE_NAME,
                f"the name {quoted(detector.name)} stands under `models` and under `detectors`",
                here,
                "give one of the two another name, since scores are told apart by it; "
                f"the model is in {line_seen_from(there, here)}",
            )


def analyses_name_what_exists(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """The interventions, the models and the concepts of an analysis are declared."""
    for index, analysis in enumerate(spec.analyses):
        here: Loc = ("analyses", index)
        if isinstance(analysis, PermutationImportance):
            wanted = analysis.intervention
            yield from named((*here, "intervention"), wanted, "interventions", UNKNOWN_INTERVENTION, spec, positions)
        for part, kind, code in LISTED:
            names = getattr(analysis, part, None) or ()
            for entry, name in enumerate(names):
                yield from named((*here, part, entry), name, kind, code, spec, positions)
                if name in names[:entry]:
                    where = positions.of_value((*here, part, entry))
                    message = f"{quoted(name)} stands twice in `{part}`"
                    yield Problem(REPEATED_ENTRY, message, where, "delete one of the two")


def checks_name_what_exists(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """The analysis and the detector of a check are declared."""
    for index, check in enumerate(spec.checks):
        yield from named(("checks", index, "of"), check.of, "analyses", UNKNOWN_ANALYSIS, spec, positions)
        detector = getattr(check, "detector", None)
        if detector is not None:
            yield from named(("checks", index, "detector"), detector, "detectors", UNKNOWN_DETECTOR, spec, positions)


def requirements_name_what_is_measured(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """The analysis of a requirement is declared, and measures its concept and its model."""
    for index, promise in enumerate(spec.requirements):
        here: Loc = ("requirements", index)
        yield from named((*here, "analysis"), promise.analysis, "analyses", UNKNOWN_ANALYSIS, spec, positions)
        analysis = next((entry for entry in spec.analyses if entry.name == promise.analysis), None)
        for key, part, code in (
            ("concept", "concepts", UNKNOWN_CONCEPT),
            ("property", "properties", UNKNOWN_PROPERTY),
            ("model", "models", UNKNOWN_MODEL),
        ):
            name = getattr(promise, key)
            if name is None:
                continue
            unknown = list(named((*here, key), name, part, code, spec, positions))
            yield from unknown
            measured = getattr(analysis, part, None)
            if not unknown and measured is not None and name not in measured:
                yield Problem(
                    NOT_MEASURED,
                    f"the {key} {quoted(name)} is not measured by the analysis {quoted(promise.analysis)}",
                    positions.of_value((*here, key)),
                    f"add it to the `{part}` of the analysis: {listed(measured)}",
                )


def no_concept_is_the_label(spec: AuditSpec, positions: Positions) -> Iterator[Problem]:
    """The column of a label is no concept's: captions would tell the generator the answer."""
    for index, concept in enumerate(spec.concepts):
        if spec.dataset is not None and concept.column == spec.dataset.label:
            yield Problem(
                LABEL_IS_CONCEPT,
                f"concept {quoted(concept.name)} reads the column {quoted(concept.column)}, which is the label",
                positions.of_value(("concepts", index, "column")),
                "name another column, or leave the concept out; that a model predicts its label is its performance",
            )
    columns = {concept.column: concept.name for concept in spec.concepts}
    for index, model in enumerate(spec.models):
        if model.label is not None and model.label in columns:
            yield Problem(
                LABEL_IS_CONCEPT,
                f"the label of model {quoted(model.name)} is the column {quoted(model.label)}, which concept "
                f"{quoted(columns[model.label])} reads",
                positions.of_value(("models", index, "label")),
                "name another column, or leave the concept out; that a model predicts its label is its performance",
            )


RULES: Final[tuple[Rule, ...]] = (
    names_are_given_once,
    analyses_name_what_exists,
    checks_name_what_exists,
    requirements_name_what_is_measured,
    tests_can_find_something,
    no_concept_is_the_label,
    placeholders_are_filled_in,
)
"""Rules about names and tests; those about single parts stand in `promises`."""
