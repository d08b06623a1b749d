"""Tests: does the score respond to the concept more than chance explains?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from auditor.errors import InternalError
from auditor.node import Name, Seed, SpecNode, default

if TYPE_CHECKING:
    from auditor.analyses import AuditView
    from auditor.checks.outcome import CheckOutcome, Guarded, GuardedSweeps, Tested
    from auditor.judgement import CheckPart
    from auditor.plan import Rounds
    from auditor.statistics import RenoisingNull, TestResult

RENOISED_SWAPS: Final = 999
"""Swaps of the self-test on re-noised pictures, which informs and decides nothing; chosen."""

RENOISED_MODELS: Final = 5
"""Of so many models, the first, the self-test is made: it tests pictures and statistic, not models; chosen."""

_CORRECTIONS = {"holm": "Holm", "benjamini_hochberg": "Benjamini-Hochberg"}
_FAMILIES = {"model": "the concepts of a model", "analysis": "all models and concepts"}


class Significance(SpecNode):
    """Tests, adjusted over a family of them: of permutation importance the mean-response test and the importance
    swap test of each concept; of property gradients sign flips over images, against the controls."""

    GUARDS: ClassVar = ("permutation_importance", "property_gradient")
    """Kinds of analyses that the check guards."""

    kind: Literal["significance"]
    """Which kind of check this is."""

    of: Name
    """The analysis whose findings are tested."""

    alpha: float = default(0.01, "chosen", gt=0, lt=0.5)
    """Level of the adjusted p-values below which a finding says `relies`."""

    correction: Literal["holm", "benjamini_hochberg"] = default("holm", "chosen")
    """How p-values are adjusted over their family."""

    family: Literal["model", "analysis"] = default("model", "chosen")
    """What is adjusted together: the concepts or properties of one model, or those of all models of the analysis."""

    swaps: int = default(9_999, "chosen", ge=99, le=10_000_000)
    """How many random swaps, or sign flips of property gradients; swaps + 1 should be a multiple of 1/alpha."""

    seed: Seed = default(0, "chosen")
    """The seed of the swaps."""

    def rounds(self, audit: AuditView, guarded: Guarded | GuardedSweeps) -> Rounds[CheckOutcome]:
        """The tests of the analysis; see `of_concepts` and `sweep_tests`."""
        from auditor.checks.outcome import Guarded
        from auditor.checks.sweep_significance import Level, sweep_tests

        if isinstance(guarded, Guarded):
            found = yield from self.of_concepts(audit, guarded)
            return found
        yield audit.ask
        if guarded.estimates is None:
            raise InternalError("a significance check ran before its analysis")
        level = Level(self.alpha, self.correction, self.family, self.swaps, self.seed)
        names = guarded.analysis.model_names(audit)
        return sweep_tests(self.kind, guarded.analysis, guarded.estimates, names, level)

    def of_concepts(self, audit: AuditView, guarded: Guarded) -> Rounds[CheckOutcome]:
        """No question of its own: tests the scores that the analysis has.

        Raises:
            ValueError: rows and values do not suit a test.
        """
        import numpy as np

        from auditor.analyses.metric_scores import labels_of_model
        from auditor.checks.outcome import CheckOutcome
        from auditor.judgement import CheckResult
        from auditor.statistics import importance_swap_tests, renoising_null, response_tests

        yield audit.ask
        estimates = guarded.estimates
        if estimates is None:
            raise InternalError("a significance check ran before its analysis")
        names = guarded.analysis.model_names(audit)
        labels = np.stack([labels_of_model(audit.models[name], audit.rows)[estimates.valid] for name in names])
        clusters = None if audit.rows.clusters is None else audit.rows.clusters[estimates.valid]
        concepts, metric = estimates.pictures.concepts, guarded.analysis.metric
        of_concept: dict[tuple[str, str], Sequence[TestResult]] = {}
        renoised: dict[tuple[str, str], RenoisingNull] = {}
        for number, concept in enumerate(concepts):
            values = estimates.pictures.values[estimates.valid, number]
            reliances = [estimates.concepts[name, concept] for name in names]
            scores = [each.scores for each in reliances]
            of_concept[concept, "response"] = response_tests(
                [each.response for each in reliances], self.swaps, self.seed, clusters
            )
            of_concept[concept, "importance"] = importance_swap_tests(
                scores, values, labels, self.swaps, self.seed, clusters, metric=metric
            )
            for name, given, truth in zip(names[:RENOISED_MODELS], scores, labels, strict=False):
                null = renoising_null(given, values, truth, metric, RENOISED_SWAPS, self.seed, clusters)
                if null is not None:
                    renoised[name, concept] = null
        found = {
            (name, concept, quantity): of_concept[concept, quantity][place]
            for place, name in enumerate(names)
            for concept in concepts
            for quantity in ("response", "importance")
        }
        tests = self._adjusted(found)
        parts = [self._part(*key, found[key], tested.p_adjusted) for key, tested in tests.items()]
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
                f"(adjusted p at most {self.alpha}, {_CORRECTIONS[self.correction]} over {_FAMILIES[self.family]})",
                parts=tuple(parts),
            ),
            tests,
            renoised=renoised,
        )

    def smallest_p(self, concepts: int, models: int, units: int | None = None) -> float:
        """The smallest adjusted p-value that both tests can reach.

        Twice family / (swaps + 1) under Holm, since the importance swap test doubles its smaller tail; twice
        1 / (swaps + 1) under Benjamini-Hochberg, where a whole family can share the smallest p-value. So few rows
        (or clusters) have 2^units patterns of swaps, of which two tie.

        Args:
            concepts: tested concepts of one model.
            models: tested models.
            units: rows or clusters; None where they are not known.
        """
        doubled = 2.0 * self.family_size(concepts, models)
        patterns = 0.0 if units is None else doubled * 2.0 ** -min(units, 1000)
        return min(1.0, max(doubled / (self.swaps + 1), patterns))

    def smallest_flip_p(self, properties: int, models: int, units: int) -> float:
        """The smallest adjusted p-value of sign flips over so many independent images.

        Args:
            properties: tested properties of one model.
            models: tested models.
            units: images, or their sources.
        """
        least = max(1.0 / (self.swaps + 1), 2.0 ** -min(units, 1000))
        return min(1.0, self.family_size(properties, models) * least)

    def family_size(self, concepts: int, models: int) -> int:
        """By how many the smallest p-value is multiplied."""
        if self.correction == "benjamini_hochberg":
            return 1
        return concepts * models if self.family == "analysis" else concepts

    def _adjusted(self, found: Mapping[tuple[str, str, str], TestResult]) -> dict[tuple[str, str, str], Tested]:
        """Every test with its p-value adjusted over its family; response and importance are families apart."""
        import numpy as np

        from auditor.checks.outcome import Tested
        from auditor.statistics import benjamini_hochberg, holm

        adjust = holm if self.correction == "holm" else benjamini_hochberg
        families: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        for model, concept, quantity in found:
            together = "" if self.family == "analysis" else model
            families.setdefault((together, quantity), []).append((model, concept, quantity))
        tests = {}
        for keys in families.values():
            adjusted = adjust(np.array([found[key].p_value for key in keys]))
            for key, p_adjusted in zip(keys, adjusted, strict=True):
                tests[key] = Tested(found[key].p_value, float(p_adjusted), found[key].alternative)
        return tests

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
