"""The plan of an audit of two rows, as text: a change here is a change of what audits compute."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from auditor.audit import plan_audit
from auditor.compile import PASSES
from auditor.plan import plan_text
from auditor.spec.materials import Materials

GOLDEN = Path(__file__).parent / "two_rows.txt"


def two_rows(materials: Materials) -> Materials:
    """The first two rows, under digests of their own so that the golden text does not follow weights."""
    rows = dataclasses.replace(
        materials.rows,
        names=("a.png", "b.png"),
        paths=(Path("a.png"), Path("b.png")),
        image_digests=("a" * 64, "b" * 64),
        labels=np.array([0, 1]),
        values=np.array([[1, 0, 0], [1, 1, 0]]),
    )
    return Materials(
        rows,
        tuple(dataclasses.replace(model, digest="1" * 64) for model in materials.models),
        tuple(dataclasses.replace(model, digest="2" * 64) for model in materials.detectors),
        {name: dataclasses.replace(one, digest="3" * 64) for name, one in materials.pipelines.items()},
    )


def test_the_plan_of_two_rows(loaded, materials):
    """Two rows, three concepts, two draws: 2 x 2 x (1 + 3) pictures, each generated once and scored twice."""
    view, compiled = plan_audit(loaded.spec, two_rows(materials))
    asked = view.ask.builder.plan()
    text = f"# as asked\n{plan_text(asked)}\n\n# after {', '.join(p.__name__ for p in PASSES)}\n{plan_text(compiled)}\n"
    assert text == GOLDEN.read_text(encoding="utf-8")
    assert [len(table) for table in compiled.tables] == [2, 16, 18, 18]
