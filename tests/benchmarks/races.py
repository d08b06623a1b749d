"""The executor against a bare loop, and against the paper's way: alternately, in processes of their own."""

from __future__ import annotations

import statistics
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from auditor.audit import explain_plan
from auditor.run import Options
from auditor.run.prepare import prepare
from auditor.spec import load_spec
from tests.benchmarks.figure import Figure, told_by
from tests.benchmarks.loops import SPEC, slice_of

PICTURES, LAPS = 512, 5
BATCHES, TRIED_ON = (1, 2, 4, 8, 16, 32, 64), 128


def executor_against_bare_loop(pictures: int = PICTURES, laps: int = LAPS) -> list[Figure]:
    """The same units at the same batch size, in one process with one thread on either side."""
    found = race(pictures, laps)
    ratio, cpu = found["seconds"], found["cpu_seconds"]
    return [
        Figure(
            "time from the first batch to the last score, against a bare loop over the same pipeline and model",
            "at most 1.05 x",
            f"{ratio:.3f} x ({found['low']:.3f} to {found['high']:.3f}; {cpu:.3f} x of processor time)",
            ratio <= 1.05 and found["units"] >= 1000,
            f"{found['units']:,} units ({pictures} pictures of {SPEC.name} and their scores) at a batch of "
            f"{found['batch']} and {found['score_batch']} scores, {laps} times each, alternately; the median of the "
            f"ratios of neighbouring laps; fsync on; {found['equal']:.4%} of pixel values equal, largest difference "
            f"{found['difference']} of 255",
        )
    ]


@lru_cache
def race(pictures: int, laps: int) -> dict[str, Any]:
    """Ratios of executor to bare loop over alternate laps, and seconds of either."""
    prepared = prepare(load_spec(SPEC), Options())
    ops = {table.op.kind: table.op for table in slice_of(prepared, 1).tables}
    sizes = {kind: prepared.numerics.batch_of(op) for kind, op in ops.items()}
    bare_at = ["--batch", str(sizes["generate"]), "--score-batch", str(sizes["predict"])]
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{side}.npy" for side in ("executor", "bare")]
        for lap in range(laps):
            save = [["--save", str(file)] if lap == 0 else [] for file in files]
            ours = told_by("tests.benchmarks.loops", "executor", str(pictures), *save[0])
            bare = told_by("tests.benchmarks.loops", "bare", str(pictures), *bare_at, *save[1])
            found.append((ours, bare))
        drawn, expected = (np.load(file).astype(int) for file in files)
    ratios = [ours["seconds"] / bare["seconds"] for ours, bare in found]
    return {
        "seconds": statistics.median(ratios),
        "low": min(ratios),
        "high": max(ratios),
        "cpu_seconds": statistics.median(ours["cpu_seconds"] / bare["cpu_seconds"] for ours, bare in found),
        "units": found[0][0]["units"],
        "batch": sizes["generate"],
        "score_batch": sizes["predict"],
        "equal": float((drawn == expected).mean()),
        "difference": int(np.abs(drawn - expected).max()),
        "ours": statistics.median(ours["seconds"] for ours, _ in found),
        "loading": statistics.median(ours["loading"] for ours, _ in found),
        "bare": statistics.median(bare["seconds"] for _, bare in found),
    }


def against_the_papers_way(pictures: int = PICTURES, laps: int = LAPS) -> list[Figure]:
    """Every permuted data set generated anew at the bare loop's own best batch size; 6 binary concepts."""
    loops = "tests.benchmarks.loops"
    tried = {batch: told_by(loops, "bare", str(TRIED_ON), "--batch", str(batch)) for batch in BATCHES}
    best = min(tried, key=lambda batch: tried[batch]["seconds"])
    found: list[tuple[float, float]] = []
    for _ in range(laps):
        ours = told_by(loops, "executor", str(pictures))
        bare = told_by(loops, "bare", str(pictures), "--batch", str(best))
        found.append((ours["seconds"] / pictures, bare["seconds"] / pictures))
        loading = ours["loading"]
    figures = []
    for permutations, units_bar, time_bar in ((25, 21, 18), (500, 400, 300)):
        published, distinct = counts(permutations)
        times = [bare * published / (ours * distinct + loading) for ours, bare in found]
        ran = (
            f"{SPEC.name} with `permutations: {permutations}`: {published:,} pictures as published, {distinct:,} "
            f"distinct; the bare loop is fastest at a batch of {best} (tried {', '.join(map(str, BATCHES))} on "
            f"{TRIED_ON} pictures); {pictures} pictures and scores of either, {laps} times alternately, scaled by "
            "pictures, with our loading of weights and without theirs"
        )
        figures += [
            Figure(
                f"units against the paper's way, 6 binary concepts, P = {permutations}",
                f"{units_bar} x fewer",
                f"{published / distinct:.1f} x",
                published / distinct >= units_bar,
                ran,
            ),
            Figure(
                f"time against the paper's way, 6 binary concepts, P = {permutations}",
                f"at least {time_bar} x less",
                f"{statistics.median(times):.1f} x ({min(times):.1f} to {max(times):.1f})",
                statistics.median(times) >= time_bar,
                ran,
            ),
        ]
    return figures


def counts(permutations: int) -> tuple[int, int]:
    """Pictures as published, and distinct ones, with so many permutations."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "audit.yaml"
        text = SPEC.read_text(encoding="utf-8")
        assert "permutations: exact" in text and text.count("phrase:") == 6
        document.write_text(text.replace("permutations: exact", f"permutations: {permutations}"), encoding="utf-8")
        loaded = load_spec(document)
        prepared = prepare(loaded, Options())
        rows = explain_plan(loaded.spec, prepared.view, prepared.plan, None, prepared.numerics)
    generate = next(row for row in rows if row.kind == "generate")
    assert generate.as_published is not None
    return generate.as_published, generate.distinct
