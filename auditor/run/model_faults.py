"""Models that fail while an audit runs, told at their place in the document."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from auditor import codes
from auditor.errors import DataError
from auditor.models import ModelFault
from auditor.spec import LoadedSpec
from auditor.spec.load import at_positions
from auditor.spec.materials import Materials

WAYS_OUT = {
    codes.MODEL_UNUSABLE: "save the model and its image processor again with `save_pretrained`, and see that "
    "transformers loads them and scores such a picture",
    codes.PYTHON_ENTRY: "mend the function; `auditor explain AUD332` says what it is given and must return",
    codes.PYTHON_FAILED: "mend the function; `auditor explain AUD332` says what it is given and must return",
}


@contextlib.contextmanager
def model_faults(loaded: LoadedSpec, materials: Materials) -> Iterator[None]:
    """Say of a model that fails inside where the document names it.

    Raises:
        SpecError: the model fails on the first pictures; running again would change nothing.
        ModelFault: it failed in the middle of the work.
    """
    try:
        yield
    except ModelFault as fault:
        loc = next(
            (part, number, "source")
            for part, found in (("models", materials.models), ("detectors", materials.detectors))
            for number, model in enumerate(found)
            if model.digest == fault.model
        )
        if fault.permanent:
            error = DataError(str(fault), code=fault.code, loc=loc, way_out=WAYS_OUT[fault.code])
            raise at_positions(loaded, [error]) from fault
        where = loaded.positions.of_value(loc)
        raise ModelFault(f"{where.path}:{where.line}: {fault}", fault.model, fault.code) from fault
