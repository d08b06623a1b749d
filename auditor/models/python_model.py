"""Adapter `python`: a function of the user's own, run only with `--allow-python`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from auditor import codes
from auditor.digest import digest_file, digest_value
from auditor.errors import DataError, ExecutionError
from auditor.models.model import ModelIdentity, ModelNode, Scorer, target_index
from auditor.node import Name, default
from auditor.source import Loc, below, expect_digest


class PythonModel(ModelNode):
    """A Python function `(images: uint8 (n, height, width, 3)) -> float (n, n_outputs)`.

    The source is `file.py:function`, below the document's folder. It runs only when the
    command line says `--allow-python`, always on batches of one fixed size. What it returns
    are logits: a probability p is the logit log(p / (1 - p)).
    """

    adapter: Literal["python"]
    """Which adapter runs the model."""

    outputs: tuple[Name, ...] = Field(min_length=1)
    """The name of each output, in the order of the returned columns."""

    weights: tuple[str, ...] = default((), "chosen")
    """Files that the function reads, below the document's folder; their digests are part of
    the model's identity."""

    revision: Name
    """The author's name for this version of the function; part of the model's identity."""

    multi_label: bool = default(True, "chosen")
    """Whether returned logits are independent (sigmoid) or exclusive (softmax)."""

    def identify(self, base: Path, loc: Loc) -> ModelIdentity:
        """What the model is, from its file's text; the file is not run.

        Raises:
            DataError: the file, the function in it, or a file of weights is missing.
        """
        where = (*loc, "source")
        name, _, function = self.source.partition(":")
        file = below(name, base, where)
        if function not in _functions(file, where):
            raise DataError(
                f"`{name}` defines no function `{function}`",
                code=codes.PYTHON_ENTRY,
                loc=where,
                way_out="write `file.py:function`, the name of a function at the file's top level",
            )
        weights = [below(weight, base, (*loc, "weights", i)) for i, weight in enumerate(self.weights)]
        digest = digest_value(
            {
                "file": digest_file(file),
                "function": function,
                "weights": [digest_file(weight) for weight in weights],
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
        )


def _functions(file: Path, loc: Loc) -> set[str]:
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(
            f"`{file.name}` is no Python that can be read: {type(error).__name__}",
            code=codes.PYTHON_ENTRY,
            loc=loc,
            way_out="mend the file; `python -m py_compile` says where",
        ) from None
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def open_python_model(identity: ModelIdentity, device: str) -> Scorer:
    """Run the file and find the function; the caller has made sure that this is allowed.

    Pictures of a batch that differ in size are refused, since the function gets one array.
    """
    space: dict[str, object] = {"__name__": identity.folder.stem, "__file__": str(identity.folder)}
    exec(compile(identity.folder.read_text(encoding="utf-8"), str(identity.folder), "exec"), space)
    function = space[identity.entry]

    def score(images: Sequence[np.ndarray]) -> np.ndarray:
        if len({image.shape for image in images}) > 1:
            raise ExecutionError(
                f"model `{identity.name}` got pictures of different sizes; "
                "the python adapter hands over one array, so make all pictures of the data set one size"
            )
        found = np.asarray(function(np.stack(images)), np.float32)  # type: ignore[operator]
        if found.shape != (len(images), len(identity.outputs)):
            raise ExecutionError(
                f"model `{identity.name}` returned an array of shape {found.shape} for {len(images)} pictures "
                f"and {len(identity.outputs)} outputs; it must return ({len(images)}, {len(identity.outputs)})"
            )
        return found

    return score
