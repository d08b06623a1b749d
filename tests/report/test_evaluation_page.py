"""evaluation.html: everything that was found stands in it, and equal evaluations give equal text."""

from __future__ import annotations

import re

import numpy as np
import pytest

from auditor.evaluation import Evaluation, Ranking, Resampling, evaluate
from auditor.report import render_evaluation
from auditor.report.evaluation import evaluation_blocks
from auditor.report.page import Figure, Table
from tests.report.outline import Outline

RNG = np.random.default_rng(3)
ORACLE = RNG.random((8, 3))
NOISY = ORACLE + 0.2 * RNG.normal(size=ORACLE.shape)
SILENT = np.full_like(ORACLE, np.nan)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate(
        [f"m{i}" for i in range(8)],
        ["a", "b", "<i>c</i>"],
        [Ranking("exact", NOISY, "as audited"), Ranking("silent", SILENT, "nothing"), Ranking("top", ORACLE, "sees")],
        [Ranking("truth", ORACLE, "known"), Ranking("other", ORACLE**2, "known too")],
        ceiling="top",
        resampling=Resampling(60, 1),
    )


def test_the_page_is_closed_and_whole(evaluation: Evaluation) -> None:
    text = render_evaluation("Shapes & <b>others</b>", evaluation)
    assert text == render_evaluation("Shapes & <b>others</b>", evaluation)
    assert "<b>others" not in text and "<i>c</i>" not in text and "http://" not in re.sub(r'xmlns="[^"]*"', "", text)
    assert Outline(text).elements
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_every_number_stands_in_a_table_with_its_interval(evaluation: Evaluation) -> None:
    blocks = evaluation_blocks(evaluation)
    tables = [block for block in blocks if isinstance(block, Table)]
    figures = [block for block in blocks if isinstance(block, Figure)]
    assert len(figures) == 6 and all(figure.description for figure in figures)
    first = next(table for table in tables if table.caption == "Pearson correlation with truth")
    assert [row[0].text for row in first.rows] == ["exact", "silent", "top"]
    found = evaluation.agreement("exact", "truth").correlation("pearson", "pooled")
    assert first.rows[0][1].text.startswith(f"{found.value:.2f}"[:4]) and "[" in first.rows[0][1].text
    assert first.rows[1][1].text == "not measured" and first.rows[1][-1].text == "0"
    short = next(table for table in tables if table.caption.startswith("Below the ceiling (top): Pearson with truth"))
    assert {row[0].text for row in short.rows} == {"exact", "silent"}
    thresholds = next(table for table in tables if table.caption == "AUROC at each threshold")
    assert len(thresholds.rows) == 19
