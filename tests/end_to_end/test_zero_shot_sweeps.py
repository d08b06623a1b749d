"""A property audit of the bundled image-text model: the words that are asked decide what it relies on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from auditor.execute import Silent
from auditor.run import Options, Outcome, run
from auditor.spec import load_spec

SHAPES = Path(__file__).parents[2] / "auditor/zoo/shapes"
WORDS = {"ground": ("dark background", "light background"), "form": ("circle", "rectangle")}
TEMPLATES = ("a picture of a {}", "a photo of a {}")
SWEEP = {"strength": {"from": 0, "to": 1, "points": 5}}
CONTROLS = {
    "noisy": {"noise": 100},
    "noisy above": {"noise": 200, "region": {"box": [0, 0, 1, 0.5]}},
    "noisy below": {"noise": 200, "region": {"box": [0, 0.5, 1, 1]}},
}


def spec() -> dict[str, object]:
    changes = {"darker": {"brightness": 0.5}, **CONTROLS}
    return {
        "version": 1,
        "audit": {"id": "words", "title": "What moves the answers?", "revision": "1.0.0", "intended_use": "a test"},
        "models": [
            {
                "name": name, "adapter": "zero_shot", "source": "builtin:shapes/clip", "templates": TEMPLATES,
                "classes": [{"name": text, "words": [text]} for text in words], "target": words[0],
            }
            for name, words in WORDS.items()
        ],
        "dataset": {"source": "builtin:shapes/test", "rows": 12, "seed": 0},
        "properties": [{"name": f"property {name}"} for name in changes],
        "interventions": [
            {"name": name, "kind": "compositing", "realises": f"property {name}", "sweep": SWEEP, **change}
            for name, change in changes.items()
        ],
        "analyses": [
            {
                "name": "gradients", "kind": "property_gradient", "interventions": ["darker"], "controls": [*CONTROLS],
                "output": "similarity", "margin": {"range": 0.05}, "min_dose_ratio": 0.3,
            }
        ],
        "checks": [{"kind": "significance", "of": "gradients", "alpha": 0.01, "swaps": 4095}],
        "report": {"formats": ["html"]},
    }  # fmt: skip


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("words")
    (folder / "audit.yaml").write_text(json.dumps(spec()), encoding="utf-8")
    return run(load_spec(folder / "audit.yaml"), Options(), Silent())


def test_asked_for_the_ground_it_follows_the_light_and_asked_for_the_form_it_does_not(outcome: Outcome) -> None:
    found = {(one.model, one.quantity): one for one in outcome.result.findings}
    assert found["ground", "range"].verdict == "relies" and found["ground", "net_change"].estimate > 0.1
    assert found["form", "range"].verdict == "does_not_rely"
    assert found["form", "range"].estimate < 0.05 < found["ground", "range"].estimate


def test_similarities_are_cosines_of_the_model_itself(outcome: Outcome) -> None:
    import torch
    from PIL import Image
    from transformers import AutoTokenizer, CLIPModel

    model, tokenizer = (
        CLIPModel.from_pretrained(SHAPES / "clip").eval().float(),
        AutoTokenizer.from_pretrained(SHAPES / "clip"),
    )

    def unit(found: object) -> torch.Tensor:
        features = getattr(found, "pooler_output", found)
        return features / features.norm(dim=-1, keepdim=True)

    (identity,) = (one for one in outcome.result.identities if one.name == "ground" and one.role == "model")
    factor = float(identity.detail.split("a logit is ")[1].split(" x ")[0])
    assert factor == pytest.approx(float(model.logit_scale.detach().exp()), rel=1e-6)
    lines = [json.loads(line) for line in outcome.folder.units.read_text(encoding="utf-8").splitlines()]
    first = {x["row"]: x["scores"] for x in lines if x.get("intervention") == "darker" and x["point"] == 0}
    assert len(first) == 12
    with torch.inference_mode():
        prompts = [tokenizer([each.format("dark background")], return_tensors="pt") for each in TEMPLATES]
        words = unit(torch.cat([unit(model.get_text_features(**prompt)) for prompt in prompts]).mean(0))
        for row, scores in first.items():
            picture = np.asarray(Image.open(SHAPES / "test" / row).convert("RGB"), np.float32) / 127.5 - 1
            seen = unit(model.get_image_features(torch.from_numpy(picture).permute(2, 0, 1)[None]))
            assert scores["ground"]["dark background"] / factor == pytest.approx(float(seen @ words), abs=1e-5)
