"""Pins: digests and versions of everything that an audit names, whatever its document says of statistics.

A lock and a plan file hold them, and a run of either is refused where one differs.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Mapping

from pydantic import Field

from auditor import __version__
from auditor.digest import digest_value
from auditor.errors import Difference
from auditor.interventions import Compositing
from auditor.judgement import ResultNode
from auditor.models import ModelIdentity, PipelineIdentity
from auditor.results.provenance import package_versions
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.materials import Materials

NOTHING = "nothing"
SHOWN = 16
"""How many characters of a digest a message shows."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHOICE = ("source", "rows", "seed")


class PinnedFiles(ResultNode):
    """A model or pipeline by the digests of its files."""

    source: str
    """As the document names it."""
    digest: str
    """SHA-256 over all of `files`; for the python adapter also over function, outputs and revision."""
    files: dict[str, str]
    """SHA-256 of each file that decides its numbers."""


class PinnedData(ResultNode):
    """The data set, and the rows that the document draws from it."""

    source: str
    """As the document names it."""
    rows: int
    """How many rows the document draws."""
    seed: int
    """The seed that draws them."""
    table: str
    """SHA-256 of the table."""
    pictures: str
    """SHA-256 over name and SHA-256 of the picture of each row drawn, in the order of the names."""


class Pins(ResultNode):
    """Digests and versions of everything that an audit names."""

    auditor: str
    """Version of auditor."""
    python: str
    """Version of Python."""
    packages: dict[str, str]
    """Versions of the packages that numbers depend on."""
    dataset: PinnedData
    """The labelled pictures."""
    models: dict[str, PinnedFiles]
    """The audited models by name."""
    detectors: dict[str, PinnedFiles]
    """The detectors by name."""
    pipelines: dict[str, PinnedFiles]
    """The pipeline of each intervention, by the intervention's name."""
    inputs: dict[str, PinnedFiles] = Field({})
    """Overlays, masks and photographs of each gradual intervention that reads any, by its name."""
    captions: dict[str, PinnedFiles] = Field({})
    """The table of captions from outside of each intervention that takes one, by the intervention's name."""


def pins_of(spec: AuditSpec, materials: Materials) -> Pins:
    """What is there now."""
    rows = materials.rows
    return Pins(
        auditor=__version__,
        python=platform.python_version(),
        packages=package_versions(),
        dataset=PinnedData(
            source=NOTHING if spec.dataset is None else spec.dataset.source,
            rows=len(rows),
            seed=0 if spec.dataset is None else spec.dataset.seed,
            table=rows.table_digest,
            pictures=digest_value(sorted(map(list, zip(rows.names, rows.image_digests, strict=True)))),
        ),
        models=_by_name({model.name: model.source for model in spec.models}, materials.models),
        detectors=_by_name({model.name: model.source for model in spec.detectors}, materials.detectors),
        pipelines=_by_name(
            {one.name: one.source for one in (*spec.captioning, *spec.sweeping) if not isinstance(one, Compositing)},
            materials.pipelines.values(),
        ),
        inputs={
            name: PinnedFiles(source=_read_by(spec, name), digest=found.digest, files=dict(found.files))
            for name, found in materials.files.items()
            if found.files
        },
        captions={
            one.name: PinnedFiles(source=one.caption.table, digest=given.digest, files=dict(given.files))
            for one in spec.captioning
            if one.caption.table is not None and (given := materials.captions.get(one.name)) is not None
        },
    )


def _read_by(spec: AuditSpec, name: str) -> str:
    """What a gradual intervention names to read, as the document has it."""
    one = next(one for one in spec.sweeping if one.name == name)
    if not isinstance(one, Compositing):
        return one.source
    return ", ".join(found for found in (one.overlay, one.region.mask, one.region.column) if found is not None)


def _by_name(
    sources: Mapping[str, str], found: Iterable[ModelIdentity] | Iterable[PipelineIdentity]
) -> dict[str, PinnedFiles]:
    return {one.name: PinnedFiles(source=sources[one.name], digest=one.digest, files=dict(one.files)) for one in found}


def other_sources(fixed: Pins, found: Pins) -> tuple[Difference, ...]:
    """Where `fixed` was written for a document that names other things; then digests tell nothing."""
    data = [Difference(f"data set, {field}", *_values(fixed.dataset, found.dataset, field)) for field in _CHOICE]
    named = [
        Difference(f"{noun} `{name}`, source", *_values(fixed_parts.get(name), found_parts.get(name), "source"))
        for noun, fixed_parts, found_parts in _parts(fixed, found)
        for name in dict.fromkeys([*fixed_parts, *found_parts])
    ]
    return tuple(one for one in (*data, *named) if one.fixed != one.found)


def drift(fixed: Pins, found: Pins) -> tuple[Difference, ...]:
    """What is otherwise now, for pins of the same sources; a line for a file, not for what it makes up."""
    versions = [Difference("auditor", fixed.auditor, found.auditor), Difference("python", fixed.python, found.python)]
    packages = different("package ", fixed.packages, found.packages)
    data = [
        Difference("table of the data set", fixed.dataset.table, found.dataset.table),
        Difference("pictures of the data set", fixed.dataset.pictures, found.dataset.pictures),
    ]
    parts = [
        one
        for noun, fixed_parts, found_parts in _parts(fixed, found)
        for name in fixed_parts
        if name in found_parts
        for one in _of_files(f"{noun} `{name}`", fixed_parts[name], found_parts[name])
    ]
    differing = (one for one in (*versions, *packages, *data, *parts) if one.fixed != one.found)
    return tuple(Difference(one.what, shown(one.fixed), shown(one.found)) for one in differing)


def different(noun: str, fixed: Mapping[str, str], found: Mapping[str, str]) -> list[Difference]:
    """Where two mappings differ; a name that one of them lacks is `nothing` there."""
    every = [
        Difference(f"{noun}{name}", fixed.get(name, NOTHING), found.get(name, NOTHING))
        for name in dict.fromkeys([*fixed, *found])
    ]
    return [one for one in every if one.fixed != one.found]


def _of_files(what: str, fixed: PinnedFiles, found: PinnedFiles) -> list[Difference]:
    before, after = ({f"`{name}`": digest for name, digest in one.files.items()} for one in (fixed, found))
    return different(f"{what}, file ", before, after) or [Difference(what, fixed.digest, found.digest)]


def _parts(fixed: Pins, found: Pins) -> tuple[tuple[str, Mapping[str, PinnedFiles], Mapping[str, PinnedFiles]], ...]:
    return (
        ("model", fixed.models, found.models),
        ("detector", fixed.detectors, found.detectors),
        ("pipeline of", fixed.pipelines, found.pipelines),
        ("files of", fixed.inputs, found.inputs),
        ("captions of", fixed.captions, found.captions),
    )


def _values(fixed: object, found: object, field: str) -> tuple[str, str]:
    return str(getattr(fixed, field, NOTHING)), str(getattr(found, field, NOTHING))


def shown(value: str) -> str:
    """A digest by its first characters; anything else as it is."""
    return f"{value[:SHOWN]}…" if _DIGEST.fullmatch(value) else value
