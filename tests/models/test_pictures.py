"""Picture files: what is read of them, and what is refused before it is decoded."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from auditor import codes
from auditor.errors import DataError
from auditor.pictures import check_picture, decode_png, png_bytes, read_picture

RED, GREEN = (200, 30, 30), (20, 160, 40)


def halves(mode: str = "RGB") -> Image.Image:
    """Left half red, right half green, 8 x 4."""
    image = Image.new("RGB", (8, 4), RED)
    image.paste(GREEN, (4, 0, 8, 4))
    return image.convert(mode)


def test_pixels_are_read_as_they_are(tmp_path):
    halves().save(tmp_path / "a.png")
    found = read_picture(tmp_path / "a.png")
    assert found.shape == (4, 8, 3) and found.dtype == np.uint8
    assert tuple(found[0, 0]) == RED and tuple(found[0, 7]) == GREEN


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_other_formats_are_read(tmp_path, suffix):
    halves().save(tmp_path / f"a.{suffix}", quality=95)
    assert read_picture(tmp_path / f"a.{suffix}").shape == (4, 8, 3)


def test_the_format_is_that_of_the_bytes_and_not_of_the_name(tmp_path):
    halves().save(tmp_path / "a.png", format="JPEG")
    assert read_picture(tmp_path / "a.png").shape == (4, 8, 3)


@pytest.mark.parametrize(("orientation", "corner"), [(1, RED), (3, GREEN), (6, RED), (8, GREEN)])
def test_exif_rotation_is_applied(tmp_path, orientation, corner):
    exif = Image.Exif()
    exif[0x0112] = orientation
    halves().save(tmp_path / "a.png", exif=exif)
    found = read_picture(tmp_path / "a.png")
    assert found.shape == ((8, 4, 3) if orientation in (6, 8) else (4, 8, 3))
    assert tuple(found[0, 0]) == corner


def test_alpha_is_put_on_white(tmp_path):
    image = halves("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((8, 4)))
    image.putpixel((0, 0), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 128))
    image.save(tmp_path / "a.png")
    found = read_picture(tmp_path / "a.png")
    assert tuple(found[0, 0]) == (255, 255, 255) and abs(int(found[0, 1, 0]) - 127) <= 1


@pytest.mark.parametrize("mode", ["P", "PA", "L", "LA", "1", "CMYK"])
def test_other_modes_become_rgb(tmp_path, mode):
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    image = halves("L").convert("LA").convert("RGBA").quantize(8) if mode == "PA" else halves(mode)
    image.save(path)
    found = read_picture(path)
    assert found.shape == (4, 8, 3) and found.dtype == np.uint8
    assert np.ptp(found) > 0 or mode == "1"


def test_a_transparent_colour_of_a_palette_is_put_on_white(tmp_path):
    image = halves().quantize(2)
    left = image.getpixel((0, 0))
    image.save(tmp_path / "a.png", transparency=left)
    found = read_picture(tmp_path / "a.png")
    assert tuple(found[0, 0]) == (255, 255, 255) and abs(int(found[0, 7, 1]) - GREEN[1]) < 3


def test_sixteen_bits_are_scaled_and_not_cut(tmp_path):
    """A 16-bit ramp keeps its shape: white is 255, the middle 127 or 128."""
    ramp = np.linspace(0, 65_535, 256).astype(np.uint16)[None].repeat(4, 0)
    Image.fromarray(ramp).save(tmp_path / "a.png")
    found = read_picture(tmp_path / "a.png")
    assert found.shape == (4, 256, 3)
    assert np.abs(found[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def large_png(width: int, height: int) -> bytes:
    """A black PNG of one bit a pixel: a hundred megapixels in a few kilobytes."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (7_100, 7_100), (20_000, 20_000)])
def test_too_many_pixels_are_refused_from_the_header(tmp_path, fault, width, height):
    path = tmp_path / "bomb.png"
    path.write_bytes(large_png(width, height))
    assert path.stat().st_size < 100_000
    for call in (lambda: check_picture(path, True, "bomb.png"), lambda: read_picture(path)):
        found = fault(call)
        assert found.code == codes.PICTURE_TOO_LARGE
        assert found.message == "the picture `bomb.png` has more than 50 million pixels"


def test_as_many_pixels_as_are_allowed_are_read(tmp_path):
    path = tmp_path / "large.png"
    path.write_bytes(large_png(10_000, 5_000))
    check_picture(path, False, "large.png")


def test_a_missing_picture(tmp_path, fault):
    found = fault(lambda: check_picture(tmp_path / "a.png", False, "a.png"))
    assert found.code == codes.PICTURE_MISSING and "`a.png`" in found.message


@pytest.mark.parametrize(
    "data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\x00" * 40, b"BM" + b"\x00" * 60]
)
def test_what_is_no_picture(tmp_path, fault, data):
    (tmp_path / "a.png").write_bytes(data)
    found = fault(lambda: check_picture(tmp_path / "a.png", False, "a.png"))
    assert found.code == codes.PICTURE_UNREADABLE and "`a.png`" in found.message
    assert "PNG, JPEG" in found.way_out


def test_a_truncated_picture_is_found_when_it_is_decoded(tmp_path, fault):
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)).save(file, format="PNG")
    (tmp_path / "a.png").write_bytes(file.getvalue()[: len(file.getvalue()) // 2])
    check_picture(tmp_path / "a.png", False, "a.png")
    found = fault(lambda: check_picture(tmp_path / "a.png", True, "a.png"))
    assert found.code == codes.PICTURE_UNREADABLE and "truncated or damaged" in found.message


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_damaged_bytes_give_a_picture_or_a_fault_and_nothing_else(tmp_path: Path, suffix):
    """300 damaged copies of each format: no other exception, no warning, no picture of another kind."""
    rng = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    picture = Image.fromarray(rng.integers(0, 256, (12, 12, 3), np.uint8))
    picture.save(tmp_path / f"whole.{suffix}", exif=exif)
    whole = (tmp_path / f"whole.{suffix}").read_bytes()
    path, refused = tmp_path / f"a.{suffix}", 0
    for _ in range(300):
        data = bytearray(whole)
        for place in rng.integers(0, min(len(data), 400), rng.integers(1, 6)):
            data[place] = rng.integers(256)
        path.write_bytes(data[: rng.integers(len(data) // 2, len(data) + 1)])
        try:
            found = read_picture(path)
            assert found.ndim == 3 and found.shape[2] == 3 and found.dtype == np.uint8
        except DataError as error:
            refused += 1
            assert error.code in (codes.PICTURE_UNREADABLE, codes.PICTURE_TOO_LARGE)
    assert refused > 30


def test_png_files_keep_every_pixel_and_equal_pictures_equal_bytes():
    pixels = np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8)
    assert np.array_equal(decode_png(png_bytes(pixels)), pixels)
    assert png_bytes(pixels) == png_bytes(pixels.copy())
    assert png_bytes(np.asfortranarray(pixels)) == png_bytes(pixels)
