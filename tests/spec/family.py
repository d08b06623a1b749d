"""Small families of documents: a valid one split over files, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

VALID = (Path(__file__).parent / "valid.yaml").read_text(encoding="utf-8")

HEADER = """\
version: 1
extends: base.yaml
audit: {id: shapes, title: What the classifier sees, revision: "1.0"}
"""

BASE = VALID.replace('audit: {id: shapes, title: What the classifier sees, revision: "1.0"}\n', "")


def write(folder: Path, **texts: str) -> Path:
    """Writes each text to the file of that name (`base__more` is `base/more.yaml`); the path of `audit.yaml`."""
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "audit.yaml"
