"""The paper's table 2: which score tells whether an intervention changes the prediction?

    python examples/papers/property_gradients/attribution_table.py MODEL.. --target OUTPUT --out FOLDER
        [--column blue_rectangle --colour 235,235,235] [--pictures FOLDER] [--rows 100] [--points 11]
        [--reach 1 1] [--methods grad_cam,lime,..] [--rule ends|anywhere] [--samples 200]
        [--explained probability|logit] [--seed 0]

A colour is blended over the pixels of one concept, from nothing to all of it, in pictures that show it and have masks
(`--pictures`, by default the bundled test pictures); `--pictures coloured` draws the shapes of `coloured_shapes.py`
instead, which turn from red to blue. `--reach 0.3 1` lets the last opacity differ from picture to picture, as the reach
of an editor does: where all pictures flip, nothing can be predicted. Each MODEL is a folder as `save_pretrained` writes
it, or `builtin:NAME`. For each there is a table of E|grad|, |p_end - p_start| and the maps of every method, in three
readings, and for several a table of means over models; FOLDER/table.md, table.html and table.json hold them.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from auditor.attribution import (
    MAP_METHODS,
    MASKS,
    MapSettings,
    maps,
    open_masks,
    settings_in_words,
    squared_differences,
)
from auditor.attribution.superpixels import superpixels
from auditor.errors import DataError
from auditor.evaluation import FlipRow, FlipTable, flip_table
from auditor.evaluation.flip_results import Reading
from auditor.execute.kernels.blend_effects import EFFECTS
from auditor.models import ModelIdentity, TransformersModel, open_model
from auditor.pictures import read_picture
from auditor.report import render_flip_tables
from auditor.statistics import mean_estimate
from auditor.zoo import builtin_folder

FEWEST_MODELS = 5
"""Over fewer models no mean is told: an interval over three says nothing."""

COLUMNS = {"as published": "published", "held out": "held_out", "even to odd": "even_to_odd"}
BACKGROUND, BLUE = (235, 235, 235), (40, 70, 210)


def shapes_with(column: str, folder: Path, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The first pictures that show a concept, and its pixels: (n, height, width, 3) uint8, (n, height, width) bool."""
    masks = open_masks(folder / MASKS, [column])
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        names = [line["file_name"] for line in csv.DictReader(file) if line[column] == "1"][:rows]
    images = [read_picture(folder / name) for name in names]
    regions = [masks.of(name, *image.shape[:2])[0] for name, image in zip(names, images, strict=True)]
    return np.stack(images), np.stack(regions)


def coloured(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Red circles and rectangles, half each, and their pixels."""
    from coloured_shapes import draw_pictures

    drawn = draw_pictures(np.arange(rows) % 2, np.zeros(rows), np.random.default_rng([seed, 2]), varied=False)
    return drawn.images, drawn.masks


def swept(images: np.ndarray, regions: np.ndarray, colour: Sequence[int], strengths: np.ndarray) -> np.ndarray:
    """Frames (n, n_points, height, width, 3) uint8: the colour over the region, as `compositing` blends it, at the
    strengths (n, n_points) of each picture."""
    frames = np.repeat(images[:, None], strengths.shape[1], axis=1)
    for image, region, sweep, rising in zip(images.astype(np.float64), regions, frames, strengths, strict=True):
        for strength, frame in zip(rising, sweep, strict=True):
            changed = EFFECTS["colour"](image, float(strength), {"colour": colour})
            frame[region] = np.clip(np.rint(changed[region]), 0, 255).astype(np.uint8)
    return frames


def identified(source: str, target: str) -> ModelIdentity:
    """A model by its folder, or `builtin:NAME`."""
    folder = Path(source).resolve()
    here, base = (source, Path.cwd()) if source.startswith("builtin:") else (folder.name, folder.parent)
    node = TransformersModel(name=Path(source).name, adapter="transformers", source=here, target=target)
    return node.identify(base, ())


def table_of(model: ModelIdentity, frames: np.ndarray, arguments: argparse.Namespace) -> FlipTable:
    """Sweep, maps before and after, and what they predict; no maps where no flips, or nothing but flips, are seen."""
    scorer, target = open_model(model, "cpu"), model.target or 0
    logits = np.stack([scorer(list(sweep)) for sweep in frames])
    curves, decisions = model.probabilities(logits)[..., target], model.decides(logits, target)

    settings = MapSettings(samples=arguments.samples, explained=arguments.explained)

    def table(differences: Mapping[str, np.ndarray]) -> FlipTable:
        about = settings_in_words(settings, arguments.seed) if differences else ""
        return flip_table(curves, decisions, differences, rule=arguments.rule, seed=arguments.seed, about_maps=about)

    bare = table({})
    if bare.flips.reason and bare.odd_flips.reason:
        return bare
    regions = np.stack([superpixels(image, settings.segments) for image in frames[:, 0]])
    differences = {}
    for method in arguments.methods:
        start = time.monotonic()
        try:
            before, after = (
                maps(method, model, frames[:, point], target, arguments.seed, settings=settings, regions=regions)
                for point in (0, -1)
            )
        except DataError as error:
            print(f"  {MAP_METHODS[method]}: {error}", flush=True)
            continue
        differences[MAP_METHODS[method]] = squared_differences(before, after)
        print(f"  {MAP_METHODS[method]}: {time.monotonic() - start:.0f} s", flush=True)
    return table(differences)


def shown(value: float, low: float, high: float) -> str:
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def accuracy_text(reading: Reading | None) -> str:
    if reading is None:
        return "not defined"
    interval = reading.accuracy.interval
    spread = "" if reading.resampled_sd is None else f" SD {reading.resampled_sd:.3f}"
    return shown(reading.accuracy.value, interval.low, interval.high) + spread


def auroc_text(row: FlipRow) -> str:
    return "-" if row.auroc is None else shown(row.auroc.value, row.auroc.interval.low, row.auroc.interval.high)


def model_lines(name: str, table: FlipTable) -> list[str]:
    """A model's table as Markdown."""
    flips = f"{table.flips.count} of {table.n} predictions flip, {table.odd_flips.count} of them between odd points"
    reasons = {each.reason for each in (table.flips, table.odd_flips)} - {None}
    head = ["score", *COLUMNS, "AUROC"]
    rows = [
        [row.method, *(accuracy_text(getattr(row, field)) for field in COLUMNS.values()), auroc_text(row)]
        for row in table.rows
    ]
    return [f"`{name}`: {'; '.join([flips, *sorted(map(str, reasons))])}.", "", *markdown(head, rows), ""]


def mean_lines(tables: Sequence[FlipTable]) -> list[str]:
    """Means over the models in which flips are defined, with t intervals over models."""
    defined = [table for table in tables if table.flips.reason is None and table.odd_flips.reason is None]
    if len(defined) < FEWEST_MODELS:
        return []
    methods = [row.method for row in defined[0].rows if all(row.method in [r.method for r in t.rows] for t in defined)]
    rows = []
    for method in methods:
        cells = []
        for field in COLUMNS.values():
            found = mean_estimate(
                np.array([getattr(table.row(method), field).accuracy.value for table in defined]), span=1.0
            )
            interval = found.interval(0.95)
            cells.append(shown(found.value, max(0.0, interval.low), min(1.0, interval.high)))
        rows.append([method, *cells])
    return [f"Mean accuracy over {len(defined)} models of {len(tables)}, with intervals over models:", "",
            *markdown(["score", *COLUMNS], rows), ""]  # fmt: skip


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(each)} |".replace("|p_end - p_start|", "\\|p_end - p_start\\|").replace(
        "E|grad|", "E\\|grad\\|") for each in (head, ["---"] * len(head), *rows)]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+")
    parser.add_argument("--target", default="outcome")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", default="builtin")
    parser.add_argument("--column", default="blue_rectangle")
    parser.add_argument("--colour", default=None, help="red,green,blue of what is blended in")
    parser.add_argument("--reach", type=float, nargs=2, default=(1.0, 1.0), help="least and largest last opacity")
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--points", type=int, default=11, help="odd, so that the last is an even point")
    parser.add_argument("--methods", type=lambda text: text.split(","), default=list(MAP_METHODS))
    parser.add_argument("--rule", choices=["ends", "anywhere"], default="ends")
    parser.add_argument("--explained", choices=["logit", "probability"], default="probability")
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.points < 5 or arguments.points % 2 == 0:
        parser.error("--points must be odd and at least 5: maps of the last frame may have seen no odd point")
    if arguments.pictures == "coloured":
        images, regions = coloured(arguments.rows, arguments.seed)
        colour = BLUE
    else:
        builtin = builtin_folder("shapes/test") if arguments.pictures == "builtin" else None
        images, regions = shapes_with(arguments.column, builtin or Path(arguments.pictures), arguments.rows)
        colour = BACKGROUND
    if arguments.colour:
        colour = tuple(int(part) for part in arguments.colour.split(","))
    ends = np.random.default_rng([arguments.seed, 3]).uniform(*arguments.reach, len(images))
    frames = swept(images, regions, colour, ends[:, None] * np.linspace(0.0, 1.0, arguments.points))
    lines, tables = [], {}
    arguments.out.mkdir(parents=True, exist_ok=True)
    for source in arguments.models:
        print(f"{source}: {len(images)} pictures", flush=True)
        table = table_of(identified(source, arguments.target), frames, arguments)
        tables[source] = table
        lines += model_lines(Path(source).name, table)
        text = "\n".join([*lines, *mean_lines(list(tables.values()))])
        (arguments.out / "table.md").write_text(text, encoding="utf-8")
        found = {name: each.as_json() for name, each in tables.items()}
        page = render_flip_tables(
            "Flips along sweeps of a colour", {Path(key).name: one for key, one in tables.items()}
        )
        (arguments.out / "table.html").write_text(page, encoding="utf-8")
        (arguments.out / "table.json").write_text(json.dumps(found, indent=1, allow_nan=False), encoding="utf-8")
    print("\n" + text)


if __name__ == "__main__":
    main()
