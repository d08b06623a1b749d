"""The rows behind the numbers, and how models do on them."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.analyses import AuditView, PermutationImportance, RelianceEstimates
from auditor.results.audit_result import ModelPerformance, SampleResult
from auditor.spec.audit_spec import AuditSpec


def sample_of(spec: AuditSpec, view: AuditView, estimates: Sequence[RelianceEstimates]) -> SampleResult:
    """How many rows there are of each label, concept and value."""
    rows = view.rows
    counted = {
        concept.name: (
            concept.kind,
            {level: int((rows.values[:, i] == value).sum()) for value, level in enumerate(rows.levels_of(i))},
        )
        for i, concept in enumerate(spec.concepts)
        if concept.permutable
    }
    return SampleResult(
        source="" if spec.dataset is None else spec.dataset.source,
        rows=len(rows),
        positives=int(rows.labels.sum()) if rows.task == "binary" and rows.labelled and len(rows) else None,
        classes={name: int((rows.labels == place).sum()) for place, name in enumerate(rows.classes)},
        label_range=(float(rows.labels.min()), float(rows.labels.max())) if rows.task == "numbers" else None,
        label=(spec.dataset.label if spec.dataset is not None else None) or "",
        clusters=None if rows.clusters is None else len(set(rows.clusters.tolist())),
        concepts={
            name: sum(count for level, count in rows_of.items() if level)
            for name, (kind, rows_of) in counted.items()
            if kind != "category"
        },
        values={
            name: {str(level): count for level, count in rows_of.items()}
            for name, (kind, rows_of) in counted.items()
            if kind != "presence"
        },
        invalid_rows=max((int((~found.valid).sum()) for found in estimates), default=0),
    )


def performance_of(analyses: Sequence[tuple[PermutationImportance, RelianceEstimates]]) -> tuple[ModelPerformance, ...]:
    """Every model on real and on generated pictures, by the metric of each analysis."""
    return tuple(
        ModelPerformance(
            analysis=analysis.name,
            model=name,
            metric=analysis.metric,
            real=estimates.real[name].value,
            generated=factual.value,
        )
        for analysis, estimates in analyses
        for name, factual in estimates.factual.items()
    )
