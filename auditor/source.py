"""Where a `source:` of the document leads: a bundled thing, a path inside its project, or the hub's cache."""

from __future__ import annotations

import difflib
import os
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

from auditor import codes
from auditor.digest import Digest
from auditor.errors import DataError
from auditor.hub_cache import snapshot
from auditor.permission import not_permitted
from auditor.zoo import builtin_folder, builtin_names

Loc = tuple[str | int, ...]

_PINNED = re.compile(r"^[\w.-]+/[\w.-]+@(?P<revision>[^@/]+)$")
_REPOSITORY = re.compile(r"^\w[\w.-]*/\w[\w.-]*$")


def locate(source: str, base: Path, loc: Loc) -> Path:
    """The folder that `source` names; `base` is the folder of the document.

    Raises:
        DataError: no folder is there, it lies outside the project, or a hub revision is not a
            commit or not in the local cache. Nothing is ever downloaded.
    """
    if source.startswith("builtin:"):
        return _builtin(source, loc)
    if pinned := _PINNED.match(source):
        return _from_cache(source, pinned["revision"], loc)
    folder = below(source, base, loc)
    if not folder.is_dir():
        raise DataError(
            f"`{source}` is a file, and a folder is wanted here",
            code=codes.FOLDER_MISSING,
            loc=loc,
            way_out="name the folder that it is in",
        )
    return folder


def project_of(folder: Path) -> Path:
    """The project that a document in `folder` belongs to: the nearest git repository around it, else `folder`.

    Whatever a document names lies inside its project.
    """
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if os.path.lexists(each / ".git")), folder)


def inside(name: str, base: Path, loc: Loc) -> Path:
    """The path `name` seen from `base`, links followed; there may be nothing at it.

    Raises:
        DataError: it leads outside the project of `base`.
    """
    folder, root = base.resolve(), project_of(base)
    alone = folder == root
    project = "folder" if alone else "repository"
    lexical = Path(os.path.normpath(folder / name))
    if (
        "\x00" in name
        or Path(name).is_absolute()
        or (alone and ".." in Path(name).parts)
        or not lexical.is_relative_to(root)
    ):
        raise DataError(
            f"`{name}` leads outside the {project} of the document",
            code=codes.SOURCE_OUTSIDE,
            loc=loc,
            way_out="name a path below that folder, without `..`, and move or copy the files there; "
            "in a git repository, all of it can be named"
            if alone
            else "name a relative path inside it, and move or copy the files there",
        )
    path = Path(os.path.realpath(folder / name))
    if not path.is_relative_to(root):
        raise DataError(
            f"`{name}` is a link that leads outside the {project} of the document",
            code=codes.SOURCE_OUTSIDE,
            loc=loc,
            way_out="copy the files there instead of linking to them",
        )
    return path


def below(name: str, base: Path, loc: Loc) -> Path:
    """The existing path `name` seen from `base`, links followed; DataError where it leads outside the project."""
    path = inside(name, base, loc)
    try:
        os.stat(path)
    except PermissionError:
        raise not_permitted(f"`{name}`", loc) from None
    except OSError:
        near = neighbour(name, base)
        hub = _REPOSITORY.match(name) and not near
        raise DataError(
            f"there is nothing at `{name}`, seen from the folder of the document",
            code=codes.FOLDER_MISSING,
            loc=loc,
            way_out="correct the path, or put the files there"
            + (f"; a repository of the hub is written `{name}@` and a commit" if hub else ""),
            suggestion=near,
        ) from None
    return path


def file_below(name: str, base: Path, loc: Loc) -> Path:
    """The file `name` seen from `base`; DataError where it leads outside the project, or is no ordinary file."""
    path = below(name, base, loc)
    if not path.is_file():
        raise DataError(
            f"`{name}` is {'a folder' if path.is_dir() else 'no ordinary file'}, and a file is wanted here",
            code=codes.FOLDER_MISSING,
            loc=loc,
            way_out="name the file itself",
        )
    return path


def nearest(name: str, known: Sequence[str]) -> str:
    """The one of `known` that `name` was probably meant to be, or the empty text."""
    return next(iter(difflib.get_close_matches(name, known, 1)), "")


def neighbour(name: str, root: Path) -> str:
    """The path of `name` with its last part as it is spelt on the disk, where something near it is there."""
    path = Path(name)
    try:
        there = sorted(entry.name for entry in (root / path.parent).iterdir())
    except OSError:
        return ""
    found = nearest(path.name, there)
    return (path.parent / found).as_posix() if found else ""


def seen_from(name: str, prefix: str, base: Path) -> str:
    """What `name`, written in a file of the folder `prefix`, is called from the folder `base`, in which that one is.

    What is bundled or in the cache is called the same everywhere.
    """
    if prefix == "." or name.startswith("builtin:") or _PINNED.match(name) or Path(name).is_absolute():
        return name
    joined = f"{prefix}/{name}"
    short = posixpath.normpath(joined)
    return short if os.path.realpath(base / short) == os.path.realpath(base / joined) else joined


def expect_digest(found: Digest, declared: Digest | None, what: str, loc: Loc) -> None:
    """Refuse a thing whose digest is not the declared one; does nothing where none is declared."""
    if declared is not None and found != declared:
        raise DataError(
            f"{what} has the digest {found}, and the document declares {declared}",
            code=codes.DIGEST_MISMATCH,
            loc=(*loc, "digest"),
            way_out="restore the files that were audited, or declare the new digest and raise the revision",
        )


def _builtin(source: str, loc: Loc) -> Path:
    name = source.removeprefix("builtin:")
    folder = builtin_folder(name)
    if folder is None:
        near = nearest(name, builtin_names())
        choices = ", ".join(f"`builtin:{choice}`" for choice in builtin_names())
        raise DataError(
            f"nothing is bundled under the name `{source}`",
            code=codes.UNKNOWN_BUILTIN,
            loc=loc,
            way_out=f"bundled: {choices}",
            suggestion=f"builtin:{near}" if near else "",
        )
    return folder


def _from_cache(source: str, revision: str, loc: Loc) -> Path:
    if not re.fullmatch(r"[0-9a-f]{40}", revision):
        raise DataError(
            f"`{source}` is not pinned: `{revision}` is not a commit",
            code=codes.UNPINNED_REVISION,
            loc=loc,
            way_out="write repo@ and the 40 hexadecimal characters of a commit; names of branches move",
        )
    return snapshot(source.split("@")[0], revision, loc)
