"""A data set with a category, a kept text and a presence, from the bundled shapes: rows with exactly one circle.

python examples/caption_table/make_table.py --out examples/caption_table/data
"""

from __future__ import annotations

import argparse
import csv
import shutil
from pathlib import Path

from auditor.zoo import builtin_folder

COLOURS = ("red", "green", "blue")
KEPT = ("red_rectangle", "green_rectangle")
COLUMNS = ("file_name", "circle", "rectangles", "blue_rectangle", "outcome")


def make_table(out: Path) -> int:
    """Copy the pictures that show exactly one circle into `out`, with `metadata.csv`; how many there are."""
    source = builtin_folder("shapes/test")
    assert source is not None, "auditor carries its shapes"
    out.mkdir(parents=True, exist_ok=True)
    with (source / "metadata.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if sum(row[f"{c}_circle"] == "1" for c in COLOURS) == 1]
    with (out / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for row in rows:
            colour = next(c for c in COLOURS if row[f"{c}_circle"] == "1")
            kept = ", ".join(name.replace("_", " ") for name in KEPT if row[name] == "1")
            table.writerow([row["file_name"], colour, kept, row["blue_rectangle"], row["outcome"]])
            shutil.copyfile(source / row["file_name"], out / row["file_name"])
    return len(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    folder = parser.parse_args().out
    print(f"{make_table(folder)} rows in {folder}")
