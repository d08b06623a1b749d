"""The gate on doses: how often it passes at its threshold, and what models that follow the dose are accused of."""

from __future__ import annotations

from collections.abc import Mapping

from scipy.stats import binom

from tests.benchmarks.figure import Figure
from tests.statistics.sweeps.dose_worlds import (
    EXTREMES,
    WORLDS,
    World,
    accused,
    at_dose,
    at_threshold,
    passed_at_threshold,
)

RAN = "python -m tests.benchmarks.statistics dose-gate"


def dose_gate(audits: int = 2_000, sizes: tuple[int, ...] = (8, 20, 100)) -> list[Figure]:
    """Sizes of both parts of the gate at their thresholds, and claims against models that follow the dose."""
    upper = float(binom.ppf(0.995, audits, 0.05)) / audits
    figures = []
    for name, world in {**WORLDS, **EXTREMES}.items():
        shares = [passed_at_threshold(world, images, audits) for images in sizes]
        shares.append(passed_at_threshold(world, sizes[0], audits, per_cluster=4))
        said = [*map(str, sizes), f"{sizes[0]} clusters of 4"]
        told = ", ".join(f"{dose:.3f} and {seen:.3f} ({of})" for (dose, seen), of in zip(shares, said, strict=True))
        figures.append(
            Figure(
                what=f"{audits:,} audits at the thresholds of dose and apparent ratio, {name}: share that passes, "
                "by images",
                bar=f"at most {upper:.3f}",
                measured=told,
                reached=max(max(pair) for pair in shares) <= upper,
                ran=RAN,
            )
        )
    return figures + [_claims(name, world, audits // 2) for name, world in {**WORLDS, **EXTREMES}.items()]


def _claims(name: str, world: World, audits: int) -> Figure:
    """What models that follow the dose would be accused of if every audit at the threshold passed."""
    by_gate: Mapping[str, float] = {"as judged": at_threshold(world), "ratio of mean doses alone": at_dose(world)}
    worst = {gate: max(accused(world, factor, audits).values()) for gate, factor in by_gate.items()}
    return Figure(
        what=f"{audits:,} audits of 30 images of each of four models that follow the dose, {name}: claims of "
        "'twice the controls' at the threshold, of the model accused most",
        bar="at most 0.01",
        measured=", ".join(f"{gate} {share:.3f}" for gate, share in worst.items()),
        reached=worst["as judged"] <= 0.01,
        ran=RAN,
    )
