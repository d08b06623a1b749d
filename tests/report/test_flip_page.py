"""The page of flips: every number with its interval, and words where nothing is defined."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.evaluation import FlipTable, flip_table
from auditor.report.flip_prediction import accuracy_table, auroc_table, flip_blocks, render_flip_tables
from auditor.report.number_text import decimals_of


def some_table(flip_share: float) -> FlipTable:
    rng = np.random.default_rng(2)
    curves = rng.random((40, 7))
    decisions = np.zeros((40, 7), dtype=int)
    decisions[:, 5:] = (rng.random(40) < flip_share)[:, None]
    return flip_table(curves, decisions, {"<Grad-CAM>": rng.random(40)})


def test_every_number_stands_there_with_its_interval() -> None:
    table = some_table(0.4)
    shown = accuracy_table(table)
    assert [row[0].text for row in shown.rows] == [row.method for row in table.rows]
    for row, cells in zip(table.rows, shown.rows, strict=True):
        for reading, cell in ((row.published, cells[1]), (row.held_out, cells[3]), (row.even_to_odd, cells[5])):
            assert reading is not None
            low, high = reading.accuracy.interval.low, reading.accuracy.interval.high
            digits = decimals_of(low, high)
            assert cell.text == f"{reading.accuracy.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
    assert shown.rows[2][4].text == "itself" and "[" in shown.rows[1][4].text and shown.rows[0][2].text == "none"
    assert [row[0].text for row in auroc_table(table).rows] == ["E|grad|", "|p_end - p_start|", "<Grad-CAM>"]
    page = render_flip_tables("Shapes & <b>others</b>", {"colour: model <1>": table})
    assert page == render_flip_tables("Shapes & <b>others</b>", {"colour: model <1>": table})
    assert "<Grad-CAM>" not in page and "&lt;Grad-CAM&gt;" in page and "colour: model &lt;1&gt;" in page
    assert f"{table.flips.count} of 40" in page


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "none of 40 predictions flips"), (1.1, "all of 40 predictions flip")]
)
def test_what_is_not_defined_says_why(share: float, words: str) -> None:
    table = some_table(share)
    assert {cell.text for row in accuracy_table(table).rows for cell in row[1:]} == {"not defined", "none"}
    assert all(cell.text == "not defined" for row in auroc_table(table).rows for cell in row[1:])
    _, about, *_ = flip_blocks("colour", table)
    assert [cell.text for name, cell in about.rows if name.startswith("Flips")] == [f"Not defined: {words}"] * 2
