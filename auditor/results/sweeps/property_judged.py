"""One model and one property, with all that is needed to judge them."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from auditor.analyses import Curves, GradientEstimates, PropertyGradient
from auditor.checks import Tested
from auditor.statistics import Estimate, Proportion, clustered_share, mean_estimate
from auditor.statistics.sweeps import ControlRatio, control_ratio, log_ratios

MAX_DROPPED: Final = 0.05
"""Above this share of images without valid frames, nothing is ever called absent."""

FEW_IMAGES: Final = 5
"""Below so many independent images, nothing is ever called absent; chosen."""

EXACT: Final = ("compositing", "captured")
"""Kinds of intervention that change the property by construction; an editor may do nothing."""


@dataclass(frozen=True)
class JudgedProperty:
    """One model and one property, ready to be judged.

    Attributes:
        analysis: the analysis.
        model: the model's name.
        property: the property's name.
        intervention: what realises it.
        kind: the kind of the intervention.
        unit: the unit of its positions.
        score_unit: the unit of the score: `probability`, `logit`, `similarity` or `value`.
        curves: the model along the sweeps.
        applies: valid images in which the intervention changes a pixel at all, (n_valid,) bool; all others are left
            out of every number.
        clusters: index of the source of each image that applies, or None.
        ratio: E|grad| against the controls; None without controls.
        doses: how many times as far as the property each control moves pixels over all images; empty without
            controls, and where frames differ in size.
        log_scores: mean over images of the log of E|grad|, along the property and along each control; None without.
        tests: tested p-values by quantity; empty without a significance check.
        alpha: level of the adjusted p-values, None without a significance check.
        confirmed: whether it is known that the property moved: by construction, or because a check looks for it.
        n_images: images that were asked for.
    """

    analysis: PropertyGradient
    model: str
    property: str
    intervention: str
    kind: str
    unit: str
    score_unit: str
    curves: Curves
    applies: np.ndarray
    clusters: np.ndarray | None
    ratio: ControlRatio | None
    doses: tuple[float, ...]
    log_scores: tuple[float, tuple[float, ...]] | None
    tests: Mapping[str, Tested]
    alpha: float | None
    confirmed: bool
    n_images: int

    @builtins.property
    def n(self) -> int:
        """Images in the estimates."""
        return int(self.applies.sum())

    @builtins.property
    def n_invalid(self) -> int:
        """Images that are left out."""
        return self.n_images - self.n

    def mean(self, quantity: str) -> Estimate:
        """The mean over images of one of the curves' numbers, with its t interval."""
        return mean_estimate(getattr(self.curves.numbers, quantity)[self.applies], self.clusters)

    @builtins.property
    def flips(self) -> Proportion | None:
        """Share of images whose decision changes along the sweep; None where nothing is decided."""
        if self.curves.flips is None:
            return None
        return clustered_share((self.curves.flips > 0).mean(axis=1)[self.applies], self.clusters)

    @builtins.property
    def too_few(self) -> str | None:
        """Why nothing may be called absent, or None."""
        units = self.n if self.clusters is None else len(set(self.clusters.tolist()))
        if units < FEW_IMAGES:
            return f"few images: {units} of their own"
        dropped = self.n_invalid / self.n_images
        if dropped > MAX_DROPPED:
            return f"{dropped:.0%} of images have no valid sweep, or none that changes a pixel"
        if not self.confirmed:
            return "no `edit_success` check confirms that the editor changed the property"
        return None


def judged_properties(
    analysis: PropertyGradient,
    estimates: GradientEstimates,
    kinds: Mapping[str, str],
    score_units: Mapping[str, str],
    tests: Mapping[tuple[str, str, str], Tested],
    alpha: float | None,
    confirmed: frozenset[str],
) -> tuple[JudgedProperty, ...]:
    """Every model and property of an analysis, in declared order.

    Args:
        analysis: the analysis.
        estimates: what it measured.
        kinds: the kind of each intervention.
        score_units: the unit of each model's score.
        tests: p-values by model, property and quantity.
        alpha: level of adjusted p-values.
        confirmed: interventions whose success a check confirms.
    """
    found = []
    for model in dict.fromkeys(name for name, _ in estimates.curves):
        for name in analysis.interventions:
            sweep, curves = estimates.sweeps[name], estimates.curves[model, name]
            applies = estimates.applies(name)
            ratio: ControlRatio | None = None
            logs: tuple[float, tuple[float, ...]] | None = None
            doses: tuple[float, ...] = ()
            if analysis.controls and applies.any():
                scores = np.stack(
                    [estimates.curves[model, control].numbers.per_step[applies] for control in analysis.controls], 1
                )
                mine = curves.numbers.per_step[applies]
                clusters = None if estimates.clusters is None else estimates.clusters[applies]
                ratio = control_ratio(log_ratios(mine, scores), clusters)
                logs = mean_logs(mine, scores)
                doses = doses_over_all(analysis, estimates, name, applies)
            found.append(
                JudgedProperty(
                    analysis=analysis,
                    model=model,
                    property=sweep.property,
                    intervention=name,
                    kind=kinds[name],
                    unit=sweep.unit,
                    score_unit=score_units[model],
                    curves=curves,
                    applies=applies,
                    clusters=None if estimates.clusters is None else estimates.clusters[applies],
                    ratio=ratio,
                    doses=doses,
                    log_scores=logs,
                    tests={key[2]: test for key, test in tests.items() if key[:2] == (model, sweep.property)},
                    alpha=alpha,
                    confirmed=kinds[name] in EXACT or name in confirmed,
                    n_images=len(estimates.valid),
                )
            )
    return tuple(found)


def mean_logs(mine: np.ndarray, controls: np.ndarray) -> tuple[float, tuple[float, ...]]:
    """Mean over images of the log of E|grad|, of a property (n_images,) and of each control (n_images, n_controls)."""
    zero = np.zeros((len(mine), 1)) + 1.0
    of_property = float(log_ratios(mine, zero).mean())
    return of_property, tuple(float(log_ratios(column, zero).mean()) for column in controls.T)


def doses_over_all(
    analysis: PropertyGradient, estimates: GradientEstimates, intervention: str, applies: np.ndarray
) -> tuple[float, ...]:
    """Mean dose of each control over that of the property; empty where doses are not known."""
    mine = estimates.doses(intervention)[applies]
    theirs = [estimates.doses(control)[applies] for control in analysis.controls]
    if not all(np.isfinite(each).all() for each in (mine, *theirs)):
        return ()
    return tuple(float(each.mean() / mine.mean()) for each in theirs)
