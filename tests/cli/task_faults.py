"""Faults of users in metrics and labels; see `user_faults`, whose catalogue has these too."""

from __future__ import annotations

from pathlib import Path

from tests.cli.small_world import CONCEPTS, respell, table_rows, write_classifier, write_table


def measure(world: Path, metric: str) -> None:
    respell(world, "margin: {response: 0.05}", f"metric: {metric}")


def classes_without_an_output(world: Path) -> None:
    measure(world, "macro_auroc")
    respell(world, "label: outcome", "label: patient")


def classes_of_independent_outputs(world: Path) -> None:
    measure(world, "multiclass_accuracy")
    names = {"0": "outcome", "1": "red circle"}
    write_table(world / "data", [{**row, "outcome": names[row["outcome"]]} for row in table_rows()])


def label_that_is_no_number(world: Path) -> None:
    measure(world, "r2")
    respell(world, "target: outcome", "target: outcome\n    output: value")
    respell(world, "label: outcome", "label: patient")
    write_classifier(world / "models/outcome", ("outcome",), seed=1, problem_type="regression")


def classifier_of_numbers(world: Path) -> None:
    measure(world, "r2")
    respell(world, "target: outcome", "target: outcome\n    output: value")
    write_classifier(world / "models/outcome", ("outcome", *CONCEPTS), seed=1)


def numbers_as_probabilities(world: Path) -> None:
    write_classifier(world / "models/outcome", ("outcome",), seed=1, problem_type="regression")


def positive_label_of_no_row(world: Path) -> None:
    respell(world, "label: outcome", "label: patient\n  positive: p77")
