"""Gate: does changing one concept leave the others alone? (DEPICT, section 3.2)"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from auditor.node import Confidence, Name, Share, SpecNode, default

if TYPE_CHECKING:
    from auditor.analyses import AuditView
    from auditor.checks.outcome import CheckOutcome, Guarded
    from auditor.checks.seen_pairs import SeenPairs
    from auditor.concepts import Concept
    from auditor.judgement import CheckPart
    from auditor.plan import Rounds

RENDERING: Final = "rendering strength"
CHANGED: Final = "share of rows whose decision changes"


class IndependentPermutation(SpecNode):
    """When one concept is changed, the detector must see that concept change and no other.

    Judged on pairs of pictures of one row and one noise, for every declared concept, also those
    that the analysis does not change. The AUROC matrix of the paper is reported beside, since it
    cannot see side effects where concepts are independent."""

    GUARDS: ClassVar = ("permutation_importance",)
    """Kinds of analyses that the check guards."""

    kind: Literal["independent_permutation"]
    """Which kind of check this is."""

    of: Name
    """The analysis that this check guards."""

    detector: Name | None = default(None, "chosen")
    """The detector that judges concepts; the first declared one by default."""

    max_changed: Share = default(0.05, "chosen")
    """Largest share of rows in which the decision about another concept changes."""

    min_rendering: float = default(0.8, "chosen", gt=0, le=1)
    """Least strength with which a concept is rendered: the detector's mean change when it is
    put in, over the detector's difference on real pictures with and without it."""

    max_condition: float = default(20.0, "chosen", ge=1)
    """Largest condition number of the detector's mean changes at which the side effects of concepts are told
    apart: above it no response is unmixed, and nothing is called reliance."""

    confidence: Confidence = default(0.95, "chosen")
    """One-sided confidence of the limits that decide."""

    def rounds(self, audit: AuditView, guarded: Guarded) -> Rounds[CheckOutcome]:
        """One round: the detector on every picture that the analysis scored, and on real ones."""
        from dataclasses import replace

        import numpy as np

        from auditor.checks.detected_changes import detected_changes
        from auditor.checks.outcome import complete_rows, detector_of
        from auditor.checks.seen_pairs import SeenPairs, shown_in, sights_of

        pictures = guarded.analysis.pictures(audit)
        detector = detector_of(audit, self.detector)
        real = audit.ask.predict(detector.digest, audit.real_pictures())
        pairs = audit.ask.predict(detector.digest, pictures.by_value)
        answers = yield audit.ask
        whole = complete_rows(answers, real, pairs)
        of_real, of_pairs = answers[real][whole], answers[pairs][whole]
        sights = sights_of(audit)
        outputs = [detector.outputs.index(sight.output) for sight in sights]
        if not whole.any():
            # No score of the detector is there at all, so nobody knows how many outputs it has.
            of_real, of_pairs = (np.zeros((*found.shape[:-1], len(detector.outputs))) for found in (of_real, of_pairs))
        shown = [shown_in(audit.rows, audit.concepts, sight)[whole] for sight in sights]
        seen = SeenPairs(
            changed=pictures.concepts,
            sights=sights,
            own=pictures.values[whole],
            levels=tuple(pictures.levels_of(j) for j in range(len(pictures.concepts))),
            shown=np.stack(shown, axis=-1) if shown else np.zeros((int(whole.sum()), 0), np.int64),
            clusters=None if audit.rows.clusters is None else audit.rows.clusters[whole],
            real=detector.probabilities(of_real)[:, outputs],
            pairs=detector.probabilities(of_pairs)[..., outputs],
            ranked=np.stack([detector.rankable(of_pairs, output) for output in outputs], axis=-1)
            if outputs
            else np.zeros((*of_pairs.shape[:-1], 0)),
        )
        detected = detected_changes(seen, detector.name, whole, self.max_condition)
        return replace(self.outcome(seen, audit.concepts), detected=detected)

    def outcome(self, seen: SeenPairs, concepts: Sequence[Concept]) -> CheckOutcome:
        """The gate's judgement of what the detector saw; `concepts` are those declared, seen or not."""
        from auditor.checks.detector_matrices import matrices_of
        from auditor.checks.outcome import CheckOutcome
        from auditor.checks.told_gate import told_gate
        from auditor.checks.unseen import not_changed_part, side_effects_unseen, unseen_part

        named = {concept.name: concept for concept in concepts}
        parts: list[CheckPart] = []
        for j, changed in enumerate(seen.changed):
            parts += [self._rendering(seen, j, k) for k in seen.sights_of(j)]
            if not seen.sights_of(j):
                parts.append(unseen_part(named[changed], RENDERING, self.min_rendering, "whether it is drawn"))
        effects = [
            self._side_effect(seen, j, k)
            for j, changed in enumerate(seen.changed)
            for k, sight in enumerate(seen.sights)
            if changed != sight.concept
        ]
        parts += effects
        parts += [side_effects_unseen(concept, CHANGED) for concept in concepts if not concept.detected]
        kept = [concept.name for concept in concepts if concept.name not in seen.changed]
        parts += [not_changed_part(seen.changed, kept)] if kept else []
        worst = max((part.measured for part in effects if part.measured is not None), default=None)
        alone = "" if worst is None else (
            f"changing one concept changes the decision about another in at most {worst:.1%} of rows, and "
        )  # fmt: skip
        return CheckOutcome(
            told_gate(
                self, parts, worst, self.max_changed,
                holds=f"{alone}every concept is rendered",
                fails="changing one concept does not leave the others alone",
                undecided="the rows do not decide whether concepts change alone",
                matrices=matrices_of(seen, self.max_changed) if len(seen) and seen.sights else (),
            )
        )  # fmt: skip

    def _rendering(self, seen: SeenPairs, j: int, k: int) -> CheckPart:
        from auditor.checks.outcome import judged_part
        from auditor.checks.unseen import told_beyond

        name = seen.sights[k].title
        judge = partial(
            judged_part, name, RENDERING, confidence=self.confidence,
            limits=(self.min_rendering, None), concept=seen.changed[j],
        )  # fmt: skip
        if not seen.varies(k):
            said = f"no real pictures with {name} and without it are left to compare with"
            return judge(found=None, sentence=said)
        try:
            strength = seen.rendering(j, k)
        except ValueError:
            said = f"the detector does not see {name} on real pictures, so it cannot judge generated ones"
            return judge(found=None, sentence=said).model_copy(update={"state": "fail"})
        said = f"putting {name} in moves its detector by {strength.value:.0%} of the difference on real pictures"
        return told_beyond(judge(found=strength, sentence=said), seen.sights[k])

    def _side_effect(self, seen: SeenPairs, j: int, k: int) -> CheckPart:
        from auditor.checks.outcome import judged_part, two_sided

        changed, other = seen.changed[j], seen.sights[k].title
        judge = partial(
            judged_part, f"{changed} -> {other}", CHANGED, confidence=self.confidence,
            limits=(None, self.max_changed), concept=changed,
        )  # fmt: skip
        if len(seen) == 0:
            said = f"no row has all the pictures that show whether changing {changed} changes {other}"
            return judge(found=None, sentence=said)
        effect = seen.effect(j, k)
        beside = "" if effect.renoise_share is None else f" (new noise alone: {effect.renoise_share:.1%})"
        share = f"{effect.changed.value:.1%} of rows{beside}"
        said = f"changing {changed} changes the decision about {other} in {share}"
        shown = two_sided(effect.mean_change, self.confidence)
        limits = "" if shown is None else f" [{shown.low:+.3f}, {shown.high:+.3f}]"
        moved = f"putting it in moves the probability of {other} by {effect.mean_change.value:+.3f}{limits}"
        return judge(found=effect.changed, sentence=f"{said}; {moved}")
