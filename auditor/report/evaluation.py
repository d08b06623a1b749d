"""evaluation.html: how far ways of ranking concepts agree with oracles that see them."""

from __future__ import annotations

import math

from auditor import __version__
from auditor.evaluation import Agreement, Correlation, Evaluation, Ranking, Shortfall
from auditor.evaluation.correlation import MEASURES, READINGS, Measure, Reading
from auditor.judgement import IntervalResult
from auditor.report.number_text import estimate_text, value_text
from auditor.report.page import Block, Cell, Column, Figure, Heading, KeyValues, Table, Text
from auditor.report.plots.curves import Curve, CurvePoint, curve_plot
from auditor.report.plots.scatter import Cloud, scatter
from auditor.report.templates import draw_evaluation
from auditor.statistics import Interval

READING_WORDS: dict[Reading, str] = {
    "pooled": "as they are",
    "normalised": "oracle normalised",
    "within": "within a model",
}


def render_evaluation(title: str, evaluation: Evaluation) -> str:
    """The evaluation as one HTML document; equal evaluations give equal text."""
    return draw_evaluation(title, evaluation_blocks(evaluation), __version__)


def evaluation_blocks(evaluation: Evaluation) -> tuple[Block, ...]:
    """What the document shows, oracle by oracle."""
    blocks: list[Block] = [_about(evaluation)]
    for number, oracle in enumerate(evaluation.oracles):
        blocks += _against(evaluation, oracle, number)
    blocks += [
        Heading("How each was made"),
        Table(
            caption="Methods and oracles",
            columns=(Column("Name"), Column("What it is", "wide")),
            rows=tuple((Cell(each.name), Cell(each.about)) for each in (*evaluation.methods, *evaluation.oracles)),
        ),
        Text((
            "Intervals resample models, not (model, concept) points: the concepts of one model share its weights and "
            "its labels, and are no independent observations. `As they are` correlates all importances together; "
            "`oracle normalised` scales the oracle's to unit length in each model first, since a drop in performance "
            "depends on a weight relative to the model's others; `within a model` is the mean over models of the "
            "correlation over its concepts.",
        )),
    ]  # fmt: skip
    return tuple(blocks)


def _about(evaluation: Evaluation) -> KeyValues:
    drawn = evaluation.resampling
    return KeyValues(
        caption="What was compared",
        rows=(
            ("Models", Cell(f"{len(evaluation.models):,}")),
            ("Concepts", Cell(", ".join(evaluation.concepts))),
            ("Methods", Cell(", ".join(each.name for each in evaluation.methods))),
            ("Oracles", Cell(", ".join(each.name for each in evaluation.oracles))),
            (
                "Intervals",
                Cell(
                    f"{drawn.confidence:.0%}, percentiles of {drawn.replicates:,} resamples of the models, "
                    f"seed {drawn.seed}"
                ),
            ),
        ),
    )


def _against(evaluation: Evaluation, oracle: Ranking, number: int) -> list[Block]:
    methods = [method for method in evaluation.methods if method.name != oracle.name]
    found = [evaluation.agreement(method.name, oracle.name) for method in methods]
    blocks: list[Block] = [Heading(f"Against {oracle.name}")]
    blocks += [correlation_table(oracle.name, measure, found) for measure in MEASURES]
    short = [one for one in evaluation.shortfalls if one.oracle == oracle.name and one.measure == "pearson"]
    if short:
        blocks.append(shortfall_table(oracle.name, short))
    clouds = [
        Cloud(
            method.name,
            f"r = {_words(one.correlation('pearson', 'pooled'))}",
            oracle.importances.reshape(-1),
            method.importances.reshape(-1),
        )
        for method, one in zip(methods, found, strict=True)
    ]
    title = f"Importances of each method over those of {oracle.name}"
    described = "; ".join(f"{cloud.title}: {cloud.words}" for cloud in clouds)
    blocks.append(Figure(scatter(f"scatter-{number}", title, described, oracle.name, clouds), title, described, title))
    blocks += _threshold_blocks(oracle.name, found, number)
    blocks += _top_k_blocks(oracle.name, found, number)
    return blocks


def correlation_table(oracle: str, measure: Measure, found: list[Agreement]) -> Table:
    """A line for each method, a column for each reading."""
    return Table(
        caption=f"{measure.capitalize()} correlation with {oracle}",
        columns=(
            Column("Method"),
            *(Column(READING_WORDS[reading].capitalize(), "number") for reading in READINGS),
            Column("Models", "number"),
        ),
        rows=tuple(
            (
                Cell(one.method),
                *(Cell(_words(one.correlation(measure, reading))) for reading in READINGS),
                Cell(f"{one.correlations[0].n_models:,}"),
            )
            for one in found
        ),
    )


def shortfall_table(oracle: str, short: list[Shortfall]) -> Table:
    """How far each method is below the ceiling, Pearson in each reading."""
    methods = list(dict.fromkeys(one.method for one in short))
    readings = list(dict.fromkeys(one.reading for one in short))
    of = {(one.method, one.reading): one for one in short}
    return Table(
        caption=f"Below the ceiling ({short[0].ceiling}): Pearson with {oracle}, ceiling minus method",
        columns=(Column("Method"), *(Column(READING_WORDS[reading].capitalize(), "number") for reading in readings)),
        rows=tuple((Cell(name), *(Cell(_words(of[name, reading])) for reading in readings)) for name in methods),
        note="The ceiling sees the concepts themselves. Differences are taken on the same resamples of models.",
    )


def _threshold_blocks(oracle: str, found: list[Agreement], number: int) -> list[Block]:
    curves = [
        Curve(
            one.method,
            tuple(CurvePoint(each.share, _known(each.value), *_ends(each.interval)) for each in one.thresholds),
        )
        for one in found
    ]
    chance = Curve("chance", (CurvePoint(0.0, 0.5, None, None), CurvePoint(1.0, 0.5, None, None)), plain=True)
    title = f"AUROC of telling important concepts, by threshold on {oracle}"
    words = "; ".join(f"{one.method}: {_middle(one)}" for one in found)
    across = f"share of importances of {oracle} below the threshold"
    plot = curve_plot(
        f"thresholds-{number}", title, words, across, [*curves, chance], (0.0, 1.0), (0, 0.25, 0.5, 0.75, 1)
    )
    table = Table(
        caption="AUROC at each threshold",
        columns=(
            Column("Below", "number"),
            Column("Threshold", "number"),
            *(Column(one.method, "number") for one in found),
        ),
        rows=tuple(
            (
                Cell(f"{first.share:.0%}"),
                Cell(value_text(first.threshold)),
                *(Cell(_text(one.thresholds[i].value, one.thresholds[i].interval)) for one in found),
            )
            for i, first in enumerate(found[0].thresholds if found else ())
        ),
        folded=True,
    )  # fmt: skip
    return [Figure(plot, title, words, f"{title}. Bands: intervals over models."), table]


def _top_k_blocks(oracle: str, found: list[Agreement], number: int) -> list[Block]:
    curves = [
        Curve(one.method, tuple(CurvePoint(each.k, _known(each.value), *_ends(each.interval)) for each in one.top_k))
        for one in found
    ]
    most = len(found[0].top_k) if found else 1
    guess = tuple(CurvePoint(k, k / most, None, None) for k in range(1, most + 1))
    title = f"Agreement of the k most important concepts with {oracle}"
    words = "; ".join(f"{one.method}: {value_text(one.top_k[0].value)} for the first" for one in found if one.top_k)
    plot = curve_plot(
        f"top-k-{number}", title, words, "k", [*curves, Curve("chance", guess, plain=True)], (1, max(2, most)),
        tuple(range(1, most + 1)),
    )  # fmt: skip
    table = Table(
        caption="Agreement of the top k",
        columns=(Column("k", "number"), *(Column(one.method, "number") for one in found), Column("Chance", "number")),
        rows=tuple(
            (
                Cell(str(k)),
                *(Cell(_text(one.top_k[k - 1].value, one.top_k[k - 1].interval)) for one in found),
                Cell(value_text(k / most)),
            )
            for k in range(1, most + 1)
        ),
        folded=True,
    )
    return [Figure(plot, title, words, f"{title}. Bands: intervals over models."), table]


def _middle(one: Agreement) -> str:
    return value_text(_known(one.thresholds[len(one.thresholds) // 2].value)) if one.thresholds else "not measured"


def _words(found: Correlation | Shortfall) -> str:
    return _text(found.value, found.interval)


def _text(value: float, interval: Interval | None) -> str:
    shown = None if interval is None else IntervalResult(
        low=interval.low, high=interval.high, confidence=interval.confidence, method=interval.method
    )  # fmt: skip
    return estimate_text(_known(value), shown)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low, interval.high)
