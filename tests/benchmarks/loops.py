"""One side of a race: the executor, or a bare loop over the same pipeline and then the same model.

    python -m tests.benchmarks.loops executor|bare PICTURES [--batch 16] [--score-batch 32] [--save FILE]

Either computes the first PICTURES distinct pictures of specs/shapes-reliance.yaml and their scores by its audited
model, with one thread in one process, and prints one JSON object: seconds from the first batch to the last score, and
seconds for loading. The bare loop is what one would write without auditor: batches of captions through
`StableDiffusionPipeline`, then batches of pictures through the classifier; nothing is stored. The executor stores
everything as in a run, synced to the disk.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from auditor.execute import Executor, Journal, Silent, Store
from auditor.execute.trial import part_of
from auditor.plan import Plan, positions_of
from auditor.run import Options
from auditor.run.prepare import Prepared, prepare
from auditor.spec import load_spec

SPEC = Path(__file__).parents[2] / "specs" / "shapes-reliance.yaml"


@dataclass(frozen=True)
class Lap:
    """What one side took.

    Attributes:
        units: pictures and scores.
        seconds: from the first batch to the last score.
        cpu_seconds: time on the processor meanwhile, which other programs on the machine change little.
        loading: seconds for loading weights, not in `seconds`.
        pictures: (n, height, width, 3) uint8.
    """

    units: int
    seconds: float
    cpu_seconds: float
    loading: float
    pictures: np.ndarray


@dataclass(frozen=True)
class Moment:
    """A moment on the clock on the wall, and on that of the processor."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Moment:
        return cls(time.perf_counter(), time.process_time())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=("executor", "bare"))
    parser.add_argument("pictures", type=int)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--score-batch", type=int, default=32)
    parser.add_argument("--save", type=Path)
    arguments = parser.parse_args()
    prepared = prepare(load_spec(SPEC), Options())
    if arguments.side == "executor":
        lap = executor_lap(prepared, arguments.pictures)
    else:
        lap = bare_lap(prepared, arguments.pictures, arguments.batch, arguments.score_batch)
    if arguments.save:
        np.save(arguments.save, lap.pictures)
    told = {"units": lap.units, "seconds": lap.seconds, "cpu_seconds": lap.cpu_seconds, "loading": lap.loading}
    print(json.dumps(told))


def slice_of(prepared: Prepared, pictures: int) -> Plan:
    """The plan of the first so many pictures and of their scores by the audited model."""
    plan, model = prepared.plan, prepared.materials.models[0].digest
    generate = next(table for table in plan.tables if table.op.kind == "generate")
    predict = next(
        table for table in plan.tables if table.op.kind == "predict" and table.op.parameter("model") == model
    )
    rows = np.arange(pictures)
    scored = np.flatnonzero(positions_of(predict.column("image"), generate.keys[rows]) >= 0)
    return part_of(plan, {generate.op.digest: rows, predict.op.digest: scored})


def executor_lap(prepared: Prepared, pictures: int) -> Lap:
    """The executor with one worker, on an empty store."""
    from auditor.audit import resources_of
    from auditor.execute import bench

    loaded: list[tuple[Moment, Moment]] = []

    def timed(kernel: Any) -> Any:
        class Timed(kernel):  # type: ignore[misc]
            def __init__(self, *arguments: Any) -> None:
                before = Moment.now()
                super().__init__(*arguments)
                loaded.append((before, Moment.now()))

        return Timed

    bench.KERNELS = {kind: timed(kernel) for kind, kernel in bench.KERNELS.items()}
    plan = slice_of(prepared, pictures)
    with tempfile.TemporaryDirectory() as folder, closing(Store(Path(folder) / "store")) as store:
        with Journal(Path(folder) / "journal.jsonl") as journal:
            resources = resources_of(prepared.materials)
            executor = Executor(store, journal, resources, prepared.numerics, 1, Silent())
            executor.run(plan)
            end = Moment.now()
            executor.close()
        tables = {table.op.kind: len(table) for table in plan.tables}
        found = _stored_pictures(plan, store, prepared)
    # From where the first weights are there, without the loading of those that come later.
    (_, first), *later = loaded
    seconds = end.wall - first.wall - sum(after.wall - before.wall for before, after in later)
    cpu = end.cpu - first.cpu - sum(after.cpu - before.cpu for before, after in later)
    loading = sum(after.wall - before.wall for before, after in loaded)
    return Lap(tables["generate"] + tables["predict"], seconds, cpu, loading, found)


def _stored_pictures(plan: Plan, store: Store, prepared: Prepared) -> np.ndarray:
    from auditor.execute import schedule

    generate = next(table for table in schedule(plan, store, prepared.numerics) if table.table.op.kind == "generate")
    found = []
    for unit in range(len(generate.table)):
        place = generate.places[unit]
        block = store.block(place[0]) if place else None
        assert place is not None and block is not None
        found.append(block.output(place[1]))
    return np.stack(found)  # type: ignore[arg-type]  # none is invalid


def bare_lap(prepared: Prepared, pictures: int, batch: int, score_batch: int) -> Lap:
    """The loop that one would write without auditor."""
    import torch
    from diffusers import StableDiffusionPipeline
    from transformers import AutoImageProcessor, AutoModelForImageClassification

    torch.set_num_threads(1)
    generate = next(table for table in slice_of(prepared, pictures).tables if table.op.kind == "generate")
    captions = [prepared.plan.payloads[cell.tobytes().hex()] for cell in generate.column("prompt")]
    seeds = np.ascontiguousarray(generate.column("seed")).view("<u8").reshape(-1)
    start = Moment.now()
    pipeline = StableDiffusionPipeline.from_pretrained(
        prepared.materials.pipelines["captions"].folder, safety_checker=None, requires_safety_checker=False
    )
    pipeline.set_progress_bar_config(disable=True)
    folder = prepared.materials.models[0].folder
    model, processor = (
        AutoModelForImageClassification.from_pretrained(folder),
        AutoImageProcessor.from_pretrained(folder),
    )
    loading = Moment.now().wall - start.wall
    size = pipeline.unet.config.sample_size
    drawn: list[Any] = []
    logits = []
    steps, guidance = int(str(generate.op.parameter("steps"))), float(str(generate.op.parameter("guidance")))
    start = Moment.now()
    with torch.inference_mode():
        for first in range(0, pictures, batch):
            part = slice(first, first + batch)
            generators = [torch.Generator().manual_seed(int(seed)) for seed in seeds[part]]
            latents = torch.cat([torch.randn((1, 4, size, size), generator=each) for each in generators])
            drawn += pipeline(
                captions[part],
                latents=latents,
                generator=generators,
                guidance_scale=guidance,
                num_inference_steps=steps,
            ).images
        for first in range(0, pictures, score_batch):
            inputs = processor(images=drawn[first : first + score_batch], return_tensors="pt")
            logits.append(model(**inputs).logits.numpy())
    end = Moment.now()
    found = np.stack([np.asarray(picture) for picture in drawn])
    return Lap(len(found) + sum(map(len, logits)), end.wall - start.wall, end.cpu - start.cpu, loading, found)


if __name__ == "__main__":
    main()
