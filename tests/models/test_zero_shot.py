"""Image-text models of random weights through their real classes: prompts become outputs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from auditor.errors import DataError
from auditor.models import ZeroShotModel, open_model
from auditor.models.safetensors_folder import scalar
from auditor.models.zero_shot_model import tokens_read
from tests.tiny import SIZE, new_tokenizer

CLASSES = {"circle": ("circle",), "square": ("square", "box")}
TEMPLATES = ("a {}", "one {} on white")


def test_a_silent_configuration_reads_as_many_tokens_as_its_class():
    assert tokens_read({"model_type": "siglip", "text_config": {"model_type": "siglip_text_model"}}) == 64
    assert tokens_read({"model_type": "clip", "text_config": {}}) == tokens_read({}) == 77
    assert tokens_read({"model_type": "siglip2", "text_config": {"max_position_embeddings": 16}}) == 16


def save(folder: Path, kind: str) -> None:
    import torch
    import transformers

    torch.manual_seed(3)
    tokenizer = new_tokenizer()
    both = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = both | {"vocab_size": len(tokenizer), "max_position_embeddings": tokenizer.model_max_length}
    text |= {"eos_token_id": tokenizer.eos_token_id, "bos_token_id": tokenizer.bos_token_id, "pad_token_id": 1}
    vision = both | {"image_size": SIZE, "patch_size": 4}
    more = {"projection_dim": 8} if kind == "CLIP" else {}
    config = getattr(transformers, f"{kind}Config")(text_config=text, vision_config=vision, **more)
    model = getattr(transformers, f"{kind}Model")(config)
    with torch.no_grad():
        model.text_model.embeddings.token_embedding.weight.mul_(30)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    transformers.CLIPImageProcessorPil(
        size={"height": SIZE, "width": SIZE}, do_center_crop=False, do_resize=True
    ).save_pretrained(folder)


@pytest.fixture(scope="module", params=["CLIP", "Siglip"])
def world(request, tmp_path_factory) -> tuple[Path, str]:
    base = tmp_path_factory.mktemp("zero-shot")
    save(base / "model", request.param)
    return base, request.param


def node(**changes) -> ZeroShotModel:
    given: dict = {"name": "prompted", "adapter": "zero_shot", "source": "model", "target": "square"}
    given |= {"classes": CLASSES, "templates": TEMPLATES} | changes
    named = tuple({"name": name, "words": words} for name, words in given["classes"].items())
    return ZeroShotModel.model_validate(given | {"classes": named})


def pictures() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (SIZE, SIZE, 3), np.uint8) for _ in range(3)]


def test_logits_are_those_of_the_class_itself(world):
    """With one prompt a class, against `logits_per_image` of the model as transformers runs it."""
    import torch
    import transformers

    base, kind = world
    identity = node(classes={"circle": ("circle",), "square": ("square",)}, templates=("a {}",)).identify(
        base, ("models", 0)
    )
    assert identity.outputs == ("circle", "square") and identity.target == 1
    assert identity.multi_label == (kind == "Siglip")
    found = open_model(identity, "cpu")(pictures())
    model = getattr(transformers, f"{kind}Model").from_pretrained(base / "model").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(base / "model")
    processor = transformers.AutoImageProcessor.from_pretrained(base / "model", backend="pil")
    padding = {"padding": "max_length", "max_length": 48} if kind == "Siglip" else {"padding": True}
    expected, cosines = [], []
    for prompt in ("a circle", "a square"):
        tokens = tokenizer([prompt], return_tensors="pt", **padding)
        with torch.inference_mode():
            out = model(input_ids=tokens["input_ids"], **processor(pictures(), return_tensors="pt"))
        expected.append(out.logits_per_image[:, 0].numpy())
        cosines.append((out.image_embeds @ out.text_embeds[0]).numpy())
    assert found == pytest.approx(np.stack(expected, axis=1), abs=1e-4)
    assert np.abs(found[:, 0] - found[:, 1]).max() > 1e-3, "prompts matter"
    assert identity.similarities(found) == pytest.approx(np.stack(cosines, axis=1), abs=1e-5)


def test_weights_without_a_scale_of_similarities_are_refused(world, tmp_path):
    from safetensors.torch import load_file, save_file

    base, kind = world
    shutil.copytree(base / "model", tmp_path / "model")
    weights = load_file(base / "model/model.safetensors")
    lacking = "logit_scale" if kind == "CLIP" else "logit_bias"
    del weights[lacking]
    save_file(weights, tmp_path / "model/model.safetensors", metadata={"format": "pt"})
    with pytest.raises(DataError, match=f"no usable `{lacking}`"):
        node().identify(tmp_path, ("models", 0))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16", "int64"])
def test_scalars_are_read_from_every_kind_of_float(tmp_path, dtype):
    import torch
    from safetensors.torch import save_file

    save_file(
        {
            "one": torch.tensor([1, 2], dtype=getattr(torch, dtype)),
            "scale": torch.tensor(3, dtype=getattr(torch, dtype)),
        },
        tmp_path / "model.safetensors",
    )
    files = (tmp_path / "model.safetensors",)
    assert scalar(files, "scale", ()) == (None if dtype == "int64" else 3.0)
    assert scalar(files, "one", ()) is None and scalar(files, "other", ()) is None


def test_a_class_is_the_mean_of_its_prompts(world):
    base, _ = world
    identity = node().identify(base, ("models", 0))
    assert identity.prompts[1] == ("a square", "one square on white", "a box", "one box on white")
    whole = open_model(identity, "cpu")(pictures())
    single = open_model(node(classes={"circle": ("circle",), "square": ("square",)}).identify(base, ()), "cpu")(
        pictures()
    )
    assert whole[:, 0] == pytest.approx(single[:, 0], abs=1e-6) and np.abs(whole[:, 1] - single[:, 1]).max() > 1e-5


def test_neighbours_and_sizes_change_no_score(world):
    base, _ = world
    scorer = open_model(node().identify(base, ()), "cpu")
    first, second, third = pictures()
    wide = np.concatenate([second, second], axis=1)
    assert scorer([first, wide, third])[0] == pytest.approx(scorer([first, first, first])[0], abs=1e-6)


def test_prompts_are_part_of_what_the_model_is(world):
    base, _ = world
    digests = {
        node(**changes).identify(base, ()).digest
        for changes in ({}, {"templates": ("the {}",)}, {"classes": {"circle": ("disc",), "square": ("box",)}})
    }
    assert len(digests) == 3
    assert node(output="logit").identify(base, ()).digest in digests


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"classes": {"circle": ("c" * 60,), "square": ("s",)}}, "takes"),
        ({"target": "star"}, "has no output `star`"),
        ({"source": "nowhere"}, "nowhere"),
    ],
)
def test_faults_are_told(world, changes, said):
    base, _ = world
    with pytest.raises(DataError, match=said) as caught:
        node(**changes).identify(base, ("models", 0))
    assert caught.value.loc[:2] == ("models", 0) and caught.value.way_out


def test_a_classifier_is_no_image_text_model(tiny):
    with pytest.raises(DataError, match="is no image-text model that the adapter runs"):
        node(source="outcome").identify(tiny, ("models", 0))


def test_a_template_without_a_place_for_the_class_is_refused():
    with pytest.raises(ValueError, match="templates"):
        node(templates=("a photo",))
