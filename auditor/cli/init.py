"""`auditor init`."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.errors import Exit, UsageError


@click.command()
@click.argument("folder")
@click.option("--label", help="Column of the label [default: outcome, label, target or y].")
@click.option(
    "--concept", "concepts", multiple=True, help="Column of a concept; may be repeated [default: all 0/1 columns]."
)
@click.option("--model", default="models/target", show_default=True, help="Folder of the audited model.")
@click.option("--detector", default="models/detector", show_default=True, help="Folder of the concept detector.")
@click.option("--pipeline", default="models/text-to-image", show_default=True, help="Folder of the diffusers pipeline.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("audit.yaml"), show_default=True)
def init(
    folder: str,
    label: str | None,
    concepts: tuple[str, ...],
    model: str,
    detector: str,
    pipeline: str,
    output: Path,
) -> int:
    """Write a commented spec for the labelled pictures in FOLDER, which has a metadata.csv.

    FOLDER is a path as seen from where the spec will be, or builtin:shapes/test. Columns whose
    values are all 0 or 1 become concepts, the label aside.
    """
    from auditor.spec import schema_text
    from auditor.spec.draft import SCHEMA_FILE, draft_spec

    if output.exists():
        raise UsageError(f"{output} exists; name another file with -o, or move it away")
    text = draft_spec(
        folder,
        output.resolve().parent,
        label=label,
        concepts=concepts,
        model=model,
        detector=detector,
        pipeline=pipeline,
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    schema = output.parent / SCHEMA_FILE
    schema.parent.mkdir(exist_ok=True)
    schema.write_text(schema_text(), encoding="utf-8")
    click.echo(f"{output} written. Next: fill in what stands in CAPITALS, then auditor validate {output}")
    return Exit.PASS
