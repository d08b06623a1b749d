"""Write the pictures of this example: animals cut out of photographs, on photographs of other places.

    python examples/real_photographs/make_data.py --out examples/real_photographs/data

Cut-outs come from Debian's `tuxpaint-stamps-default` (GPL-2), backgrounds from scikit-image and scikit-learn: all are
read where their packages put them, and none is part of this repository. Their alpha makes masks exact to the pixel.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

STAMPS = Path("/usr/share/tuxpaint/stamps/animals")
"""Where Debian's package puts its animals; `--stamps` names another folder of RGBA files."""

FOLDERS = {"mammals": "mammal", "marsupials": "mammal", "birds": "bird"}
"""Folders of the package, and the group of classes (see model.py) that their animals belong to."""

DRAWN = ("cartoon", "toys", "hedgehog.png")
"""Folders and files of drawings and toys, which are no photographs."""

SIDE = 256
"""Side of a picture; the classifier sees its middle 224 pixels as they are."""

SEEN = (16, 240)
OBJECT = 170
"""Longest side of an animal, in pixels."""

PATCH = 56
"""Side of the patch beside the animal, which lies in the corner of the seen square where the least of the animal is."""

SMALLEST = 90
"""Cut-outs whose shorter side has fewer pixels are left out: they would be blurred by being drawn larger."""


def cut_outs(stamps: Path) -> list[tuple[Path, str]]:
    """Files of photographed animals below the folder, by path, each with its group."""
    found = []
    for folder, group in FOLDERS.items():
        for path in sorted((stamps / folder).rglob("*.png")):
            if not set(path.parts) & set(DRAWN):
                with Image.open(path) as image:
                    if min(image.size) >= SMALLEST:
                        found.append((path, group))
    return found


def photographs() -> dict[str, np.ndarray]:
    """Photographs that animals are put on, (height, width, 3) uint8, by name."""
    import skimage
    import sklearn

    textures = Path(skimage.__file__).parent / "data"
    places = Path(sklearn.__file__).parent / "datasets/images"
    files = [*(textures / f"{name}.png" for name in ("brick", "grass", "gravel")), places / "china.jpg"]
    return {path.stem: np.asarray(Image.open(path).convert("RGB")) for path in files}


def place(
    animal: Image.Image, background: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An animal somewhere in the seen square of a background.

    Args:
        animal: a cut-out with alpha.
        background: a photograph, (height, width, 3) uint8, both sides 256 or more.
        rng: where the animal stands and which part of the photograph is behind it.

    Returns:
        The picture, (256, 256, 3) uint8, the animal's mask and that of the patch beside it, (256, 256) uint8.
    """
    cut = animal.convert("RGBA")
    cut = cut.crop(cut.getchannel("A").getbbox())
    scale = OBJECT / max(cut.size)
    cut = cut.resize((max(1, round(cut.width * scale)), max(1, round(cut.height * scale))), Image.Resampling.LANCZOS)
    top, left = (int(rng.integers(0, size - SIDE + 1)) for size in background.shape[:2])
    picture = Image.fromarray(background[top : top + SIDE, left : left + SIDE]).convert("RGBA")
    layer = Image.new("RGBA", (SIDE, SIDE))
    low, high = SEEN
    layer.paste(cut, (int(rng.integers(low, high - cut.width + 1)), int(rng.integers(low, high - cut.height + 1))))
    picture.alpha_composite(layer)
    mask = np.asarray(layer.getchannel("A"))
    return np.asarray(picture.convert("RGB")), mask, beside(mask)


def beside(mask: np.ndarray) -> np.ndarray:
    """The square in that corner of the seen square where the least of the animal is, without the animal itself."""
    low, high = SEEN
    ends = (slice(low, low + PATCH), slice(high - PATCH, high))
    rows, columns = min(((a, b) for a in ends for b in ends), key=lambda corner: int(mask[corner].sum()))
    found = np.zeros_like(mask)
    found[rows, columns] = 255 - mask[rows, columns]
    return found


def make_data(
    out: Path, animals: Sequence[tuple[str, str, Image.Image]], backgrounds: Mapping[str, np.ndarray], seed: int = 0
) -> int:
    """Write pictures, masks and `metadata.csv`, a picture for each animal; returns how many.

    Args:
        out: the folder to write.
        animals: name, group and cut-out of each.
        backgrounds: photographs by name; animals get them in turn.
        seed: of places; each animal draws from a stream of its own.
    """
    for part in ("pictures", "animal", "background", "beside"):
        (out / part).mkdir(parents=True, exist_ok=True)
    names = sorted(backgrounds)
    with (out / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file_name", "group", "photograph", "animal", "background", "beside"])
        for number, (name, group, cut) in enumerate(animals):
            behind = names[number % len(names)]
            picture, mask, patch = place(cut, backgrounds[behind], np.random.default_rng([seed, number]))
            written = f"{name}.png"
            for part, pixels in (
                ("pictures", picture),
                ("animal", mask),
                ("background", 255 - mask),
                ("beside", patch),
            ):
                Image.fromarray(pixels).save(out / part / written)
            masks = [f"{part}/{written}" for part in ("animal", "background", "beside")]
            table.writerow([f"pictures/{written}", group, behind, *masks])
    return len(animals)


def main() -> None:
    """Write the data set of this example from the installed packages."""
    parser = argparse.ArgumentParser(description="Write the pictures of this example from installed packages.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "data")
    parser.add_argument("--stamps", type=Path, default=STAMPS)
    arguments = parser.parse_args()
    found = cut_outs(arguments.stamps)
    if not found:
        sys.exit(
            f"no cut-outs in {arguments.stamps}: apt-get install tuxpaint-stamps-default, "
            "or name their folder with --stamps"
        )
    animals = [(path.stem, group, Image.open(path)) for path, group in found]
    count = make_data(arguments.out, animals, photographs())
    print(f"{count} pictures in {arguments.out}")


if __name__ == "__main__":
    main()
