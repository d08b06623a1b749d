"""Numbers of a result from `units.jsonl` alone, by loops and definitions, without a line of auditor.

This is what a reviewer who trusts nobody would write.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Sequence


class Table:
    """The per-unit table of one analysis, one target and one detector."""

    def __init__(self, data: bytes, model: str, target: str, detector: str) -> None:
        self._model, self._target, self._detector = model, target, detector
        lines = [json.loads(line) for line in data.splitlines()]
        self.real = {line["row"]: line for line in lines if line["kind"] == "real"}
        self.generated = [line for line in lines if line["kind"] == "generated"]
        dropped = {line["row"] for line in self.generated if line["excluded"]}
        self.rows = [row for row in self.real if row not in dropped]
        self.ranked = self.rows
        self.draws = sorted({line["draw"] for line in self.generated})
        self._found = {}
        for line in self.generated:
            changed = line["changed"]
            setting = (changed["concept"], changed["value"]) if changed else ()
            self._found[(line["row"], line["draw"], *setting)] = line

    def within(self, column: str, value: str) -> Table:
        """The rows of a subgroup; scores keep their place among those of all rows."""
        part = copy.copy(self)
        part.rows = [row for row in self.rows if self.real[row]["columns"][column] == value]
        part.ranked = self.rows
        return part

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
    """Factual AUROC minus its mean over all deals."""
    return factual_auroc(table) - dealt_auroc(table, concept, table.label, table.score)


def factual_auroc(table: Table) -> float:
    return auroc(
        [table.score(row, draw) for row in table.rows if table.label(row) for draw in table.draws],
        [table.score(row, draw) for row in table.rows if not table.label(row) for draw in table.draws],
    )


def dealt_auroc(table: Table, concept: str, truth: Callable[[str], int], score: Callable[..., float]) -> float:
    """Mean AUROC over all deals of a concept: each pair of rows gets (v, w) with its exact chance."""
    rows, n = table.rows, len(table.rows)
    count = [sum(table.value(row, concept) == v for row in rows) for v in (0, 1)]
    expected = 0.0
    for v in (0, 1):
        for w in (0, 1):
            chance = count[v] * (count[w] - (v == w)) / (n * (n - 1))
            above = [score(row, draw, concept, v) for row in rows if truth(row) for draw in table.draws]
            below = [score(row, draw, concept, w) for row in rows if not truth(row) for draw in table.draws]
            expected += chance * auroc(above, below)
    return expected


def detector_drop(table: Table, changed: str, seen: str) -> float:
    """AUROC that the detector loses on `seen` when `changed` is dealt out again."""

    def truth(row: str) -> int:
        return table.value(row, seen)

    def score(row: str, draw: int, *setting: object) -> float:
        return table.seen(seen, row, draw, *setting)

    own = [(row, draw, changed, table.value(row, changed)) for row in table.rows for draw in table.draws]
    factual = auroc(
        [score(*unit) for unit in own if truth(unit[0])], [score(*unit) for unit in own if not truth(unit[0])]
    )
    return factual - dealt_auroc(table, changed, truth, score)


def spilled_importance(table: Table, concept: str, concepts: Sequence[str]) -> float:
    """What side effects on each other concept cost its detector, as a share of its own loss, times its importance."""
    total = 0.0
    for other in concepts:
        if other != concept:
            own = detector_drop(table, other, other)
            share = abs(detector_drop(table, concept, other)) / own if own > 0 else math.inf
            total += share * abs(importance(table, other))
    return total


def mean_change(table: Table, changed: str, seen: str) -> float:
    """How far the detector's probability of `seen` moves on average when `changed` is put in."""
    moved = [
        sigmoid(table.seen(seen, row, draw, changed, 1)) - sigmoid(table.seen(seen, row, draw, changed, 0))
        for row in table.rows
        for draw in table.draws
    ]
    return sum(moved) / len(moved)


def unmixed_response(table: Table, concept: str, concepts: Sequence[str]) -> float:
    """The response to one concept alone: raw responses are mean changes times these, solved by elimination."""
    lines = [
        [mean_change(table, changed, seen) for seen in concepts] + [mean_response(table, changed)]
        for changed in concepts
    ]
    for column in range(len(lines)):
        pivot = max(range(column, len(lines)), key=lambda line: abs(lines[line][column]))
        lines[column], lines[pivot] = lines[pivot], lines[column]
        for line in range(len(lines)):
            if line != column:
                factor = lines[line][column] / lines[column][column]
                lines[line] = [a - factor * b for a, b in zip(lines[line], lines[column], strict=True)]
    place = list(concepts).index(concept)
    return lines[place][-1] / lines[place][place]


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def changes(table: Table, concept: str) -> list[list[float]]:
    """Of each row and draw, how far the placement among factual scores moves when the concept is put in."""
    factual = [table.score(row, draw) for row in table.ranked for draw in table.draws]

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
    with_it = [sigmoid(table.seen_on_real(concept, row)) for row in table.rows if table.value(row, concept)]
    without = [sigmoid(table.seen_on_real(concept, row)) for row in table.rows if not table.value(row, concept)]
    return mean_change(table, concept, concept) / (sum(with_it) / len(with_it) - sum(without) / len(without))


def response_noise(table: Table, concept: str) -> float:
    """Root of the summed variances over draws, by the number of draws, over the number of rows."""
    total = 0.0
    for row in changes(table, concept):
        mean = sum(row) / len(row)
        total += sum((one - mean) ** 2 for one in row) / (len(row) - 1) / len(row)
    return math.sqrt(total) / len(table.rows)


NOISE = {"response": response_noise}
"""Noise SDs that are found again, by quantity."""


def renoised_importance(table: Table, concept: str) -> float:
    """Importance where the second of two draws of the row as it is stands for the other value."""
    # The row's own value decides which of the two is the factual one.
    with_it = [table.score(row, table.draws[table.value(row, concept)]) for row in table.rows if table.label(row)]
    without = [table.score(row, table.draws[table.value(row, concept)]) for row in table.rows if not table.label(row)]
    dealt = dealt_auroc(table, concept, table.label, lambda row, _, __, value: table.score(row, table.draws[value]))
    return auroc(with_it, without) - dealt
