"""Adapter `python`: a function of the user's own, run only with `--allow-python`."""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from auditor import codes
from auditor.digest import digest_file, digest_value
from auditor.errors import DataError
from auditor.models.model import ModelIdentity, ModelNode, refuse_outputs, target_index
from auditor.models.model_fault import ModelFault
from auditor.models.score_by_shape import score_by_shape
from auditor.models.scorer import Scorer
from auditor.node import Name, Source, default
from auditor.permission import not_permitted
from auditor.source import Loc, expect_digest, file_below, nearest


class PythonModel(ModelNode):
    """A Python function `(images: uint8 (n, height, width, 3)) -> float (n, n_outputs)`.

    The source is `file.py:function`: a file as seen from the document's folder, and a function at its top level. It
    runs only when the command line says `--allow-python`.

    It gets one numpy array of n RGB pictures as they are: resizing and normalising are its own. All pictures of a
    call have one size; where those of a batch differ, as pictures of the data set and generated ones may, each size
    is a call of its own, filled up with copies. n is the same in every call, and a picture's scores may not depend
    on the others.

    It returns a row for each picture and a column for each of `outputs`: logits, any finite numbers. A probability p
    is the logit log(p / (1 - p)); under `output: value` they are the numbers that it predicts. NaN makes the score of
    that picture invalid; any other shape, and an exception, stop the run. It is called once on pictures of the data
    set before anything is generated.
    """

    adapter: Literal["python"]
    """Which adapter runs the model: `python` calls the function that `source` names as `file.py:function`."""

    outputs: tuple[Name, ...] = Field(min_length=1)
    """The name of each output, in the order of the columns that the function returns."""

    weights: tuple[Source, ...] = default((), "chosen")
    """Files that the function reads, as seen from the document's folder; their digests are part of
    the model's identity."""

    revision: Name
    """The author's name for this version of the function; part of the model's identity.

    The text of the file and the files in `weights` are part of it anyway. Raise it where something else that decides
    scores changes, such as a library or a file that is not listed."""

    multi_label: bool = default(True, "chosen")
    """Whether outputs are independent of each other, or exclusive classes.

    True: the probability of an output is the sigmoid of its logit. False: the softmax over all outputs, of which there
    are two at least."""

    def identify(self, base: Path, loc: Loc) -> ModelIdentity:
        """What the model is, from its file's text; the file is not run.

        Raises:
            DataError: the file, the function in it, or a file of weights is missing.
        """
        where = (*loc, "source")
        name, colon, function = self.source.partition(":")
        if not name:
            raise _no_python(f"`{self.source}` names no file", where)
        file = file_below(name, base, where)
        known = _functions(file, where)
        if function not in known:
            near = nearest(function, known)
            raise DataError(
                f"`{name}` defines no function `{function}`" if colon else f"`{name}` names a file and no function",
                code=codes.PYTHON_ENTRY,
                loc=where,
                way_out=f"write `{name}:` and a function at the top level of that file; it has "
                + (", ".join(f"`{one}`" for one in known) or "none"),
                suggestion=f"{name}:{near}" if near else "",
            )
        refuse_outputs(self.source, self.outputs, self.multi_label, self.output, (*loc, "outputs"))
        weights = [file_below(weight, base, (*loc, "weights", i)) for i, weight in enumerate(self.weights)]
        names = [name, *self.weights]
        files = [digest_file(path) for path in (file, *weights)]
        digest = digest_value(
            {
                "file": files[0],
                "function": function,
                "weights": files[1:],
                "revision": self.revision,
                "outputs": list(self.outputs),
            }
        )
        expect_digest(digest, self.digest, f"model `{self.name}`", loc)
        return ModelIdentity(
            name=self.name,
            adapter="python",
            folder=file,
            digest=digest,
            outputs=self.outputs,
            multi_label=self.multi_label,
            scale=self.output,
            target=target_index(self.target, self.outputs, self.name, loc),
            weight_files=tuple(weight for weight in weights if weight.suffix == ".safetensors"),
            entry=function,
            files=tuple(sorted(zip(names, files, strict=True))),
        )


def _functions(file: Path, loc: Loc) -> tuple[str, ...]:
    """The names of the functions at the top level of a file, which is not run."""
    try:
        # As bytes, of which Python itself reads the encoding.
        tree = ast.parse(file.read_bytes())
    except SyntaxError as error:
        raise _no_python(f"line {error.lineno} of `{file.name}` is no Python: {error.msg}", loc) from None
    except PermissionError:
        raise not_permitted(f"`{file.name}`", loc) from None
    except (OSError, ValueError) as error:
        raise _no_python(f"`{file.name}` cannot be read: {getattr(error, 'strerror', None) or error}", loc) from None
    return tuple(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def _no_python(message: str, loc: Loc) -> DataError:
    return DataError(message, code=codes.PYTHON_ENTRY, loc=loc, way_out="name a Python file that can be compiled")


def open_python_model(identities: Sequence[ModelIdentity], device: str) -> Scorer:
    """Run the file and find the function; the caller has made sure that this is allowed.

    The function gets one array, so pictures of different sizes are scored in turn. What the
    author's code prints goes to stderr.
    """
    (identity,) = identities
    space: dict[str, object] = {"__name__": identity.folder.stem, "__file__": str(identity.folder)}
    with contextlib.redirect_stdout(sys.stderr):
        exec(compile(identity.folder.read_bytes(), str(identity.folder), "exec"), space)
    function = space[identity.entry]
    assert callable(function)

    def score(images: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        def of(batch: list[int]) -> np.ndarray:
            with contextlib.redirect_stdout(sys.stderr):
                returned = function(np.stack([images[i] for i in batch]))
            return _as_scores(returned, identity, len(batch))

        return (score_by_shape([image.shape for image in images], of),)

    return Scorer(prepare=list, score=score)


def _as_scores(returned: object, identity: ModelIdentity, count: int) -> np.ndarray:
    """What the function returned, (count, n_outputs) float32; ModelFault where it is something else."""
    wanted = (count, len(identity.outputs))
    try:
        scores = np.asarray(returned, np.float32)
        found = f"an array of shape {scores.shape}"
    except (TypeError, ValueError):
        scores = np.empty(0, np.float32)
        found = f"a {type(returned).__name__}, which is no array of numbers,"
    if scores.shape != wanted:
        raise ModelFault(
            f"model `{identity.name}` returned {found} for {count} pictures; "
            f"it must return {wanted}, a column for each of its outputs",
            identity.digest,
            codes.PYTHON_ENTRY,
        )
    return scores
