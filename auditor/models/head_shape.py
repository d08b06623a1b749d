"""Whether a classifier's head has the outputs that its configuration names, from the headers of its weights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from auditor import codes
from auditor.errors import DataError
from auditor.models.safetensors_folder import shown, tensor_index
from auditor.source import Loc

HEAD_TENSOR = re.compile(
    r"(?P<module>(?:cls_|distillation_)?classifier|(?:dist_)?head)(?:\.(?P<layer>\d+))?\.(?P<part>weight|bias)"
)
"""The last layer of transformers' image classifiers: `classifier` in most, the last of a sequence in some."""


def refuse_other_head(source: str, files: Sequence[Path], outputs: int, loc: Loc) -> None:
    """Raise DataError where a head in these weights has more or fewer outputs than the configuration names.

    transformers refuses to load such a model, and nothing short of loading it would say so. Heads of other names are
    not known here, and pass.
    """
    last: dict[tuple[str, str], tuple[int, str, int]] = {}
    for file in files:
        for name, tensor in tensor_index(file, loc).items():
            found = HEAD_TENSOR.fullmatch(name)
            if found is None or len(tensor.shape) != (2 if found["part"] == "weight" else 1):
                continue
            layer = int(found["layer"] or 0)
            key = found["module"], found["part"]
            last[key] = max(last.get(key, (-1, "", 0)), (layer, f"`{name}` in `{shown(file)}`", tensor.shape[0]))
    for _, tensor_name, width in last.values():
        if width != outputs:
            raise DataError(
                f"the configuration of `{source}` names {outputs} output{'s' * (outputs != 1)} (`id2label`), and its "
                f"weights have {width}: {tensor_name}",
                code=codes.OUTPUT_LABELS,
                loc=loc,
                way_out="give every output of the weights its name in `id2label` of config.json, or save the model "
                "again with `save_pretrained`",
            )
