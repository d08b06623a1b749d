"""Opening models before anything is generated for them: what cannot be loaded or called is told at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from auditor.errors import DataError, ExecutionError
from auditor.execute.groups import Group
from auditor.execute.kernels import Resources
from auditor.execute.picture_reader import PicturePlace
from auditor.execute.schedule import ScheduledTable
from auditor.execute.task import Opening
from auditor.execute.worker_answers import WorkerDied
from auditor.execute.workers import Workers
from auditor.models import ModelFault, ModelIdentity, code_of
from auditor.pictures import picture_size
from auditor.plan import Plan

LOOKED_AT = 2_000
"""Of so many pictures, the first, the smallest one is found; their headers are read."""


def openings(plan: Plan, tables: Sequence[ScheduledTable], groups: Sequence[Group]) -> list[Opening]:
    """What is to be opened: the models that have something to score, by the passes they share."""
    places = tuple(_pictures(plan, tables))
    return [Opening(group.ops, places) for group in groups if group.ops[0].kind == "predict"]


def open_models(jobs: Sequence[Opening], workers: Workers, resources: Resources, stop: Callable[[], bool]) -> None:
    """Open models, authors' functions one after another, so that the one that ends its process is known.

    Raises:
        ModelFault: one cannot be loaded, or not score; `permanent`.
        ExecutionError: a worker was killed from outside.
    """
    own = [job for job in jobs if _of(job, resources).adapter == "python"]
    for together in ([job for job in jobs if job not in own], *([job] for job in own)):
        try:
            for _ in workers.compute(together, stop, lambda found: 0):
                pass
        except ModelFault as error:
            raise ModelFault(str(error), error.model, error.code, permanent=True) from error
        except WorkerDied as error:
            if together[0] not in own or not (error.status >= 0 or error.crashed):
                raise
            model = _of(together[0], resources)
            how = "crashed its process ({})" if error.crashed else "ended its process with status {}"
            said = f"model `{model.name}` {how.format(error.ending)} when it was called"
            raise ModelFault(said, model.digest, code_of(model), permanent=True) from error


def died_at(group: Group, resources: Resources, error: WorkerDied) -> ExecutionError:
    """A worker died in the middle of the work: what it was at, and whose model that may be."""
    said = f"a worker {error.how}; it was {group.title(resources)}"
    if group.ops[0].shape.weights != "model":
        return ExecutionError(said)
    model = resources.models[str(group.ops[0].parameter("model"))]
    return ModelFault(said, model.digest, code_of(model))


def _of(job: Opening, resources: Resources) -> ModelIdentity:
    return resources.models[str(job.ops[0].parameter("model"))]


def _pictures(plan: Plan, tables: Sequence[ScheduledTable]) -> Iterator[PicturePlace]:
    """The first picture of the data set, and the smallest: a model may take none below a size of its own."""
    for table in tables:
        if table.table.op.kind == "load":
            digests = [cell.tobytes().hex() for cell in table.table.column("file")[:LOOKED_AT]]
            smallest = min(digests, key=lambda digest: _shorter_side(plan.payloads[digest]))
            for digest in dict.fromkeys((digests[0], smallest)):
                yield PicturePlace(file=plan.payloads[digest], file_digest=digest)


def _shorter_side(path: str) -> float:
    """In pixels; a picture that cannot be read is told elsewhere."""
    try:
        return min(picture_size(Path(path), path))
    except DataError:
        return math.inf
