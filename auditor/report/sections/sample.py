"""Section: the rows behind the numbers, and how the models do on real and on generated pictures."""

from __future__ import annotations

from auditor.report.number_text import NOT_MEASURED, count_text, part_text, value_text
from auditor.report.page import Cell, Column, KeyValues, Section, Table
from auditor.report.source import Source
from auditor.report.words import unit_word
from auditor.results.audit_result import ModelPerformance, SampleResult
from auditor.results.sweeps.sweep_result import SweepSample

GUIDE_SWEPT = "Which images were examined, and how many points their sweeps have."
GUIDE = "Which rows were examined, how common the label and the concepts are, and how well the models do."


def sample_section(source: Source) -> Section:
    """The sample, its concepts, and the performance of each model."""
    sample = source.result.sample
    values = (_values(sample),) if sample.values else ()
    swept = (_sweeps(source.result.sweep_samples),) if source.result.sweep_samples else ()
    if not source.about_concepts:
        rows = (_sample(sample),) if sample.source else ()
        return Section("sample", "Sample", GUIDE_SWEPT, (*rows, *swept))
    blocks = (_sample(sample), *swept, _concepts(sample), *values, _performance(source.result.performance))
    return Section("sample", "Sample and performance", GUIDE, blocks)


def _sweeps(samples: tuple[SweepSample, ...]) -> Table:
    columns = (Column("Analysis"), Column("Images", "number"), Column("Left out", "number"),
               Column("Points of a sweep", "number"), Column("Variants of a sweep", "number"),
               Column("Clusters of images", "number"))  # fmt: skip
    rows = tuple(
        (Cell(one.analysis), Cell(count_text(one.images)), Cell(count_text(one.left_out)), Cell(_points(one)),
         Cell(count_text(one.variants)), Cell("none declared" if one.clusters is None else count_text(one.clusters)))
        for one in samples
    )  # fmt: skip
    note = (
        "Left out: images with an invalid frame or score. Variants: draws of noise, or overlays; an image counts as "
        "one, by their mean. A property has fewer images where its intervention changes no pixel of some."
    )
    return Table("Images behind the sweeps", columns, rows, note=note)


def _points(sample: SweepSample) -> str:
    """Points of a sweep; where images have unequal numbers, the fewest and the most."""
    most = count_text(sample.points)
    return most if sample.fewest_points is None else f"{count_text(sample.fewest_points)} to {most}"


def _sample(sample: SampleResult) -> KeyValues:
    clusters = "none declared: every row counts on its own" if sample.clusters is None else count_text(sample.clusters)
    rows = (
        ("Source", Cell(sample.source)),
        ("Rows examined", Cell(count_text(sample.rows))),
        *(_labels(sample) if sample.label else ()),
        ("Clusters of rows", Cell(clusters)),
        ("Rows with an invalid picture or score", Cell(part_text(sample.invalid_rows, sample.rows))),
    )
    return KeyValues("The sample", rows)


def _labels(sample: SampleResult) -> tuple[tuple[str, Cell], ...]:
    if sample.label_range is not None:
        least, largest = (value_text(end) for end in sample.label_range)
        return ((f"The label {sample.label}", Cell(f"from {least} to {largest}")),)
    if sample.positives is not None:
        return ((f"Rows with the label {sample.label}", Cell(part_text(sample.positives, sample.rows))),)
    return tuple(
        (f"Rows whose {sample.label} is {name}", Cell(part_text(count, sample.rows)))
        for name, count in sample.classes.items()
    )


def _concepts(sample: SampleResult) -> Table:
    columns = (Column("Concept"), Column("Rows that show it", "number"), Column("Rows that do not", "number"))
    rows = tuple(
        (Cell(concept), Cell(part_text(shown, sample.rows)), Cell(count_text(sample.rows - shown)))
        for concept, shown in sample.concepts.items()
    )
    note = "Where few rows show a concept, or few do not, little can be said about it."
    return Table("How common each concept is", columns, rows, empty="No concepts are declared.", note=note)


def _values(sample: SampleResult) -> Table:
    columns = (Column("Concept"), Column("Value"), Column("Rows that have it", "number"))
    rows = tuple(
        (Cell(concept), Cell(value), Cell(part_text(count, sample.rows)))
        for concept, counts in sample.values.items()
        for value, count in counts.items()
    )
    note = "Counts and categories; a value that few rows have says little."
    return Table("How common each value is", columns, rows, empty="No counts or categories are declared.", note=note)


def _performance(performance: tuple[ModelPerformance, ...]) -> Table:
    columns = (Column("Model"), Column("Analysis"), Column("Metric"), Column("Real pictures", "number"),
               Column("Generated pictures", "number"), Column("Real minus generated", "number"))  # fmt: skip
    rows = tuple(
        (Cell(found.model), Cell(found.analysis), Cell(unit_word(found.metric)), Cell(value_text(found.real)),
         Cell(value_text(found.generated)), Cell(_difference(found)))
        for found in performance
    )  # fmt: skip
    return Table("Performance on real and on generated pictures of the same rows", columns, rows,
                 empty="No performance was measured.")  # fmt: skip


def _difference(found: ModelPerformance) -> str:
    return NOT_MEASURED if found.real is None or found.generated is None else value_text(found.real - found.generated)
