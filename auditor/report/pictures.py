"""Pictures of the run folder as data: URIs. A picture that cannot be shown says why; nothing raises."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

from auditor.report.page import Picture

LONGEST_SIDE = 384
MOST_PIXELS = 50_000_000
MOST_BYTES = 64 * 1024 * 1024
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def load_picture(folder: Path, name: str | None, alt: str, most_kept: int = MOST_BYTES) -> Picture:
    """The picture `name` below `folder`; without one, a `Picture` whose `missing` says why.

    Pictures of up to 384 pixels a side and `most_kept` bytes keep their bytes, so that their digests can be compared;
    larger ones become a JPEG of at most 384.
    """
    if name is None:
        return Picture(None, 0, 0, alt, missing="No picture was made.")
    path = _path_below(folder, name)
    if path is None:
        return Picture(None, 0, 0, alt, missing="The picture is not in the run folder.")
    if path.stat().st_size > MOST_BYTES:
        return Picture(None, 0, 0, alt, missing="The picture's file is too large to show.")
    return _decode(path.read_bytes(), alt, most_kept)


def _path_below(folder: Path, name: str) -> Path | None:
    try:
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    # A name with a zero byte, one longer than the system allows, or links in a circle.
    except (OSError, ValueError, RuntimeError):
        return None


def _decode(data: bytes, alt: str, most_kept: int) -> Picture:
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=list(MEDIA_TYPES)) as image:
            width, height = image.size
            # The header is read before any pixel is: a bomb is refused unopened.
            if width * height > MOST_PIXELS:
                return Picture(None, 0, 0, alt, missing="The picture has too many pixels to show.")
            image.load()
            if max(width, height) <= LONGEST_SIDE and len(data) <= most_kept:
                return Picture(_data_uri(MEDIA_TYPES[str(image.format)], data), width, height, alt)
            smaller = image.convert("RGB")
            smaller.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            made = BytesIO()
            smaller.save(made, "JPEG", quality=90)
            return Picture(_data_uri("image/jpeg", made.getvalue()), *smaller.size, alt)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Picture(None, 0, 0, alt, missing="The picture's file cannot be read.")


def _data_uri(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
