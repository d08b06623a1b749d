"""What a detector saw of every pair of concepts, as matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditor.checks.seen_pairs import SeenPairs
from auditor.judgement import Matrix


def matrices_of(seen: SeenPairs, max_changed: float) -> tuple[Matrix, ...]:
    """Shares of changed decisions, mean changes, and the AUROC matrix of DEPICT, which is shown and not trusted alone.

    Args:
        seen: at least one row, and one thing that the detector tells.
        max_changed: limit of the shares.
    """
    named: dict[str, Any] = {"column_title": "detected concept", "rows": seen.changed, "columns": seen.detected}
    return (
        Matrix(
            title="Share of rows whose decision changes",
            unit="share",
            row_title="changed concept",
            values=table_of(seen, lambda j, k: seen.effect(j, k).changed.value),
            limit=max_changed,
            **named,
        ),
        Matrix(
            title="Mean change of the detector's probability when the concept is put in",
            unit="probability",
            row_title="concept put in",
            values=table_of(seen, lambda j, k: seen.effect(j, k).mean_change.value),
            **named,
        ),
        Matrix(
            title="AUROC of the detector lost by permuting (the paper's matrix)",
            unit="AUROC",
            row_title="permuted concept",
            values=table_of(seen, seen.auroc_drop),
            **named,
        ),
    )


def table_of(seen: SeenPairs, of: Callable[[int, int], float | None]) -> tuple[tuple[float | None, ...], ...]:
    """A number of each changed concept and each thing that the detector tells."""
    return tuple(tuple(of(j, k) for k in range(len(seen.sights))) for j in range(len(seen.changed)))
