"""The bench: what one worker has at hand to compute tasks."""

from __future__ import annotations

import contextlib
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from auditor.errors import AuditError, ExecutionError
from auditor.execute.kernels import KERNELS, Kernel, Resources, UnitRows
from auditor.execute.kernels.predict import PredictKernel
from auditor.execute.numerics import PACKAGES_OF, Numerics
from auditor.execute.out_of_memory import OutOfMemory, is_out_of_memory, release_memory
from auditor.execute.picture_reader import PictureReader
from auditor.execute.probe import probe
from auditor.execute.storage.block import Output
from auditor.execute.task import Findings, Opening, Packed, Task, pack
from auditor.execute.torch_setup import prepare_process, quiet_libraries
from auditor.models import ModelFault, ModelIdentity, code_of, model_fault
from auditor.plan import Op


class Bench:
    """What one worker has at hand: the kernel of the ops at work, one set of weights at a time.

    `prepare`, `compute` and `pack` may run in three threads, each for one task at a time.
    """

    def __init__(self, resources: Resources, numerics: Numerics, store: Path, device: str) -> None:
        """`device`: where this worker's models run, such as `cpu` or `cuda:1`."""
        self._resources, self._numerics, self._device = resources, numerics, device
        self._reader = PictureReader(store)
        self._ops: tuple[Op, ...] = ()
        self._kernel: Kernel[Any] | None = None

    def load(self, ops: Sequence[Op]) -> None:
        """Have the weights of these ops at hand; those of others go first.

        Raises:
            ExecutionError: weights could not be loaded.
        """
        if self._ops == tuple(ops) and self._kernel is not None:
            return
        if self._kernel is not None:
            self._kernel = None
            release_memory()  # Pipelines hold themselves in circles.
        wanted = self._want_torch(ops)
        if wanted:
            self._set_up_torch()
        with self._faults_of(ops, "cannot be loaded"), warnings.catch_warnings():
            # What libraries think of each other's old configurations is no news for an audit.
            warnings.simplefilter("ignore")
            try:
                self._kernel = KERNELS[ops[0].kind](ops, self._resources, self._numerics, self._device)
            except Exception as error:
                if is_out_of_memory(error):
                    raise ExecutionError(
                        f"the weights that {ops[0].kind} needs do not fit into memory: run the same command again "
                        "where there is more, or with fewer --workers"
                    ) from error
                raise
        if not wanted and "torch" in sys.modules:
            self._set_up_torch()  # An author's function has imported it.
        self._ops = tuple(ops)

    def prepare(self, task: Task) -> Any:
        """Read a task's inputs, and make of them what the kernel wants.

        Raises:
            ExecutionError: an input is gone or damaged, or a model's own code failed.
        """
        with self._faults_of(task.ops):
            return self._at_hand.prepare(self._units(task))

    def compute(self, task: Task, batch: Any) -> tuple[Sequence[Output], ...]:
        """Of each op of a task that `prepare` made `batch` of, the output of every entry.

        Raises:
            OutOfMemory: the batch does not fit.
            ExecutionError: a model's own code failed; says where.
        """
        with self._faults_of(task.ops):
            return self._at_hand.run(batch)

    def pack(self, task: Task, outputs: Sequence[Sequence[Output]]) -> Packed:
        """The blocks of a task whose outputs were computed."""
        with self._faults_of(task.ops, ours=True):
            return pack(task, outputs)

    def probe(self, task: Task) -> Findings:
        """Whether the task's ops keep their class's promise.

        Raises:
            OutOfMemory, ExecutionError: as `prepare` and `compute`.
        """
        self.load(task.ops)
        with self._faults_of(task.ops):
            found = probe(self._at_hand, self._units(task), self._numerics.batch_of(task.ops[0]))
        return Findings(task.ops, found)

    def open(self, opening: Opening) -> Packed:
        """Load models and let them score a few pictures, of which nothing is kept.

        Memory that runs out is left to the work itself, which comes down to smaller batches.

        Raises:
            ModelFault: they cannot be loaded, or not score.
        """
        models = self._models_of(opening.ops)
        try:
            self.load(opening.ops)
            images = [image for place in opening.places if not isinstance(image := self._reader.read(place), str)]
            kernel = self._at_hand
            if images and isinstance(kernel, PredictKernel):
                with self._faults_of(opening.ops, "cannot score pictures of the data set"):
                    kernel.try_out(images)
        except (ModelFault, OutOfMemory) as error:
            if isinstance(error, ModelFault):
                raise
        except ExecutionError as error:
            if not is_out_of_memory(error.__cause__ or error):
                named = next((model for model in models if f"`{model.name}`" in str(error)), models[0])
                raise ModelFault(str(error), named.digest, code_of(named)) from error
        return ()

    def _want_torch(self, ops: Sequence[Op]) -> bool:
        """Whether ops are computed by torch and the libraries on it, which take seconds to import: an author's function
        may do without, but finds them set up where there is a GPU."""
        own_code = [model.adapter == "python" for model in self._models_of(ops)]
        return "torch" in PACKAGES_OF[ops[0].kind] and not (any(own_code) and self._device == "cpu")

    def _set_up_torch(self) -> None:
        prepare_process(self._numerics, self._device)
        quiet_libraries()

    @property
    def _at_hand(self) -> Kernel[Any]:
        assert self._kernel is not None, "nothing is loaded"
        return self._kernel

    def _units(self, task: Task) -> UnitRows:
        images, others = (tuple(map(self._reader.read, places)) for places in (task.places, task.others))
        return UnitRows(task.texts, task.seeds, images, task.size, task.numbers, others)

    def _models_of(self, ops: Sequence[Op]) -> list[ModelIdentity]:
        return [self._resources.models[str(op.parameter("model"))] for op in ops if op.shape.weights == "model"]

    @contextlib.contextmanager
    def _faults_of(self, ops: Sequence[Op], what: str = "failed", *, ours: bool = False) -> Iterator[None]:
        """Errors of libraries and models as what they mean to a user; `what` a model did not do, unless none of its
        code runs here."""
        try:
            yield
        except AuditError:
            raise
        except (Exception, SystemExit) as error:
            if is_out_of_memory(error):
                raise OutOfMemory(f"{ops[0].kind} ran out of memory") from error
            if (models := self._models_of(ops)) and not ours:
                raise model_fault(models, error, what) from error
            last = traceback.extract_tb(error.__traceback__)[-1]
            raise ExecutionError(
                f"{ops[0].kind} failed: {type(error).__name__}: {str(error)[:300]} "
                f"({Path(last.filename).name}:{last.lineno})"
            ) from error
