"""Section: how the reliance on a property develops over the checkpoints of a training."""

from __future__ import annotations

from itertools import pairwise

from auditor.report.number_text import estimate_text, times_text
from auditor.report.page import Block, Bullets, Cell, Column, Figure, Heading, Section, Table, Text
from auditor.report.plots.curves import Curve, CurvePoint
from auditor.report.plots.epochs import EpochPanel, epoch_plot
from auditor.report.sections.over_images import over_images
from auditor.report.sections.properties import property_numbers
from auditor.report.sections.property_tables import Found
from auditor.report.source import Source, is_property
from auditor.report.words import verdict_cell
from auditor.results.sweeps.sweep_result import CheckpointResult

GUIDE = "The same sweeps, scored by every checkpoint of a training: when a model begins to follow a property."
READING = (
    "Above: E|grad| per step, mean over images. Then the share of images whose decision changes along the sweep, and "
    "how many times further the score moves than along the controls; dashed, the ratio that reliance must exceed. "
    "Bands are two-sided intervals; those of neighbouring epochs share their images, so that their errors go together."
)
PANELS = (
    ("gradient", "E|grad| per step"),
    ("flips", "Share of images whose decision changes"),
    ("ratio", "Ratio to the controls, logarithmic axis"),
)
MANY_IN_A_ROW = 3
"""From so many neighbouring epochs on, only the ends of their row are named."""

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
            said = [_verdicts(title, every, name, found) + _gaps(every) for title, every in mine.items()]
            blocks.append(Bullets(tuple(said)))
            blocks.append(_table(f"{analysis}, {name}: every checkpoint", name, mine, found))
    return Section("dynamics", "Training dynamics", GUIDE, tuple(blocks))


def _figure(number: int, name: str, series: Series, found: Found) -> Figure:
    title = f"{name} over the checkpoints"
    limit = next((one["ratio"].margin for (of, _), one in found.items() if of == name and "ratio" in one), None)
    panels = [
        EpochPanel(
            words, tuple(Curve(title, _points(every, name, quantity, found)) for title, every in series.items()),
            limit if quantity == "ratio" else None, quantity == "ratio",
        )
        for quantity, words in PANELS
        if quantity != "ratio" or limit is not None
    ]  # fmt: skip
    description = " ".join(_described(title, every, name, found) for title, every in series.items())
    svg = epoch_plot(f"figure-dynamics-{number}", title, description, "Epoch", panels)
    shown = [found[name, one.model][quantity] for every in series.values() for one in every for quantity, _ in PANELS
             if quantity in found[name, one.model]]  # fmt: skip
    words = READING if number == 1 else "To be read as the first figure of this section."
    return Figure(svg, title, description, f"Property {name}. {over_images(shown)} {words}")


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


def _verdicts(title: str, every: list[CheckpointResult], name: str, found: Found) -> str:
    """At which epochs a series was found to rely, and so on, such as `relies at epochs 3 to 7, 9`."""
    places: dict[str, list[int]] = {}
    for place, one in enumerate(every):
        places.setdefault(verdict_cell(found[name, one.model].get("range")).text.lower(), []).append(place)
    said = [
        f"{word} at epoch{'s' if len(where) > 1 else ''} {', '.join(_rows_of(every, where))}"
        for word, where in places.items()
    ]
    return f"{title}: {'; '.join(said)}."


def _gaps(every: list[CheckpointResult]) -> str:
    """The checkpoints between the first and the last of a series that the document leaves out."""
    numbers = [one.order for one in every]
    step = min((b - a for a, b in pairwise(numbers)), default=1.0)
    missing = [
        f"{a + step * between:g}" for a, b in pairwise(numbers) for between in range(1, round((b - a) / step))
    ]  # fmt: skip
    return f" Left out by the document: epoch{'s' if len(missing) > 1 else ''} {', '.join(missing)}." if missing else ""


def _rows_of(every: list[CheckpointResult], places: list[int]) -> list[str]:
    """Neighbours in a series named by their ends."""
    rows: list[list[int]] = []
    for place in places:
        if rows and place == rows[-1][-1] + 1:
            rows[-1].append(place)
        else:
            rows.append([place])
    said = []
    for row in rows:
        named = [f"{every[place].order:g}" for place in row]
        said += [f"{named[0]} to {named[-1]}"] if len(named) >= MANY_IN_A_ROW else named
    return said


def _text(found: Found, name: str, one: CheckpointResult, quantity: str) -> str:
    finding = found[name, one.model].get(quantity)
    written = times_text if quantity == "ratio" else estimate_text
    return estimate_text(None, None) if finding is None else written(finding.estimate, finding.interval)


def _table(caption: str, name: str, series: Series, found: Found) -> Table:
    columns = (Column("Series"), Column("Epoch", "number"), Column("Model"), Column("Verdict", "mark"),
               Column("E|grad| per step", "number"), Column("Images with a flip", "number"),
               Column("Ratio to the controls", "number"))  # fmt: skip
    rows = tuple(
        (Cell(title), Cell(f"{one.order:g}"), Cell(one.model), verdict_cell(found[name, one.model].get("range")),
         *(Cell(_text(found, name, one, quantity)) for quantity, _ in PANELS))
        for title, every in series.items()
        for one in every
    )  # fmt: skip
    return Table(caption, columns, rows, folded=True)
