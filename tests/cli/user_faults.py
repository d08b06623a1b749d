"""Faults of users: each function spoils the small audit in one way, which its name says.

The texts that the command line must print stand in `bad/`, by the function's name. This file has
the faults of data and of sources, `model_faults` those of models and pipelines.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.cli import concept_faults, model_faults, sweep_faults, task_faults
from tests.cli.small_world import huge_png, respell, table_rows, write_table

Fault = Callable[[Path], None]


def wrong_key(world: Path) -> None:
    respell(world, "steps: 2", "stpes: 2")


def unknown_column(world: Path) -> None:
    respell(world, "column: red_circle", "column: red_cirle")


def unknown_label(world: Path) -> None:
    respell(world, "label: outcome", "label: outcom")


def concept_without_variation(world: Path) -> None:
    write_table(world / "data", [{**row, "blue_square": "0"} for row in table_rows()])


def label_of_one_class(world: Path) -> None:
    write_table(world / "data", [{**row, "outcome": "1"} for row in table_rows()])


def value_not_binary(world: Path) -> None:
    rows = table_rows()
    rows[3]["red_circle"], rows[5]["red_circle"] = "2", "yes"
    write_table(world / "data", rows)


def too_few_rows(world: Path) -> None:
    respell(world, "rows: 12", "rows: 500")


def too_few_rows_for_the_tests(world: Path) -> None:
    respell(world, "alpha: 0.05, swaps: 99", "alpha: 0.0005, swaps: 9999")


def subgroup_that_no_row_is_in(world: Path) -> None:
    respell(world, "intervention: captions, margin", "intervention: captions, by: patient, margin")
    respell(world, "concept: blue square, response", "concept: blue square, subgroup: p99, response")


def subgroups_without_number(world: Path) -> None:
    respell(world, "intervention: captions, margin", "intervention: captions, by: file_name, margin")
    names = [f"{number:03d}.png" for number in range(60)]
    rows = [{**table_rows()[number % 12], "file_name": name} for number, name in enumerate(names)]
    for number, name in enumerate(names):
        picture = Image.open(world / f"data/{number % 12:02d}.png")
        picture.putpixel((0, 0), (number, number, 7))
        picture.save(world / "data" / name)
    write_table(world / "data", rows)
    respell(world, "rows: 12", "rows: 60")


def table_without_rows(world: Path) -> None:
    (world / "data/metadata.csv").write_text("file_name,red_circle,blue_square,outcome\n", encoding="utf-8")


def cluster_missing(world: Path) -> None:
    respell(world, "rows: 12", "rows: 12\n  cluster: patient")
    rows = table_rows()
    rows[4]["patient"] = ""
    write_table(world / "data", rows)


def missing_picture(world: Path) -> None:
    (world / "data/03.png").unlink()


def missing_pictures(world: Path) -> None:
    for number in (3, 5, 8):
        (world / f"data/{number:02d}.png").unlink()


def truncated_picture(world: Path) -> None:
    path = world / "data/03.png"
    path.write_bytes(path.read_bytes()[:60])


def picture_of_100_megapixels(world: Path) -> None:
    (world / "data/03.png").write_bytes(huge_png(10_000, 10_000))


def no_picture_at_all(world: Path) -> None:
    (world / "data/03.png").write_text("this is a note, not a picture\n", encoding="utf-8")


def picture_is_a_folder(world: Path) -> None:
    (world / "data/03.png").unlink()
    (world / "data/03.png").mkdir()


def picture_is_a_pipe(world: Path) -> None:
    (world / "data/03.png").unlink()
    os.mkfifo(world / "data/03.png")


def pictures_of_several_faults(world: Path) -> None:
    """Three reasons, one of them six times."""
    for number in (1, 2, 4, 6, 8, 9):
        (world / f"data/{number:02d}.png").unlink()
    (world / "data/02.png").mkdir()
    (world / "data/04.png").write_text("this is a note, not a picture\n", encoding="utf-8")
    for number in (0, 3):
        (world / f"data/{number:02d}.png").unlink()


def picture_outside_the_folder(world: Path) -> None:
    shutil.copy(world / "data/03.png", world / "secret.png")
    rows = table_rows()
    rows[3]["file_name"] = "../secret.png"
    write_table(world / "data", rows)


def duplicate_rows(world: Path) -> None:
    rows = table_rows()
    write_table(world / "data", [*rows[:11], rows[2]])


def table_missing(world: Path) -> None:
    (world / "data/metadata.csv").unlink()


def table_is_a_spreadsheet(world: Path) -> None:
    (world / "data/metadata.csv").write_bytes(b"PK\x03\x04\xff\xfe\x00\x00 a spreadsheet")


def table_with_a_short_line(world: Path) -> None:
    path = world / "data/metadata.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("04.png,0,0,", "04.png,0,"), encoding="utf-8")


def table_with_another_first_column(world: Path) -> None:
    write_table(world / "data", [{"image": row["file_name"], **row} for row in table_rows()])


def table_with_a_column_twice(world: Path) -> None:
    path = world / "data/metadata.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("patient", "outcome", 1), encoding="utf-8")


def table_changed(world: Path) -> None:
    respell(world, "rows: 12", f"rows: 12\n  digest: {'0' * 64}")


def source_above(world: Path) -> None:
    respell(world, "source: data", "source: ../data")


def source_absolute(world: Path) -> None:
    respell(world, "source: models/outcome", "source: /models/outcome")


def source_through_a_link(world: Path) -> None:
    outside = world.parent / "elsewhere"
    shutil.move(world / "models/pipeline", outside)
    (world / "models/pipeline").symlink_to(outside)


def source_missing(world: Path) -> None:
    respell(world, "source: models/detector", "source: models/detectors")


def source_is_a_file(world: Path) -> None:
    respell(world, "source: models/outcome", "source: models/outcome/config.json")


def data_is_a_file(world: Path) -> None:
    respell(world, "source: data", "source: data/metadata.csv")


def unknown_builtin(world: Path) -> None:
    respell(world, "source: models/outcome", "source: builtin:shapes/outcom")


def hub_name_without_commit(world: Path) -> None:
    respell(world, "source: models/outcome", "source: google/vit-base-patch16-224@main")


def hub_name_bare(world: Path) -> None:
    respell(world, "source: models/outcome", "source: google/vit-base-patch16-224")


def one_row_for_concepts(world: Path) -> None:
    respell(world, "rows: 12", "rows: 1")


def hub_commit_not_in_cache(world: Path) -> None:
    respell(world, "source: models/outcome", f"source: google/vit-base-patch16-224@{'1' * 40}")


def several_at_once(world: Path) -> None:
    model_faults.unknown_target(world)
    unknown_column(world)
    missing_picture(world)
    model_faults.detector_without_an_output(world)
    model_faults.pipeline_without_weights(world)


ALLOWED_PYTHON = (
    model_faults.python_without_the_function,
    model_faults.python_without_a_name,
    model_faults.python_that_does_not_parse,
    model_faults.python_that_is_a_folder,
    model_faults.python_that_is_a_pipe,
    model_faults.python_weights_that_are_no_files,
)

FAULTS: tuple[Fault, ...] = tuple(
    found
    for part in (globals(), vars(concept_faults), vars(model_faults), vars(sweep_faults), vars(task_faults))
    for found in part.values()
    if callable(found) and getattr(found, "__annotations__", {}) == {"world": "Path", "return": "None"}
)
