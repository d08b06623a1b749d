"""A model that fails, as one fault that names the model."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from pathlib import Path

from auditor import codes
from auditor.digest import Digest
from auditor.errors import ExecutionError
from auditor.models.model import ModelIdentity


class ModelFault(ExecutionError):
    """An audited model or a detector failed.

    Attributes:
        model: digest of the model.
        code: `MODEL_UNUSABLE`, `PYTHON_FAILED`, or `PYTHON_ENTRY` where a function broke its contract.
        permanent: whether it fails on the first pictures already, so that running again would change nothing.
    """

    def __init__(self, message: str, model: Digest, code: str, permanent: bool = False) -> None:
        super().__init__(message)
        self.model, self.code, self.permanent = model, code, permanent


def model_fault(models: Sequence[ModelIdentity], error: BaseException, what: str) -> ModelFault:
    """The fault of models that score together; `what` says what they did not do, such as `cannot be loaded`."""
    first, *others = models
    names = f"model `{first.name}`" + (f" and {len(others)} more on its trunk" if others else "")
    return ModelFault(f"{names} {what}: {brief(error)} ({_place(error, first)})", first.digest, code_of(first))


def code_of(model: ModelIdentity) -> str:
    """Which code its faults have."""
    return codes.PYTHON_FAILED if model.adapter == "python" else codes.MODEL_UNUSABLE


def brief(error: BaseException) -> str:
    """The kind of an error and the first sentence of what a library says, which may go on with reports and advice.

    >>> brief(RuntimeError("You set it to False, thus raising an error. For details look at the above report!"))
    'RuntimeError: You set it to False, thus raising an error'
    """
    sentence = re.split(r"(?<=[.!?])\s", " ".join(str(error).split()), maxsplit=1)[0][:300].removesuffix(".")
    return f"{type(error).__name__}: {sentence}" if sentence else type(error).__name__


def _place(error: BaseException, model: ModelIdentity) -> str:
    """File and line where it was raised; of a function of the author's, the last line of the author's file."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == str(model.folder)]
    if isinstance(error, SyntaxError) and error.filename == str(model.folder):
        return f"{model.folder.name}:{error.lineno}"
    last = (own or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
