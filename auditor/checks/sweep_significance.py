"""Tests of property gradients: does the score follow the property further than it follows the controls?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from auditor.analyses import GradientEstimates, PropertyGradient
from auditor.checks.outcome import CheckOutcome, ImageTest, Tested
from auditor.judgement import CheckPart, CheckResult
from auditor.statistics import TestResult, benjamini_hochberg, holm
from auditor.statistics.sweeps import log_ratios, rank_among_controls, sign_flip_test

LEAST_SEEDS: Final = 7
"""Paired draws of noise with which the sign flips of one image reach .01: 2^-7 is .0078."""

PAIRS: Final = "properties, counted once for each model,"


@dataclass(frozen=True)
class Level:
    """How p-values are drawn and adjusted, as the check declares it."""

    alpha: float
    correction: str
    family: str
    flips: int
    seed: int


def sweep_tests(
    kind: str, analysis: PropertyGradient, estimates: GradientEstimates, models: Sequence[str], level: Level
) -> CheckOutcome:
    """The sign-flip test over images of each model and property, and the tests of single images.

    The null over images, and over paired draws of noise, is that the score moves at most `min_ratio` times as far as
    along the controls; that of ranks among an image's controls is that the property is one more like them.
    """
    drawn: dict[tuple[str, str, str], TestResult] = {}
    for model in models:
        for name in analysis.interventions if analysis.controls else ():
            ratios, clusters = ratios_of(analysis, estimates, model, name)
            if len(ratios):
                shifted = ratios.mean(axis=1) - math.log(analysis.min_ratio)
                found = sign_flip_test(shifted, level.flips, level.seed, clusters)
                drawn[model, estimates.sweeps[name].property, "ratio"] = found
    tests = _adjusted(drawn, level)
    parts = [_part(key, drawn[key], tested, analysis, level.alpha) for key, tested in tests.items()]
    moved = sum(tested.p_adjusted <= level.alpha for tested in tests.values())
    sentence = (
        f"the score follows {moved} of {len(tests)} {'properties' if len(models) == 1 else PAIRS} further than "
        f"{analysis.min_ratio:g} times the controls (adjusted p at most {level.alpha})"
        if tests
        else "no controls are declared, so nothing is tested"
    )
    images = {
        (model, name): image_tests(analysis, estimates, model, name, level)
        for model in models
        for name in analysis.interventions
    }
    return CheckOutcome(
        CheckResult(
            kind=kind, of=analysis.name, state=None, measured=None, threshold=level.alpha, sentence=sentence,
            parts=tuple(parts),
        ),
        tests,
        images=images,
    )  # fmt: skip


def ratios_of(
    analysis: PropertyGradient, estimates: GradientEstimates, model: str, intervention: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """Log ratios of E|grad| to each control, (n_images, n_controls), of images that the intervention changes."""
    applies = estimates.applies(intervention)
    mine = estimates.curves[model, intervention].numbers.per_step[applies]
    theirs = [estimates.curves[model, name].numbers.per_step[applies] for name in analysis.controls]
    clusters = None if estimates.clusters is None else estimates.clusters[applies]
    if not len(mine):
        return np.zeros((0, len(theirs))), clusters
    return log_ratios(mine, np.stack(theirs, axis=1)), clusters


def image_tests(
    analysis: PropertyGradient, estimates: GradientEstimates, model: str, intervention: str, level: Level
) -> tuple[ImageTest | None, ...]:
    """Of each valid image, the test of that image alone; None where its sweep is descriptive.

    With so many controls that a rank can reach alpha, the rank of the property among the image's own control curves;
    with 7 paired draws of noise or more, sign flips over the draws; else no p-value exists.
    """
    count = int(estimates.valid.sum())
    controls = analysis.controls
    if not controls:
        return (None,) * count
    mine = estimates.curves[model, intervention].per_variant
    theirs = [estimates.curves[model, name].per_variant for name in controls]
    if 1.0 / (len(controls) + 1) <= level.alpha:
        found = np.stack([each.mean(axis=1) for each in theirs], axis=1)
        return tuple(
            ImageTest("rank among controls", rank_among_controls(float(own), other))
            for own, other in zip(mine.mean(axis=1), found, strict=True)
        )
    paired = all(estimates.sweeps[name].paired_noise for name in (intervention, *controls))
    draws = {each.shape[1] for each in (mine, *theirs)}
    if not paired or len(draws) > 1 or min(draws) < LEAST_SEEDS:
        return (None,) * count
    tests = []
    for i in range(count):
        ratios = log_ratios(mine[i], np.stack([each[i] for each in theirs], axis=1)).mean(axis=1)
        shifted = ratios - math.log(analysis.min_ratio)
        tests.append(ImageTest("paired noise", sign_flip_test(shifted, level.flips, level.seed).p_value))
    return tuple(tests)


def _adjusted(drawn: Mapping[tuple[str, str, str], TestResult], level: Level) -> dict[tuple[str, str, str], Tested]:
    """Every test with its p-value adjusted over its family."""
    adjust = holm if level.correction == "holm" else benjamini_hochberg
    families: dict[str, list[tuple[str, str, str]]] = {}
    for key in drawn:
        families.setdefault("" if level.family == "analysis" else key[0], []).append(key)
    tests = {}
    for keys in families.values():
        adjusted = adjust(np.array([drawn[key].p_value for key in keys]))
        for key, p_adjusted in zip(keys, adjusted, strict=True):
            tests[key] = Tested(drawn[key].p_value, float(p_adjusted), drawn[key].alternative)
    return {key: tests[key] for key in drawn}


def _part(
    key: tuple[str, str, str], result: TestResult, tested: Tested, analysis: PropertyGradient, alpha: float
) -> CheckPart:
    model, name, _ = key
    return CheckPart(
        subject=f"{model}: {name}",
        quantity="ratio, adjusted p",
        measured=tested.p_adjusted,
        interval=None,
        threshold=alpha,
        state=None,
        sentence=f"p {result.p_value:.2g} before adjusting, {result.exceedances} of {result.replicates} sign flips at "
        f"least as far above a ratio of {analysis.min_ratio:g}, seed {result.seed}; null: an image's log ratio "
        "lies as far above the log of that as below it, with equal chance",
        model=model,
        concept=name,
    )
