"""Tiny real components: a diffusion pipeline, classifiers and a data set of random weights and drawn pictures.

Nothing is a stub: each is saved and loaded by its own library, only small. The weights are random, so
pictures show nothing; what the numbers mean is tested in tests/analyses from arrays.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

CONCEPTS = ("red circle", "green circle", "blue square")
SIZE = 16
ROWS = 24

SPEC = """\
version: 1
audit: {id: tiny, title: "Does the tiny classifier rely on circles?", revision: 1.0.0}
models:
  - {name: outcome, adapter: transformers, source: outcome, target: outcome}
detectors:
  - {name: shapes, adapter: transformers, source: detector}
dataset: {source: data, label: outcome}
concepts:
  - {name: red circle, column: red_circle, phrase: red circle}
  - {name: green circle, column: green_circle, phrase: green circle}
  - {name: blue square, column: blue_square, phrase: blue square}
interventions:
  - {name: captions, kind: text_to_image, source: pipeline, steps: 2, guidance: 2.0, noise: {draws: 2, seed: 0}}
analyses:
  - {name: reliance, kind: permutation_importance, intervention: captions, margin: {response: 0.05}}
checks:
  - {kind: effective_generation, of: reliance}
  - {kind: independent_permutation, of: reliance}
  - {kind: significance, of: reliance, alpha: 0.05, swaps: 199}
requirements:
  - {name: blue squares do not matter, analysis: reliance, concept: blue square, response: {at_most: 0.05}}
  - {name: performance stays, analysis: reliance, concept: red circle, importance: {within: 0.1}}
report: {formats: [html], gallery: {pairs: 2}}
"""


def write_everything(folder: Path) -> None:
    """A folder with a spec and all that it names: pipeline, two classifiers, a data set."""
    save_pipeline(folder / "pipeline", seed=1)
    save_classifier(folder / "outcome", (*CONCEPTS, "outcome"), seed=2)
    save_classifier(folder / "detector", CONCEPTS, seed=3)
    draw_data(folder / "data")
    (folder / "audit.yaml").write_text(SPEC, encoding="utf-8")


def save_pipeline(
    folder: Path,
    seed: int,
    class_name: str = "StableDiffusionPipeline",
    size: int = SIZE,
    blocks: tuple[str, ...] = ("CrossAttnDownBlock2D", "DownBlock2D"),
) -> None:
    """A pipeline of random weights that makes, or edits, pictures of 16 x 16, with these blocks on its way down."""
    import diffusers
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(seed)
    tokenizer = new_tokenizer()
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(8, 16),
        latent_channels=4,
        norm_num_groups=4,
        sample_size=size,
        scaling_factor=1.0,
    )
    added = {}
    if "XL" in class_name:  # Six numbers about sizes, and the text as a whole.
        added = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 6 * 8 + 32,
        }
    unet = UNet2DConditionModel(
        sample_size=size // 2,
        in_channels=8 if "Pix2Pix" in class_name else 4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(16, *(32,) * (len(blocks) - 1)),
        norm_num_groups=8,
        cross_attention_dim=64 if "XL" in class_name else 32,
        attention_head_dim=2,
        **added,
        down_block_types=blocks,
        up_block_types=tuple(block.replace("Down", "Up") for block in reversed(blocks)),
    )
    text_encoder = CLIPTextModel(_text_config(tokenizer))
    second = {}
    if "XL" in class_name:
        second = {"text_encoder_2": CLIPTextModelWithProjection(_text_config(tokenizer)), "tokenizer_2": tokenizer}
    with torch.no_grad():
        # Random embeddings are weak: without this, captions would hardly move a picture.
        for encoder in (text_encoder, *(part for name, part in second.items() if name == "text_encoder_2")):
            encoder.get_input_embeddings().weight.mul_(50)
        unet.conv_out.weight.mul_(3)
    unchecked = {} if second else {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    getattr(diffusers, class_name)(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=DDIMScheduler(clip_sample=False, set_alpha_to_one=True, steps_offset=1),
        **second,
        **unchecked,
    ).save_pretrained(folder)


def _text_config(tokenizer):  # type: ignore[no-untyped-def]  # a CLIPTextConfig, imported below
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        projection_dim=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=tokenizer.model_max_length,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def new_tokenizer():  # type: ignore[no-untyped-def]  # a CLIPTokenizer, imported below
    """Byte-level BPE that knows every byte, and no merges: a word takes a token for each letter."""
    from transformers import CLIPTokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = list(bytes_to_unicode().values())
    pieces = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={piece: number for number, piece in enumerate(dict.fromkeys(pieces))}, merges=[], model_max_length=48
    )


def save_classifier(
    folder: Path, outputs: tuple[str, ...], seed: int, problem: str = "multi_label_classification"
) -> None:
    """A ResNet of random weights with these outputs, and its image processor."""
    import torch
    from transformers import ConvNextImageProcessorPil, ResNetConfig, ResNetForImageClassification

    torch.manual_seed(seed)
    model = ResNetForImageClassification(
        ResNetConfig(
            embedding_size=8,
            hidden_sizes=[8, 16],
            depths=[1, 1],
            layer_type="basic",
            downsample_in_first_stage=False,
            num_labels=len(outputs),
            problem_type=problem,
            id2label=dict(enumerate(outputs)),
            label2id={name: number for number, name in enumerate(outputs)},
        )
    )
    # Statistics of batches, so that logits spread around 0 and decisions differ between pictures.
    pictures = torch.rand(64, 3, SIZE, SIZE) * 2 - 1
    pictures = torch.nn.functional.interpolate(pictures[..., ::4, ::4], size=SIZE)
    model.train()
    with torch.no_grad():
        for _ in range(20):
            logits = model(pixel_values=pictures).logits
        model.eval()
        logits = model(pixel_values=pictures).logits
        layer = model.classifier[-1]
        layer.weight.div_(logits.std(0)[:, None])
        layer.bias.copy_((layer.bias - logits.mean(0)) / logits.std(0))
    model.save_pretrained(folder)
    ConvNextImageProcessorPil(
        do_resize=False, do_center_crop=False, image_mean=[0.5] * 3, image_std=[0.5] * 3, rescale_factor=1 / 255
    ).save_pretrained(folder)


def draw_data(folder: Path, rows: int = ROWS, seed: int = 4) -> None:
    """Pictures of shapes with `metadata.csv`; the outcome is whether two of the concepts are there."""
    from PIL import Image, ImageDraw

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    presences = rng.integers(0, 2, (rows, len(CONCEPTS)))
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file_name", *(name.replace(" ", "_") for name in CONCEPTS), "outcome", "patient"])
        for number, presence in enumerate(presences):
            image = Image.new("RGB", (SIZE, SIZE), (235, 235, 235))
            pen = ImageDraw.Draw(image)
            for place in np.flatnonzero(presence):
                colour, form = CONCEPTS[place].split()
                x, y = 1 + 5 * int(place), int(rng.integers(1, 9))
                (pen.ellipse if form == "circle" else pen.rectangle)((x, y, x + 4, y + 5), fill=colour)
            name = f"{number:03d}.png"
            image.save(folder / name)
            table.writerow([name, *presence, int(presence.sum() >= 2), f"p{number // 2}"])
