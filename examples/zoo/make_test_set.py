"""Draw the labelled pictures of `builtin:shapes/test`.

    python examples/zoo/make_test_set.py --out build/zoo/test

1,000 pictures with `metadata.csv`: file_name, the six concepts, the outcome, the caption.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image

from shapes_world import CONCEPTS, caption, draw_pictures, draw_presences, outcome

SEED = 20_260_105
ROWS = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/zoo/test"))
    arguments = parser.parse_args()
    rng = np.random.default_rng(SEED)
    presences = draw_presences(ROWS, rng)
    pictures = draw_pictures(presences, rng)
    labels = outcome(presences)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file_name", *(name.replace(" ", "_") for name in CONCEPTS), "outcome", "caption"])
        for number, (presence, picture, label) in enumerate(zip(presences, pictures, labels, strict=True)):
            name = f"{number:04d}.png"
            Image.fromarray(picture).quantize(256, dither=Image.Dither.NONE).save(arguments.out / name, optimize=True)
            table.writerow([name, *presence.astype(int), label, caption(presence)])
    size = sum(path.stat().st_size for path in arguments.out.iterdir())
    print(f"{ROWS} pictures, {labels.mean():.3f} positive, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
