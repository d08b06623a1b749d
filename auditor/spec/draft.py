"""The first draft of a document, from a table of labelled pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from auditor.errors import DataError, UsageError
from auditor.permission import reading
from auditor.read_table import Table, read_table
from auditor.source import locate, nearest
from auditor.spec.draft_concepts import MOST_VALUES, concept_lines, kind_of, word
from auditor.spec.rules import placeholders

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
  title: {title}
  revision: 0.1.0                       # raise it when you change the document
  owner: {owner}
  intended_use: {intended_use}

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
  label: {label:<30} # 0 or 1
  rows: {use:<31} # drawn by seed; the first ones stay when you ask for more
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
    table = table_of(folder, base)
    binary = [name for name in table.columns if _is_binary(name, table)]
    chosen = label or next((name for name in LABELS if name in table.columns), None)
    if chosen is None:
        raise UsageError(f"which column is the label? Say --label with one of: {', '.join(binary or table.columns)}")
    if chosen in concepts:
        raise UsageError(f"the label `{chosen}` cannot be a concept as well; leave out one of --label and --concept")
    for name in (chosen, *concepts):
        if name not in table.columns:
            near = nearest(name, table.columns)
            hint = f"did you mean `{near}`? " if near else ""
            raise UsageError(f"the table has no column `{name}`; {hint}its columns: {', '.join(table.columns)}")
    if chosen not in binary:
        raise UsageError(
            f"column `{chosen}` holds other values than 0 and 1, or one of them alone; "
            f"columns that can be used: {', '.join(binary) or 'none'}"
        )
    wanted = dict.fromkeys(concepts) or [n for n in table.columns if n != chosen and n not in NOT_CONCEPTS]
    kinds = {name: kind_of(name, table, named=bool(concepts)) for name in wanted}
    for name, kind in kinds.items():
        if kind is None and concepts:
            raise UsageError(
                f"column `{name}` is no concept: it holds neither 0 and 1, nor counts, nor 2 to {MOST_VALUES} words"
            )
    found = {name: kind for name, kind in kinds.items() if kind is not None}
    if not found:
        raise UsageError(
            f"no column but the label `{chosen}` holds 0 and 1, counts or a few words, so the table has no concept"
        )
    if folder.startswith("builtin:shapes/") and model == "models/target":
        model, detector = "builtin:shapes/outcome", "builtin:shapes/detector"
        pipeline = "builtin:shapes/text-to-image"
    lines = [line for name, kind in found.items() for line in concept_lines(name, kind, table)]
    return _DRAFT.format(
        schema=SCHEMA_FILE,
        title=placeholders.TITLE,
        owner=placeholders.OWNER,
        intended_use=placeholders.INTENDED_USE,
        rows=len(table.lines),
        id=identifier(folder),
        model=word(model),
        detector=word(detector),
        pipeline=word(pipeline),
        folder=word(folder),
        label=word(chosen),
        use=min(200, len(table.lines)),
        concepts="\n".join(lines),
        first=word(next(iter(found)).replace("_", " ")),
    )


def identifier(folder: str) -> str:
    """The name of an audit of the pictures in `folder`."""
    found = re.sub(r"[^a-z0-9._-]+", "-", Path(folder.removeprefix("builtin:")).as_posix().lower()).strip("-._")
    return (found or "audit")[:80]


def table_of(folder: str, base: Path) -> Table:
    """The table of pictures in `folder`, seen from `base`; UsageError where it is none, or has no two rows."""
    try:
        with reading(f"`{folder}`", ()):
            table = read_table(locate(folder, base, ()), folder, ())
    except DataError as error:
        hint = f"did you mean `{error.suggestion}`? " if error.suggestion else ""
        raise UsageError(f"{error}; {hint}{error.way_out}") from None
    if len(table.lines) < 2:
        count = len(table.lines)
        raise UsageError(
            f"the table in {folder} has {count or 'no'} row{'s' * (count != 1)}, and statistics need two at least"
        )
    return table


def _is_binary(name: str, table: Table) -> bool:
    """Whether a column holds both 0 and 1, and nothing else."""
    place = table.columns.index(name)
    return {line[place] for line in table.lines} == {"0", "1"}
