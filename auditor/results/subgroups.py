"""The same estimates within each subgroup of rows, such as the patients of one hospital."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from auditor.analyses import AuditView, ConceptReliance, PermutationImportance, RelianceEstimates
from auditor.analyses.metric_scores import labels_of_model
from auditor.results.judged import Judged
from auditor.statistics import (
    clustered_share,
    exact_importance,
    response,
    sampled_importance,
)

TOO_FEW: Final = (
    "few rows: the subgroup has one label, one source or one value of the concept, and no number can be had"
)


@dataclass(frozen=True)
class Within:
    """A model and a concept in one subgroup.

    Attributes:
        subgroup: the value of the column.
        whole: the model and the concept in all rows.
        judged: the same in the subgroup; None where its rows give no number.
        rows: valid rows in it.
    """

    subgroup: str
    whole: Judged
    judged: Judged | None
    rows: int


def subgroups_of(column: np.ndarray) -> Mapping[str, np.ndarray]:
    """Which rows are in each subgroup, (n_rows,) bool, by the names of these in order; an empty cell is a name too."""
    return {str(name): column == name for name in sorted(set(column.tolist()))}


def all_subgroups(
    view: AuditView,
    analyses: Sequence[tuple[PermutationImportance, RelianceEstimates]],
    judged: Sequence[Judged],
) -> tuple[Within, ...]:
    """Every model and concept in every subgroup of the analyses that name a column."""
    found: list[Within] = []
    for analysis, estimates in analyses:
        if analysis.by is None:
            continue
        valid = estimates.valid
        groups = {name: rows[valid] for name, rows in subgroups_of(view.rows.columns[analysis.by]).items()}
        clusters = None if view.rows.clusters is None else view.rows.clusters[valid]
        for one in judged:
            if one.analysis.name == analysis.name:
                labels = labels_of_model(view.models[one.model], view.rows)[valid]
                found += within_subgroups(one, groups, labels, clusters)
    return tuple(found)


def within_subgroups(
    one: Judged, groups: Mapping[str, np.ndarray], labels: np.ndarray, clusters: np.ndarray | None
) -> tuple[Within, ...]:
    """One model and one concept in each subgroup.

    Scores keep their rank among all rows, so that a response means the same everywhere; the concept is dealt out
    among the rows of the subgroup alone. Nothing is tested there, and no side effect is taken out.

    Args:
        one: the whole.
        groups: of each subgroup, which of the valid rows are in it, (n_valid,) bool.
        labels: of the valid rows as the metric compares them with scores, (n_valid,).
        clusters: their sources, or None.
    """
    found = []
    for name, rows in groups.items():
        reliance = _reliance(one, rows, labels, clusters)
        judged = None
        if reliance is not None:
            judged = replace(
                one, reliance=reliance, values=one.values[rows], tests=MappingProxyType({}), alpha=None,
                side_effects=None, subgroup=name,
            )  # fmt: skip
        found.append(Within(name, one, judged, int(rows.sum())))
    return tuple(found)


def _reliance(one: Judged, rows: np.ndarray, labels: np.ndarray, clusters: np.ndarray | None) -> ConceptReliance | None:
    """The estimates in some rows; None where these have one label, one source, or one value of the concept."""
    analysis, values, truth = one.analysis, one.values[rows], labels[rows]
    sources = np.flatnonzero(rows) if clusters is None else clusters[rows]
    if min(len(np.unique(found)) for found in (values, truth, sources)) < 2:
        return None
    of_clusters = None if clusters is None else sources
    scores = one.reliance.scores[rows]
    # A table of permutations deals values out among all rows, and so says nothing of some of them.
    wanted = analysis.permutations if isinstance(analysis.permutations, int) else None
    try:
        if wanted is None and analysis.metric != "average_precision":
            importance = exact_importance(scores, values, truth, analysis.metric, of_clusters)
        else:
            importance = sampled_importance(scores, values, truth, analysis.metric, wanted, analysis.seed, of_clusters)
    except ValueError:
        # Of several classes the subgroup may lack some, and a metric of all of them does not exist there.
        return None
    placements, flips = one.reliance.placements[rows], one.reliance.flips
    if flips is not None:
        per_row = flips.per_row[rows]
        # How often noise alone changes a decision is counted over all rows.
        flips = replace(flips, share=clustered_share(per_row, of_clusters), per_row=per_row, n=len(per_row))
    return replace(
        one.reliance,
        importance=importance,
        response=response(placements, of_clusters, values),
        flips=flips,
        scores=scores,
        placements=placements,
    )
