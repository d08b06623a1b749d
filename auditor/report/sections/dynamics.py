"""Section: how the reliance on a property develops over the checkpoints of a training."""

from __future__ import annotations

from auditor.report.number_text import estimate_text
from auditor.report.page import Block, Cell, Column, Figure, Heading, Section, Table, Text
from auditor.report.plots.curves import Curve, CurvePoint
from auditor.report.plots.epochs import EpochPanel, epoch_plot
from auditor.report.sections.properties import Found, property_numbers
from auditor.report.source import Source, is_property
from auditor.report.words import verdict_cell
from auditor.results.sweeps.sweep_result import CheckpointResult

GUIDE = "The same sweeps, scored by every checkpoint of a training: when a model begins to follow a property."
READING = (
    "Above: E|grad| per step, mean over images. Below: the share of images whose decision changes along the sweep. "
    "Bands are two-sided intervals; those of neighbouring epochs share their images, so that their errors go together."
)
PANELS = (("gradient", "E|grad| per step"), ("flips", "Share of images with a flip"))

Series = dict[str, list[CheckpointResult]]


def dynamics_section(source: Source) -> Section:
    """A figure and a table for each analysis and property; says so where no model is a checkpoint."""
    result = source.result
    series: Series = {}
    for one in sorted(result.checkpoints, key=lambda one: one.order):
        series.setdefault(one.series, []).append(one)
    blocks: list[Block] = [] if series else [Text(("No model of this audit is a checkpoint of a training.",))]
    analyses = tuple(dict.fromkeys(one.analysis for one in result.findings if is_property(one)))
    number = 0
    for analysis in analyses if series else ():
        found = property_numbers(result, analysis)
        for name in dict.fromkeys(name for name, _ in found):
            mine = {
                title: [one for one in every if (name, one.model) in found] for title, every in series.items()
            }  # fmt: skip
            mine = {title: every for title, every in mine.items() if every}
            if not mine:
                continue
            number += 1
            blocks.append(Heading(f"{name}, analysis {analysis}" if len(analyses) > 1 else name))
            blocks.append(_figure(number, name, mine, found))
            blocks.append(_table(f"{analysis}, {name}: every checkpoint", name, mine, found))
    return Section("dynamics", "Training dynamics", GUIDE, tuple(blocks))


def _figure(number: int, name: str, series: Series, found: Found) -> Figure:
    title = f"{name} over the checkpoints"
    panels = [
        EpochPanel(words, tuple(Curve(title, _points(every, name, quantity, found)) for title, every in series.items()))
        for quantity, words in PANELS
    ]
    description = " ".join(_described(title, every, name, found) for title, every in series.items())
    svg = epoch_plot(f"figure-dynamics-{number}", title, description, "Epoch", panels)
    return Figure(
        svg, title, description, READING if number == 1 else "To be read as the first figure of this section."
    )


def _points(every: list[CheckpointResult], name: str, quantity: str, found: Found) -> tuple[CurvePoint, ...]:
    points = []
    for one in every:
        finding = found[name, one.model].get(quantity)
        interval = None if finding is None else finding.interval
        points.append(
            CurvePoint(one.order, None if finding is None else finding.estimate,
                       None if interval is None else interval.low, None if interval is None else interval.high)
        )  # fmt: skip
    return tuple(points)


def _described(title: str, every: list[CheckpointResult], name: str, found: Found) -> str:
    first, last = every[0], every[-1]
    known = [(found[name, one.model]["gradient"].estimate or 0.0, one) for one in every
             if "gradient" in found[name, one.model]]  # fmt: skip
    if not known:
        return f"{title}: not measured."
    highest = max(known, key=lambda pair: pair[0])[1]
    said = [
        f"at epoch {one.order:g} E|grad| per step {_text(found, name, one, 'gradient')}, flips "
        f"{_text(found, name, one, 'flips')}"
        for one in dict.fromkeys((first, highest, last))
    ]
    return f"{title}, first, highest and last: {'; '.join(said)}."


def _text(found: Found, name: str, one: CheckpointResult, quantity: str) -> str:
    finding = found[name, one.model].get(quantity)
    return estimate_text(None, None) if finding is None else estimate_text(finding.estimate, finding.interval)


def _table(caption: str, name: str, series: Series, found: Found) -> Table:
    columns = (Column("Series"), Column("Epoch", "number"), Column("Model"), Column("Verdict", "mark"),
               Column("E|grad| per step", "number"), Column("Images with a flip", "number"))  # fmt: skip
    rows = tuple(
        (Cell(title), Cell(f"{one.order:g}"), Cell(one.model), verdict_cell(found[name, one.model].get("range")),
         Cell(_text(found, name, one, "gradient")), Cell(_text(found, name, one, "flips")))
        for title, every in series.items()
        for one in every
    )  # fmt: skip
    return Table(caption, columns, rows, folded=True)
