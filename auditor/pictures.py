"""Picture files: read as 8-bit RGB within limits, written as PNG."""

from __future__ import annotations

import errno
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from auditor import codes
from auditor.errors import DataError
from auditor.permission import not_permitted

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = 50_000_000
"""A picture with more pixels is refused from its header, before anything is decoded."""

_ORIENTATION, _ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)
"""The EXIF tag that says how a camera was held, and its values that exchange width and height."""

_WITH_ALPHA = ("RGBA", "LA", "PA")


def check_picture(path: Path, decode: bool, name: str) -> None:
    """Raise DataError where a picture is missing, too large, or (with `decode`) truncated; calls it `name`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _open(path, name) as image:
            if decode:
                _decode(image, name)


def read_picture(path: Path) -> np.ndarray:
    """The picture as (height, width, 3) uint8: EXIF rotation applied, alpha put on white, 16 bits scaled to 8."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _open(path, path.name) as image:
            return _decode(image, path.name)


def picture_size(path: Path, name: str) -> tuple[int, int]:
    """Width and height in pixels as `read_picture` will have them, from the header; DataError as `check_picture`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _open(path, name) as image:
            turned = image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE
            return (image.height, image.width) if turned else (image.width, image.height)


def covers_all(path: Path, name: str) -> bool:
    """Whether no pixel of the picture is transparent, not even in part; DataError as `check_picture`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _open(path, name) as image:
            if not _has_alpha(image):
                return True
            _decode(image, name)
            return bool(image.convert("RGBA").getchannel("A").getextrema()[0] == 255)


def read_layer(data: bytes, mode: str) -> np.ndarray:
    """A mask (`L`, (height, width)) or overlay (`RGBA`, (height, width, 4)) from a file's bytes, float64 of 0 to 255.

    Turned as its EXIF says and 16 bits scaled to 8, as pictures are; what is transparent in a mask is black.

    Raises:
        OSError, ValueError: it is no picture that can be read.
    """
    import numpy as np
    from PIL import Image

    with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        warnings.simplefilter("ignore")
        upright = _upright(opened)
        return np.asarray((_laid_on(upright, "black") if mode == "L" else upright).convert(mode), np.float64)


def png_bytes(pixels: np.ndarray) -> bytes:
    """The PNG file of (height, width, 3) uint8; equal pixels give equal bytes."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", compress_level=1)
    return file.getvalue()


def small(pixels: np.ndarray, side: int) -> np.ndarray:
    """The picture with its longest side at most `side` pixels, for looking at."""
    import numpy as np
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((side, side))
    return np.asarray(image)


def decode_png(data: bytes) -> np.ndarray:
    """The pixels of a PNG that `png_bytes` wrote, (height, width, 3) uint8."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        return np.asarray(image.convert("RGB"))


def _open(path: Path, name: str) -> Image:
    from PIL import Image, UnidentifiedImageError

    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise OSError(errno.EINVAL, "Is no ordinary file")
        image = Image.open(path, formats=FORMATS)
    except FileNotFoundError:
        raise DataError(
            f"the picture `{name}` is not in the folder of the data set",
            code=codes.PICTURE_MISSING,
            way_out="put it there, or drop its row from the table",
        ) from None
    except PermissionError:
        raise not_permitted(f"the picture `{name}`") from None
    except Image.DecompressionBombError:
        raise _too_large(name) from None
    except (OSError, ValueError, SyntaxError) as error:
        reason = "" if isinstance(error, UnidentifiedImageError) else getattr(error, "strerror", "") or ""
        raise DataError(
            f"`{name}` cannot be read: {reason.lower()}" if reason else f"`{name}` is no picture that can be read",
            code=codes.PICTURE_UNREADABLE,
            way_out=f"save it again as one of {', '.join(FORMATS)}, or drop its row from the table",
        ) from None
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise _too_large(name)
    return image


def _decode(image: Image, name: str) -> np.ndarray:
    import numpy as np

    try:
        return np.asarray(_laid_on(_upright(image), "white").convert("RGB"))
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError):
        raise DataError(
            f"the picture `{name}` is truncated or damaged",
            code=codes.PICTURE_UNREADABLE,
            way_out="restore it from its source, or drop its row from the table",
        ) from None


def _upright(image: Image) -> Image:
    """The picture turned as its EXIF says; 16 bits of grey as 8."""
    import numpy as np
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):
        # Pillow would cut 16 bits of grey off at 255, which makes an X-ray all white.
        grey = np.asarray(upright).astype(np.float64) / 257
        upright = Image.fromarray(np.rint(grey).clip(0, 255).astype(np.uint8))
    return upright


def _laid_on(image: Image, ground: str) -> Image:
    """The picture with what is transparent in it filled by a colour."""
    from PIL import Image

    if not _has_alpha(image):
        return image
    alpha = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", alpha.size, ground), alpha)


def _has_alpha(image: Image) -> bool:
    return image.mode in _WITH_ALPHA or "transparency" in image.info


def _too_large(name: str) -> DataError:
    return DataError(
        f"the picture `{name}` has more than {MAX_PIXELS // 1_000_000} million pixels",
        code=codes.PICTURE_TOO_LARGE,
        way_out="scale it down; models see a small fraction of that",
    )
