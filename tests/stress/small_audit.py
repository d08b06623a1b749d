"""An audit of two hundred units that runs in seconds, and what of its run folder must never differ between runs."""

from __future__ import annotations

from pathlib import Path

from auditor.digest import Digest, digest_bytes
from tests.tiny import SPEC, write_everything

ROWS = 16
"""A picture of each row as it is and with each of three concepts changed; scored with the real ones by two models:
at most 224 units, and a few less where two real pictures are the same."""

OF_A_RUN = frozenset({"run.json", "run-record.html", "journal.jsonl", "blocks.txt", ".lock"})
"""Files that tell of a run and not of its result: clocks, and how the work was cut into micro-batches."""


def write_small_audit(folder: Path, formats: str = "html") -> Path:
    """The tiny audit with small micro-batches, so that there are many of them; its document."""
    write_everything(folder)
    document = SPEC
    for old, new in (
        ("version: 1\n", "version: 1\nnumerics: {name: small, batch: {generate: 4, predict: 8}}\n"),
        ("dataset: {source: data, label: outcome}", f"dataset: {{source: data, label: outcome, rows: {ROWS}}}"),
        ("noise: {draws: 2, seed: 0}", "noise: {draws: 1, seed: 0}"),
        ("formats: [html]", f"formats: [{formats}]"),
    ):
        assert document.count(old) == 1, old
        document = document.replace(old, new)
    path = folder / "audit.yaml"
    path.write_text(document, encoding="utf-8")
    return path


FIFTEEN_UNITS = """\
version: 1
numerics: {name: small, batch: {generate: 2, predict: 4}}
audit: {id: tiny, title: Three rows and one concept, revision: 1.0.0}
models:
  - {name: outcome, adapter: transformers, source: outcome, target: outcome}
dataset: {source: data, label: outcome, rows: 3, seed: 2}
concepts:
  - {name: red circle, column: red_circle, phrase: red circle}
interventions:
  - {name: captions, kind: text_to_image, source: pipeline, steps: 2, guidance: 2.0, noise: {draws: 1, seed: 0}}
analyses:
  - {name: reliance, kind: permutation_importance, intervention: captions, margin: {response: 0.05}}
requirements:
  - {name: performance stays, analysis: reliance, concept: red circle, importance: {within: 0.1}}
report: {formats: [html], gallery: {pairs: 2}}
"""


def write_fifteen_units(folder: Path) -> Path:
    """An audit of six pictures and nine scores in six micro-batches; its document."""
    write_everything(folder)
    path = folder / "audit.yaml"
    path.write_text(FIFTEEN_UNITS, encoding="utf-8")
    return path


def evidence(folder: Path) -> dict[str, Digest]:
    """The digest of every file that tells of the result: result, units, pictures, reports."""
    return {
        str(path.relative_to(folder)): digest_bytes(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in OF_A_RUN
    }
