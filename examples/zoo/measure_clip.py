"""Measure `builtin:shapes/clip`: zero-shot accuracy on new pictures, through the adapter `zero_shot` of auditor.

    python examples/zoo/measure_clip.py [--folder auditor/zoo/shapes/clip] [--pictures 600] [--record]

Pictures hold shapes of one kind, so that each question has one right answer. With `--record` the numbers are written
to `quality.json` and the model card. Exit status 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from auditor.models.zero_shot_model import ZeroShotModel
from auditor.models.zero_shot_scorer import open_zero_shot_model
from edit_world import Scene, paint_scene
from shapes_world import COLOURS, CONCEPTS
from train_clip import FORMS, FRAMES, GROUNDS, draw_scene, truths

SEED = 20_260_131
TEMPLATES = ["a picture of a {}", "a photo of a {}"]
QUESTIONS = {
    "concept": CONCEPTS,
    "form": FORMS,
    "colour": tuple(f"{colour} shape" for colour in COLOURS),
    "ground": GROUNDS,
    "frame": FRAMES,
}
BAR = 0.95


def scenes_of_one_kind(count: int, rng: np.random.Generator) -> list[tuple[Scene, int]]:
    """Scenes in which one concept alone is shown, once or repeatedly."""
    found: list[tuple[Scene, int]] = []
    while len(found) < count:
        scene = draw_scene(rng)
        if len({shape.concept for shape in scene[0].shapes}) == 1:
            found.append(scene)
    return found


def quality(folder: Path, pictures: int) -> dict[str, float]:
    """Accuracy of each question."""
    scenes = scenes_of_one_kind(pictures, np.random.default_rng(SEED))
    images = [paint_scene(scene) for scene, _ in scenes]
    right, found = truths(scenes), {}
    for question, statements in QUESTIONS.items():
        node = TypeAdapter(ZeroShotModel).validate_python(
            {
                "name": "clip",
                "adapter": "zero_shot",
                "source": str(folder.name),
                "templates": TEMPLATES,
                "classes": [{"name": text, "words": [text]} for text in statements],
            },
            strict=False,
        )
        scorer = open_zero_shot_model([node.identify(folder.parent, ())], "cpu")
        logits = np.concatenate([scorer.score(scorer.prepare(images[i : i + 50]))[0] for i in range(0, pictures, 50)])
        found[f"accuracy, {question}"] = float(np.mean(logits.argmax(1) == right[question].argmax(1)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("auditor/zoo/shapes/clip"))
    parser.add_argument("--pictures", type=int, default=600)
    parser.add_argument("--record", action="store_true", help="write quality.json and the model card")
    arguments = parser.parse_args()
    found = {name: round(value, 4) for name, value in quality(arguments.folder, arguments.pictures).items()}
    for name, value in found.items():
        print(f"{name:<24} {value:.4f}")
    if arguments.record:
        (arguments.folder / "quality.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        lines = [f"| {name} | {value:.4f} | {'holds' if value >= BAR else 'missed'} |" for name, value in found.items()]
        card = (Path(__file__).parent / "card_clip.md").read_text(encoding="utf-8")
        text = card.format(pictures=arguments.pictures, table="\n".join(lines))
        (arguments.folder / "README.md").write_text(text, encoding="utf-8")
    sys.exit(int(min(found.values()) < BAR))


if __name__ == "__main__":
    main()
