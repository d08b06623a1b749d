"""`auditor init`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click

from auditor.errors import Exit, UsageError

ANALYSES: Final = ("permutation_importance", "property_gradient")


@click.command()
@click.argument("folder")
@click.option("--label", help="Column of the label [default: outcome, label, target or y].")
@click.option(
    "--concept",
    "concepts",
    multiple=True,
    help="Column of a concept; may be repeated [default: all that look like one].",
)
@click.option(
    "--analysis",
    type=click.Choice(ANALYSES),
    default=ANALYSES[0],
    show_default=True,
    help="What is asked: which concepts matter, or which property the score follows.",
)
@click.option("--model", default="models/target", show_default=True, help="The audited model.")
@click.option("--detector", help="The detector of concepts [default: models/detector].")
@click.option("--pipeline", help="The diffusers pipeline [default: models/text-to-image].")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("audit.yaml"),
    show_default=True,
    help="The spec to write; never one that is there.",
)
def init(
    folder: str,
    label: str | None,
    concepts: tuple[str, ...],
    analysis: str,
    model: str,
    detector: str | None,
    pipeline: str | None,
    output: Path,
) -> int:
    """Write a commented spec for the labelled pictures in FOLDER, which has a metadata.csv.

    FOLDER lies below the folder of the spec or in its git repository, or is builtin:shapes/test to
    try things out. Columns that hold 0 and 1, counts, or a few words that repeat become concepts,
    the label aside. A model, detector or pipeline is a folder as seen from the spec, builtin:NAME,
    or a repository of the hub with its commit; a model may be file.py:function, too, in a
    property_gradient, whose table needs no label and no concepts.
    """
    from auditor.spec import schema_text
    from auditor.spec.draft import SCHEMA_FILE, draft_spec
    from auditor.spec.draft_gradients import draft_gradients

    if output.exists():
        raise UsageError(f"{output} exists; name another file with -o, or move it away")
    base = output.resolve().parent
    data = _seen_from(base, folder)
    if analysis == "property_gradient":
        for option, value in (("concept", concepts), ("detector", detector), ("pipeline", pipeline)):
            if value:
                raise UsageError(f"--{option} has no place in a property_gradient; leave it out")
        text = draft_gradients(data, base, label=label, model=model)
    else:
        text = draft_spec(
            data,
            base,
            label=label,
            concepts=concepts,
            model=model,
            detector=detector or "models/detector",
            pipeline=pipeline or "models/text-to-image",
        )
    schema = output.parent / SCHEMA_FILE
    try:
        schema.parent.mkdir(parents=True, exist_ok=True)
        schema.write_text(schema_text(), encoding="utf-8")
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {str(error.strerror).lower()}") from None
    click.echo(f"{output} written. Next: fill in what stands in CAPITALS, then auditor validate {output}")
    return Exit.PASS


def _seen_from(base: Path, folder: str) -> str:
    """The path of the data as the spec in `base` names it; the shell completes paths from where it stands."""
    from auditor.source import project_of

    if folder.startswith("builtin:") or not Path(folder).exists():
        return folder
    data, project = Path(folder).resolve(), project_of(base)
    if not data.is_relative_to(project):
        raise UsageError(
            f"{folder} does not lie below {project}, and the spec may read nothing else; "
            "write the spec beside the data with -o, or copy the data there"
        )
    return Path(os.path.relpath(data, base)).as_posix()
