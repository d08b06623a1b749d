"""A realistic result of gradual interventions: two models, two properties, a control, checkpoints, one failed image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auditor.results.audit_result import AuditResult, CheckPart, CheckResult, Finding, Subject, Verdict
from auditor.results.sweeps.sweep_result import CheckpointResult, ImageSweep, SweepCurve, SweepSample, SweepShown
from tests.report.sample_result import draw_picture, interval

ANALYSIS, MODELS, CONTROLS = "gradients", ("outcome", "biased"), ("dark left", "dark right", "noisy")
POINTS = 21
DRAWN = (0, 10, 20)
IMAGES = tuple(f"image {k:02}.png" for k in range(12))


def findings() -> tuple[Finding, ...]:
    """Both properties of both models: one is relied on, one is only described."""
    found: list[Finding] = []
    for name, verdict, height in (("hue", "relies", 0.4), ("angle of view", "descriptive", 0.02)):
        for k, model in enumerate(MODELS):
            found += _of(model, name, verdict, height + 0.01 * k)  # type: ignore[arg-type]
    return tuple(found)


def _of(model: str, name: str, verdict: Verdict, height: float) -> list[Finding]:
    base: dict[str, Any] = {"analysis": ANALYSIS, "model": model, "subject": Subject(kind="property", name=name),
                            "n": 11, "n_invalid": 1}  # fmt: skip
    unit = {"unit": "probability"}
    found = [
        Finding(quantity="range", estimate=height, interval=interval(height, 0.05), verdict=verdict, margin=0.05,
                sentence=f"the score moves by {height:g}", details={"points of a sweep": POINTS}, **unit, **base),
        Finding(quantity="net_change", estimate=-height, interval=interval(-height, 0.05), **unit, **base),
        Finding(quantity="gradient", estimate=height / 10, interval=interval(height / 10, 0.01), **unit, **base),
        Finding(quantity="gradient_per_unit", unit="probability per degree", estimate=height / 90,
                interval=interval(height / 90, 0.001), **base),
        Finding(quantity="flips", unit="share", estimate=0.25, interval=interval(0.25, 0.1, method="wilson"), **base),
    ]  # fmt: skip
    if verdict == "relies":
        against = {f"against {control}": 8.0 + k for k, control in enumerate(CONTROLS)}
        found.append(
            Finding(quantity="ratio", unit="times", estimate=9.0, interval=interval(9.0, 4.0), p_value=0.0002,
                    p_adjusted=0.0004, alternative="greater", margin=2.0, details=against, **base)
        )  # fmt: skip
    return found


def image_sweeps() -> tuple[ImageSweep, ...]:
    """Every image of the first property; the sixth does not move."""
    return tuple(
        ImageSweep(analysis=ANALYSIS, model=model, property="hue", intervention="turned", image=image, target="outcome",
                   gradient=0.04, gradient_per_unit=0.005, net_change=-0.3, range=0.4 - 0.03 * k, total_variation=0.5,
                   flips=float(k % 2), first_flip=45.0 if k % 2 else None, shuffle_p=0.0001,
                   shuffle_side="smoother" if k else "rougher", ratio=8.0, floor=0.12, moves=k != 5)
        for model in MODELS
        for k, image in enumerate(IMAGES[:11])
    )  # fmt: skip


def shown(folder: Path, points: int = POINTS, drawn: tuple[int, ...] = DRAWN) -> tuple[SweepShown, ...]:
    """Two images by rule, one of them by two rules, a control, and a failed one."""
    (folder / "images").mkdir(exist_ok=True)
    files = {k: draw_picture(folder, f"frame-{k:03}.png", ("red circle",), side=24 + n) for n, k in enumerate(drawn)}
    original = draw_picture(folder, "original.png", ("blue circle",))
    base: dict[str, Any] = {"analysis": ANALYSIS, "original": original,
                            "positions": tuple(4.5 * k for k in range(points)),
                            "frames": tuple(files.get(k) for k in range(points))}  # fmt: skip
    scores = tuple(0.9 - 0.8 * k / (points - 1) for k in range(points))
    curves = tuple(
        SweepCurve(model=model, scores=scores, decisions=tuple("yes" if score >= 0.5 else "no" for score in scores),
                   threshold=0.5, floor=0.12, controls={name: (0.9,) * points for name in CONTROLS})
        for model in MODELS
    )  # fmt: skip
    plain = tuple(curve.model_copy(update={"controls": {}}) for curve in curves)
    turned: dict[str, Any] = {**base, "intervention": "turned", "property": "hue", "unit": "degrees"}
    failed: dict[str, Any] = {**turned, "original": None, "frames": (None,) * points}
    return (
        SweepShown(rule="random", image=IMAGES[0], curves=curves, **turned),
        SweepShown(rule="most_moved", image=IMAGES[0], curves=curves, **turned),
        SweepShown(rule="least_moved", image=IMAGES[5], curves=curves, **turned),
        SweepShown(rule="random", image=IMAGES[0], intervention="dark left", property="left", unit="strength",
                   curves=plain, **base),
        SweepShown(rule="failed", image=IMAGES[11], reason="the frame at 9 is not a number", **failed),
    )  # fmt: skip


def checks() -> tuple[CheckResult, ...]:
    """The gate on doses, and significance."""
    dose = CheckPart(subject="hue: dark left", quantity="dose of control / dose of property", measured=1.9,
                     interval=interval(1.9, 0.2, 0.9), threshold=0.8, state="pass", concept="hue")  # fmt: skip
    return (
        CheckResult(kind="significance", of=ANALYSIS, state=None, measured=None, threshold=0.01, sentence="2 of 2",
                    parts=()),
        CheckResult(kind="control_dose", of=ANALYSIS, state="pass", measured=1.9, threshold=0.8,
                    sentence="every control is strong enough", parts=(dose,)),
    )  # fmt: skip


def with_sweeps(result: AuditResult, folder: Path) -> AuditResult:
    """The result of an audit that examines concepts and properties, and whose models are checkpoints."""
    return result.model_copy(
        update={
            "findings": (*result.findings, *findings()),
            "checks": (*result.checks, *checks()),
            "sweep_samples": (SweepSample(analysis=ANALYSIS, images=11, left_out=1, points=POINTS, variants=1),),
            "image_sweeps": image_sweeps(),
            "sweeps": shown(folder),
            "checkpoints": tuple(
                CheckpointResult(series="from scratch", model=model, order=1.0 + k) for k, model in enumerate(MODELS)
            ),
        }
    )  # fmt: skip


def sweeps_alone(result: AuditResult, folder: Path) -> AuditResult:
    """An audit of photographs with their sweeps, without data set, label, concepts and performance."""
    nothing = {"source": "", "rows": 0, "positives": None, "label": "", "concepts": {}, "invalid_rows": 0}
    return with_sweeps(result, folder).model_copy(
        update={
            "findings": findings(), "checks": checks(), "requirements": (), "performance": (), "reach": (),
            "renoised": (), "pairs": (), "checkpoints": (), "summary": (), "earlier": (), "not_measured": (),
            "sample": result.sample.model_copy(update=nothing),
        }
    )  # fmt: skip
