"""What the reader of documents withstands: the rows of the README's table, measured.

`python -m tests.benchmarks.spec_reader [DOCUMENTS]` from the root of the repository.
"""

from __future__ import annotations

import sys

from tests.spec.fuzzing import SEED, Figures, fuzz
from tests.spec.typos import typo_figures

Row = tuple[str, str, str]
"""What, figure, bar."""


def rows(documents: int = 5_000, typos: int = 5_000) -> list[Row]:
    """The table."""
    figures: Figures = fuzz(documents)
    right, asked, _ = typo_figures(typos)
    placed = figures.placed / max(1, figures.problems)
    return [
        (f"spoilt specs, seed {SEED}", f"{figures.documents:,}, of which {figures.refused:,} refused", ""),
        ("tracebacks", f"{sum(figures.tracebacks.values())}", "0"),
        ("hangs over 2 s of one processor", f"{figures.hangs}, the slowest {figures.slowest:.1f} s", "0"),
        ("problems with file, line and column", f"{placed:.2%} of {figures.problems:,}", "100 %"),
        ("kinds of problems met", f"{len(figures.codes)}", ""),
        ("one-letter typos in keys that get the right suggestion", f"{right / asked:.1%} of {asked:,}", "95 %"),
    ]


def main() -> None:
    table = rows(*[int(number) for number in sys.argv[1:2]])
    width = max(len(name) for name, _, _ in table)
    for name, value, bar in table:
        print(f"{name:<{width}}  {value:<40} {bar}")


if __name__ == "__main__":
    main()
