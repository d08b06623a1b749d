"""`auditor evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.options import (
    allow_python,
    as_json,
    command_began,
    max_time_option,
    out_option,
    plain,
    print_json,
    problems_as_json,
    progress,
    reader_may_leave,
    shown_path,
    spec_argument,
    store_option,
    workers_option,
)
from auditor.errors import Exit

if TYPE_CHECKING:
    from auditor.evaluation import Correlation
    from auditor.evaluation.flip_results import Reading
    from auditor.run.evaluating import Evaluated


@click.command()
@spec_argument
@click.option(
    "--oracle",
    "oracles",
    multiple=True,
    type=click.Choice(["bottleneck", "coefficients", "presences"]),
    help="What is held to be true [default: bottleneck and coefficients].",
)
@click.option(
    "--baseline",
    "baselines",
    multiple=True,
    type=click.Choice(["lime", "grad_cam", "integrated_gradients", "occlusion", "kernel_shap", "deep_lift"]),
    metavar="METHOD",
    help="Relevance maps to compare with: lime, grad_cam, integrated_gradients, occlusion, kernel_shap or deep_lift; "
    "needs captum, and to rank concepts (the first two) masks.",
)
@click.option(
    "--masks",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of masks [default: masks in the data set's folder].",
)
@click.option("--pictures", type=click.IntRange(1), default=100, show_default=True, help="Rows that baselines look at.")
@click.option("--samples", type=click.IntRange(10), default=200, show_default=True, help="Hidden ones a picture.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of draws and splits.")
@out_option
@store_option
@workers_option
@max_time_option
@allow_python
@as_json
def evaluate(
    spec: Path,
    oracles: tuple[str, ...],
    baselines: tuple[str, ...],
    masks: Path | None,
    pictures: int,
    samples: int,
    seed: int,
    out: Path | None,
    store: Path | None,
    workers: int | None,
    max_time: float | None,
    allow_python: bool,
    json_: bool,
) -> int:
    """Compare what the audit SPEC finds with oracles that see its models' concepts, and baselines beside it.

    Runs the audit first, unless its result is current. Models must show their bottleneck: an output for every
    concept, of their own or of a declared model on the same trunk, of which the target is a weighted sum.
    Writes evaluation.html and evaluation.json into the folder of the run.

    Of gradual interventions it says which scores predict that a prediction flips: E|grad|, the change from the
    first frame to the last, and differences of relevance maps. Writes flips.html and flips.json.
    """
    from auditor.run import Options, open_run
    from auditor.run.evaluating import Wanted, evaluate_audit

    wanted = Wanted(baselines=baselines, masks=masks, pictures=pictures, samples=samples, seed=seed)  # type: ignore[arg-type]
    if oracles:
        wanted = Wanted(oracles, baselines, masks, pictures, samples, seed)  # type: ignore[arg-type]
    options = Options(
        out=out, store=store, workers=workers, max_time=max_time, began=command_began(), allow_python=allow_python
    )
    with problems_as_json(json_):
        done = evaluate_audit(*open_run(spec, options), wanted, progress())
    with reader_may_leave():
        _tell(done, json_)
    return Exit.PASS


def _tell(done: Evaluated, json_: bool) -> None:
    evaluation = done.evaluation
    if json_:
        agreements = () if evaluation is None else evaluation.agreements
        print_json(
            {
                "schema_version": 1,
                "exit_status": 0,
                "agreements": [
                    {
                        "method": one.method,
                        "oracle": one.oracle,
                        "correlations": [
                            {"measure": each.measure, "reading": each.reading, **_numbers(each)}
                            for each in one.correlations
                        ],
                    }
                    for one in agreements
                ],
                **({"flips": {name: table.as_json() for name, table in done.flips.items()}} if done.flips else {}),
                "files": {name: str(path) for name, path in done.files.items()},
            }
        )
        return
    title = plain(done.outcome.result.audit.title)
    click.echo(title if evaluation is None else f"{title}: {len(evaluation.models)} models")
    for oracle in () if evaluation is None else evaluation.oracles:
        click.echo(f"Pearson r with {oracle.name} (as they are, oracle normalised, within a model):")
        for one in evaluation.agreements if evaluation is not None else ():
            if one.oracle == oracle.name:
                words = "  ".join(_words(each) for each in one.correlations if each.measure == "pearson")
                click.echo(f"  {one.method:<20} {words}")
    for name, table in done.flips.items():
        click.echo(f"{plain(name)}: {table.flips.reason or f'{table.flips.count} of {table.n} predictions flip'}")
        click.echo("accuracy of predicting it (as published, held out, even points to odd ones):")
        for row in table.rows:
            read = (row.published, row.held_out, row.even_to_odd)
            click.echo(f"  {row.method:<20} {'  '.join(_share(each) for each in read)}")
    for name, path in done.files.items():
        click.echo(f"  {name:<10} {shown_path(path)}")


def _share(reading: Reading | None) -> str:
    if reading is None:
        return "not defined"
    found = reading.accuracy
    return f"{found.value:.3f} [{found.interval.low:.3f}, {found.interval.high:.3f}]"


def _numbers(found: Correlation) -> dict[str, float | None]:
    interval = found.interval
    return {
        "value": found.value if found.value == found.value else None,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
    }


def _words(found: Correlation) -> str:
    if found.interval is None:
        return f"{found.value:.3f} (no interval)"
    return f"{found.value:.3f} [{found.interval.low:.3f}, {found.interval.high:.3f}]"
