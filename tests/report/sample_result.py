"""A realistic result: six shapes, one model, two requirements, three checks, and their pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from auditor.results.audit_result import (
    AuditResult,
    CheckPart,
    CheckResult,
    EarlierResult,
    FidelityRow,
    Finding,
    HeaderResult,
    Identity,
    IntervalResult,
    Matrix,
    ModelPerformance,
    OpCount,
    PairPicture,
    PlanSummary,
    ReachResult,
    RenoisedResult,
    RequirementResult,
    SampleResult,
    State,
    Subgroup,
    Subject,
    Verdict,
)

ROWS = 200
COLOURS = {"red": (200, 40, 40), "green": (40, 150, 60), "blue": (40, 80, 200)}
CONCEPTS = tuple(f"{colour} {shape}" for shape in ("circle", "rectangle") for colour in COLOURS)
WEIGHTS = dict(zip(CONCEPTS, (0.0, 0.08, 0.16, 0.24, 0.32, 0.004), strict=True))
SHOWN = dict(zip(CONCEPTS, (104, 97, 101, 92, 110, 88), strict=True))
MODEL, ANALYSIS = "outcome", "reliance"


def digest(seed: int) -> str:
    """64 hexadecimal characters that depend on `seed` alone."""
    return f"{pow(7, seed + 91, 2**256):064x}"


def interval(middle: float, half: float, confidence: float = 0.95, method: str = "influence") -> IntervalResult:
    """A symmetric interval."""
    return IntervalResult(low=middle - half, high=middle + half, confidence=confidence, method=method)


def findings(model: str = MODEL) -> tuple[Finding, ...]:
    """Four quantities for each concept, computed from the concept's weight."""
    found: list[Finding] = []
    for k, (name, weight) in enumerate(WEIGHTS.items()):
        subject = Subject(kind="concept", name=name)
        verdict: Verdict = "relies" if weight > 0.1 else "does_not_rely" if weight < 0.01 else "inconclusive"
        response, half = 0.9 * weight + 0.0021 * (k - 2), 0.011 + 0.02 * weight
        p = 0.0001 if weight > 0.1 else 0.0004 if weight > 0.05 else 0.42 + 0.05 * k
        base: dict[str, Any] = {"analysis": ANALYSIS, "model": model, "subject": subject, "n": ROWS - 2, "n_invalid": 2}
        found += [
            Finding(quantity="importance", unit="auroc", estimate=0.8 * weight - 0.0012, margin=0.02,
                    interval=interval(0.8 * weight - 0.0012, 0.009 + 0.05 * weight), p_value=p, alternative="two_sided",
                    p_adjusted=min(1.0, 6 * p), details={"share_of_rows_changed": 0.498, "noise_sd": 0.0041},
                    **base),
            Finding(quantity="response", unit="rank", estimate=response, interval=interval(response, half), p_value=p,
                    margin=0.05, alternative="two_sided", p_adjusted=min(1.0, 6 * p), verdict=verdict,
                    sentence=f"putting it in moves the score by {abs(response):.1%} of the ranks",
                    details={"unmixed_low": response - half, "unmixed_high": response + half}, **base),
            Finding(quantity="systematic_response", unit="rank", estimate=abs(response) + 0.004, margin=0.05,
                    interval=interval(abs(response) + 0.004, half), **base),
            Finding(quantity="flips", unit="share", estimate=0.8 * weight + 0.01,
                    interval=interval(0.8 * weight + 0.01, 0.0099, method="wilson"),
                    details={"re-noising_alone": 0.015}, **base),
            Finding(quantity="unmixed_response", unit="rank", estimate=response - 0.002, margin=0.05,
                    interval=interval(response - 0.002, half + 0.001), details={"condition number": 1.2}, **base),
            Finding(quantity="spilled_importance", unit="auroc", estimate=0.001 + 0.01 * weight, interval=None,
                    margin=0.02, **base),
        ]  # fmt: skip
    return (*found, *subgroup_findings(model))


def subgroup_findings(model: str) -> tuple[Finding, ...]:
    """One concept in two subgroups, of which one has few rows and no importance."""
    base: dict[str, Any] = {"analysis": ANALYSIS, "model": model, "subject": Subject(kind="concept", name=CONCEPTS[0])}
    north, south = (Subgroup(column="hospital", value=value) for value in ("north", "south"))
    return (
        Finding(quantity="response", unit="rank", estimate=0.011, interval=interval(0.011, 0.012), n=190,
                subgroup=north, **base),
        Finding(quantity="importance", unit="auroc", estimate=0.004, interval=interval(0.004, 0.02), n=190,
                subgroup=north, **base),
        Finding(quantity="response", unit="rank", estimate=None, interval=None, n=8, subgroup=south,
                sentence="few rows: the subgroup has one label", **base),
    )  # fmt: skip


def reach() -> tuple[ReachResult, ...]:
    """What could have been found about each concept."""
    return tuple(
        ReachResult(analysis=ANALYSIS, model=MODEL, concept=name, alpha=0.01, family=6, power=0.8, confidence=0.95,
                    smallest_p=0.0012, largest_importance=0.99, detectable_importance=0.04, smallest_margin=0.021,
                    detectable_response=0.03, smallest_response=None, smallest_cell=44.2)
        for name in CONCEPTS
    )  # fmt: skip


def renoised() -> tuple[RenoisedResult, ...]:
    """The self-test of each concept."""
    return tuple(
        RenoisedResult(analysis=ANALYSIS, model=MODEL, concept=name, importance=0.002 * k, p_value=0.03 + 0.15 * k,
                       quantile=0.017, swaps=999, seed=0)
        for k, name in enumerate(CONCEPTS)
    )  # fmt: skip


def requirements() -> tuple[RequirementResult, ...]:
    """One promise that holds and one that the data do not decide."""
    blue = Subject(kind="concept", name="blue rectangle")
    base: dict[str, Any] = {"analysis": ANALYSIS, "model": MODEL, "subject": blue, "confidence": 0.95}
    return (
        RequirementResult(name="blue rectangles do not matter", quantity="systematic_response", relation="at_most",
                          threshold=0.05, estimate=0.0139, lower=0.0044, upper=0.0233, p_failed=0.9991, p_adjusted=1.0,
                          state="pass", sentence="at most 0.05, with confidence 0.95 (bound 0.0233)", **base),
        RequirementResult(name="performance does not depend on them", quantity="importance", relation="within",
                          threshold=0.02, estimate=0.0118, lower=0.0031, upper=0.0206, p_failed=0.87, p_adjusted=1.0,
                          state="inconclusive", sentence="the rows allow 0.0031 to 0.0206, and the bound is "
                          "0.02; about 260 rows would decide with a chance of 80 %", **base),
    )  # fmt: skip


def matrix_values(diagonal: float, spread: float) -> tuple[tuple[float, ...], ...]:
    """Six by six: `diagonal` on the diagonal, small numbers of both signs beside it."""
    return tuple(
        tuple(diagonal - 0.013 * i if i == j else spread * (((7 * i + 3 * j) % 11) / 11 - 0.5) for j in range(6))
        for i in range(6)
    )


def checks() -> tuple[CheckResult, ...]:
    """Effective generation, independent permutation with two matrices, significance."""
    drops = dict(zip((MODEL, *CONCEPTS), (0.021, 0.011, 0.034, 0.008, 0.052, 0.027, 0.019), strict=True))
    effective = tuple(
        CheckPart(subject=name, quantity="AUROC real - generated", measured=drop, interval=interval(drop, 0.016, 0.9),
                  threshold=0.12, state="pass", model=name if name == MODEL else None,
                  concept=None if name == MODEL else name,
                  sentence=f"{name}: {0.917:.3f} on real and {0.917 - drop:.3f} on generated pictures")
        for name, drop in drops.items()
    )  # fmt: skip
    changed = matrix_values(0.93, 0.06)
    pairs: list[CheckPart] = []
    for i, source in enumerate(CONCEPTS):
        for j, other in enumerate(CONCEPTS):
            share = abs(changed[i][j]) if i != j else 0.93 - 0.013 * i
            state: State = "pass" if i == j or share < 0.02 else "inconclusive"
            pairs.append(CheckPart(subject=f"{source} -> {other}", concept=source, state=state, measured=share,
                                   quantity="rendering strength" if i == j else "share of decisions changed",
                                   threshold=0.8 if i == j else 0.05,
                                   sentence=f"changing {source} changes {other} in {share:.1%} of rows",
                                   interval=IntervalResult(low=max(0.0, share - 0.02), high=share + 0.0283,
                                                          confidence=0.9, method="wilson")))  # fmt: skip
    shape: dict[str, Any] = {"row_title": "Changed concept", "column_title": "What the detector sees"}
    shape |= {"rows": CONCEPTS, "columns": CONCEPTS}
    magnitudes = tuple(tuple(map(abs, row)) for row in changed)
    return (
        CheckResult(kind="effective_generation", of=ANALYSIS, state="pass", measured=0.052, threshold=0.12,
                    parts=effective, sentence="generated pictures are seen as real ones are: the largest difference is "
                    "0.052"),
        CheckResult(kind="independent_permutation", of=ANALYSIS, state="inconclusive", measured=0.0273, threshold=0.05,
                    sentence="In no pair of concepts does a side effect exceed the limit, but 200 rows cannot exclude "
                    "it for all of them.", parts=tuple(pairs),
                    matrices=(Matrix(title="Change of the detector's AUROC", unit="auroc", limit=0.025,
                                     values=matrix_values(-0.43, 0.06), **shape),
                              Matrix(title="Share of decisions that change", unit="share", limit=0.05,
                                     values=magnitudes, **shape))),
        CheckResult(kind="significance", of=ANALYSIS, state=None, measured=None, threshold=0.01,
                    sentence="Of six concepts, the score responds to four beyond chance (9,999 swaps, Holm).",
                    parts=tuple(CheckPart(subject=name, quantity="adjusted p", measured=0.0006 if w > 0.05 else 1.0,
                                          interval=None, threshold=0.01, state=None) for name, w in WEIGHTS.items())),
    )  # fmt: skip


def draw_picture(folder: Path, name: str, shown: tuple[str, ...], side: int = 64) -> str:
    """A picture of the concepts `shown`; returns its name below `folder`."""
    image = Image.new("RGB", (side, side), (236, 236, 232))
    pen = ImageDraw.Draw(image)
    for concept in shown:
        colour, shape = concept.split()
        k, step = CONCEPTS.index(concept), side // 3
        x, y = (k % 3) * step + step // 6, side // 8 + (k // 3) * (side // 2)
        draw = pen.ellipse if shape == "circle" else pen.rectangle
        draw((x, y, x + step * 2 // 3, y + step * 2 // 3), fill=COLOURS[colour])
    (folder / "images").mkdir(parents=True, exist_ok=True)
    image.save(folder / "images" / name)
    return f"images/{name}"


def pairs(folder: Path) -> tuple[PairPicture, ...]:
    """Four pairs by each rule, and two that failed."""
    made: list[PairPicture] = []
    for k in range(12):
        concept = CONCEPTS[(5 * k) % 6]
        before = tuple(name for i, name in enumerate(CONCEPTS) if (k * 37 + 11) >> i & 1)
        added = concept not in before
        after = tuple(name for name in CONCEPTS if (name in before) != (name == concept))
        low = 0.1 + 0.06 * k
        move = WEIGHTS[concept] * (1 if added else -1)
        made.append(
            PairPicture(rule=("random", "most_changed", "least_changed")[k // 4], analysis=ANALYSIS, concept=concept,
                        row=str(17 * k % ROWS), draw=k % 2, factual_image=draw_picture(folder, f"{k}a.png", before),
                        counterfactual_image=draw_picture(folder, f"{k}b.png", after),
                        factual_caption=", ".join(before) or "nothing",
                        counterfactual_caption=", ".join(after) or "nothing",
                        change="added" if added else "removed", scores={MODEL: (low, max(0.0, low + move))})
        )  # fmt: skip
    for k in range(2):
        made.append(
            PairPicture(rule="failed", analysis=ANALYSIS, concept="red circle", row=str(140 + k), draw=k,
                        factual_image="images/0a.png", counterfactual_image=None, factual_caption="red rectangle",
                        counterfactual_caption="red circle, red rectangle", change="added",
                        scores={MODEL: (0.41, None)},
                        reason="The generator's output holds values that are not finite.")
        )  # fmt: skip
    return tuple(made)


def fidelity() -> tuple[FidelityRow, ...]:
    """Choices of every kind of chooser."""
    return (
        FidelityRow(field="analyses[0].permutations", value="exact", chosen_by="document",
                    note="The paper samples 25 or 500 permutations; exact is their limit, without sampling error."),
        FidelityRow(field="analyses[0].metric", value="auroc", chosen_by="paper"),
        FidelityRow(field="analyses[0].intervals.method", value="influence", chosen_by="auditor",
                    note="The paper resamples permutations; influence intervals also count the choice of rows."),
        FidelityRow(field="interventions[0].noise.draws", value="2", chosen_by="document"),
        FidelityRow(field="interventions[0].scheduler", value="DDIM", chosen_by="code"),
        FidelityRow(field="checks[0].max_drop", value="0.12", chosen_by="paper"),
        FidelityRow(field="checks[1].max_changed", value="0.05", chosen_by="document",
                    note="The paper shows a matrix of AUROC changes and sets no limit."),
        FidelityRow(field="checks[2].correction", value="holm", chosen_by="document"),
    )  # fmt: skip


def identities() -> tuple[Identity, ...]:
    """One of each role."""
    return (
        Identity(role="model", name="outcome", digest=digest(1), detail="builtin:shapes/outcome"),
        Identity(role="detector", name="shapes", digest=digest(2), detail="builtin:shapes/detector"),
        Identity(role="pipeline", name="captions", digest=digest(3), detail="builtin:shapes/text-to-image"),
        Identity(role="dataset", name="builtin:shapes/test", digest=digest(4), detail="200 of 1,000 rows, seed 0"),
        Identity(role="spec", name="shapes-reliance", digest=digest(5)),
        Identity(role="requirements", name="two requirements", digest=digest(6), detail="fixed before the run"),
        Identity(role="package", name="torch", digest=None, detail="2.13.0"),
        Identity(role="package", name="diffusers", digest=None, detail="0.42.1"),
        Identity(role="numerics", name="default", digest=digest(7), detail="float32, CPU, one thread, batches of 16"),
    )


def sample_result(folder: Path) -> AuditResult:
    """The whole result; its pictures are written below `folder`."""
    text = Path(__file__).parents[2].joinpath("specs", "shapes-reliance.yaml").read_text("utf-8")
    return AuditResult(
        tool_version="0.1.0",
        audit=HeaderResult(id="shapes-reliance", title="Which shapes does the outcome classifier rely on?",
                           revision="1.0.0", owner="Model risk", intended_use="Decide whether the classifier may be "
                           "used where blue rectangles must not matter."),
        outcome="inconclusive",
        summary=(
            "One of two requirements holds, and one is inconclusive; none fails.",
            "The outcome model relies on green rectangles, red rectangles and blue circles, in this order.",
            "It does not rely on blue rectangles or red circles: the response to them lies within the declared margin.",
            "One of two gates is inconclusive: side effects between some concepts cannot be excluded with 200 rows.",
        ),
        sample=SampleResult(source="builtin:shapes/test", rows=ROWS, positives=96, label="outcome", clusters=None,
                            concepts=SHOWN, invalid_rows=2),
        performance=(ModelPerformance(analysis=ANALYSIS, model=MODEL, metric="auroc", real=0.917, generated=0.896),),
        requirements=requirements(),
        checks=checks(),
        findings=findings(),
        pairs=pairs(folder),
        not_measured=(
            "Combinations of concepts: each was changed alone.",
            "Position and size of the shapes, which no concept names.",
        ),
        plan=PlanSummary(ops=(OpCount(op="generate", as_published=1_200_400, asked=2_800, distinct=1_416),
                              OpCount(op="predict", as_published=1_200_400, asked=8_400, distinct=2_832))),
        fidelity=fidelity(),
        reach=reach(),
        renoised=renoised(),
        earlier=(EarlierResult(revision="0.9.0", outcome="fail", partial=True, result_digest=digest(10),
                               spec_digest=digest(11), requirements_digest=digest(12)),),
        requirements_changed=True,
        identities=identities(),
        spec_text=text,
        resolved_text="\n".join(line for line in text.splitlines() if not line.startswith("#")) + "\n",
        units_digest=digest(9),
    )  # fmt: skip
