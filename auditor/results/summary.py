"""The answer of an audit in a few sentences, and what it does not say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from auditor.analyses import AuditView
from auditor.judgement import CheckResult
from auditor.results.audit_result import Finding, PartialResult, RequirementResult
from auditor.results.sweeps.property_summary import MOST_NAMED, about_properties, few_of, listed, sweeps_not_measured
from auditor.spec.audit_spec import AuditSpec

OF_MANY: Final = {"fail": "fails for", "invalid": "invalid for", "inconclusive": "undecided for", "pass": "holds for"}
"""What is said of a promise about many models, those first that break it."""


def outcome_of(
    requirements: Sequence[RequirementResult], checks: Sequence[CheckResult], partial: PartialResult | None = None
) -> Literal["pass", "fail", "inconclusive"]:
    """`fail` where a requirement failed; `pass` where every requirement and every gate holds, on all rows."""
    if any(requirement.state == "fail" for requirement in requirements):
        return "fail"
    states = [one.state for one in requirements] + [check.state for check in checks if check.state is not None]
    return "pass" if all(state == "pass" for state in states) and partial is None else "inconclusive"


def partial_sentence(partial: PartialResult) -> str:
    """What must be said of a partial result wherever it is shown."""
    return (
        f"Partial result: the first {partial.rows:,} of {partial.of:,} rows (--limit); no claim about the models may "
        "rest on it."
    )


def summary_of(
    requirements: Sequence[RequirementResult],
    checks: Sequence[CheckResult],
    findings: Sequence[Finding],
    partial: PartialResult | None = None,
) -> tuple[str, ...]:
    """That it is partial, where it is; then requirements, what each model relies on, the gates that block."""
    sentences = [partial_sentence(partial)] if partial else []
    for name in dict.fromkeys(requirement.name for requirement in requirements):
        sentences += _of_promise(name, [one for one in requirements if one.name == name])
    for model in dict.fromkeys(finding.model for finding in findings):
        words: dict[str, list[str]] = {}
        responses = [
            finding
            for finding in findings
            if finding.model == model and finding.quantity == "response" and finding.subgroup is None
        ]
        for finding in sorted(responses, key=lambda one: -abs(one.estimate or 0.0)):
            words.setdefault(str(finding.verdict), []).append(finding.subject.name)
        said = {
            "relies": "{model} relies on {names}.",
            "does_not_rely": "{model} does not rely on {names}, within the declared margin.",
            "inconclusive": "For {names}, the evidence about {model} is inconclusive.",
            "invalid": "For {names}, a failed gate or side effects mean that nothing can be said about {model}.",
        }
        sentences += [
            sentence.format(model=model, names=listed(words[word])) for word, sentence in said.items() if word in words
        ]
    sentences += about_properties(findings)
    blocked = [check for check in checks if check.state in ("fail", "inconclusive")]
    for check in blocked:
        verb = "fails" if check.state == "fail" else f"is {check.state}"
        sentences.append(f"The gate {check.kind.replace('_', ' ')} {verb}: {check.sentence}.")
    if not blocked and any(check.state == "pass" for check in checks):
        sentences.append("All gates pass: the pictures are good enough for these claims.")
    return tuple(sentences)


def _of_promise(name: str, results: Sequence[RequirementResult]) -> list[str]:
    """What came of one promise: a sentence for each model, or of more than a few models one for them all."""
    if len(results) <= MOST_NAMED:
        return [f"{name} ({one.model}): {one.state}. {_sentence(one.sentence)}" for one in results]
    found = [(word, [one.model for one in results if one.state == state]) for state, word in OF_MANY.items()]
    return [f"{name}: {'; '.join(f'{word} {few_of(models)}' for word, models in found if models)}."]


def not_measured(spec: AuditSpec, view: AuditView, reused: int = 0) -> tuple[str, ...]:
    """What a reader may think was measured, and was not; `reused` counts units that another numerics class made."""
    of_concepts = bool(spec.reliances) or not spec.gradients
    said = ["Whether concepts that are not declared matter to the models."] if of_concepts else []
    if spec.gradients:
        said.append("Whether properties that are not declared matter to the models.")
    said.append(_other_pictures(spec, view))
    if spec.detectors and of_concepts:
        said.append("Whether the detector is right about generated pictures; it is trusted where the gates pass.")
    said += [
        f"The pictures by a detector with sight of its own: {detector.name} shares a backbone with an audited model. "
        f"The author says why: {detector.shares_backbone_because}"
        for detector in spec.detectors
        if detector.shares_backbone_because
    ]
    said += _generation_not_measured(spec) if of_concepts else []
    said += sweeps_not_measured(spec)
    if reused:
        said.append(
            f"What the declared numerics give for {reused:,} pictures and scores: they were made under other classes "
            "and are equal in meaning, not bit for bit; see the identities."
        )
    return tuple(said)


def _generation_not_measured(spec: AuditSpec) -> list[str]:
    gates = {check.kind for check in spec.checks}
    said = []
    if "effective_generation" not in gates:
        said.append("Whether models see generated pictures as they see real ones: no such check is declared.")
    if "independent_permutation" not in gates:
        said.append("Whether changing one concept leaves the others alone: no such check is declared.")
    else:
        said.append(
            "Side effects of the generator that no detector sees, or whose effects do not add up: the unmixed response "
            "takes out the others."
        )
    if "significance" not in gates:
        said.append("Whether responses are more than chance: no significance check is declared.")
    if any(intervention.noise.draws < 2 for intervention in spec.captioning):
        said.append("What the generator's noise contributes: that takes two draws or more.")
    return said


def _other_pictures(spec: AuditSpec, view: AuditView) -> str:
    if spec.dataset is None:
        return "Other things than those photographed: the numbers speak of these photographs alone."
    return (
        f"Pictures other than those of {spec.dataset.source}: the numbers speak of these {len(view.rows)} rows and of "
        "rows drawn like them."
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
