"""Did the sweep leave everything else as it is?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from auditor.checks.sweep_check import SweepCheck
from auditor.node import Confidence, Name, Share, default

if TYPE_CHECKING:
    import numpy as np

    from auditor.analyses import AuditView
    from auditor.checks.outcome import CheckOutcome, GuardedSweeps
    from auditor.judgement import CheckPart
    from auditor.plan import Rounds


class IdentityKept(SweepCheck):
    """Detectors of everything else must decide as before at the end of the sweep, and pictures stay alike."""

    kind: Literal["identity_kept"]
    """Which kind of check this is."""

    detector: Name | None = default(None, "chosen")
    """The detector that sees what is to stay; the first declared one by default."""

    keeps: tuple[Name, ...] = default((), "chosen")
    """The detector's outputs that must not change."""

    max_changed: Share = default(0.05, "chosen")
    """Largest share of images whose decision about such an output differs between the first and the last point."""

    min_ssim: float | None = default(None, "chosen", ge=0, le=1)
    """Least structural similarity of the last frame to the first one, mean over images; not judged by default.

    Pictures whose shorter side has 384 pixels or more are scaled down to about 256 for it."""

    confidence: Confidence = default(0.95, "chosen")
    """One-sided confidence of the gate."""

    def rounds(self, audit: AuditView, guarded: GuardedSweeps) -> Rounds[CheckOutcome]:
        """One round: the detector on both ends of every sweep."""
        from auditor.checks.outcome import CheckOutcome, listed_parts, worst_state
        from auditor.judgement import CheckResult

        sweep = audit.sweep(self.intervention)
        parts: list[CheckPart] = []
        compared = audit.ask.compare(sweep.frames[:, :, -1], sweep.frames[:, :, 0])
        asked = audit.ask.predict(self._detector(audit), sweep.frames[:, :, [0, -1]]) if self.keeps else None
        answers = yield audit.ask
        if asked is not None:
            parts += self._kept(audit, answers[asked], sweep.property, sweep.clusters)
        if self.min_ssim is not None:
            parts.append(self._alike(answers[compared][..., 1], sweep.property, sweep.clusters))
        # Shares and likenesses have no common scale: a likeness speaks for the check where there is no share.
        worst = parts[: len(self.keeps)] or parts
        state = worst_state(parts) if parts else None
        return CheckOutcome(
            CheckResult(
                kind=self.kind,
                of=self.of,
                state=state,
                measured=max((part.measured for part in worst if part.measured is not None), default=None),
                threshold=self.max_changed if self.keeps else self.min_ssim,
                sentence=f"{sweep.property} changes nothing else that is looked at"
                if state == "pass"
                else listed_parts("the sweep changes more than its property, or that is not known", parts),
                parts=tuple(parts),
            )
        )

    def _detector(self, audit: AuditView) -> str:
        from auditor.checks.outcome import detector_of

        return detector_of(audit, self.detector).digest

    def _kept(self, audit: AuditView, logits: np.ndarray, name: str, clusters: np.ndarray | None) -> list[CheckPart]:
        """A part for each output that must not change; logits (n_images, n_variants, 2, n_outputs)."""
        import numpy as np

        from auditor.checks.outcome import detector_of, judged_part
        from auditor.statistics import clustered_share

        detector = detector_of(audit, self.detector)
        whole = np.isfinite(logits).all(axis=(1, 2, 3))
        parts = []
        for output in self.keeps:
            decided = detector.decides(logits[whole], detector.outputs.index(output))
            changed = (decided[:, :, 0] != decided[:, :, 1]).mean(axis=1)
            share = clustered_share(changed, None if clusters is None else clusters[whole]) if len(changed) else None
            said = "no image has valid frames" if share is None else f"{output} changes in {share.value:.1%} of images"
            parts.append(
                judged_part(
                    f"{name} -> {output}", "share of images that change", share, self.confidence,
                    (None, self.max_changed), said, concept=name,
                )
            )  # fmt: skip
        return parts

    def _alike(self, likeness: np.ndarray, name: str, clusters: np.ndarray | None) -> CheckPart:
        """The part about structural similarity; (n_images, n_variants)."""
        import numpy as np

        from auditor.checks.outcome import judged_part
        from auditor.statistics import mean_estimate

        per_image = likeness.mean(axis=1)
        whole = np.isfinite(per_image)
        mean = mean_estimate(per_image[whole], None if clusters is None else clusters[whole]) if whole.any() else None
        said = (
            "frames have different sizes"
            if mean is None
            else f"the last frame has an SSIM of {mean.value:.3f} to the first"
        )
        return judged_part(
            name, "structural similarity", mean, self.confidence, (self.min_ssim, None), said, concept=name
        )
