"""The files that composites blend in: overlays and masks, found and looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor import codes
from auditor.dataset import Rows
from auditor.digest import Digest, FileDigests, digest_file, digest_files
from auditor.errors import DataError
from auditor.pictures import covers_all, picture_size
from auditor.source import Loc, below, file_below

MOST_OVERLAYS = 100

File = tuple[str, Digest]
"""Path and SHA-256."""


@dataclass(frozen=True)
class BlendFiles:
    """What a composite reads beside its pictures.

    Attributes:
        name: what the document calls the intervention.
        digest: SHA-256 over all files.
        files: every file as the document or the table names it, with its digest.
        overlays: the overlays in order of their names; empty where the effect needs none.
        overlay_names: their names.
        masks: the mask of each row, (n_rows,), or one for all rows; empty where there is none.
    """

    name: str
    digest: Digest
    files: FileDigests
    overlays: tuple[File, ...] = ()
    overlay_names: tuple[str, ...] = ()
    masks: tuple[File, ...] = ()


def find_overlays(source: str, base: Path, loc: Loc) -> list[tuple[str, Path]]:
    """The overlay that `source` names, or every picture that its pattern (`patches/*.png`) matches, by name.

    Raises:
        DataError: there is none, or it is no picture, or leads outside the project.
    """
    if "*" not in Path(source).name:
        path = file_below(source, base, loc)
        picture_size(path, source)
        return [(source, path)]
    parent = Path(source).parent.as_posix()
    folder = below(parent, base, loc)
    try:
        found = sorted(path.name for path in folder.glob(Path(source).name) if path.is_file())
    except ValueError:  # `**` beside other characters.
        found = []
    if not 1 <= len(found) <= MOST_OVERLAYS:
        raise DataError(
            f"`{source}` matches {len(found)} files, and 1 to {MOST_OVERLAYS} overlays can be blended in",
            code=codes.FOLDER_MISSING,
            loc=loc,
            way_out="correct the pattern, or put the files there",
        )
    return [(f"{parent}/{name}", _looked_at(f"{parent}/{name}", base, loc)) for name in found]


def opaque_overlay(overlays: Sequence[tuple[str, Path]], loc: Loc) -> list[DataError]:
    """The first of the overlays of which nothing is transparent, where they are laid over whole pictures."""
    for name, path in overlays:
        if covers_all(path, name):
            return [
                DataError(
                    f"the overlay `{name}` has no transparency and is laid over the whole picture, "
                    "of which nothing is left at full opacity",
                    code=codes.OVERLAY_OPAQUE,
                    loc=loc,
                    way_out="save it with an alpha channel, give a `region`, or say that it is meant with "
                    "`region: {box: [0, 0, 1, 1]}`",
                )
            ]
    return []


def _looked_at(name: str, base: Path, loc: Loc) -> Path:
    path = file_below(name, base, loc)
    picture_size(path, name)
    return path


def find_masks(
    mask: str | None, column: str | None, rows: Rows, folder: Path, base: Path, loc: Loc
) -> tuple[list[tuple[str, Path]], list[DataError]]:
    """One mask for all rows, or one for each, and what is wrong with them: not there, no picture, another size."""
    errors: list[DataError] = []
    named: list[tuple[str, Path]] = []
    cells = [mask] if mask is not None else list(rows.columns.get(column or "", ()))
    for row, cell in enumerate(cells):
        try:
            path = file_below(str(cell), base if mask is not None else folder, loc)
            size = picture_size(path, str(cell))
        except DataError as error:
            told, way_out = str(error), error.way_out
            if mask is None and error.code == codes.FOLDER_MISSING:
                told = f"the mask `{cell}` of `{rows.names[row]}` is not in the folder of the data set"
                way_out = "put it there, or correct the table"
            errors.append(DataError(told, code=error.code, loc=loc, way_out=way_out))
            continue
        named.append((str(cell), path))
        errors += _other_sizes(str(cell), size, rows, range(len(rows)) if mask is not None else [row], loc)
    return named, errors[:1] + [e for e in errors[1:] if e.code != errors[0].code]


def _other_sizes(mask: str, size: tuple[int, int], rows: Rows, which: Sequence[int], loc: Loc) -> list[DataError]:
    """The first of these rows whose picture has another size than its mask."""
    for row in which:
        try:
            own = picture_size(rows.paths[row], rows.names[row])
        except DataError:
            continue  # Said of the data set already.
        if own != size:
            return [
                DataError(
                    f"the mask `{mask}` has {size[0]} x {size[1]} pixels, and its picture `{rows.names[row]}` "
                    f"{own[0]} x {own[1]}",
                    code=codes.MASK_SIZE,
                    loc=loc,
                    way_out="draw the mask on the picture itself, or name a mask for each row with `region.column`",
                )
            ]
    return []


def blend_files(name: str, overlays: Sequence[tuple[str, Path]], masks: Sequence[tuple[str, Path]]) -> BlendFiles:
    """The files by their digests."""
    digests = {path: digest_file(path) for _, path in (*overlays, *masks)}
    files = tuple(sorted({called: digests[path] for called, path in (*overlays, *masks)}.items()))
    return BlendFiles(
        name=name,
        digest=digest_files(files),
        files=files,
        overlays=tuple((str(path), digests[path]) for _, path in overlays),
        overlay_names=tuple(Path(called).name for called, _ in overlays),
        masks=tuple((str(path), digests[path]) for _, path in masks),
    )
