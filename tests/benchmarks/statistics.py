"""The figures of the statistics, measured and printed as one Markdown table.

    python -m tests.benchmarks.statistics [NAME ...] [--short]

Without names, all of them, which takes a quarter of an hour on an idle core. Where other programs run, say
`OMP_NUM_THREADS=1`: threads of matrix products that wait for each other lose more than they gain. With `--short`,
everything in a small form, to see that it runs: such figures say little.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

from tests.benchmarks.coverage_of_intervals import coverage
from tests.benchmarks.exact_against_sampled import exact_against_sampled
from tests.benchmarks.figure import Figure, markdown
from tests.benchmarks.many_models import many_models
from tests.benchmarks.null_simulations import (
    average_precision_again,
    leaky_categories,
    leaky_generation,
    nulls,
    power_curve,
)
from tests.benchmarks.sweep_nulls import sweep_nulls, sweep_power

Measure = Callable[[], list[Figure]]

FIGURES: Mapping[str, Measure] = {
    "many-models": many_models,
    "exact": exact_against_sampled,
    "nulls": nulls,
    "nulls-of-average-precision": average_precision_again,
    "power": power_curve,
    "leaky": leaky_generation,
    "leaky-categories": leaky_categories,
    "coverage": coverage,
    "sweep-nulls": sweep_nulls,
    "sweep-power": sweep_power,
}

SHORT: Mapping[str, Measure] = {
    "many-models": partial(many_models, n_models=2, n_concepts=1, n_rows=100, swaps=50, permutations=20),
    "exact": partial(exact_against_sampled, permutations=2_000),
    "nulls": partial(nulls, simulations=100),
    "nulls-of-average-precision": partial(average_precision_again, simulations=100),
    "power": partial(power_curve, simulations=40),
    "leaky": partial(leaky_generation, simulations=40),
    "leaky-categories": partial(leaky_categories, simulations=40),
    "coverage": partial(coverage, simulations=100, sizes=(50, 200), of_truth=40_000),
    "sweep-nulls": partial(sweep_nulls, simulations=20, points=(10,)),
    "sweep-power": partial(sweep_power, simulations=20, points=(10,)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the figures of the statistics.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(FIGURES)}")
    parser.add_argument("--short", action="store_true", help="a small form of each, to see that it runs")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in FIGURES]:
        parser.error(f"there is no figure `{unknown[0]}`; there are {', '.join(FIGURES)}")
    measures = SHORT if arguments.short else FIGURES
    found: list[Figure] = []
    for name in arguments.names or FIGURES:
        start = time.monotonic()
        print(f"{name} ..", file=sys.stderr, flush=True)
        found += measures[name]()
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    print(markdown(found))


if __name__ == "__main__":
    main()
