"""A plan as text, for people and for golden tests."""

from __future__ import annotations

import json

import numpy as np

from auditor.plan.plan import Plan, UnitTable


def plan_text(plan: Plan, units: int = 40) -> str:
    """The plan, an op a paragraph, with at most `units` of its units each.

    Units are numbered through the plan; a digest is shown by its first 8 characters.
    """
    numbers: dict[bytes, int] = {}
    lines: list[str] = []
    for table in plan.tables:
        first = len(numbers)
        for key in table.keys:
            numbers[key.tobytes()] = len(numbers)
        parameters = ", ".join(f"{name}={_short(value)}" for name, value in json.loads(table.op.parameters).items())
        lines.append(f"{table.op.kind}({parameters}): {len(table)} units, {table.asked} asked")
        for row in range(min(len(table), units)):
            mark = " *" if table.wanted[row] else ""
            lines.append(f"  %{first + row} = {_unit(plan, table, row, numbers)}{mark}")
        if len(table) > units:
            lines.append(f"  .. and {len(table) - units} more")
    return "\n".join(lines)


def _unit(plan: Plan, table: UnitTable, row: int, numbers: dict[bytes, int]) -> str:
    parts = []
    for name, _ in table.op.shape.columns:
        cell = table.column(name)[row].tobytes()
        if name in table.op.shape.operands:
            parts.append(f"%{numbers[cell]}" if cell in numbers else f"?{cell.hex()[:8]}")
        elif name in table.op.shape.payloads:
            parts.append(f"{name}={plan.payloads[cell.hex()]!r}")
        else:
            parts.append(f"{name}={int(np.frombuffer(cell, '<u8')[0])}")
    return f"{table.op.kind}({', '.join(parts)})"


def _short(value: object) -> str:
    return value[:8] if isinstance(value, str) and len(value) == 64 else json.dumps(value)
