"""Rankings of concepts by an audit and by baselines, against oracles that see the concepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from auditor.attribution import MASKS, SAMPLES, MapMethod, Masks, open_masks, refuse_without_gradients
from auditor.errors import DataError, UsageError
from auditor.evaluation import Bottleneck, Evaluation, Ranking, Resampling, bottleneck_of, evaluate
from auditor.evaluation.oracles import CEILING, OracleName, oracle_rankings
from auditor.execute import Progress
from auditor.models import ModelIdentity
from auditor.pictures import read_picture
from auditor.results.audit_result import AuditResult
from auditor.run.baselines import BASELINES, baseline_rankings
from auditor.run.concept_predictions import concept_predictions
from auditor.run.outcome import Outcome
from auditor.source import locate
from auditor.spec import LoadedSpec
from auditor.spec.load import at_positions
from auditor.spec.materials import Materials


@dataclass(frozen=True)
class Wanted:
    """What an evaluation compares, beside the importances that the audit finds.

    Attributes:
        oracles: what is held to be true. The ceiling is told in any case.
        baselines: relevance maps: rankings of concepts by some of them, which need masks; predictions of flips.
        masks: their folder; None for `masks` in the data set's folder.
        pictures: how many rows, the first, baselines look at.
        samples: how many hidden pictures LIME and kernel SHAP make of each.
        seed: of what they hide, of the bootstrap over models, and of the halves that thresholds are chosen on.
        replicates: of that bootstrap.
    """

    oracles: tuple[OracleName, ...] = ("bottleneck", "coefficients")
    baselines: tuple[MapMethod, ...] = ()
    masks: Path | None = None
    pictures: int = 100
    samples: int = SAMPLES
    seed: int = 0
    replicates: int = 2_000


@dataclass(frozen=True)
class ToRank:
    """What rankings of concepts are made from."""

    names: list[str]
    models: list[ModelIdentity]
    bottlenecks: list[Bottleneck]
    masks: Masks | None


def ready_to_rank(loaded: LoadedSpec, materials: Materials, wanted: Wanted) -> ToRank:
    names = _models_in_every_analysis(loaded, materials)
    models = [model for model in materials.models if model.name in names]
    return ToRank(names, models, *_require(loaded, materials, models, wanted))


def rank(
    loaded: LoadedSpec, materials: Materials, ranked: ToRank, outcome: Outcome, wanted: Wanted, progress: Progress
) -> Evaluation:
    names, rows = ranked.names, materials.rows
    predictions = concept_predictions(materials, ranked.bottlenecks, outcome.folder)
    labels = np.array([rows.labels_of(model.name) for model in ranked.models])
    oracles = oracle_rankings(
        tuple(dict.fromkeys((*wanted.oracles, CEILING))), ranked.bottlenecks, predictions, rows.values, labels
    )
    methods = [oracles[CEILING], *(_found(outcome.result, name, names, loaded) for name in _analyses(loaded))]
    methods += [oracles["bottleneck"]] if "bottleneck" in wanted.oracles else []
    if ranked.masks is not None:
        pictures = [read_picture(path) for path in rows.paths[: wanted.pictures]]
        shown = [ranked.masks.of(name, *picture.shape[:2]) for name, picture in zip(rows.names, pictures, strict=False)]
        ranking = [name for name in BASELINES if name in wanted.baselines]
        methods += baseline_rankings(ranking, ranked.models, pictures, shown, wanted.samples, wanted.seed, progress)
    return evaluate(
        names,
        [concept.name for concept in loaded.spec.concepts],
        methods,
        [oracles[name] for name in wanted.oracles],
        ceiling=CEILING,
        resampling=Resampling(wanted.replicates, wanted.seed),
    )


def _require(
    loaded: LoadedSpec, materials: Materials, models: Sequence[ModelIdentity], wanted: Wanted
) -> tuple[list[Bottleneck], Masks | None]:
    """The models' bottlenecks, and masks where they are needed; SpecError with everything that is missing."""
    concepts = [concept.output for concept in loaded.spec.concepts]
    errors: list[DataError] = []
    bottlenecks: list[Bottleneck] = []
    masks = None
    for model in models:
        loc = ("models", materials.models.index(model))
        try:
            if "grad_cam" in wanted.baselines:
                refuse_without_gradients(model, loc)
            bottlenecks.append(bottleneck_of(model, concepts, materials.models, loc))
        except DataError as error:
            errors.append(error)
    if any(name in BASELINES for name in wanted.baselines):
        try:
            masks = _masks(loaded, materials, wanted)
        except DataError as error:
            error.loc = error.loc or ("dataset", "source")
            errors.append(error)
    if errors:
        raise at_positions(loaded, errors)
    return bottlenecks, masks


def _masks(loaded: LoadedSpec, materials: Materials, wanted: Wanted) -> Masks:
    """The masks, each of its picture's size."""
    base = loaded.path.resolve().parent
    assert loaded.spec.dataset is not None
    folder = wanted.masks or locate(loaded.spec.dataset.source, base, ("dataset", "source")) / MASKS
    masks = open_masks(folder, [concept.column for concept in loaded.spec.concepts])
    rows = materials.rows
    for name, path in zip(rows.names[: wanted.pictures], rows.paths, strict=False):
        masks.of(name, *read_picture(path).shape[:2])
    return masks


def _analyses(loaded: LoadedSpec) -> list[str]:
    return [analysis.name for analysis in loaded.spec.reliances]


def _models_in_every_analysis(loaded: LoadedSpec, materials: Materials) -> list[str]:
    """Names of the models that every analysis is about, in declared order.

    Raises:
        UsageError: there is none, an analysis leaves a concept out, or labels are not 0 and 1.
    """
    declared = [concept.name for concept in loaded.spec.concepts]
    for analysis in loaded.spec.reliances:
        if analysis.concepts is not None and set(analysis.concepts) != set(declared):
            raise UsageError(f"the analysis `{analysis.name}` leaves concepts out; an evaluation is about all of them")
    if not set(np.unique(materials.rows.labels)) <= {0, 1}:
        raise UsageError("oracles are about labels of 0 and 1, and this audit's are others")
    names = [
        model.name
        for model in materials.models
        if all(analysis.models is None or model.name in analysis.models for analysis in loaded.spec.reliances)
    ]
    if not names or not loaded.spec.reliances:
        raise UsageError("no model is in every analysis of the audit, so there is nothing to compare")
    return names


def _found(result: AuditResult, analysis: str, models: Sequence[str], loaded: LoadedSpec) -> Ranking:
    """The importances that an analysis of the audit found."""
    found = {
        (finding.model, finding.subject.name): finding.estimate
        for finding in result.findings
        if finding.analysis == analysis and finding.quantity == "importance" and finding.subgroup is None
    }
    importances = np.array(
        [
            [np.nan if (value := found[model, concept.name]) is None else value for concept in loaded.spec.concepts]
            for model in models
        ]
    )
    node = next(one for one in loaded.spec.reliances if one.name == analysis)
    how = "all permutations" if node.permutations == "exact" else f"{node.permutations} sampled permutations"
    return Ranking(
        f"audit: {analysis}",
        importances,
        f"permutation importance from generated pictures, the mean fall of {node.metric} over {how}",
    )
