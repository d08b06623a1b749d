"""The bench: what one worker has at hand to turn a task into the bytes of a block."""

from __future__ import annotations

import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from auditor.errors import AuditError, ExecutionError
from auditor.execute.block import block_bytes, make_block
from auditor.execute.kernels import KERNELS, Kernel, Resources, UnitRows
from auditor.execute.numerics import Numerics
from auditor.execute.op_class import OpClass
from auditor.execute.picture_reader import PicturePlace, PictureReader
from auditor.execute.torch_setup import quiet_libraries
from auditor.plan import Op


@dataclass(frozen=True)
class Task:
    """One micro-batch: what a worker needs to compute and pack it."""

    op: Op
    op_class: OpClass
    keys: tuple[str, ...]
    rows: tuple[str, ...]
    texts: dict[str, tuple[str, ...]]
    seeds: np.ndarray
    places: tuple[PicturePlace, ...]


class Bench:
    """What one worker has at hand: the kernel of the op at work, one set of weights at a time."""

    def __init__(self, resources: Resources, numerics: Numerics, store: Path) -> None:
        self._resources, self._numerics = resources, numerics
        self._reader = PictureReader(store)
        self._op: Op | None = None
        self._kernel: Kernel[Any] | None = None

    def compute(self, task: Task) -> bytes:
        """The block of a task, as bytes.

        Raises:
            ExecutionError: weights could not be loaded, or a model's own code failed; says where.
        """
        try:
            return self._compute(task)
        except AuditError:
            raise
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            raise ExecutionError(
                f"{task.op.kind} failed: {type(error).__name__}: {str(error)[:300]} "
                f"({Path(last.filename).name}:{last.lineno}); what was finished is kept"
            ) from error

    def _compute(self, task: Task) -> bytes:
        kernel = self._kernel_for(task.op)
        images = tuple(self._reader.read(place) for place in task.places)
        (outputs,) = kernel.run(kernel.prepare(UnitRows(task.texts, task.seeds, images, len(task.keys))))
        return block_bytes(make_block(task.op, task.op_class, task.keys, task.rows, outputs))

    def _kernel_for(self, op: Op) -> Kernel[Any]:
        if self._op != op or self._kernel is None:
            self._kernel = None  # The weights at hand go before the next ones come.
            quiet_libraries()
            with warnings.catch_warnings():
                # What libraries think of each other's old configurations is no news for an audit.
                warnings.simplefilter("ignore")
                self._kernel = KERNELS[op.kind]((op,), self._resources, self._numerics, self._numerics.device)
            self._op = op
        return self._kernel
