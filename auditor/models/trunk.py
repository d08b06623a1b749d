"""Models that differ in their last layer alone: found from their files, scored with one pass through the trunk."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from auditor.digest import Digest, digest_value
from auditor.models.model import ModelIdentity
from auditor.models.safetensors_folder import read_json, tensor_index

HEAD = "classifier"
"""The module whose linear layer is a model's head."""

ONE_LINEAR_HEAD = frozenset(
    f"{family}ForImageClassification"
    for family in (
        "Beit", "ConvNext", "ConvNextV2", "DeiT", "Dinov2", "Dinov2WithRegisters", "MobileNetV2", "RegNet", "ResNet",
        "Siglip", "Swin", "Swinv2", "ViT",
    )
)  # fmt: skip
"""Classes whose logits are what one linear layer in `classifier` returns, and nothing after it; each is tested."""

_ABOUT_OUTPUTS = frozenset(
    ("id2label", "label2id", "num_labels", "problem_type", "_name_or_path", "transformers_version", "dtype",
     "torch_dtype")
)  # fmt: skip
"""What configurations say of names, files and outputs: weights are compared as such, and loaded as float32."""


@lru_cache(maxsize=1024)
def trunk_of(identity: ModelIdentity) -> Digest | None:
    """What models with the same trunk have in common; None where the adapter cannot tell.

    Equal digests mean: the same class and configuration but for the outputs, the same preprocessing,
    and every tensor equal but those of the last layer. Reads all weights, without loading them.
    """
    if identity.adapter != "transformers":
        return None
    config = read_json(identity.folder / "config.json", ())
    architectures = config.get("architectures")
    if not isinstance(architectures, list) or not architectures or architectures[0] not in ONE_LINEAR_HEAD:
        return None
    tensors: dict[str, list[object]] = {}
    heads: list[str] = []
    for file in identity.weight_files:
        for name, digest in _tensors_but(HEAD, file, heads).items():
            tensors[name] = digest
    if len({name.rpartition(".")[0] for name in heads}) != 1:
        return None
    return digest_value(
        {
            "config": {name: value for name, value in config.items() if name not in _ABOUT_OUTPUTS},
            "preprocessing": read_json(identity.folder / "preprocessor_config.json", ()),
            "heads": sorted(heads),
            "tensors": tensors,
        }
    )


def _tensors_but(module: str, file: Path, left_out: list[str]) -> dict[str, list[object]]:
    """Type, shape and SHA-256 of each tensor in a file; names below `module` go to `left_out` instead."""
    found: dict[str, list[object]] = {}
    with file.open("rb") as opened:
        for name, tensor in tensor_index(file, ()).items():
            if name.startswith(f"{module}."):
                left_out.append(name)
                continue
            opened.seek(tensor.start)
            digest = hashlib.sha256(opened.read(tensor.end - tensor.start)).hexdigest()
            found[name] = [tensor.dtype, list(tensor.shape), digest]
    return found
