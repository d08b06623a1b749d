"""Faults of users: each function spoils the small audit in one way, and its docstring says how.

The texts that the command line must print stand in `bad/`, by the function's name.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from safetensors.numpy import save_file

from tests.cli.small_world import (
    CONCEPTS,
    huge_png,
    table_rows,
    weights,
    write_classifier,
    write_json,
    write_pipeline,
    write_table,
)

Fault = Callable[[Path], None]

PYTHON_MODEL = """\
  - name: outcome
    adapter: python
    source: model.py:score
    outputs: [outcome]
    revision: "1"
    target: outcome
"""
TRANSFORMERS_MODEL = """\
  - name: outcome
    adapter: transformers
    source: models/outcome
    target: outcome
"""


def respell(world: Path, old: str, new: str) -> None:
    """Replace `old`, which stands once in the spec, by `new`."""
    path = world / "audit.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")


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


def table_without_rows(world: Path) -> None:
    (world / "data/metadata.csv").write_text("file_name,red_circle,blue_square,outcome\n", encoding="utf-8")


def cluster_missing(world: Path) -> None:
    respell(world, "rows: 12", "rows: 12\n  cluster: patient")
    rows = table_rows()
    rows[4]["patient"] = ""
    write_table(world / "data", rows)


def missing_picture(world: Path) -> None:
    (world / "data/03.png").unlink()


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


def hub_commit_not_in_cache(world: Path) -> None:
    respell(world, "source: models/outcome", f"source: google/vit-base-patch16-224@{'1' * 40}")


def pipeline_without_weights(world: Path) -> None:
    (world / "models/pipeline/unet/diffusion_pytorch_model.safetensors").unlink()


def pipeline_of_pickles(world: Path) -> None:
    for part, name in (("unet", "diffusion_pytorch_model"), ("vae", "diffusion_pytorch_model")):
        file = world / "models/pipeline" / part / f"{name}.safetensors"
        file.rename(file.with_suffix(".bin"))


def pipeline_cut_short(world: Path) -> None:
    file = world / "models/pipeline/vae/diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])


def pipeline_without_a_part(world: Path) -> None:
    shutil.rmtree(world / "models/pipeline/vae")


def pipeline_without_tokenizer_files(world: Path) -> None:
    for file in (world / "models/pipeline/tokenizer").iterdir():
        file.unlink()


def pipeline_of_another_class(world: Path) -> None:
    shutil.rmtree(world / "models/pipeline")
    write_pipeline(world / "models/pipeline", "FluxPipeline")


def pipeline_that_is_a_classifier(world: Path) -> None:
    respell(world, "source: models/pipeline", "source: models/detector")


def pipeline_changed(world: Path) -> None:
    respell(world, "source: models/pipeline", f"source: models/pipeline\n    digest: {'0' * 64}")


def caption_too_long(world: Path) -> None:
    respell(world, "phrase: blue square", "phrase: a blue square with four corners and four sides")


def picture_size(world: Path) -> None:
    respell(world, "steps: 2", "steps: 2\n    height: 33")


def model_without_id2label(world: Path) -> None:
    write_classifier(world / "models/outcome", ("outcome",), seed=1, id2label=None)


def model_without_config(world: Path) -> None:
    (world / "models/outcome/config.json").unlink()


def model_with_broken_config(world: Path) -> None:
    (world / "models/outcome/config.json").write_text('{"architectures": [', encoding="utf-8")


def model_of_another_class(world: Path) -> None:
    write_classifier(world / "models/outcome", ("outcome",), seed=1, architectures=["BertForMaskedLM"])


def model_of_pickles(world: Path) -> None:
    (world / "models/outcome/model.safetensors").rename(world / "models/outcome/pytorch_model.bin")


def model_with_code(world: Path) -> None:
    write_classifier(
        world / "models/outcome", ("outcome",), seed=1, auto_map={"AutoModelForImageClassification": "code.Model"}
    )


def model_changed(world: Path) -> None:
    respell(world, "target: outcome", f"target: outcome\n    digest: {'0' * 64}")


def unknown_target(world: Path) -> None:
    respell(world, "target: outcome", "target: Outcome")


def target_beyond_the_outputs(world: Path) -> None:
    respell(world, "target: outcome", "target: 3")


def detector_without_an_output(world: Path) -> None:
    write_classifier(world / "models/detector", CONCEPTS[:1], seed=2)


def detector_on_the_same_backbone(world: Path) -> None:
    save_file({"head": weights(3), "backbone": weights(1)}, world / "models/detector/model.safetensors")


def python_not_allowed(world: Path) -> None:
    respell(world, TRANSFORMERS_MODEL, PYTHON_MODEL)
    (world / "model.py").write_text("def score(images): ...\n", encoding="utf-8")


def python_without_the_function(world: Path) -> None:
    respell(world, TRANSFORMERS_MODEL, PYTHON_MODEL)
    (world / "model.py").write_text("def scores(images): ...\n", encoding="utf-8")


def python_without_a_name(world: Path) -> None:
    respell(world, TRANSFORMERS_MODEL, PYTHON_MODEL.replace("model.py:score", "model.py"))
    (world / "model.py").write_text("def score(images): ...\n", encoding="utf-8")


def python_that_does_not_parse(world: Path) -> None:
    respell(world, TRANSFORMERS_MODEL, PYTHON_MODEL)
    (world / "model.py").write_text("def score(images:\n", encoding="utf-8")


def several_at_once(world: Path) -> None:
    unknown_target(world)
    unknown_column(world)
    missing_picture(world)
    detector_without_an_output(world)
    pipeline_without_weights(world)
    config = world / "models/detector/config.json"
    write_json(config, {**json.loads(config.read_text(encoding="utf-8")), "auto_map": None})


ALLOWED_PYTHON = (python_without_the_function, python_without_a_name, python_that_does_not_parse)

FAULTS: tuple[Fault, ...] = tuple(
    found
    for found in globals().values()
    if callable(found) and getattr(found, "__annotations__", {}) == {"world": "Path", "return": "None"}
)
