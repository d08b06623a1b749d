"""Gate: does changing one concept leave the others alone? (DEPICT, section 3.2)"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from auditor.analyses import AuditView
from auditor.checks.outcome import CheckOutcome, Guarded, complete_rows, detector_of, judged, two_sided, worst_state
from auditor.judgement import CheckPart, CheckResult, Matrix
from auditor.node import Confidence, Name, Share, SpecNode, default
from auditor.plan import Rounds
from auditor.statistics import OffTarget, exact_importance, off_target, rendering_strength_of_rows


class IndependentPermutation(SpecNode):
    """When one concept is changed, the detector must see that concept change and no other.

    Judged on pairs of pictures of one row and one noise; the AUROC matrix of the paper is
    reported beside, since it cannot see side effects where concepts are independent."""

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

    confidence: Confidence = default(0.95, "chosen")
    """One-sided confidence of the limits that decide."""

    def rounds(self, audit: AuditView, guarded: Guarded) -> Rounds[CheckOutcome]:
        """One round: the detector on every picture that the analysis scored, and on real ones."""
        pictures = guarded.analysis.pictures(audit)
        detector = detector_of(audit, self.detector)
        real = audit.ask.predict(detector.digest, audit.real_pictures())
        changed = audit.ask.predict(detector.digest, pictures.by_value)
        answers = yield audit.ask
        whole = complete_rows(answers, real, changed)
        of_real, of_changed = answers[real][whole], answers[changed][whole]
        names = pictures.concepts
        outputs = [detector.outputs.index(audit.concept(name).output) for name in names]
        seen = _Seen(
            names=names,
            values=pictures.values[whole],
            clusters=None if audit.rows.clusters is None else audit.rows.clusters[whole],
            real=detector.probabilities(of_real)[:, outputs],
            changed=detector.probabilities(of_changed)[..., outputs],
            ranked=np.stack([detector.rankable(of_changed, output) for output in outputs], axis=-1),
        )
        effects = {(j, k): seen.effect(j, k) for j in range(len(names)) for k in range(len(names))}
        parts = [self._rendering(seen, j) for j in range(len(names))]
        parts += [self._side_effect(seen, j, k, effects[j, k]) for j, k in effects if j != k]
        state = worst_state(parts)
        worst = max((effects[j, k].changed.value for j, k in effects if j != k), default=0.0)
        failed = [part.sentence for part in parts if part.state == "fail"]
        undecided = [part.sentence for part in parts if part.state == "inconclusive"]
        said = {
            "pass": f"changing one concept changes the decision about another in at most {worst:.1%} of rows, "
            "and every concept is rendered",
            "fail": _listed("changing one concept does not leave the others alone", failed),
            "inconclusive": _listed("the rows do not decide whether concepts change alone", undecided),
        }
        return CheckOutcome(
            CheckResult(
                kind=self.kind,
                of=self.of,
                state=state,
                measured=worst,
                threshold=self.max_changed,
                sentence=said[state],
                parts=tuple(parts),
                matrices=(
                    Matrix(
                        title="Share of rows whose decision changes",
                        unit="share",
                        row_title="changed concept",
                        column_title="detected concept",
                        rows=names,
                        columns=names,
                        values=_square(names, lambda j, k: effects[j, k].changed.value),
                        limit=self.max_changed,
                    ),
                    Matrix(
                        title="AUROC of the detector lost by permuting (the paper's matrix)",
                        unit="AUROC",
                        row_title="permuted concept",
                        column_title="detected concept",
                        rows=names,
                        columns=names,
                        values=_square(names, seen.auroc_drop),
                    ),
                ),
            )
        )

    def _rendering(self, seen: _Seen, j: int) -> CheckPart:
        name = seen.names[j]
        try:
            strength = rendering_strength_of_rows(
                seen.changed[:, j, :, 1, j],
                seen.changed[:, j, :, 0, j],
                seen.real[:, j],
                seen.values[:, j],
                seen.clusters,
            )
        except ValueError:
            return CheckPart(
                subject=name,
                quantity="rendering strength",
                measured=None,
                interval=None,
                threshold=self.min_rendering,
                state="fail",
                sentence=f"the detector does not see {name} on real pictures, so it cannot judge generated ones",
                concept=name,
            )
        return CheckPart(
            subject=name,
            quantity="rendering strength",
            measured=strength.value,
            interval=two_sided(strength, self.confidence),
            threshold=self.min_rendering,
            state=judged(strength, self.confidence, self.min_rendering, None),
            sentence=f"putting {name} in moves its detector by {strength.value:.0%} of the difference on real pictures",
            concept=name,
        )

    def _side_effect(self, seen: _Seen, j: int, k: int, effect: OffTarget) -> CheckPart:
        changed, other = seen.names[j], seen.names[k]
        beside = "" if effect.renoise_share is None else f" (new noise alone: {effect.renoise_share:.1%})"
        return CheckPart(
            subject=f"{changed} -> {other}",
            quantity="share of rows whose decision changes",
            measured=effect.changed.value,
            interval=two_sided(effect.changed, self.confidence),
            threshold=self.max_changed,
            state=judged(effect.changed, self.confidence, None, self.max_changed),
            sentence=f"changing {changed} changes the decision about {other} in {effect.changed.value:.1%} of rows{beside}",
            concept=changed,
        )


@dataclass(frozen=True)
class _Seen:
    """What the detector saw on the rows that are whole.

    `real` (n, k) and `changed` (n, j, draws, 2, k) are probabilities, `ranked` like `changed`
    but on a scale that does not saturate; j is the changed concept, k the detected one.
    """

    names: tuple[str, ...]
    values: np.ndarray
    clusters: np.ndarray | None
    real: np.ndarray
    changed: np.ndarray
    ranked: np.ndarray

    def effect(self, j: int, k: int) -> OffTarget:
        """What detector k does when only concept j changes."""
        return off_target(self.changed[:, j, :, :, k], self.values[:, j], self.clusters)

    def auroc_drop(self, j: int, k: int) -> float:
        """AUROC that detector k loses on its own concept when concept j is permuted, exactly."""
        return exact_importance(
            self.ranked[:, j, :, :, k], self.values[:, j], self.values[:, k], "auroc", self.clusters
        ).importance


def _square(names: Sequence[str], of: Callable[[int, int], float]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(of(j, k) for k in range(len(names))) for j in range(len(names)))


def _listed(what: str, sentences: Sequence[str]) -> str:
    shown = "; ".join(sentences[:3])
    more = f"; and {len(sentences) - 3} more" if len(sentences) > 3 else ""
    return f"{what}: {shown}{more}"
