"""The per-unit table: one line a picture, with every score; all that is needed to recompute a number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from auditor.analyses import AuditView, GradientEstimates, PermutationImportance, PropertyGradient, RelianceEstimates
from auditor.execute import StoredAnswers
from auditor.plan import Plan, Units
from auditor.results.scored_units import ScoredUnits
from auditor.results.sweeps.sweep_units import frame_lines


def units_jsonl(
    view: AuditView,
    reliances: Sequence[tuple[PermutationImportance, RelianceEstimates]],
    gradients: Sequence[tuple[PropertyGradient, GradientEstimates]],
    plan: Plan,
    answers: StoredAnswers,
) -> bytes:
    """The table as JSON lines: first the rows' real pictures, then every generated picture, then every frame.

    A line of a real picture has the row's label, the value of each concept and the columns of subgroups; a line
    of a generated one has what was asked for: `changed` is null for the row as it is, else the concept and the
    value it was set to (at the row's own value that is the factual picture again; where captions collapse
    counts, 1 stands for one and more). `scores` holds the logit of every output of every model that scored the
    picture, `invalid` why a picture or a score of it is missing, `excluded` why the whole row is not in the
    analysis's statistics. Order and bytes depend on the audit alone.
    """
    scored = ScoredUnits(view, plan, answers)
    lines = chain(
        _real_lines(view, scored) if len(view.rows) else (),
        *(_generated_lines(view, *each, scored) for each in reliances),
        *(frame_lines(*each, scored) for each in gradients),
    )
    # Line by line: with a hundred models, all of them as objects would take gigabytes.
    return b"".join([_bytes(line) for line in lines])


def _bytes(line: dict[str, object]) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _real_lines(view: AuditView, scored: ScoredUnits) -> Iterator[dict[str, object]]:
    rows = view.rows
    keys, scores, reasons = scored.of(view.real_pictures())
    own = [{model: rows.label_of(i, model) for model in rows.own_labels} for i in range(len(rows))]
    own = own if rows.own_labels else []
    for i, name in enumerate(rows.names):
        yield {
            "unit": keys[i],
            "kind": "real",
            "row": name,
            "file_digest": rows.image_digests[i],
            "label": rows.label_of(i),
            **({"own_labels": own[i]} if own else {}),
            "values": {
                concept.name: rows.levels_of(j)[int(rows.values[i, j])] for j, concept in enumerate(view.concepts)
            },
            "cluster": None if rows.clusters is None else int(rows.clusters[i]),
            "scores": scores[i],
            "invalid": reasons[i] or None,
            **({"columns": {name: str(column[i]) for name, column in rows.columns.items()}} if rows.columns else {}),
        }


def _generated_lines(
    view: AuditView, analysis: PermutationImportance, estimates: RelianceEstimates, scored: ScoredUnits
) -> Iterator[dict[str, object]]:
    pictures = estimates.pictures
    settings: list[tuple[dict[str, str | int] | None, Units, np.ndarray]] = [
        (None, pictures.factual, pictures.factual_captions)
    ]
    for number, name in enumerate(pictures.concepts):
        for value, level in enumerate(pictures.levels_of(number)):
            changed: dict[str, str | int] = {"concept": name, "value": level}
            settings.append((changed, pictures.by_value[:, number, :, value], pictures.captions[:, number, value]))
    for setting, units, captions in settings:
        flat = units[...].index.reshape(-1)
        keys, scores, reasons = scored.of(Units(units.op, flat))
        for place, key in enumerate(keys):
            row, draw = divmod(place, pictures.draws)
            yield {
                "unit": key,
                "kind": "generated",
                "analysis": analysis.name,
                "intervention": analysis.intervention,
                "row": view.rows.names[row],
                "draw": draw,
                "changed": setting,
                "prompt": str(captions[row]),
                "seed": str(pictures.seeds[row, draw]),
                "scores": scores[place],
                "invalid": reasons[place] or None,
                "excluded": str(estimates.reasons[row]) or None,
            }
