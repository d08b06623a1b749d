"""The first draft of an audit of gradual interventions, from a table of pictures."""

from __future__ import annotations

from pathlib import Path

from auditor.spec.draft import LABELS, SCHEMA_FILE, identifier, table_of
from auditor.spec.draft_concepts import word
from auditor.spec.rules import placeholders

_DRAFT = """\
# yaml-language-server: $schema={schema}
#
# A draft for {rows} pictures: does the score follow the hue further than it follows changes that must
# not matter? What stands in CAPITALS is yours to write; every value that is left out has a default,
# which `auditor run` writes into resolved.yaml and the report.
version: 1
audit:
  id: {id}
  title: {title}
  revision: 0.1.0                       # raise it when you change the document
  owner: {owner}
  intended_use: {intended_use}

models:                                 # one or many; they share every changed picture
{model}
dataset:
  source: {folder}
  rows: {use:<31} # drawn by seed; the first ones stay when you ask for more
  seed: 0

properties:                             # hue is asked about; put your own property and change in its place
  - {{name: hue, unit: degrees of 120}}
  - {{name: upper light}}
  - {{name: lower light}}
  - {{name: noise}}

interventions:                          # exact changes; `region` is a box, a mask or what a detector sees
  - {{name: turned, kind: compositing, realises: hue, hue: 120, sweep: {sweep}}}
  - {{name: darker above, kind: compositing, realises: upper light, brightness: 0.5, region: {{box: [0, 0, 1, 0.5]}},
     sweep: {sweep}}}
  - {{name: darker below, kind: compositing, realises: lower light, brightness: 0.5, region: {{box: [0, 0.5, 1, 1]}},
     sweep: {sweep}}}
  - {{name: noisy, kind: compositing, realises: noise, noise: 60, sweep: {sweep}}}

analyses:
  - name: gradients
    kind: property_gradient
    interventions: [turned]
    controls: [darker above, darker below, noisy]   # must not matter, and be as strong: three at least
    min_ratio: 2                        # how many times further than along the controls counts as reliance
    margin: {{range: 0.05}}               # of the probability; below this a move counts as none

checks:                                 # the strength of the controls is checked in any case
  - {{kind: significance, of: gradients, alpha: 0.01, swaps: 9999, seed: 0}}

requirements:                           # promises; one that fails makes `auditor run` exit with 1
  - {{name: hue moves few decisions, analysis: gradients, property: hue, flips: {{at_most: 0.1}}, confidence: 0.95}}

report: {{formats: [html, pdf]}}
"""

_SWEEP = "{strength: {from: 0, to: 1, points: 11}}"


def draft_gradients(folder: str, base: Path, *, label: str | None, model: str) -> str:
    """A commented document with a hue, three controls and their comparison, for the pictures in `folder`.

    Args:
        folder: the data, as seen from `base`.
        base: the folder of the document.
        label: the output that is followed; the table's label where it has one and none is named.
        model: a folder, or `file.py:function` for the python adapter.

    Raises:
        UsageError: there is no such table.
    """
    table = table_of(folder, base)
    target = label or next((name for name in LABELS if name in table.columns), "OUTPUT")
    if folder.startswith("builtin:shapes/") and model == "models/target":
        model, target = "builtin:shapes/outcome", "outcome"
    return _DRAFT.format(
        schema=SCHEMA_FILE,
        title=placeholders.PROPERTY_TITLE,
        owner=placeholders.OWNER,
        intended_use=placeholders.INTENDED_USE,
        rows=len(table.lines),
        id=identifier(folder),
        model=_model(model, target),
        folder=word(folder),
        use=min(200, len(table.lines)),
        sweep=_SWEEP,
    )


def _model(source: str, target: str) -> str:
    """The model's lines: a folder of transformers, or a function of the user's own."""
    python = ".py:" in source
    first = (
        "    adapter: python                     # runs with --allow-python alone"
        if python
        else "    adapter: transformers               # a folder written by save_pretrained, safetensors only"
    )
    lines = ["  - name: target", first, f"    source: {word(source)}"]
    if python:
        lines += [
            f"    outputs: [{word(target)}]",
            '    revision: "1"                       # raise it when its scores change',
        ]
    lines.append(f"    target: {word(target):<30} # the output that is followed: a label of the model, or an index")
    return "\n".join(line.rstrip() for line in lines) + "\n"
