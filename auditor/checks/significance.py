"""Tests: does the score respond to the concept more than chance explains?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from auditor.errors import InternalError
from auditor.node import Name, Seed, SpecNode, default

if TYPE_CHECKING:
    import numpy as np

    from auditor.analyses import AuditView
    from auditor.checks.outcome import CheckOutcome, Guarded, Tested
    from auditor.judgement import CheckPart
    from auditor.plan import Rounds
    from auditor.statistics import TestResult

_CORRECTIONS = {"holm": "Holm", "benjamini_hochberg": "Benjamini-Hochberg"}


class Significance(SpecNode):
    """The mean-response test and the importance swap test of each concept, adjusted over the
    concepts of one model."""

    kind: Literal["significance"]
    """Which kind of check this is."""

    of: Name
    """The analysis whose findings are tested."""

    alpha: float = default(0.01, "chosen", gt=0, lt=0.5)
    """Level of the adjusted p-values below which a finding says `relies`."""

    correction: Literal["holm", "benjamini_hochberg"] = default("holm", "chosen")
    """How p-values are adjusted over the concepts of one model."""

    swaps: int = default(9_999, "chosen", ge=99, le=10_000_000)
    """How many random swaps; swaps + 1 should be a multiple of 1/alpha."""

    seed: Seed = default(0, "chosen")
    """The seed of the swaps."""

    def rounds(self, audit: AuditView, guarded: Guarded) -> Rounds[CheckOutcome]:
        """No question of its own: tests the scores that the analysis has.

        Raises:
            ValueError: rows and values do not suit a test.
        """
        from auditor.checks.outcome import CheckOutcome, Tested
        from auditor.judgement import CheckResult
        from auditor.statistics import importance_swap_test, response_test

        yield audit.ask
        estimates = guarded.estimates
        if estimates is None:
            raise InternalError("a significance check ran before its analysis")
        labels = audit.rows.labels[estimates.valid]
        clusters = None if audit.rows.clusters is None else audit.rows.clusters[estimates.valid]
        concepts = estimates.pictures.concepts
        tests: dict[tuple[str, str, str], Tested] = {}
        parts: list[CheckPart] = []
        for model in guarded.analysis.model_names(audit):
            found: dict[str, list[TestResult]] = {"response": [], "importance": []}
            for number, concept in enumerate(concepts):
                reliance = estimates.concepts[model, concept]
                values = estimates.pictures.values[estimates.valid, number]
                found["response"].append(response_test(reliance.response, self.swaps, self.seed, clusters))
                found["importance"].append(
                    importance_swap_test(
                        reliance.scores, values, labels, self.swaps, self.seed, clusters, metric=guarded.analysis.metric
                    )
                )
            for quantity, results in found.items():
                adjusted = self._adjusted([result.p_value for result in results])
                for concept, result, p_adjusted in zip(concepts, results, adjusted, strict=True):
                    tests[model, concept, quantity] = Tested(result.p_value, float(p_adjusted), result.alternative)
                    parts.append(self._part(model, concept, quantity, result, float(p_adjusted)))
        responding = [
            part for part in parts if part.quantity.startswith("response") and (part.measured or 0) <= self.alpha
        ]
        return CheckOutcome(
            CheckResult(
                kind=self.kind,
                of=self.of,
                state=None,
                measured=None,
                threshold=self.alpha,
                sentence=f"the score responds to {len(responding)} of {len(tests) // 2} concepts "
                f"(adjusted p at most {self.alpha}, {_CORRECTIONS[self.correction]} over the concepts of a model)",
                parts=tuple(parts),
            ),
            tests,
        )

    def _adjusted(self, p_values: list[float]) -> np.ndarray:
        import numpy as np

        from auditor.statistics import benjamini_hochberg, holm

        adjust = holm if self.correction == "holm" else benjamini_hochberg
        return np.asarray(adjust(np.array(p_values)))

    def _part(self, model: str, concept: str, quantity: str, result: TestResult, p_adjusted: float) -> CheckPart:
        from auditor.judgement import CheckPart

        return CheckPart(
            subject=f"{model}: {concept}",
            quantity=f"{quantity}, adjusted p",
            measured=p_adjusted,
            interval=None,
            threshold=self.alpha,
            state=None,
            sentence=f"p {result.p_value:.2g} before adjusting, {result.exceedances} of {result.replicates} swaps at "
            f"least as far from zero, {result.alternative}, seed {result.seed}; null: {result.null}",
            model=model,
            concept=concept,
        )
