"""Folders of diffusion pipelines: what they make, what their text encoder reads, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from auditor import codes
from auditor.errors import ExecutionError
from auditor.execute import Resources
from auditor.models import PipelineIdentity, identify_pipeline
from auditor.plan import Ask, PlanBuilder, generate
from tests.models.test_classifiers import edit

LOC = ("interventions", 0)


def identify(base: Path) -> PipelineIdentity:
    return identify_pipeline("captions", "pipeline", base, LOC)


def test_a_pipeline_is_identified_from_its_files(tiny):
    found = identify(tiny)
    assert found.class_name == "StableDiffusionPipeline"
    assert found.size == 16, "8 latent pixels of 2 pixels each"
    assert found.size_step == 8, "StableDiffusionPipeline takes multiples of 8, whatever its autoencoder"


@pytest.mark.parametrize(
    "file",
    ["unet/diffusion_pytorch_model.safetensors", "vae/config.json", "tokenizer/tokenizer.json",
     "scheduler/scheduler_config.json", "text_encoder/model.safetensors"],
)  # fmt: skip
def test_the_digest_follows_every_part(tiny_copy, file):
    before = identify(tiny_copy).digest
    (tiny_copy / "pipeline" / "README.md").write_text("a note")
    assert identify(tiny_copy).digest == before
    path = tiny_copy / "pipeline" / file
    path.write_bytes(path.read_bytes() + b"\n")
    assert identify(tiny_copy).digest != before


def test_tokens_are_counted_as_the_text_encoder_counts_them(tiny):
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(tiny / "pipeline" / "tokenizer")
    captions = ["", "red circle", "Red  Circle, blue", "naïve ☃ 中文", "x" * 100]
    counts, limit = identify(tiny).token_counts(captions, LOC)
    assert limit == 48
    assert counts == {caption: len(tokenizer(caption, truncation=False).input_ids) for caption in captions}


def test_the_text_encoder_and_the_tokenizer_both_limit_captions(tiny_copy):
    config = tiny_copy / "pipeline" / "tokenizer" / "tokenizer_config.json"
    edit(config, model_max_length=int(1e30))
    assert identify(tiny_copy).token_counts(["a"], LOC)[1] == 48
    edit(config, model_max_length=20)
    assert identify(tiny_copy).token_counts(["a"], LOC)[1] == 20


def test_a_tokenizer_that_cannot_be_read_is_a_fault_of_the_folder(tiny_copy, fault):
    (tiny_copy / "pipeline" / "tokenizer" / "tokenizer.json").write_text("{}")
    found = fault(lambda: identify(tiny_copy).token_counts(["a"], LOC))
    assert (
        found.code == codes.CONFIG_UNREADABLE
        and "the tokenizer in `pipeline/tokenizer` cannot be read" in found.message
    )


def index_of(folder: Path, **changes) -> None:
    edit(folder / "model_index.json", **changes)


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (lambda f: (f / "model_index.json").unlink(), codes.UNSUPPORTED_CLASS, "is no diffusers pipeline"),
        (lambda f: index_of(f, _class_name="FluxPipeline"), codes.UNSUPPORTED_CLASS, "is a FluxPipeline"),
        (lambda f: index_of(f, _class_name=["code", "Mine"]), codes.UNSUPPORTED_CLASS, "does not run"),
        (lambda f: index_of(f, unet=["my_unet", "MyUNet"]), codes.REMOTE_CODE, "`unet` .* wants code of its own"),
        (lambda f: index_of(f, extra=["diffusers", "X"]), codes.FOLDER_MISSING, "has no folder `extra`"),
        (lambda f: (f / "vae" / "config.json").unlink(), codes.CONFIG_UNREADABLE, "has no `config.json`"),
        (lambda f: edit(f / "unet" / "config.json", auto_map={}), codes.REMOTE_CODE, "never run"),
        (lambda f: next((f / "unet").glob("*.safetensors")).unlink(), codes.NO_SAFETENSORS, "`pipeline/unet` has no"),
        (
            lambda f: next((f / "vae").glob("*.safetensors")).rename(f / "vae" / "model.ckpt"),
            codes.PICKLED_WEIGHTS, "`pipeline/vae` holds its weights in `model.ckpt`",
        ),
    ],
)  # fmt: skip
def test_folders_that_cannot_be_used(tiny_copy, fault, spoil, code, said):
    import re

    spoil(tiny_copy / "pipeline")
    found = fault(lambda: identify(tiny_copy))
    assert found.code == code and found.loc == ("interventions", 0, "source")
    assert re.search(said, found.message), found.message


def test_a_safety_checker_is_neither_needed_nor_part_of_the_identity(tiny_copy):
    before = identify(tiny_copy)
    held = json.loads((tiny_copy / "pipeline" / "model_index.json").read_text())
    held["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    (tiny_copy / "pipeline" / "model_index.json").write_text(json.dumps(held))
    assert identify(tiny_copy).size == before.size


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_weights_that_are_missing_are_not_made_up(tiny_copy, bench, part):
    file = next((tiny_copy / "pipeline" / part).glob("*.safetensors"))
    tensors = load_file(file)
    name = sorted(tensors)[-1]
    del tensors[name]
    save_file(tensors, file, metadata={"format": "pt"})
    identity = identify(tiny_copy)
    ask = Ask(PlanBuilder())
    ask.builder.want(
        ask.generate(generate(identity.digest, 2, 2.0, 16, 16), np.array(["a"], dtype=object), np.array([0], np.uint64))
    )
    with pytest.raises(ExecutionError, match=f"the weights of `{part}` in the pipeline of `captions` lack"):
        bench(resources=Resources({}, {identity.digest: identity})).run(ask.builder.plan())


def test_pictures_of_other_sizes_are_made(tiny, bench):
    identity = identify(tiny)
    ask = Ask(PlanBuilder())
    op = generate(identity.digest, 2, 1.0, 24, 8)
    pictures = ask.generate(op, np.array(["red circle"], dtype=object), np.array([0], np.uint64))
    ask.builder.want(pictures)
    answers = bench(resources=Resources({}, {identity.digest: identity})).run(ask.builder.plan())
    from auditor.pictures import decode_png

    png = answers.png(pictures[0])
    assert isinstance(png, bytes) and decode_png(png).shape == (24, 8, 3)


def test_a_picture_is_what_the_pipeline_itself_draws(tiny, materials, bench):
    """With our noise and captions the stored picture is the library's own, to the rounding of its last step."""
    import torch
    from diffusers import StableDiffusionPipeline

    identity = identify(tiny)
    ask = Ask(PlanBuilder())
    op = generate(identity.digest, 3, 2.0, 16, 16)
    pictures = ask.generate(op, np.array(["red circle"], dtype=object), np.array([11], np.uint64))
    ask.builder.want(pictures)
    png = bench(resources=Resources({}, {identity.digest: identity})).run(ask.builder.plan()).png(pictures[0])
    pipeline = StableDiffusionPipeline.from_pretrained(tiny / "pipeline", safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    noise = torch.randn((1, 4, 8, 8), generator=torch.Generator("cpu").manual_seed(11))
    drawn = pipeline("red circle", num_inference_steps=3, guidance_scale=2.0, latents=noise, output_type="np").images[0]
    from auditor.pictures import decode_png

    assert isinstance(png, bytes)
    assert np.abs(decode_png(png).astype(int) - np.rint(drawn * 255)).max() <= 1
    assert np.ptp(decode_png(png)) > 20, "a flat picture would equal anything"
