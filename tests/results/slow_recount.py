"""Numbers of a result from `units.jsonl` alone, by loops and definitions, without a line of auditor.

This is what a reviewer who trusts nobody would write.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence


class Table:
    """The per-unit table of one analysis, one target and one detector."""

    def __init__(self, data: bytes, model: str, target: str, detector: str) -> None:
        self._model, self._target, self._detector = model, target, detector
        lines = [json.loads(line) for line in data.splitlines()]
        self.real = {line["row"]: line for line in lines if line["kind"] == "real"}
        self.generated = [line for line in lines if line["kind"] == "generated"]
        dropped = {line["row"] for line in self.generated if line["excluded"]}
        self.rows = [row for row in self.real if row not in dropped]
        self.draws = sorted({line["draw"] for line in self.generated})
        self._found = {}
        for line in self.generated:
            changed = line["changed"]
            setting = (changed["concept"], changed["value"]) if changed else ()
            self._found[(line["row"], line["draw"], *setting)] = line

    def label(self, row: str) -> int:
        return int(self.real[row]["label"])

    def value(self, row: str, concept: str) -> int:
        return int(self.real[row]["values"][concept])

    def score(self, row: str, draw: int, *changed: object) -> float:
        return float(self._found[(row, draw, *changed)]["scores"][self._model][self._target])

    def seen(self, output: str, row: str, draw: int, *changed: object) -> float:
        return float(self._found[(row, draw, *changed)]["scores"][self._detector][output])

    def on_real(self, row: str) -> float:
        return float(self.real[row]["scores"][self._model][self._target])

    def seen_on_real(self, output: str, row: str) -> float:
        return float(self.real[row]["scores"][self._detector][output])


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    wins = sum((a > b) + 0.5 * (a == b) for a in positives for b in negatives)
    return wins / (len(positives) * len(negatives))


def importance(table: Table, concept: str) -> float:
    """Factual AUROC minus its mean over all deals: each pair of rows gets (v, w) with its exact chance."""
    rows, n = table.rows, len(table.rows)
    count = [sum(table.value(row, concept) == v for row in rows) for v in (0, 1)]
    positives = [row for row in rows if table.label(row)]
    negatives = [row for row in rows if not table.label(row)]
    factual = auroc(
        [table.score(row, draw) for row in positives for draw in table.draws],
        [table.score(row, draw) for row in negatives for draw in table.draws],
    )
    expected = 0.0
    for v in (0, 1):
        for w in (0, 1):
            chance = count[v] * (count[w] - (v == w)) / (n * (n - 1))
            above = [table.score(row, draw, concept, v) for row in positives for draw in table.draws]
            below = [table.score(row, draw, concept, w) for row in negatives for draw in table.draws]
            expected += chance * auroc(above, below)
    return factual - expected


def changes(table: Table, concept: str) -> list[list[float]]:
    """Of each row and draw, how far the placement among factual scores moves when the concept is put in."""
    factual = [table.score(row, draw) for row in table.rows for draw in table.draws]

    def placed(score: float) -> float:
        return sum((other < score) + 0.5 * (other == score) for other in factual) / len(factual)

    return [
        [
            placed(table.score(row, draw, concept, 1)) - placed(table.score(row, draw, concept, 0))
            for draw in table.draws
        ]
        for row in table.rows
    ]


def mean_response(table: Table, concept: str) -> float:
    moved = [sum(row) / len(row) for row in changes(table, concept)]
    return sum(moved) / len(moved)


def systematic_response(table: Table, concept: str) -> float:
    """Root of the mean product of different draws."""
    products = []
    for row in changes(table, concept):
        pairs = [row[d] * row[e] for d in range(len(row)) for e in range(len(row)) if d != e]
        products.append(sum(pairs) / len(pairs))
    return math.sqrt(max(0.0, sum(products) / len(products)))


def flips(table: Table, concept: str) -> float:
    changed = [
        (table.score(row, draw, concept, 0) > 0) != (table.score(row, draw, concept, 1) > 0)
        for row in table.rows
        for draw in table.draws
    ]
    return sum(changed) / len(changed)


def generation_gap(table: Table, output: str | None) -> float:
    """AUROC on real minus generated pictures: of the model's task, or of the detector's output."""
    truth = table.label if output is None else lambda row: table.value(row, output)

    def real(row: str) -> float:
        return table.on_real(row) if output is None else table.seen_on_real(output, row)

    def generated(row: str, draw: int) -> float:
        return table.score(row, draw) if output is None else table.seen(output, row, draw)

    with_it = [row for row in table.rows if truth(row)]
    without = [row for row in table.rows if not truth(row)]
    of_real = auroc([real(row) for row in with_it], [real(row) for row in without])
    of_generated = auroc(
        [generated(row, draw) for row in with_it for draw in table.draws],
        [generated(row, draw) for row in without for draw in table.draws],
    )
    return of_real - of_generated


def side_effect(table: Table, changed: str, other: str) -> float:
    """Share of rows and draws whose decision about `other` changes with `changed` alone."""
    found = [
        (table.seen(other, row, draw, changed, 0) >= 0) != (table.seen(other, row, draw, changed, 1) >= 0)
        for row in table.rows
        for draw in table.draws
    ]
    return sum(found) / len(found)


def rendering(table: Table, concept: str) -> float:
    """Mean change of the detector's probability over its difference on real pictures."""

    def sigmoid(logit: float) -> float:
        return 1 / (1 + math.exp(-logit))

    moved = [
        sigmoid(table.seen(concept, row, draw, concept, 1)) - sigmoid(table.seen(concept, row, draw, concept, 0))
        for row in table.rows
        for draw in table.draws
    ]
    with_it = [sigmoid(table.seen_on_real(concept, row)) for row in table.rows if table.value(row, concept)]
    without = [sigmoid(table.seen_on_real(concept, row)) for row in table.rows if not table.value(row, concept)]
    return (sum(moved) / len(moved)) / (sum(with_it) / len(with_it) - sum(without) / len(without))
