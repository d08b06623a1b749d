"""Masks: those of the bundled pictures lie where the shapes are; wrong ones are told."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from auditor import codes
from auditor.attribution import MASKS, open_masks
from auditor.errors import DataError
from auditor.pictures import read_picture
from auditor.zoo import builtin_folder

TEST = builtin_folder("shapes/test")
COLUMNS = [f"{colour}_{form}" for form in ("circle", "rectangle") for colour in ("red", "green", "blue")]
COLOURS = {"red": (215, 40, 40), "green": (30, 160, 60), "blue": (40, 70, 210)}
BACKGROUND = (235, 235, 235)
assert TEST is not None


def bundled_rows() -> list[dict[str, str]]:
    with (TEST / "metadata.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_bundled_picture_has_the_masks_that_its_row_says() -> None:
    masks = open_masks(TEST / MASKS, COLUMNS)
    for row in bundled_rows():
        shown = masks.of(row["file_name"], 64, 64).any(axis=(1, 2))
        assert shown.tolist() == [row[column] == "1" for column in COLUMNS]


def test_the_colour_below_a_mask_is_its_concepts_and_around_the_masks_the_background() -> None:
    masks = open_masks(TEST / MASKS, COLUMNS)
    for row in bundled_rows()[:200]:
        picture = read_picture(TEST / row["file_name"]).astype(float)
        found = masks.of(row["file_name"], 64, 64)
        for column, mask in zip(COLUMNS, found, strict=True):
            if mask.any():
                off = np.abs(picture[mask] - COLOURS[column.split("_")[0]]).max(axis=1)
                # Pixels of the edge are mixed with the background, up to a half.
                assert np.median(off) <= 6 and off.max() <= 125
        around = picture[~found.any(axis=0)]
        assert np.median(np.abs(around - BACKGROUND)) <= 6 and np.abs(around - BACKGROUND).max() <= 125


def test_a_circle_fills_less_of_its_box_than_a_rectangle() -> None:
    masks, filled = open_masks(TEST / MASKS, COLUMNS), {"circle": [], "rectangle": []}
    for row in bundled_rows()[:100]:
        for column, mask in zip(COLUMNS, masks.of(row["file_name"], 64, 64), strict=True):
            if mask.any():
                down, across = np.nonzero(mask)
                box = (np.ptp(down) + 1) * (np.ptp(across) + 1)
                filled[column.split("_")[1]].append(mask.sum() / box)
    assert min(filled["rectangle"]) > 0.97, "but for corners that lie in a quarter of a pixel"
    assert np.mean(filled["circle"]) == pytest.approx(np.pi / 4, abs=0.03)


def small(folder: Path) -> Path:
    """Masks of one picture, 4 wide and 3 high, with two concepts."""
    folder.mkdir()
    (folder / "values.csv").write_text("value,column\n7,dog\n3,cat\n", encoding="utf-8")
    Image.fromarray(np.array([[0, 7, 7, 0], [3, 3, 0, 0], [9, 0, 0, 0]], np.uint8), "L").save(folder / "one.png")
    return folder


def test_values_are_those_of_the_table_in_the_order_asked_for(tmp_path: Path) -> None:
    cat, dog = open_masks(small(tmp_path / "m"), ["cat", "dog"]).of("one.jpg", 3, 4)
    assert np.argwhere(cat).tolist() == [[1, 0], [1, 1]]
    assert np.argwhere(dog).tolist() == [[0, 1], [0, 2]]


def no_folder(folder: Path) -> None:
    (folder / "values.csv").unlink()


def no_mask(folder: Path) -> None:
    (folder / "one.png").unlink()


def no_value(folder: Path) -> None:
    (folder / "values.csv").write_text("value,column\n7,dog\n", encoding="utf-8")


def another_head(folder: Path) -> None:
    (folder / "values.csv").write_text("cat,3\ndog,7\n", encoding="utf-8")


def value_of_two(folder: Path) -> None:
    (folder / "values.csv").write_text("value,column\n7,dog\n7,cat\n", encoding="utf-8")


def value_too_large(folder: Path) -> None:
    (folder / "values.csv").write_text("value,column\n700,dog\n3,cat\n", encoding="utf-8")


def coloured(folder: Path) -> None:
    Image.new("RGB", (4, 3)).save(folder / "one.png")


def no_picture(folder: Path) -> None:
    (folder / "one.png").write_text("a note", encoding="utf-8")


def wrong_size(folder: Path) -> None:
    Image.new("L", (3, 4)).save(folder / "one.png")


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (no_folder, codes.MASKS_MISSING, "there are no masks"),
        (no_mask, codes.MASKS_MISSING, "there is no mask `one.png`"),
        (no_value, codes.MASKS_MISSING, "no value for the column `cat`"),
        (another_head, codes.MASK_MALFORMED, "does not begin with the line `value,column`"),
        (value_of_two, codes.MASK_MALFORMED, "a second time in line 3"),
        (value_too_large, codes.MASK_MALFORMED, "in line 2"),
        (coloured, codes.MASK_MALFORMED, "no PNG of one channel"),
        (no_picture, codes.MASK_MALFORMED, "no PNG of one channel"),
        (wrong_size, codes.MASK_SIZE, "`one.png` is 3 x 4 pixels, and its picture 4 x 3"),
    ],
    ids=lambda given: getattr(given, "__name__", None),
)
def test_wrong_masks_are_told(tmp_path: Path, fault: Callable[[Path], None], code: str, said: str) -> None:
    fault(small(tmp_path / "m"))
    with pytest.raises(DataError, match=said) as caught:
        open_masks(tmp_path / "m", ["cat", "dog"]).of("one.jpg", 3, 4)
    assert caught.value.code == code and caught.value.way_out
