"""Which scores tell whether an intervention changes the prediction, as tables for readers."""

from __future__ import annotations

from collections.abc import Mapping

from auditor import __version__
from auditor.evaluation import FlipRow, FlipTable
from auditor.evaluation.flip_prediction import Accuracy
from auditor.evaluation.flip_results import CHANGE, Number, Reading
from auditor.judgement import IntervalResult
from auditor.report.number_text import estimate_text, part_text, percent_text, value_text
from auditor.report.page import Block, Cell, Column, Heading, KeyValues, Table, Text
from auditor.report.templates import draw_evaluation

KICKER = "Which scores tell what flips"
NOT_DEFINED = "not defined"
RULES = {"ends": "the last point is decided otherwise than the first", "anywhere": "any point is decided otherwise"}


def render_flip_tables(title: str, tables: Mapping[str, FlipTable]) -> str:
    """The tables, each under its name, as one HTML document; equal tables give equal text."""
    blocks: list[Block] = []
    for name, table in tables.items():
        blocks += flip_blocks(name, table)
    return draw_evaluation(title, [*blocks, how_to_read()], __version__, KICKER)


def flip_blocks(name: str, table: FlipTable) -> tuple[Block, ...]:
    """What is shown of one table."""
    return (Heading(name), _about(table), accuracy_table(table), auroc_table(table))


def accuracy_table(table: FlipTable) -> Table:
    """A line for each score, a column for each reading."""
    return Table(
        caption="Share of images whose flip is predicted rightly",
        columns=(
            Column("Score"),
            Column("As published", "number"),
            Column("SD over resamples", "number"),
            Column("Held out", "number"),
            Column(f"Held out, above {CHANGE}", "number"),
            Column("Even points to odd ones", "number"),
        ),
        rows=tuple(
            (
                Cell(row.method),
                Cell(_accuracy(row.published)),
                Cell("none" if row.published is None else _spread(row.published)),
                Cell(_accuracy(row.held_out)),
                Cell(_above(row)),
                Cell(_accuracy(row.even_to_odd)),
            )
            for row in table.rows
        ),
    )


def auroc_table(table: FlipTable) -> Table:
    """How far each score is higher where a prediction flips, without any threshold."""
    return Table(
        caption="AUROC of each score for flips",
        columns=(Column("Score"), Column("All points", "number"), Column("Even points to odd ones", "number")),
        rows=tuple(
            (Cell(row.method), Cell(_number(row.auroc)), Cell(_number(row.auroc_even_to_odd))) for row in table.rows[1:]
        ),
    )


def how_to_read() -> Text:
    """What the readings mean, once for all tables."""
    return Text((
        "As published: the threshold of a score that predicts most flips rightly is chosen and read on the same "
        "images, so that no score can lose against the more frequent answer. Held out: the threshold is chosen on one "
        "half of the images and read on the other, in both directions. Even points to odd ones: as held out, with "
        "scores from the even points of each sweep and flips between the odd ones. A score that has seen the outputs "
        f"which define a flip predicts it in part by definition, and {CHANGE} more than any other.",
        "The score of a map is the mean squared difference of the maps before and after the intervention. Intervals of "
        "shares are Wilson's over independent images; those of differences and of AUROC are t intervals.",
    ))  # fmt: skip


def _about(table: FlipTable) -> KeyValues:
    units = "" if table.units == table.n else f", in {table.units:,} independent units"
    flips = (table.flips.reason or part_text(table.flips.count, table.flips.n)).capitalize()
    odd = (table.odd_flips.reason or part_text(table.odd_flips.count, table.odd_flips.n)).capitalize()
    return KeyValues(
        caption="What was predicted",
        rows=(
            ("Images", Cell(f"{table.n:,}{units}")),
            ("Points of a sweep", Cell(f"{table.points:,}")),
            ("Flips", Cell(f"{flips} ({RULES[table.rule]})" if table.flips.reason is None else flips)),
            ("Flips between odd points", Cell(odd)),
            *((("Maps", Cell(table.about_maps)),) if table.about_maps else ()),
            ("Intervals", Cell(f"{percent_text(table.confidence)}; seed {table.seed} of halves and resamples")),
        ),
    )


def _accuracy(reading: Reading | None) -> str:
    return NOT_DEFINED if reading is None else _number(reading.accuracy)


def _spread(reading: Reading) -> str:
    return "none" if reading.resampled_sd is None else value_text(reading.resampled_sd)


def _above(row: FlipRow) -> str:
    if row.held_out is None:
        return NOT_DEFINED
    return "itself" if row.held_out.above_change is None else _number(row.held_out.above_change)


def _number(found: Accuracy | Number | None) -> str:
    if found is None:
        return NOT_DEFINED
    one = found.interval
    return estimate_text(
        found.value, IntervalResult(low=one.low, high=one.high, confidence=one.confidence, method=one.method)
    )
