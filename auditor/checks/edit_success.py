"""Did the sweep change the property at all? A detector, or the likeness of picture and words, says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from auditor.checks.sweep_check import SweepCheck
from auditor.node import Confidence, Name, Share, default

if TYPE_CHECKING:
    import numpy as np

    from auditor.analyses import AuditView
    from auditor.checks.outcome import CheckOutcome, GuardedSweeps
    from auditor.plan import Rounds


class EditSuccess(SweepCheck):
    """A detector must see the property move along the sweep, the way it is meant to, in most images."""

    kind: Literal["edit_success"]
    """Which kind of check this is."""

    detector: Name | None = default(None, "chosen")
    """The detector that sees the property; the first declared one by default. One of the adapter
    zero_shot compares pictures with words."""

    output: Name
    """The detector's output that is to move."""

    direction: Literal["rises", "falls"] = default("rises", "chosen")
    """Which way it is to move."""

    monotone: float = default(0.5, "chosen", ge=-1, le=1)
    """Least rank correlation (Spearman) of the detector's score with the place along the sweep."""

    decided: bool = default(True, "chosen")
    """Whether the detector's decision, too, must be as meant at the last point: there where it rises,
    gone where it falls."""

    min_success: Share = default(0.8, "chosen")
    """Least share of images in which the sweep succeeds."""

    confidence: Confidence = default(0.95, "chosen")
    """One-sided confidence of the gate."""

    def rounds(self, audit: AuditView, guarded: GuardedSweeps) -> Rounds[CheckOutcome]:
        """One round: the detector on every frame.

        An image in which there was nothing to do (the output already as meant at the first point) says nothing of the
        editor, and is left out.
        """
        import numpy as np

        from auditor.checks.outcome import CheckOutcome, detector_of, judged_part
        from auditor.judgement import CheckResult
        from auditor.statistics import clustered_share
        from auditor.statistics.sweeps import by_length

        sweep = audit.sweep(self.intervention)
        detector = detector_of(audit, self.detector)
        asked = sweep.in_place(audit.ask.predict(detector.digest, sweep.of_each_point(sweep.frames)))
        answers = yield audit.ask
        place = detector.outputs.index(self.output)
        logits = answers[asked]
        whole = np.isfinite(logits).all(axis=(1, 2, 3))
        scores = detector.rankable(logits[whole], place)
        decided = detector.decides(logits[whole], place)
        succeeded, told = np.zeros(len(scores)), np.zeros(len(scores), bool)
        for places, length in by_length(sweep.points[whole]):
            part_of = self.successes(scores[places, :, :length], decided[places, :, :length])
            succeeded[places], told[places] = part_of
        clusters = None if sweep.clusters is None else sweep.clusters[whole][told]
        share = clustered_share(succeeded[told], clusters) if told.any() else None
        said = (
            f"no image is left to judge: none has all its frames and scores, or {self.output} is where it was to go "
            "before anything is edited"
            if share is None
            else f"{detector.name} sees {self.output} move as meant in {share.value:.0%} of {int(told.sum())} images"
        )
        part = judged_part(
            f"{sweep.property}: {self.output}", "share of images with success", share, self.confidence,
            (self.min_success, None), said, concept=sweep.property,
        )  # fmt: skip
        return CheckOutcome(
            CheckResult(
                kind=self.kind, of=self.of, state=part.state, measured=part.measured, threshold=self.min_success,
                sentence=part.sentence, parts=(part,),
            )
        )  # fmt: skip

    def successes(self, scores: np.ndarray, decided: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Share of variants in which each image succeeds, and whether there was anything to do in it.

        Args:
            scores: the detector's score, (n_images, n_variants, n_points).
            decided: its decision, of the same shape.
        """
        import numpy as np
        from scipy.stats import rankdata

        sign = 1.0 if self.direction == "rises" else -1.0
        places = np.arange(scores.shape[2]) - (scores.shape[2] - 1) / 2
        ranks = rankdata(sign * scores, axis=2)
        centred = ranks - ranks.mean(axis=2, keepdims=True)
        spread = np.sqrt((centred**2).sum(axis=2) * (places**2).sum())
        with np.errstate(invalid="ignore"):
            correlation = np.where(spread > 0, (centred * places).sum(axis=2) / spread, 0.0)
        good = correlation >= self.monotone
        meant = decided if self.direction == "rises" else ~decided
        if self.decided:
            good &= meant[:, :, -1]
        told = ~meant[:, :, 0].all(axis=1) if self.decided else np.ones(len(scores), bool)
        return np.asarray(good.mean(axis=1)), np.asarray(told)
