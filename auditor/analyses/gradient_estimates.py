"""What property gradients found: curves of each model and sweep, and how strong each sweep was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from auditor.errors import ExecutionError
from auditor.interventions import SweepSet
from auditor.models import ModelIdentity
from auditor.plan import Answers, Units
from auditor.statistics.sweeps import SweepNumbers, decision_path, sweep_numbers


@dataclass(frozen=True)
class Curves:
    """One model along one intervention's sweeps.

    Attributes:
        scores: the score that is followed, (n_valid, n_variants, n_points); behind the last point of an image that has
            fewer than others, that of its last point.
        points: points of each image's sweep, (n_valid,).
        decisions: what the model decides at each point, an output's place or 0 and 1, of the same shape; None of a
            model that predicts a number.
        originals: the score of the picture before the intervention, (n_valid,); None where it was not asked for.
        targets: the output that is followed in each image, (n_valid,).
        numbers: of each image the mean over variants of what its curves come to, each (n_valid,).
        per_variant: E|grad| per step of each curve, (n_valid, n_variants).
        flips: changes of the decision along each curve, (n_valid, n_variants); None where nothing is decided.
        first_flip: where along the sweep it first changes, NaN where it does not; None where nothing is decided.
    """

    scores: np.ndarray
    points: np.ndarray
    decisions: np.ndarray | None
    originals: np.ndarray | None
    targets: np.ndarray
    numbers: SweepNumbers
    per_variant: np.ndarray
    flips: np.ndarray | None
    first_flip: np.ndarray | None


@dataclass(frozen=True)
class GradientEstimates:
    """Everything that a property gradient measured.

    Attributes:
        sweeps: the frames, by intervention; all are about the same images in one order.
        valid: images all of whose frames and scores are there, in every sweep, (n_images,) bool.
        reasons: why an image is left out, (n_images,) of str; empty where it is not.
        curves: by model and intervention, of the valid images.
        distances: how far each frame is from the first one, 0 to 1, by intervention, (n_valid, n_variants, n_points);
            NaN where frames have different sizes.
        likeness: structural similarity of each frame to the first one, of the same shape.
        clusters: index of each valid image's source; None where every image is its own.
    """

    sweeps: Mapping[str, SweepSet]
    valid: np.ndarray
    reasons: np.ndarray
    curves: Mapping[tuple[str, str], Curves]
    distances: Mapping[str, np.ndarray]
    likeness: Mapping[str, np.ndarray]
    clusters: np.ndarray | None

    def doses(self, intervention: str) -> np.ndarray:
        """Mean distance of each image's frames from the first one, (n_valid,)."""
        there = self.sweeps[intervention].frames_there[self.valid]
        found: np.ndarray = self.distances[intervention].mean(axis=(1, 2), where=there)
        return found

    def applies(self, intervention: str) -> np.ndarray:
        """Valid images in which an intervention changes a pixel, (n_valid,) bool; all where frames differ in size."""
        doses = self.doses(intervention)
        changed: np.ndarray = np.isnan(doses) | (doses > 0.0)
        return changed


@dataclass(frozen=True)
class Answered:
    """The answers, and the handles that were asked for: by model and intervention, or by intervention."""

    answers: Answers
    scored: Mapping[tuple[str, str], Units]
    originals: Mapping[tuple[str, str], Units]
    compared: Mapping[str, Units]


@dataclass(frozen=True)
class FollowedScore:
    """Which score an analysis follows.

    Attributes:
        analysis: its name.
        output: `probability`, `logit` or `similarity`.
        include_original: whether the picture before the intervention is a point of the score per step.
    """

    analysis: str
    output: str
    include_original: bool


def estimate(
    followed: FollowedScore,
    models: Mapping[str, ModelIdentity],
    sweeps: Mapping[str, SweepSet],
    answered: Answered,
) -> GradientEstimates:
    """Curves and doses from answers.

    Raises:
        ExecutionError: no image has all its frames and scores.
    """
    first = next(iter(sweeps.values()))
    reasons = np.full(len(first.images), "", dtype=object)
    for (model, sweep), units in (*answered.scored.items(), *answered.originals.items()):
        found = answered.answers.reasons(units).reshape(len(reasons), -1)
        why = found[np.arange(len(reasons)), np.argmax(found != "", axis=1)]
        told = np.array([f"{each} (model {model}, {sweep})" if each else "" for each in why], dtype=object)
        reasons = np.where(reasons == "", told, reasons)
    valid = reasons == ""
    if not valid.any():
        raise ExecutionError(
            f"analysis `{followed.analysis}`: none of {len(valid)} images has all its frames and scores; the first has "
            f"none because {reasons[0]}. Mend the model or editor that failed, and run the audit again"
        )
    curves = {}
    for (name, sweep), units in answered.scored.items():
        asked = answered.originals.get((name, sweep))
        originals = None if asked is None else answered.answers[asked][valid]
        curves[name, sweep] = curves_of(
            followed, models[name], answered.answers[units][valid], originals, sweeps[sweep].positions[valid]
        )
    compared = {sweep: answered.answers[units][valid].astype(np.float64) for sweep, units in answered.compared.items()}
    return GradientEstimates(
        sweeps=sweeps,
        valid=valid,
        reasons=reasons,
        curves=curves,
        distances={sweep: found[..., 0] for sweep, found in compared.items()},
        likeness={sweep: found[..., 1] for sweep, found in compared.items()},
        clusters=None if first.clusters is None else first.clusters[valid],
    )


def curves_of(
    followed: FollowedScore,
    model: ModelIdentity,
    logits: np.ndarray,
    originals: np.ndarray | None,
    positions: np.ndarray,
) -> Curves:
    """The curves of one model along one intervention.

    Args:
        followed: which score.
        model: the model.
        logits: (n_images, n_variants, n_points, n_outputs).
        originals: of the pictures before the intervention, (n_images, n_outputs), or None.
        positions: (n_images, n_points), NaN behind the last point of a shorter sweep.
    """
    n_images, n_variants, n_points, _ = logits.shape
    targets = np.full(n_images, model.target or 0)
    if model.target is None:
        # The output that the model decides for before anything is changed (the paper's way for ImageNet).
        targets = np.argmax(logits[:, 0, 0] if originals is None else originals, axis=-1)
    scores = np.stack([score_of(followed.output, model, logits[i], int(target)) for i, target in enumerate(targets)])
    before = None
    if originals is not None and followed.include_original:
        before = np.array(
            [float(score_of(followed.output, model, originals[i], int(t))) for i, t in enumerate(targets)]
        )
    where = np.repeat(positions, n_variants, axis=0)
    flat = scores.reshape(-1, n_points)
    numbers = sweep_numbers(flat, where)
    per_step = numbers.per_step
    if before is not None:
        led = np.concatenate([np.repeat(before, n_variants)[:, None], flat], axis=1)
        per_step = sweep_numbers(led, np.arange(n_points + 1.0)).per_step

    def mean(found: np.ndarray) -> np.ndarray:
        averaged: np.ndarray = found.reshape(n_images, n_variants).mean(axis=1)
        return averaged

    decisions = decided(model, logits, targets)
    path = None if decisions is None else decision_path(decisions.reshape(-1, n_points), where)
    return Curves(
        scores=scores,
        points=np.isfinite(positions).sum(axis=1),
        decisions=decisions,
        originals=before,
        targets=targets,
        numbers=SweepNumbers(
            per_step=mean(per_step),
            per_unit=mean(numbers.per_unit),
            net_change=mean(numbers.net_change),
            span=mean(numbers.span),
            total_variation=mean(numbers.total_variation),
        ),
        per_variant=per_step.reshape(n_images, n_variants),
        flips=None if path is None else path.changes.reshape(n_images, n_variants),
        first_flip=None if path is None else path.first.reshape(n_images, n_variants),
    )


def score_of(output: str, model: ModelIdentity, logits: np.ndarray, target: int) -> np.ndarray:
    """The score that is followed, of logits (.., n_outputs)."""
    if model.scale == "value":
        return np.asarray(logits[..., target], np.float64)
    if output == "similarity":
        return model.similarities(logits)[..., target]
    if output == "logit":
        return model.rankable(logits, target)
    return np.asarray(model.probabilities(logits)[..., target])


def decided(model: ModelIdentity, logits: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
    """What is decided at each point: the largest output, or whether the target is there; None of a number."""
    if model.scale == "value":
        return None
    if not model.multi_label:
        return np.asarray(np.argmax(logits, axis=-1))
    chosen = np.take_along_axis(logits, targets[:, None, None, None], axis=-1)[..., 0]
    return (chosen > 0).astype(np.int64)
