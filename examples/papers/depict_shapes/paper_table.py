"""The table of the experiment beside the paper's, and its bars."""

from __future__ import annotations

import numpy as np

from auditor.evaluation import Correlation, Evaluation, Shortfall
from auditor.run.evaluating import Evaluated

READINGS = ("pooled", "normalised", "within")
PUBLISHED = {
    ("permutation", "bottleneck"): "0.98 [0.97, 0.98]",
    ("LIME", "bottleneck"): "0.72 [0.68, 0.76]",
    ("Grad-CAM", "bottleneck"): "0.07 [-0.01, 0.15]",
    ("permutation", "coefficients"): "0.92 [0.90, 0.93]",
    ("LIME", "coefficients"): "0.73 [0.68, 0.76]",
    ("Grad-CAM", "coefficients"): "0.08 [0.00, 0.16]",
}
"""Pearson r in the paper's section 4.1; it does not say whether weights are normalised."""


def print_table(name: str, done: Evaluated, models: int, rows: int) -> None:
    """The correlations beside the paper's, and which bars hold."""
    evaluation = done.evaluation
    print(f"\n{name}: {models} models, {rows} rows; Pearson r [95 %, models resampled]")
    print(f"  {'method':<18} {'oracle':<13} {'as they are':<22} {'oracle normalised':<22} {'within a model':<22} paper")
    for one in evaluation.agreements:
        kind = "permutation" if one.method.startswith("audit: ") else one.method
        paper = PUBLISHED.get((kind, one.oracle), "") if name == "synthetic" else ""
        shown = "".join(f"{words(one.correlation('pearson', reading)):<23}" for reading in READINGS)
        print(f"  {one.method:<18} {one.oracle:<13} {shown}{paper}")
    for check in done.outcome.result.checks:
        print(f"  gate {check.kind}: {check.state}; {check.sentence}")
    if name == "synthetic":
        print_bars(evaluation)
    print(f"  report {done.outcome.folder.html}\n  evaluation {done.files['html']}", flush=True)


def print_bars(evaluation: Evaluation) -> None:
    """The bars of the experiment, each with what was found."""
    for method in ("audit: exact", "audit: published"):
        found = evaluation.agreement(method, "bottleneck").correlation("pearson", "pooled")
        low = float("nan") if found.interval is None else found.interval.low
        holds = found.value >= 0.98 and low >= 0.97
        print(f"  bar: {method} with the bottleneck at least 0.98, lower end at least 0.97: {said(holds)}")
        for short in evaluation.shortfalls:
            if (short.method, short.oracle, short.measure) == (method, "coefficients", "pearson"):
                print(
                    f"  bar: {method} with the weights, {short.reading}, within 0.01 of the ceiling: "
                    f"{said(abs(short.value) <= 0.01)} (ceiling minus method {words(short)})"
                )


def print_primary(evaluation: Evaluation) -> None:
    """Whether every primary-feature model is seen to rely on its concept, and on how little else."""
    for method in evaluation.methods:
        if not np.isfinite(method.importances).all():
            continue
        first = method.importances.argmax(axis=1)
        right = int((first == np.arange(len(first))).sum())
        own = np.diagonal(method.importances)
        others = method.importances[~np.eye(len(first), dtype=bool)]
        print(
            f"  primary concept ranked first by {method.name}: {right} of {len(first)}; "
            f"primary {own.min():.3f} to {own.max():.3f}, others {others.min():.3f} to {others.max():.3f}"
        )


def words(found: Correlation | Shortfall) -> str:
    """A number and its interval."""
    interval = found.interval
    if interval is None:
        return f"{found.value:.3f}"
    return f"{found.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def said(holds: bool) -> str:
    return "holds" if holds else "MISSED"
