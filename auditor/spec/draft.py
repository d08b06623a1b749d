"""The first draft of a document, from a table of labelled pictures."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from auditor.errors import DataError, UsageError
from auditor.source import locate

LABELS = ("outcome", "label", "target", "y")
SCHEMA_FILE = ".auditor/audit-spec.v1.json"
"""Where `auditor init` puts the schema for editors, beside the document."""

NOT_CONCEPTS = ("file_name", "caption", "text", "split")

_DRAFT = """\
# yaml-language-server: $schema={schema}
#
# A draft for {rows} labelled pictures. What stands in CAPITALS is yours to write; every value
# that is left out has a default, which `auditor run` writes into resolved.yaml and the report.
version: 1
audit:
  id: {id}
  title: WHICH CONCEPTS DOES THE MODEL RELY ON?
  revision: 0.1.0                       # raise it when you change the document
  owner: WHO ANSWERS FOR THIS AUDIT
  intended_use: WHAT THE ANSWER DECIDES

models:                                 # one or many; they share every generated picture
  - name: target
    adapter: transformers               # a folder written by save_pretrained, safetensors only
    source: {model}
    output: probability
    target: {label}                     # the output that is audited: a label of the model, or an index

detectors:                              # say which concepts a picture shows; trained on their own
  - name: detector
    adapter: transformers
    source: {detector}

dataset:
  source: {folder}
  label: {label}                        # 0 or 1
  rows: {use}                           # drawn by seed; the first ones stay when you ask for more
  seed: 0

concepts:                               # column of the table; phrase in the caption
{concepts}

interventions:
  - name: captions
    kind: text_to_image
    source: {pipeline}
    caption: {{join: ", ", empty: nothing}}
    steps: 10
    guidance: 2.0
    noise: {{draws: 2, seed: 0}}          # two draws tell noise from response

analyses:
  - name: reliance
    kind: permutation_importance
    intervention: captions
    metric: auroc
    permutations: exact                 # the mean over all permutations, in closed form
    margin: {{response: 0.05, importance: 0.02}}   # below this a response or a loss counts as none

checks:                                 # gates: where one fails, findings are invalid
  - {{kind: effective_generation, of: reliance, max_drop: 0.12}}
  - {{kind: independent_permutation, of: reliance, max_changed: 0.05, min_rendering: 0.8}}
  - {{kind: significance, of: reliance, alpha: 0.01, correction: holm, swaps: 9999, seed: 0}}

requirements:                           # promises; one that fails makes `auditor run` exit with 1
  - name: {first} does not matter
    analysis: reliance
    concept: {first}
    response: {{at_most: 0.05}}           # of the ranks, with one-sided confidence
    confidence: 0.95

report: {{formats: [html, pdf]}}
"""


def draft_spec(
    folder: str,
    base: Path,
    *,
    label: str | None,
    concepts: Sequence[str],
    model: str,
    detector: str,
    pipeline: str,
) -> str:
    """A commented document for the table in `folder`, seen from `base`.

    Raises:
        UsageError: there is no such table, label or concept, or no concept can be found.
    """
    header, table = _read(folder, base)
    chosen = label or next((name for name in LABELS if name in header), None)
    if chosen is None:
        raise UsageError(f"which column is the label? Say --label with one of: {', '.join(header)}")
    for name in (chosen, *concepts):
        if name not in header:
            near = difflib.get_close_matches(name, header, 1)
            hint = f"did you mean `{near[0]}`? " if near else ""
            raise UsageError(f"the table has no column `{name}`; {hint}its columns: {', '.join(header)}")
    found = list(concepts) or [name for name in header if name != chosen and _is_concept(name, header, table)]
    if not found:
        raise UsageError("no column but the label has only the values 0 and 1; name concepts with --concept")
    if folder.startswith("builtin:shapes/") and model == "models/target":
        model, detector = "builtin:shapes/outcome", "builtin:shapes/detector"
        pipeline = "builtin:shapes/text-to-image"
    names = {column: column.replace("_", " ") for column in found}
    lines = [
        f"  - {{name: {_word(names[column])}, column: {_word(column)}, phrase: {_word(names[column])}}}"
        for column in found
    ]
    identifier = re.sub(r"[^a-z0-9._-]+", "-", Path(folder.removeprefix("builtin:")).as_posix().lower()).strip("-._")
    return _DRAFT.format(
        schema=SCHEMA_FILE,
        rows=len(table),
        id=(identifier or "audit")[:80],
        model=_word(model),
        detector=_word(detector),
        pipeline=_word(pipeline),
        folder=_word(folder),
        label=_word(chosen),
        use=min(200, len(table)),
        concepts="\n".join(lines),
        first=_word(names[found[0]]),
    )


def _read(folder: str, base: Path) -> tuple[list[str], list[list[str]]]:
    try:
        path = locate(folder, base, ()) / "metadata.csv"
        lines = [line for line in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))) if line]
    except DataError as error:
        raise UsageError(f"{error}; {error.way_out}") from None
    except (OSError, UnicodeDecodeError, csv.Error):
        raise UsageError(
            f"{folder} has no metadata.csv that can be read: file_name first, one line a picture"
        ) from None
    if len(lines) < 2:
        raise UsageError(f"the table in {folder} has no rows")
    return lines[0], lines[1:]


def _is_concept(name: str, header: Sequence[str], table: Sequence[Sequence[str]]) -> bool:
    place = header.index(name)
    return name not in NOT_CONCEPTS and {line[place] for line in table if len(line) > place} == {"0", "1"}


def _word(text: str) -> str:
    """`text` as a YAML scalar on one line, in quotes where it needs them."""
    return (
        yaml.safe_dump(text, width=10**6, default_flow_style=True, allow_unicode=True).removesuffix("\n...\n").strip()
    )
