"""What the statistics of an audit can reach, said before anything is spent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.checks import Significance
from auditor.dataset import Rows
from auditor.spec.audit_spec import AuditSpec
from auditor.statistics import detectable_importance, largest_importance, null_se, smallest_expected_cell, smallest_p


@dataclass(frozen=True)
class Reach:
    """What an analysis can find about one concept, whatever the model.

    Attributes:
        analysis: its name.
        concept: its name.
        smallest_p: smallest adjusted p-value of the mean-response test; None without a significance check.
        largest_importance: bound on the importance at these labels and values, in AUROC.
        detectable_importance: importance found with a chance of 80 % at the declared level, if changing
            the concept moves scores by a tenth of the ranks (assumed).
        smallest_cell: least expected number of rows of one label with one value.
    """

    analysis: str
    concept: str
    smallest_p: float | None
    largest_importance: float
    detectable_importance: float
    smallest_cell: float


def reach_of(spec: AuditSpec, rows: Rows) -> tuple[Reach, ...]:
    """A line for each analysis and concept, in declared order."""
    names = [concept.name for concept in spec.concepts]
    positives = int(rows.labels.sum())
    units = len(rows) if rows.clusters is None else len(np.unique(rows.clusters))
    found = []
    for analysis in spec.analyses:
        concepts = analysis.concepts or tuple(names)
        test = next((c for c in spec.checks if isinstance(c, Significance) and c.of == analysis.name), None)
        alpha, family = (test.alpha if test else 0.05), len(concepts)
        for concept in concepts:
            values = rows.values[:, names.index(concept)]
            shares = np.bincount(values, minlength=2) / len(rows)
            error = null_se(positives, len(rows) - positives, shares)
            found.append(
                Reach(
                    analysis=analysis.name,
                    concept=concept,
                    smallest_p=smallest_p(test.swaps, units, family) if test else None,
                    largest_importance=largest_importance(rows.labels, values),
                    detectable_importance=detectable_importance(error, alpha, family),
                    smallest_cell=smallest_expected_cell(positives, len(rows) - positives, shares),
                )
            )
    return tuple(found)
