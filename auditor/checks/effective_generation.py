"""Gate: do models see generated pictures as they see real ones? (DEPICT, section 3.2)"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from auditor.metric_names import Metric, Task
from auditor.node import Confidence, Name, SpecNode, default

if TYPE_CHECKING:
    import numpy as np

    from auditor.analyses import AuditView
    from auditor.checks.outcome import CheckOutcome, Guarded
    from auditor.judgement import CheckPart
    from auditor.plan import Rounds

QUANTITY: Final = "AUROC, real minus generated"

OF_TASK: Final[Mapping[Task, Metric]] = {"binary": "auroc", "classes": "macro_auroc", "numbers": "r2"}
"""In what the audited models' own performance is compared, whatever the analysis measures."""

WORDS: Final[Mapping[str, str]] = {"auroc": "AUROC", "macro_auroc": "macro AUROC", "r2": "R2"}


class EffectiveGeneration(SpecNode):
    """Performance on generated pictures must be that on the real pictures of the same rows.

    Judged for each audited model (its own task) and for each concept by the detector, as the
    paired difference of AUROC, real minus generated (macro AUROC where labels are classes, R2
    where they are numbers). Generated pictures that are *easier* than real ones fail too."""

    GUARDS: ClassVar = ("permutation_importance",)
    """Kinds of analyses that the check guards."""

    kind: Literal["effective_generation"]
    """Which kind of check this is."""

    of: Name
    """The analysis that this check guards."""

    detector: Name | None = default(None, "chosen")
    """The detector that judges concepts; the first declared one by default."""

    max_drop: float = default(0.12, "paper", gt=0, le=1)
    """Largest difference of AUROC (macro AUROC, R2) between real and generated pictures, in either direction.

    The paper calls 0.12 effective (section 4.1)."""

    confidence: Confidence = default(0.95, "chosen")
    """One-sided confidence of the limits that decide."""

    def rounds(self, audit: AuditView, guarded: Guarded) -> Rounds[CheckOutcome]:
        """One round: real and factual pictures, scored by the audited models and the detector."""
        from auditor.analyses.metric_scores import labels_of_model, metric_scores
        from auditor.checks.outcome import CheckOutcome, complete_rows, detector_of
        from auditor.checks.seen_pairs import shown_in, sights_of
        from auditor.checks.told_gate import told_gate
        from auditor.checks.unseen import told_beyond, unseen_part

        pictures = guarded.analysis.pictures(audit)
        real = audit.real_pictures()
        detector = detector_of(audit, self.detector)
        models = [audit.models[name] for name in guarded.analysis.model_names(audit)]
        # By digest: a detector may have the name of a model.
        asked = {
            model.digest: (audit.ask.predict(model.digest, real), audit.ask.predict(model.digest, pictures.factual))
            for model in (*models, detector)
        }
        answers = yield audit.ask
        whole = complete_rows(answers, *(units for pair in asked.values() for units in pair))
        found = {digest: tuple(answers[units][whole] for units in pair) for digest, pair in asked.items()}
        clusters = None if audit.rows.clusters is None else audit.rows.clusters[whole]
        metric = OF_TASK[audit.rows.task]
        parts = [
            self._part(
                metric, labels_of_model(model, audit.rows)[whole],
                tuple(metric_scores(metric, model, logits) for logits in found[model.digest]), clusters,
                subject=model.name, model_name=model.name, concept=None,
            )
            for model in models
        ]  # fmt: skip
        sights = sights_of(audit)
        for name in pictures.concepts:
            of_concept = [sight for sight in sights if sight.concept == name]
            for sight in of_concept:
                labels = shown_in(audit.rows, audit.concepts, sight)[whole]
                output = detector.outputs.index(sight.output)
                part = self._part(
                    "auroc", labels, tuple(detector.rankable(logits, output) for logits in found[detector.digest]),
                    clusters, subject=sight.title, model_name=None, concept=name,
                )  # fmt: skip
                parts.append(told_beyond(part, sight))
            if not of_concept:
                parts.append(unseen_part(audit.concept(name), QUANTITY, self.max_drop, "whether it is drawn"))
        worst = max((abs(part.measured) for part in parts if part.measured is not None), default=None)
        of_what = "AUROC" if metric == "auroc" else f"AUROC or {WORDS[metric]}"
        return CheckOutcome(
            told_gate(
                self, parts, worst, self.max_drop,
                holds="models see generated pictures as they see real ones: "
                f"{of_what} differs by at most {worst or 0:.3f}",
                fails="generated pictures are not seen as real ones are",
                undecided="the rows do not decide whether generated pictures are seen as real ones are",
            )
        )  # fmt: skip

    def _part(
        self,
        metric: Metric,
        labels: np.ndarray,
        scores: tuple[np.ndarray, ...],
        clusters: np.ndarray | None,
        *,
        subject: str,
        model_name: str | None,
        concept: str | None,
    ) -> CheckPart:
        import numpy as np

        from auditor.checks.outcome import judged_part
        from auditor.statistics import generation_gap, metric_value

        judge = partial(
            judged_part, subject, QUANTITY.replace("AUROC", WORDS[metric]), confidence=self.confidence,
            limits=(-self.max_drop, self.max_drop), model=model_name, concept=concept,
        )  # fmt: skip
        if len(np.unique(labels)) < 2:
            said = "the rows that have all their pictures are all of one kind, so there is no AUROC"
            return judge(found=None, sentence=f"{subject}: {said}")
        real, generated = scores
        gap = generation_gap(metric, labels, real, generated, clusters)
        of_real = metric_value(metric, labels, real[:, None])
        of_generated = metric_value(metric, labels, generated)
        return judge(
            found=gap, sentence=f"{subject}: {of_real:.3f} on real and {of_generated:.3f} on generated pictures"
        )
