"""DEPICT's synthetic experiment (section 4.1), and its primary-feature models (section 4.2), on the bundled shapes.

    python examples/papers/depict_shapes/depict_shapes.py            # all of it; stop it at any time, it goes on
    python examples/papers/depict_shapes/depict_shapes.py --short    # the same with 4 models and 16 rows, in seconds

100 target models w ~ U[0, 1]^6, thresholded at the median; permutation importance from generated pictures, exact and
with the paper's 500 permutations; LIME and Grad-CAM; all against permutation at the bottleneck and against the weights.
Prints the ceiling first: what an auditor would find who sees the concepts themselves.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from auditor.evaluation import Evaluation, Resampling, correlation, linear_importances
from auditor.execute import PlainProgress
from auditor.run import Options
from auditor.run.evaluating import Evaluated, Wanted, evaluate_audit
from auditor.spec import load_spec
from paper_table import READINGS, print_primary, print_table, words
from target_models import (
    BOTTLENECK,
    COLUMNS,
    CONCEPTS,
    TARGET,
    bundled_rows,
    drawn_weights,
    median_labels,
    primary_weights,
    write_data,
    write_models,
)

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Size:
    """How large the experiment is."""

    models: int
    rows: int
    pictures: int
    samples: int
    replicates: int
    permutations: int


WHOLE = Size(models=100, rows=1_000, pictures=100, samples=200, replicates=2_000, permutations=500)
SHORT = Size(models=4, rows=16, pictures=2, samples=12, replicates=100, permutations=20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/depict_shapes"))
    parser.add_argument("--short", action="store_true", help="4 models and 16 rows: tries the way, measures nothing")
    parser.add_argument("--models", type=int, help="how many target models")
    parser.add_argument("--rows", type=int, help="how many rows")
    parser.add_argument("--workers", type=int, help="one-thread processes")
    parser.add_argument("--no-baselines", action="store_true", help="leave LIME and Grad-CAM out")
    given = parser.parse_args()
    start = SHORT if given.short else WHOLE
    size = Size(
        given.models or start.models, given.rows or start.rows, start.pictures, start.samples, start.replicates,
        start.permutations,
    )  # fmt: skip
    experiment(given.out, size, given.workers, not given.no_baselines)


def experiment(out: Path, size: Size, workers: int | None, baselines: bool) -> dict[str, Evaluation]:
    """Everything, in the folder `out`; what is there already is not computed again."""
    clock = Clock()
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "method.yaml", out / "method.yaml")
    _, presences = bundled_rows(size.rows)
    weights = {f"m{i:03d}": w for i, w in enumerate(drawn_weights(size.models))}
    primary = {f"primary_{column}": primary_weights(j) for j, column in enumerate(COLUMNS)}
    tasks = dict(zip(weights, median_labels(np.array(list(weights.values())), presences), strict=True))
    labels = {**tasks, **{f"primary_{column}": presences[:, j] for j, column in enumerate(COLUMNS)}}
    print_ceiling(np.array(list(weights.values())), presences, np.array(list(tasks.values())), size.replicates)
    write_models(out / "models", {**weights, **primary})
    write_data(out / "data", size.rows, labels)
    clock.note("target models")
    found: dict[str, Evaluation] = {}
    for name, models in (("synthetic", list(weights)), ("primary", list(primary))):
        document = write_document(out, name, models, size)
        kinds = ("lime", "grad_cam") if baselines else ()
        done = evaluated(document, out, (), size, workers)
        clock.note(f"{name}: audit and oracles")
        print_table(name, done, len(models), size.rows)
        if baselines:
            done = evaluated(document, out, kinds, size, workers)
            clock.note(f"{name}: baselines")
            print_table(name, done, len(models), size.rows)
        found[name] = done.evaluation
    print_primary(found["primary"])
    clock.tell(out / "measured.json", size)
    return found


def print_ceiling(weights: np.ndarray, presences: np.ndarray, labels: np.ndarray, replicates: int) -> None:
    """Exact permutation of the true presences, same models and labels: no auditor can be expected to do better."""
    importances = linear_importances(weights, presences, labels)
    print("The ceiling: Pearson r of the exact permutation of the true presences with the weights")
    for reading in READINGS:
        found = correlation(importances, weights, "pearson", reading, Resampling(replicates))
        print(f"  {reading:<12} {words(found)}")
    print(flush=True)


def write_document(out: Path, name: str, models: Sequence[str], size: Size) -> Path:
    """The audit of `models`, which extends the method."""
    listed = "\n".join(f"  - {json.dumps(entry)}" for entry in model_entries(models))
    names = json.dumps(list(models))
    analyses = "\n".join(
        f"  - {{name: {analysis}, kind: permutation_importance, intervention: captions, permutations: {how}, "
        f"models: {names}}}"
        for analysis, how in (("exact", "exact"), ("published", size.permutations))
    )
    checks = "\n".join(
        f"  - {{kind: {kind}, of: exact}}" for kind in ("effective_generation", "independent_permutation")
    )
    path = out / f"{name}.yaml"
    path.write_text(
        f"version: 1\nextends: method.yaml\naudit: {{id: depict-shapes-{name}}}\nmodels:\n{listed}\n"
        f"analyses:\n{analyses}\nchecks:\n{checks}\n",
        encoding="utf-8",
    )
    return path


def model_entries(models: Sequence[str]) -> list[dict[str, str]]:
    """The entries of `models:`: the target models, each with its label, and the model of their concepts."""
    target = {"adapter": "transformers", "target": TARGET}
    return [
        *({"name": name, **target, "source": f"models/{name}", "label": name} for name in models),
        {"name": BOTTLENECK, "adapter": "transformers", "source": f"models/{BOTTLENECK}", "target": CONCEPTS[0]},
    ]


def evaluated(document: Path, out: Path, baselines: Sequence[str], size: Size, workers: int | None) -> Evaluated:
    """Run an audit, unless it is current, and compare what it found with the oracles."""
    wanted = Wanted(
        baselines=tuple(baselines),  # type: ignore[arg-type]
        pictures=min(size.pictures, size.rows),
        samples=size.samples,
        replicates=size.replicates,
    )
    options = Options(store=out / "store", workers=workers)
    return evaluate_audit(load_spec(document), options, wanted, PlainProgress())


class Clock:
    """Seconds of each stage, and the largest memory of this process and of its workers."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._stages: dict[str, float] = {}

    def note(self, stage: str) -> None:
        now = time.monotonic()
        self._stages[stage], self._last = round(now - self._last, 1), now
        print(f"[{stage}: {self._stages[stage]:.0f} s]", flush=True)

    def tell(self, file: Path, size: Size) -> None:
        own, worker = (
            resource.getrusage(who).ru_maxrss / 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        found: Mapping[str, object] = {
            "size": vars(size), "seconds": self._stages, "peak GiB of the driver": round(own, 2),
            "peak GiB of the largest worker": round(worker, 2),
        }  # fmt: skip
        file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        print(f"\n{json.dumps(found)}")


if __name__ == "__main__":
    main()
