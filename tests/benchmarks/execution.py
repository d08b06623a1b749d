"""The figures of execution, measured and printed as one Markdown table: `make benchmarks`.

    python -m tests.benchmarks.execution [NAME ...] [--short]

Without names, all of them, which takes about two hours on two cores; the machine should do nothing else. With
`--short`, everything in a small form, to see that it runs: such figures say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from tests.benchmarks.big_plans import plan_of_75_million, plan_of_100_000_units
from tests.benchmarks.figure import Measure, print_figures
from tests.benchmarks.finished_run import estimate, second_run
from tests.benchmarks.hard_times import kills, orders, races_on_one_folder
from tests.benchmarks.hostile_world import crowd, faults, flips, specs
from tests.benchmarks.races import against_the_papers_way, executor_against_bare_loop

FIGURES: Mapping[str, Measure] = {
    "bare-loop": executor_against_bare_loop,
    "papers-way": against_the_papers_way,
    "plan-100000": plan_of_100_000_units,
    "plan-75-million": plan_of_75_million,
    "second-run": second_run,
    "estimate": estimate,
    "kills": kills,
    "orders": orders,
    "races": races_on_one_folder,
    "flips": flips,
    "faults": faults,
    "crowd": crowd,
    "specs": specs,
}

SHORT: Mapping[str, Measure] = {
    **FIGURES,
    "bare-loop": partial(executor_against_bare_loop, 32, 1),
    "papers-way": partial(against_the_papers_way, 32, 1),
    "kills": partial(kills, 2, 1),
    "orders": partial(orders, 1, "1,2"),
    "races": partial(races_on_one_folder, 2),
    "faults": partial(faults, 6),
    "crowd": partial(crowd, 100),
    "specs": partial(specs, 100, 100),
}


if __name__ == "__main__":
    print_figures("Measure the figures of execution.", FIGURES, SHORT)
