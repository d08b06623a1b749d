"""Gradual interventions that were photographed: a turntable, a dimmer (property gradients, section 4.4)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from auditor import codes
from auditor.digest import Digest, FileDigests, digest_file, digest_files
from auditor.errors import DataError
from auditor.node import Name, Source, SpecNode, default
from auditor.pictures import check_picture, read_picture
from auditor.read_table import Table, read_table
from auditor.source import Loc, file_below, locate, nearest
from auditor.sweep_length import MIN_POINTS

if TYPE_CHECKING:
    import numpy as np

    from auditor.interventions.sweep_set import SweepSet
    from auditor.plan import Ask


@dataclass(frozen=True)
class CapturedFrames:
    """Photographs by object, in the order of the measured value.

    Attributes:
        name: what the document calls the intervention.
        digest: SHA-256 of table and pictures.
        files: table and pictures, each with its digest.
        objects: what was photographed, (n_objects,).
        positions: the measured value of each photograph, rising, by object and point.
        paths: files, by object and point.
        digests: their digests, by object and point.
    """

    name: str
    digest: Digest
    files: FileDigests
    objects: tuple[str, ...]
    positions: tuple[tuple[float, ...], ...]
    paths: tuple[tuple[str, ...], ...]
    digests: tuple[tuple[Digest, ...], ...]

    def picture(self, image: int, point: int) -> np.ndarray:
        """A photograph as the audit reads it, (height, width, 3) uint8."""
        return read_picture(Path(self.paths[image][point]))

    def first(self, count: int) -> CapturedFrames:
        """The first `count` objects."""
        return replace(
            self,
            objects=self.objects[:count],
            positions=self.positions[:count],
            paths=self.paths[:count],
            digests=self.digests[:count],
        )


class Captured(SpecNode):
    """Photographs of one thing or several, each with the measured value of the property."""

    name: Name
    """The name by which analyses call the intervention."""

    kind: Literal["captured"]
    """Which kind of intervention this is."""

    realises: Name
    """The property that was changed between the photographs."""

    source: Source
    """A folder with `metadata.csv`, whose first column is `file_name`."""

    value: Name
    """The column with the measured value of the property; distances may differ."""

    object: Name | None = default(None, "chosen")
    """The column that says what is on the photograph, where there are several things: each is a
    sweep of its own. Without it the folder is one sweep."""

    digest: str | None = default(None, "chosen", pattern=r"^[0-9a-f]{64}$")
    """SHA-256 that the table must have; the audit is refused if it differs."""

    def find(self, base: Path, decode: bool, loc: Loc) -> CapturedFrames:
        """The photographs; DataError with the first thing that is wrong with them."""
        where = (*loc, "source")
        folder = locate(self.source, base, where)
        table = read_table(folder, self.source, where)
        if self.digest is not None and table.digest != self.digest:
            raise DataError(
                f"the table of `{self.name}` has the digest {table.digest}, and the document declares {self.digest}",
                code=codes.DIGEST_MISMATCH,
                loc=(*loc, "digest"),
                way_out="restore the photographs that were audited, or declare the new digest and raise the revision",
            )
        values = [self._number(table, i, (*loc, "value")) for i in range(len(table.lines))]
        place = None if self.object is None else self._column(table, self.object, (*loc, "object"))
        objects: dict[str, list[int]] = {}
        for i, line in enumerate(table.lines):
            objects.setdefault(self.name if place is None else line[place], []).append(i)
        ordered = {name: sorted(lines, key=lambda i: values[i]) for name, lines in sorted(objects.items())}
        for name, lines in ordered.items():
            self._refuse_no_sweep(table, name, lines, values, loc)
        paths = {i: self._picture(folder, table.lines[i][0], decode, where) for i in range(len(table.lines))}
        digests = {i: digest_file(path) for i, path in paths.items()}
        files = (("metadata.csv", table.digest), *sorted((table.lines[i][0], digests[i]) for i in paths))
        return CapturedFrames(
            name=self.name,
            digest=digest_files(files),
            files=files,
            objects=tuple(ordered),
            positions=tuple(tuple(values[i] for i in lines) for lines in ordered.values()),
            paths=tuple(tuple(str(paths[i]) for i in lines) for lines in ordered.values()),
            digests=tuple(tuple(digests[i] for i in lines) for lines in ordered.values()),
        )

    def expand(self, ask: Ask, unit: str, frames: CapturedFrames) -> SweepSet:
        """Ask for every photograph."""
        import numpy as np

        from auditor.interventions.sweep_set import SweepSet

        counts = np.array([len(each) for each in frames.positions])
        first = np.cumsum(counts) - counts
        # Where an object has fewer photographs than others, its last one stands in the table again, without a position.
        point = np.minimum(np.arange(counts.max()), counts[:, None] - 1)
        there = np.arange(counts.max()) < counts[:, None]
        values = np.array([value for each in frames.positions for value in each])
        flat = [path for paths in frames.paths for path in paths]
        loaded = ask.load(flat, [digest for digests in frames.digests for digest in digests])
        return SweepSet(
            intervention=self.name,
            property=self.realises,
            unit=unit or self.value,
            images=frames.objects,
            positions=np.where(there, values[first[:, None] + point], np.nan),
            frames=loaded[(first[:, None] + point)[:, None, :]],
            variants=("",),
            original=None,
            clusters=None,
        )

    def _column(self, table: Table, name: str, loc: Loc) -> int:
        if name in table.columns:
            return table.columns.index(name)
        raise DataError(
            f"the table of `{self.source}` has no column `{name}`",
            code=codes.COLUMN_MISSING,
            loc=loc,
            way_out=f"its columns: {', '.join(f'`{column}`' for column in table.columns)}",
            suggestion=nearest(name, table.columns),
        )

    def _number(self, table: Table, i: int, loc: Loc) -> float:
        cell = table.lines[i][self._column(table, self.value, loc)]
        try:
            found = float(cell)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            raise DataError(
                f"`{cell}` is no number: the {self.value} of `{table.lines[i][0]}` ({table.place(i)})",
                code=codes.SWEEP_VALUES,
                loc=loc,
                way_out="write the measured value of every photograph, with a point before decimals",
            )
        return found

    def _refuse_no_sweep(self, table: Table, name: str, lines: list[int], values: list[float], loc: Loc) -> None:
        """A sweep needs three points or more, and no value twice."""
        twice = next((b for a, b in pairwise(lines) if values[a] == values[b]), None)
        if twice is not None:
            raise DataError(
                f"two photographs of `{name}` have the {self.value} {values[twice]:g} ({table.place(twice)})",
                code=codes.SWEEP_VALUES,
                loc=(*loc, "value"),
                way_out="keep one photograph for each value, or tell things apart with `object`",
            )
        if len(lines) < MIN_POINTS:
            raise DataError(
                f"`{name}` has {len(lines)} photograph{'s' * (len(lines) != 1)}, and a sweep has at least {MIN_POINTS}",
                code=codes.SWEEP_VALUES,
                loc=(*loc, "source"),
                way_out="add photographs at other values",
            )

    def _picture(self, folder: Path, name: str, decode: bool, loc: Loc) -> Path:
        path = file_below(name, folder, loc)
        try:
            check_picture(path, decode, name)
        except DataError as error:
            raise DataError(str(error), code=error.code, loc=loc, way_out=error.way_out) from None
        return path


def photographs_of(files: Mapping[str, object]) -> int:
    """How many photographs an audit reads, of what its interventions name."""
    return sum(
        len(positions) for found in files.values() if isinstance(found, CapturedFrames) for positions in found.positions
    )
