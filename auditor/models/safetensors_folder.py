"""Folders of weights: safetensors only, read without loading them."""

from __future__ import annotations

import errno
import hashlib
import json
import struct
from math import prod
from pathlib import Path
from typing import NamedTuple

from auditor import codes
from auditor.errors import DataError
from auditor.permission import not_permitted
from auditor.source import Loc

PICKLED = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle", ".msgpack", ".h5")

SHARED_ELEMENTS = 10_000
"""Two models share a backbone where a weight tensor of at least so many elements is equal."""


def read_json(path: Path, loc: Loc) -> dict[str, object]:
    """A JSON object from a file of a model; DataError where it is missing or no object."""
    try:
        found = json.loads(ordinary(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _no_config(f"the folder `{shown(path.parent)}` has no `{path.name}`", loc) from None
    except PermissionError:
        raise not_permitted(f"`{shown(path)}`", loc) from None
    except OSError as error:
        raise _no_config(f"`{shown(path)}` cannot be read: {str(error.strerror).lower()}", loc) from None
    except json.JSONDecodeError as error:
        raise _no_config(f"`{shown(path)}` is no JSON: line {error.lineno}, column {error.colno}", loc) from None
    except (ValueError, RecursionError):
        raise _no_config(f"`{shown(path)}` is no JSON in UTF-8", loc) from None
    if not isinstance(found, dict):
        raise _no_config(f"`{shown(path)}` holds no JSON object", loc)
    if "auto_map" in found:
        raise DataError(
            f"`{shown(path)}` asks for code of its own (`auto_map`), which is never run",
            code=codes.REMOTE_CODE,
            loc=loc,
            way_out="use a class that transformers or diffusers has, or audit the model through the python adapter",
        )
    return found


def ordinary(path: Path) -> Path:
    """`path`; OSError where it is a pipe or a device, which nobody would ever have read to its end."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "Is no ordinary file")
    return path


def shown(path: Path) -> str:
    """The last two parts of a path: enough to find a file of a model."""
    return "/".join(path.parts[-2:])


def _no_config(message: str, loc: Loc) -> DataError:
    way_out = "name a folder that `save_pretrained` wrote, or save the model again"
    return DataError(message, code=codes.CONFIG_UNREADABLE, loc=loc, way_out=way_out)


def weight_files(folder: Path, loc: Loc) -> tuple[Path, ...]:
    """The safetensors files in `folder`; DataError where there are none, or only pickled ones."""
    found = tuple(sorted(folder.glob("*.safetensors")))
    if found:
        for file in found:
            tensor_index(file, loc)
        _refuse_missing_shards(folder, found, loc)
        return found
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLED)
    if pickled:
        raise DataError(
            f"`{shown(folder)}` holds its weights in `{pickled[0]}`, a format that can run code when it is read",
            code=codes.PICKLED_WEIGHTS,
            loc=loc,
            way_out="convert them: load the model where you trust it, and `save_pretrained(folder)` writes safetensors",
        )
    raise DataError(
        f"the folder `{shown(folder)}` has no weights (`*.safetensors`)",
        code=codes.NO_SAFETENSORS,
        loc=loc,
        way_out="name the folder that `save_pretrained` wrote",
    )


def _refuse_missing_shards(folder: Path, found: tuple[Path, ...], loc: Loc) -> None:
    """Raise DataError where an index of shards names a file that is not there."""
    for index in sorted(folder.glob("*.safetensors.index.json")):
        shards = read_json(index, loc).get("weight_map")
        named = {str(shard) for shard in shards.values()} if isinstance(shards, dict) else set()
        if missing := sorted(named - {file.name for file in found}):
            raise DataError(
                f"`{shown(index)}` names the weights `{missing[0]}`, which are not there",
                code=codes.WEIGHTS_UNREADABLE,
                loc=loc,
                way_out="copy or download the folder again; the copy may have been cut short",
            )


class TensorPlace(NamedTuple):
    """A tensor in a safetensors file: its first byte and the one after its last, its type and shape."""

    start: int
    end: int
    dtype: str
    shape: tuple[int, ...]


def tensor_index(file: Path, loc: Loc) -> dict[str, TensorPlace]:
    """Where each tensor of a safetensors file stands in it.

    Raises:
        DataError: the header is no safetensors header, or the file ends before its tensors do.
    """
    try:
        with ordinary(file).open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if not 2 <= length <= 100_000_000:
                raise ValueError("header length")
            header = json.loads(opened.read(length))
        index = {}
        for name, tensor in header.items():
            if name != "__metadata__":
                shape = tuple(int(size) for size in tensor["shape"])
                start, end = (int(offset) for offset in tensor["data_offsets"])
                if not 0 <= start <= end:
                    raise ValueError("offsets")
                index[name] = TensorPlace(8 + length + start, 8 + length + end, str(tensor.get("dtype")), shape)
        if max((tensor.end for tensor in index.values()), default=0) > file.stat().st_size:
            raise ValueError("the file is shorter than its tensors")
    except PermissionError:
        raise not_permitted(f"`{shown(file)}`", loc) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise DataError(
            f"`{shown(file)}` is damaged or is no safetensors file",
            code=codes.WEIGHTS_UNREADABLE,
            loc=loc,
            way_out="copy or download it again; the copy may have been cut short",
        ) from None
    return index


def scalar(files: tuple[Path, ...], name: str, loc: Loc) -> float | None:
    """The value of the tensor `name`, which has one element; None where no file has it as a float."""
    for file in files:
        place = tensor_index(file, loc).get(name)
        kind = _FLOATS.get(place.dtype) if place is not None else None
        if place is None or kind is None or place.end - place.start != struct.calcsize(kind):
            continue
        with file.open("rb") as opened:
            opened.seek(place.start)
            found = opened.read(place.end - place.start)
        # The upper half of a float32 is a bfloat16.
        return float(
            struct.unpack("<f", b"\0\0" + found)[0] if place.dtype == "BF16" else struct.unpack(kind, found)[0]
        )
    return None


_FLOATS = {"F64": "<d", "F32": "<f", "F16": "<e", "BF16": "<H"}


def large_tensors(files: tuple[Path, ...], loc: Loc) -> dict[str, str]:
    """SHA-256 of every tensor of at least 10,000 elements, and its name: what a backbone is known by."""
    found = {}
    for file in files:
        with file.open("rb") as opened:
            for name, tensor in tensor_index(file, loc).items():
                if prod(tensor.shape) >= SHARED_ELEMENTS:
                    opened.seek(tensor.start)
                    found[hashlib.sha256(opened.read(tensor.end - tensor.start)).hexdigest()] = name
    return found
