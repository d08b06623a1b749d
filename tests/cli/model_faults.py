"""Faults of users in models and pipelines; see `user_faults`, whose catalogue has these too."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from safetensors.numpy import save_file

from tests.cli.small_world import CONCEPTS, respell, weights, write_classifier, write_json, write_pipeline

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


def pipeline_with_a_broken_tokenizer(world: Path) -> None:
    (world / "models/pipeline/tokenizer/tokenizer.json").write_text("{}", encoding="utf-8")


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


def model_of_fewer_labels_than_outputs(world: Path) -> None:
    head = {"classifier.1.weight": weights(4)[:7, :16].copy(), "classifier.1.bias": weights(4)[0, :7].copy()}
    save_file({"weight": weights(1), **head}, world / "models/outcome/model.safetensors")


def model_without_config(world: Path) -> None:
    (world / "models/outcome/config.json").unlink()


def model_with_broken_config(world: Path) -> None:
    (world / "models/outcome/config.json").write_text('{"architectures": [', encoding="utf-8")


def model_of_another_class(world: Path) -> None:
    write_classifier(world / "models/outcome", ("outcome",), seed=1, architectures=["BertForMaskedLM"])


def model_of_pickles(world: Path) -> None:
    (world / "models/outcome/model.safetensors").rename(world / "models/outcome/pytorch_model.bin")


def model_without_a_shard(world: Path) -> None:
    shards = {"weight": "model.safetensors", "head": "model-00002-of-00002.safetensors"}
    write_json(world / "models/outcome/model.safetensors.index.json", {"weight_map": shards})


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


def python_that_is_a_folder(world: Path) -> None:
    respell(world, TRANSFORMERS_MODEL, PYTHON_MODEL.replace("model.py:score", "data:score"))


def python_that_is_a_pipe(world: Path) -> None:
    respell(world, TRANSFORMERS_MODEL, PYTHON_MODEL)
    os.mkfifo(world / "model.py")


def python_weights_that_are_no_files(world: Path) -> None:
    respell(world, TRANSFORMERS_MODEL, PYTHON_MODEL + "    weights: [data]\n")
    (world / "model.py").write_text("def score(images): ...\n", encoding="utf-8")


def model_config_is_a_pipe(world: Path) -> None:
    (world / "models/outcome/config.json").unlink()
    os.mkfifo(world / "models/outcome/config.json")
