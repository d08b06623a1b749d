"""Whether the result in a run folder is current: then nothing is computed, judged or drawn.

Current means: the document, everything that it names, the numerics class, the options and auditor itself are
what the result was made from, and every file and every stored block is, byte for byte, what was left.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import auditor
from auditor.digest import Digest, digest_bytes, digest_value, digests_in
from auditor.errors import ExecutionError, Exit
from auditor.execute.storage.objects import Objects
from auditor.report.templates import template_folder
from auditor.results.audit_result import AuditResult
from auditor.results.run_record import RunRecord
from auditor.run.folder import OneWriter, RunFolder
from auditor.run.options import Options, formats_of
from auditor.run.outcome import Outcome, exit_status
from auditor.run.pins import pins_of
from auditor.run.plan_file import numerics_parts
from auditor.run.prepare import Gathered, gather, prepare
from auditor.run.record import read_record
from auditor.run.reporting import read_result
from auditor.spec import LoadedSpec, resolved_text

FINISHED = (Exit.PASS, Exit.FAIL, Exit.INCONCLUSIVE)

BLOCKS = "blocks.txt"
"""Names of the stored blocks that hold the pictures and scores of a run, one a line."""


def current_outcome(loaded: LoadedSpec, options: Options, folder: RunFolder, store: Path) -> Outcome | None:
    """The outcome of the last run in `folder`, where it is current; None where there is something to do.

    Raises:
        SpecError, Drift, UsageError: as `prepare`; and UsageError where another run is writing to the folder.
    """
    record = read_record(folder)
    if record is None or record.exit_status not in FINISHED or record.unwritten:
        return None
    if not _same(record.inputs, declared(loaded, options)):
        return None  # Before anything large is read.
    found = gather(loaded, options, decode=False)
    if options.fixed is not None:
        prepare(loaded, options, found)  # Round one must be the one that was planned.
    if record.inputs != inputs_of(loaded, options, found):
        return None
    with _while_nobody_writes(folder):
        if not (_whole(folder, record) and _stored(folder, store)):
            return None
        result = read_result(folder)
    files = {"result": folder.result, "units": folder.units}
    files |= {name: folder.path / f"report.{name}" for name in formats_of(loaded, options)}
    reused = sum(op.reused for op in record.ops)
    return Outcome(folder, result, exit_status(result), {}, files, current=True, reused=reused)


@contextlib.contextmanager
def _while_nobody_writes(folder: RunFolder) -> Iterator[None]:
    """Holds the folder; one that cannot be written, such as an archive, is written by nobody."""
    with contextlib.ExitStack() as held:
        with contextlib.suppress(ExecutionError):
            held.enter_context(OneWriter(folder.path))
        yield


def declared(loaded: LoadedSpec, options: Options) -> dict[str, str]:
    """What a result depends on, as far as it is known without looking at what the document names."""
    return {
        "auditor": own_digest(),
        "document": loaded.digest,
        "resolved": digest_bytes(resolved_text(loaded.spec).encode()),
        "formats": ", ".join(formats_of(loaded, options)),
        "reuse": options.reuse,
        "limit": "all rows" if options.limit is None else f"the first {options.limit} rows",
    }


def inputs_of(loaded: LoadedSpec, options: Options, found: Gathered) -> dict[str, str]:
    """All that a result depends on, in words or by digest."""
    return {
        **declared(loaded, options),
        "materials": digest_value(pins_of(loaded.spec, found.materials).model_dump(mode="json")),
        "numerics": digest_value(numerics_parts(found.numerics)),
    }


def own_digest() -> Digest:
    """SHA-256 over auditor's own source and templates: while auditor is being changed, its version stands still."""
    package, templates = Path(auditor.__file__).parent, template_folder()
    code = (path for path in package.rglob("*.py") if "zoo" not in path.relative_to(package).parts)
    drawn = (path for path in templates.rglob("*") if path.is_file())
    return digest_value(
        [
            [list(file) for file in digests_in(folder, sorted(path.relative_to(folder).as_posix() for path in paths))]
            for folder, paths in ((package, code), (templates, drawn))
        ]
    )


def files_of(folder: RunFolder, result: AuditResult, names: Iterable[str]) -> dict[str, Digest]:
    """The digest of each file that a run leaves, by its name below the folder; `names` besides the pictures."""
    pictures = {
        name for pair in result.pairs for name in (pair.factual_image, pair.counterfactual_image) if name is not None
    }
    return dict(digests_in(folder.path, {*names, *pictures}))


def _same(recorded: Mapping[str, str], now: Mapping[str, str]) -> bool:
    return all(recorded.get(name) == value for name, value in now.items())


def _whole(folder: RunFolder, record: RunRecord) -> bool:
    """Whether every file is as the run left it."""
    return BLOCKS in record.files and all(folder.holds(name, digest) for name, digest in record.files.items())


def _stored(folder: RunFolder, store: Path) -> bool:
    """Whether every picture and score is still in the store: they are the evidence behind the result."""
    objects = Objects(store / "objects", store / "quarantine")
    names = (folder.path / BLOCKS).read_text(encoding="ascii").split()
    try:
        # All of them, so that whatever is damaged goes to quarantine, and is missed and made again.
        return all([objects.read(name) is not None for name in names])
    except OSError:
        return False  # No folder, or none that can be written: what opens the store says so.
