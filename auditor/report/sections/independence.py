"""Section: the matrices of the checks, each as heat map and as table."""

from __future__ import annotations

from auditor.report.number_text import limit_text, value_text
from auditor.report.page import Block, Cell, Column, Figure, Heading, Section, Table, Text
from auditor.report.plots import heat_map
from auditor.report.source import Source
from auditor.report.words import spoken, unit_word
from auditor.results.audit_result import Matrix

GUIDE = (
    "Each row is a concept that was changed, each column what the detector then saw. Ideally only the cells on the "
    "diagonal, where both are the same concept, are far from zero."
)
MOST_COLUMNS = 8


def independence_section(source: Source) -> Section:
    """Every matrix of every check; says so where there is none."""
    drawn = [(check, matrix) for check in source.result.checks for matrix in check.matrices]
    blocks: list[Block] = [] if drawn else [Text(("No check of this audit has a matrix to show.",))]
    for number, (check, matrix) in enumerate(drawn, 1):
        blocks.append(Heading(matrix.title))
        blocks.append(_figure(f"figure-matrix-{number}", matrix, f"{spoken(check.kind)} of {check.of}."))
        blocks += _tables(matrix)
    return Section("independence", "Independence of concepts", GUIDE, tuple(blocks))


def _figure(name: str, matrix: Matrix, whence: str) -> Figure:
    broken = broken_cells(matrix)
    description = f"Heat map, {len(matrix.rows)} rows ({matrix.row_title}) by {len(matrix.columns)} columns "
    description += f"({matrix.column_title}), in {unit_word(matrix.unit)}. "
    if matrix.limit is None:
        description += "No limit is set."
    elif broken:
        description += f"Off the diagonal, beyond the limit of {limit_text(matrix.limit)}: {'; '.join(broken)}."
    else:
        description += f"Every cell off the diagonal keeps the limit of {limit_text(matrix.limit)}."
    svg = heat_map(name, matrix.title, description, matrix)
    return Figure(svg, matrix.title, description, f"{whence} {matrix.title}, in {unit_word(matrix.unit)}.")


def broken_cells(matrix: Matrix) -> tuple[str, ...]:
    """Cells off the diagonal beyond the limit, as `row, column: value`; empty without a limit."""
    if matrix.limit is None:
        return ()
    return tuple(
        f"{row}, {column}: {value_text(value)}"
        for row, values in zip(matrix.rows, matrix.values, strict=True)
        for column, value in zip(matrix.columns, values, strict=True)
        if value is not None and row != column and abs(value) > matrix.limit
    )


def _tables(matrix: Matrix) -> list[Table]:
    """The numbers in tables of a few columns each, so that none is wider than a sheet of paper."""
    starts = range(0, max(1, len(matrix.columns)), MOST_COLUMNS)
    return [_table(matrix, start, min(start + MOST_COLUMNS, len(matrix.columns))) for start in starts]


def _table(matrix: Matrix, start: int, stop: int) -> Table:
    columns = (Column(matrix.row_title), *(Column(column, "number") for column in matrix.columns[start:stop]))
    rows = tuple(
        (Cell(row), *(Cell("none" if value is None else value_text(value, 3)) for value in values[start:stop]))
        for row, values in zip(matrix.rows, matrix.values, strict=True)
    )
    part = "" if stop - start == len(matrix.columns) else f", columns {start + 1} to {stop} of {len(matrix.columns)}"
    note = f"Columns: {matrix.column_title}. Unit: {unit_word(matrix.unit)}. Limit: {limit_text(matrix.limit)}."
    return Table(f"{matrix.title}: the numbers{part}", columns, rows, note=note, folded=True)
