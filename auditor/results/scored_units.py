"""Scores of pictures by model, looked up in the stored answers."""

from __future__ import annotations

import numpy as np

from auditor.analyses import AuditView
from auditor.digest import Digest, digest_bytes
from auditor.execute import StoredAnswers
from auditor.models import ModelIdentity
from auditor.plan import Plan, PlanBuilder, Units, UnitTable, positions_of, predict


class ScoredUnits:
    """Scores of pictures by model, for those models that were asked about them."""

    def __init__(self, view: AuditView, plan: Plan, answers: StoredAnswers) -> None:
        self._builder: PlanBuilder = view.ask.builder
        self._tables: list[tuple[ModelIdentity, UnitTable, Digest, np.ndarray, np.ndarray]] = []
        for model in (*view.models.values(), *view.detectors.values()):
            op = predict(model.digest)
            if any(table.op == op for table in plan.tables):
                table = plan.table(op.digest)
                every = Units(op, table.places)
                images = digest_bytes(table.column("image").tobytes())
                self._tables.append((model, table, images, answers[every], answers.reasons(every)))

    def of(self, pictures: Units) -> tuple[list[str], list[dict[str, dict[str, float | None]]], list[str]]:
        """Of each picture (one axis): its key, its scores by model and output, and the first reason it lacks one."""
        keys = self._builder.keys(pictures)
        scores: list[dict[str, dict[str, float | None]]] = [{} for _ in keys]
        reasons = ["" for _ in keys]
        places: dict[Digest, np.ndarray] = {}
        for model, table, images, values, why in self._tables:
            # Models that scored the same pictures have the same table of them.
            if images not in places:
                places[images] = positions_of(keys, table.column("image"))
            position = places[images]
            for i in np.flatnonzero(position >= 0):
                row = values[position[i]]
                reason = str(why[position[i]])
                reasons[i] = reasons[i] or reason
                scores[i][model.name] = {
                    output: None if reason else float(value) for output, value in zip(model.outputs, row, strict=False)
                }
        return [key.tobytes().hex() for key in keys], scores, reasons
