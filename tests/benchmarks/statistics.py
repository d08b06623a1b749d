"""The figures of the statistics, measured and printed as one Markdown table.

    python -m tests.benchmarks.statistics [NAME ...] [--short]

Without names, all of them, which takes a quarter of an hour on an idle core. Where other programs run, say
`OMP_NUM_THREADS=1`: threads of matrix products that wait for each other lose more than they gain. With `--short`,
everything in a small form, to see that it runs: such figures say little.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from tests.benchmarks.coverage_of_intervals import coverage
from tests.benchmarks.dose_gate import dose_gate
from tests.benchmarks.exact_against_sampled import exact_against_sampled
from tests.benchmarks.figure import Measure, print_figures
from tests.benchmarks.many_models import many_models
from tests.benchmarks.null_simulations import (
    average_precision_again,
    leaky_categories,
    leaky_generation,
    nulls,
    power_curve,
)
from tests.benchmarks.sweep_nulls import shuffle_speed, sweep_nulls, sweep_power

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
    "dose-gate": dose_gate,
    "shuffle-speed": shuffle_speed,
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
    "dose-gate": partial(dose_gate, audits=40, sizes=(8,)),
    "shuffle-speed": partial(shuffle_speed, images=10, permutations=100),
}


if __name__ == "__main__":
    print_figures("Measure the figures of the statistics.", FIGURES, SHORT)
