"""`auditor plan` of large audits: data on a disk, the command as a user gives it."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from tests.benchmarks.figure import Figure
from tests.benchmarks.first_light import run

CONCEPTS, SIZE = 15, 64


def plan_of_100_000_units() -> list[Figure]:
    """3,125 rows x 2 draws x 16 pictures: 100,000 distinct ones, and their scores besides."""
    return [_planned(rows=3_125, draws=2, what="`plan` of 100,000 distinct units", seconds_bar=5, megabytes_bar=500)]


def plan_of_75_million() -> list[Figure]:
    """10,000 rows x 15 concepts x 500 permutations."""
    what = "`plan` of 10,000 rows x 15 concepts x 500 permutations"
    return [_planned(rows=10_000, draws=1, what=what, seconds_bar=10, megabytes_bar=1_000)]


def _planned(rows: int, draws: int, what: str, seconds_bar: int, megabytes_bar: int) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        document = write_big_audit(Path(folder), rows, draws)
        seconds, peak, text = run(["plan", str(document), "--no-estimate", "--json"])
    (generate,) = [op for op in json.loads(text)["ops"] if op["kind"] == "generate"]
    megabytes = peak / 1e6
    return Figure(
        what,
        f"under {seconds_bar} s, under {megabytes_bar:,} MB",
        f"{seconds:.1f} s, {megabytes:.0f} MB",
        seconds < seconds_bar and megabytes < megabytes_bar,
        f"`auditor plan --no-estimate` of {rows:,} rows on the disk, {draws} draws, {CONCEPTS} concepts: "
        f"{generate['distinct']:,} distinct pictures, {generate['as_published']:,} as published; time and memory "
        f"of the whole process, with reading and digesting every picture ({SIZE} x {SIZE})",
    )


def write_big_audit(folder: Path, rows: int, draws: int) -> Path:
    """An audit of so many rows: drawn pictures, the bundled models, one analysis with sampled permutations."""
    rng = np.random.default_rng(0)
    data = folder / "data"
    data.mkdir()
    names = [f"c{number}" for number in range(CONCEPTS)]
    with (data / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file_name", "outcome", *names])
        for number in range(rows):
            values = rng.integers(0, 2, CONCEPTS + 1)
            Image.fromarray(rng.integers(0, 256, (SIZE, SIZE, 3), np.uint8)).save(
                data / f"{number}.png", compress_level=1
            )
            table.writerow([f"{number}.png", *values])
    concepts = "\n".join(f"  - {{name: {name}, column: {name}, phrase: {chr(97 + i)}}}" for i, name in enumerate(names))
    document = folder / "audit.yaml"
    document.write_text(
        f"""\
version: 1
audit: {{id: big, title: A plan of many units, revision: 1.0.0}}
models:
  - {{name: outcome, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}}
dataset: {{source: data, label: outcome}}
concepts:
{concepts}
interventions:
  - {{name: captions, kind: text_to_image, source: "builtin:shapes/text-to-image", noise: {{draws: {draws}}}}}
analyses:
  - {{name: reliance, kind: permutation_importance, intervention: captions, permutations: 500}}
checks:
  - {{kind: significance, of: reliance}}
""",
        encoding="utf-8",
    )
    return document
