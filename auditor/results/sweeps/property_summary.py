"""What was found about properties in a few sentences, and what their sweeps leave open."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.analyses import GradientEstimates, PropertyGradient
from auditor.interventions import ImageEdit
from auditor.results.audit_result import Finding
from auditor.spec.audit_spec import AuditSpec

SENTENCES = {
    "relies": "{models} {follow} {names} further than the controls.",
    "does_not_rely": "{models} {do} not follow {names}, within the declared margin.",
    "inconclusive": "For {names}, the evidence about {models} is inconclusive.",
    "invalid": "For {names}, a failed gate or an intervention that changes nothing means that nothing can be said "
    "about {models}.",
    "descriptive": "For {names}, sweeps of {models} are described, and nothing is claimed: there are no controls.",
}

MOST_NAMED = 4
"""Models that a sentence names."""


def about_properties(findings: Sequence[Finding]) -> list[str]:
    """A sentence for each word and set of properties, naming every model of which it holds; relied on comes first."""
    words: dict[tuple[str, str], list[str]] = {}
    ranges = [one for one in findings if one.subject.kind == "property" and one.quantity == "range"]
    for one in sorted(ranges, key=lambda one: -(one.estimate or 0.0)):
        words.setdefault((one.model, str(one.verdict)), []).append(one.subject.name)
    count = len({one.model for one in ranges})
    said = []
    for word, sentence in SENTENCES.items():
        models: dict[tuple[str, ...], list[str]] = {}
        for model in dict.fromkeys(one.model for one in ranges):
            if (model, word) in words:
                models.setdefault(tuple(sorted(set(words[model, word]))), []).append(model)
        for names, of in models.items():
            several = len(of) > 1
            said.append(
                sentence.format(
                    models=few_of(of) if len(of) <= MOST_NAMED else f"{len(of)} of {count} models",
                    names=f"the {'properties' if len(names) > 1 else 'property'} {listed(names)}",
                    follow="follow" if several else "follows",
                    do="do" if several else "does",
                )
            )
    return said


def images_left_out(gradients: Sequence[tuple[PropertyGradient, GradientEstimates]]) -> tuple[str, ...]:
    """How many images of each analysis have no numbers, and why the first of them has none; nothing where all have."""
    said = []
    for analysis, found in gradients:
        reasons = [str(reason) for reason in found.reasons if reason]
        if reasons:
            said.append(
                f"Of {len(found.reasons)} images, {len(reasons)} {'is' if len(reasons) == 1 else 'are'} left out of "
                f"{analysis.name}; the first because {reasons[0]}."
            )
    return tuple(said)


def sweeps_not_measured(spec: AuditSpec) -> list[str]:
    """What sweeps of this document leave open; nothing where it has none."""
    said = []
    edits = {one.name: one.realises for one in spec.interventions if isinstance(one, ImageEdit)}
    for analysis in spec.gradients:
        checks = [check for check in spec.checks if check.of == analysis.name]
        looked = {kind: _looked_at(checks, kind) for kind in ("edit_success", "identity_kept")}
        unsure = [name for name in analysis.interventions if name in edits and name not in looked["edit_success"]]
        if unsure:
            said.append(f"Whether {listed(unsure)} changed the property at all: no edit_success check is declared.")
        loose = [name for name in analysis.interventions if name not in looked["identity_kept"]]
        if loose:
            said.append(f"Whether {listed(loose)} left all else as it was: no identity_kept check is declared.")
        if not analysis.controls:
            said.append(
                f"Whether scores move further than along changes that must not matter: {analysis.name} has no controls."
            )
        elif not any(check.kind == "significance" for check in checks):
            said.append("Whether moves beyond the controls are more than chance: no significance check is declared.")
        if any(looked.values()) and spec.detectors:
            said.append("Whether the detector is right about the frames; it is trusted where the gates pass.")
    return list(dict.fromkeys(said))


def _looked_at(checks: Sequence[object], kind: str) -> frozenset[str]:
    """The interventions at which a kind of check looks."""
    return frozenset(str(getattr(check, "intervention", "")) for check in checks if getattr(check, "kind", "") == kind)


def few_of(models: Sequence[str]) -> str:
    """All of few models; of many the first ones and how many others."""
    return listed(models if len(models) <= MOST_NAMED else (*models[: MOST_NAMED - 1], _others(models)))


def _others(models: Sequence[str]) -> str:
    return f"{len(models) - MOST_NAMED + 1} other models"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: `a, b and c`."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
