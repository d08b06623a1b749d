"""Permutation importance on pictures (DEPICT, section 3.2), exact over all permutations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from auditor.analyses.margins import Intervals, Margins
from auditor.metric_names import Metric
from auditor.node import Name, SpecNode, default

if TYPE_CHECKING:
    import numpy as np

    from auditor.analyses.reliance import RelianceEstimates
    from auditor.analyses.view import AuditView
    from auditor.concepts import Concept
    from auditor.interventions import CounterfactualSet
    from auditor.models import ModelIdentity
    from auditor.plan import Rounds
    from auditor.statistics import Deals
    from auditor.statistics import PermutationImportance as Importance

PUBLISHED_PERMUTATIONS: Final = 500
"""How often DEPICT permutes each concept in its synthetic experiment (section 4.1)."""


class PermutationImportance(SpecNode):
    """How much performance is lost when a concept is dealt out anew among the rows, and how
    far the score itself moves when the concept does."""

    name: Name
    """The name by which checks and requirements call the analysis."""

    kind: Literal["permutation_importance"]
    """Which kind of analysis this is."""

    intervention: Name
    """The intervention that makes the pictures."""

    models: tuple[Name, ...] | None = default(None, "chosen")
    """The audited models; all of them by default."""

    concepts: tuple[Name, ...] | None = default(None, "chosen")
    """The concepts to permute; by default all of them but texts."""

    metric: Metric = default("auroc", "paper")
    """The performance that importance is a loss of.

    It says what the label is: 0 or 1 (`auroc` to `brier`), a class that models have as an output
    (`macro_auroc`, the mean over classes of one against the rest, and `multiclass_..`), or a
    number that models with `output: value` predict (`r2`, `mean_..`)."""

    permutations: Literal["exact", "table"] | Annotated[int, Field(ge=2)] = default(
        "exact", "chosen", union_mode="left_to_right"
    )
    """`exact`: the mean over all permutations in closed form; of average precision, which has
    none, as many sampled ones as bring its error to 0.0005. A number: that many sampled
    permutations, as DEPICT does (25 or 500). `table`: those of the intervention's table of captions."""

    seed: int = default(0, "chosen", ge=0)
    """The seed of sampled permutations."""

    by: Name | None = default(None, "chosen")
    """A column of the table: the same numbers are told within each of its values, as subgroups of rows."""

    margin: Margins = default(Margins(), "chosen")
    """Declared margins, without which nothing is ever called `does_not_rely`."""

    intervals: Intervals = default(Intervals(), "chosen")
    """How intervals are made."""

    def concept_names(self, audit: AuditView) -> tuple[str, ...]:
        """The concepts to permute, in the order given."""
        return self.permuted(audit.concepts)

    def permuted(self, concepts: Sequence[Concept]) -> tuple[str, ...]:
        """The same from the declared concepts: all but texts, unless the analysis names some."""
        return self.concepts or tuple(concept.name for concept in concepts if concept.permutable)

    def model_names(self, audit: AuditView) -> tuple[str, ...]:
        """The audited models, in the order given."""
        return self.models or tuple(audit.models)

    def pictures(self, audit: AuditView) -> CounterfactualSet:
        """The pictures that the analysis scores; checks ask about the very same."""
        return audit.counterfactuals(self.intervention, self.concept_names(audit))

    def as_published(self, audit: AuditView) -> Mapping[str, int]:
        """Units the paper's way would make: every permuted data set generated and scored anew.

        With exact permutations, the paper's own number of permutations is counted."""
        permutations = PUBLISHED_PERMUTATIONS
        if self.permutations == "table":
            permutations = max(len(found) for found in audit.captions[self.intervention].dealt.values())
        elif self.permutations != "exact":
            permutations = self.permutations
        draws = audit.captioning(self.intervention).noise.draws
        generated = len(audit.rows) * draws * (1 + len(self.concept_names(audit)) * permutations)
        return {"generate": generated, "predict": generated * len(self.model_names(audit))}

    def rounds(self, audit: AuditView) -> Rounds[RelianceEstimates]:
        """One round: the factual pictures, those with each concept set to each value, and the real ones."""
        import numpy as np

        pictures = self.pictures(audit)
        real_pictures = audit.real_pictures()
        models = {name: audit.models[name] for name in self.model_names(audit)}
        asked = {
            name: tuple(
                audit.ask.predict(model.digest, images)
                for images in (pictures.factual, pictures.by_value, real_pictures)
            )
            for name, model in models.items()
        }
        answers = yield audit.ask
        reasons = np.full(len(audit.rows), "", dtype=object)
        for units in asked.values():
            for found in (answers.reasons(each) for each in units):
                per_row = found.reshape(len(reasons), -1)
                first = np.argmax(per_row != "", axis=1)
                reasons = np.where(reasons == "", per_row[np.arange(len(reasons)), first], reasons)
        scores = {name: tuple(answers[each] for each in units) for name, units in asked.items()}
        return self.estimate(audit, models, pictures, scores, reasons)

    def estimate(
        self,
        audit: AuditView,
        models: Mapping[str, ModelIdentity],
        pictures: CounterfactualSet,
        scores: Mapping[str, tuple[np.ndarray, ...]],
        reasons: np.ndarray,
    ) -> RelianceEstimates:
        """The numbers of every model and concept, from logits.

        Args:
            audit: rows and labels.
            models: the audited models by name.
            pictures: what was scored.
            scores: of each model, logits of the factual pictures (n_rows, n_draws, n_outputs), of
                `by_value` (n_rows, n_concepts, n_draws, n_values, n_outputs) and of the real ones (n_rows, n_outputs).
            reasons: why a row is invalid, (n_rows,) of str; empty where it is valid.

        Raises:
            ExecutionError: so few rows are valid that no number exists.
        """
        from auditor.analyses.enough_rows import refuse_too_few
        from auditor.analyses.metric_scores import decisions, labels_of_model, metric_scores
        from auditor.analyses.reliance import ConceptReliance, RelianceEstimates
        from auditor.statistics import decision_flips, metric_estimate, rank_placements, response

        refuse_too_few(self.name, audit.rows, reasons)
        valid = reasons == ""
        clusters = None if audit.rows.clusters is None else audit.rows.clusters[valid]
        found, factual_metric, real_metric = {}, {}, {}
        factual_scores, swapped_scores = {}, {}
        # All models are about the same permutations, which are drawn once.
        deals = [self._deals(pictures, number, valid) for number in range(len(pictures.concepts))]
        for name, model in models.items():
            target, labels = model.target or 0, labels_of_model(model, audit.rows)[valid]
            factual, by_value, real = scores[name]
            of_real = metric_scores(self.metric, model, real[valid])[:, None]
            real_metric[name] = metric_estimate(self.metric, labels, of_real, clusters)
            factual_scores[name] = model.rankable(factual, target)
            swapped_scores[name] = model.rankable(by_value, target)
            of_factual = metric_scores(self.metric, model, factual[valid])
            factual_metric[name] = metric_estimate(self.metric, labels, of_factual, clusters)
            for number, concept in enumerate(pictures.concepts):
                logits = by_value[valid, number, :, pictures.values_of(number)]
                values = pictures.values[valid, number]
                placements = rank_placements(model.rankable(logits, target), values)
                performance = metric_scores(self.metric, model, logits)
                decided = decisions(self.metric, model, logits)
                found[name, concept] = ConceptReliance(
                    importance=self._importance(performance, values, labels, clusters, deals[number]),
                    response=response(placements, clusters, values),
                    flips=None if decided is None else decision_flips(decided, values, clusters),
                    scores=performance,
                    placements=placements,
                    kind=audit.concept(concept).kind,
                    levels=pictures.levels_of(number),
                )
        return RelianceEstimates(
            pictures, valid, reasons, found, factual_metric, real_metric, factual_scores, swapped_scores
        )

    def _deals(self, pictures: CounterfactualSet, concept: int, valid: np.ndarray) -> Deals:
        """Permutations of a concept, drawn or given."""
        from auditor.statistics import Deals, GivenDeals

        given = pictures.given_deals(concept) if self.permutations == "table" else None
        return Deals(pictures.values[valid, concept], self.seed) if given is None else GivenDeals(given[valid])

    def _importance(
        self, scores: np.ndarray, values: np.ndarray, labels: np.ndarray, clusters: np.ndarray | None, deals: Deals
    ) -> Importance:
        from auditor.statistics import GivenDeals, exact_importance, sampled_importance

        if self.permutations == "exact" and self.metric != "average_precision":
            return exact_importance(scores, values, labels, self.metric, clusters)
        wanted = deals.count if isinstance(deals, GivenDeals) else None
        if isinstance(self.permutations, int):
            wanted = self.permutations
        return sampled_importance(scores, values, labels, self.metric, wanted, self.seed, clusters, deals=deals)
