"""Loading classifiers of transformers: one model, or the trunk of several and the head of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor.errors import InternalError
from auditor.models.model import ModelIdentity
from auditor.models.score_by_shape import score_by_shape
from auditor.models.scorer import Scorer
from auditor.models.trunk import HEAD
from auditor.models.whole_weights import refuse_missing_weights

if TYPE_CHECKING:
    import torch


def open_transformers_models(identities: Sequence[ModelIdentity], device: str) -> Scorer:
    """Load the first model whole, and of the others, which have its trunk, the head alone.

    The heads get what the first model's head gets, the very tensor, and are applied as the class applies
    its own: the bits are those of scoring each model by itself. Models compute in float32 on any device.
    Where the processor leaves pictures of different sizes, each size is scored in turn.
    """
    import torch
    from transformers import AutoImageProcessor

    first = identities[0]
    processor = AutoImageProcessor.from_pretrained(
        first.folder, local_files_only=True, trust_remote_code=False, backend="pil"
    )
    model = load_transformers_model(first, device)
    widths = [len(identity.outputs) for identity in identities]
    heads = _Heads(model, identities[1:], device) if len(identities) > 1 else None

    def prepare(images: Sequence[np.ndarray]) -> list[torch.Tensor]:
        """The pixels of all pictures as one tensor, or of each as its own where sizes differ."""
        if len({image.shape for image in images}) == 1:
            return [processor(list(images), return_tensors="pt")["pixel_values"]]
        return [processor([image], return_tensors="pt")["pixel_values"] for image in images]

    def score(pixels: list[torch.Tensor]) -> tuple[np.ndarray, ...]:
        with torch.inference_mode():
            if len(pixels) == 1:
                logits = of(pixels[0])
            else:
                shapes = [tuple(each.shape) for each in pixels]
                logits = score_by_shape(shapes, lambda batch: of(torch.cat([pixels[i] for i in batch])))
        return tuple(np.split(logits, np.cumsum(widths)[:-1], axis=1))

    def of(pixels: torch.Tensor) -> np.ndarray:
        logits = model(pixel_values=pixels.to(device)).logits
        if heads is not None:
            logits = torch.cat([logits, *heads.others(logits)], dim=1)
        return np.asarray(logits.float().cpu().numpy())

    return Scorer(prepare, score)


class _Heads:
    """The last layers of models that have one trunk."""

    def __init__(self, model: torch.nn.Module, others: Sequence[ModelIdentity], device: str) -> None:
        import torch

        layers = {
            name: layer
            for name, layer in model.named_modules()
            if name.partition(".")[0] == HEAD and isinstance(layer, torch.nn.Linear)
        }
        ((name, self._layer),) = layers.items()
        self._input: torch.Tensor | None = None
        self._layer.register_forward_pre_hook(self._keep)
        self._others = [_head(other, name, self._layer, device) for other in others]

    def _keep(self, layer: torch.nn.Module, arguments: tuple[torch.Tensor, ...]) -> None:
        self._input = arguments[0]

    def others(self, logits: torch.Tensor) -> list[torch.Tensor]:
        """The logits of the other models for the batch of which the first model gave `logits`."""
        from torch.nn.functional import linear

        pooled, self._input = self._input, None
        if pooled is None or not linear(pooled, self._layer.weight, self._layer.bias).equal(logits):
            raise InternalError("a model was taken to end in its linear layer, and does not")
        return [linear(pooled, weight, bias) for weight, bias in self._others]


def _head(identity: ModelIdentity, name: str, like: Any, device: str) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Weight and bias of a model's last layer, as its class would load them; `like` is such a layer."""
    import torch
    from safetensors import safe_open

    found: dict[str, torch.Tensor] = {}
    for file in identity.weight_files:
        with safe_open(file, framework="pt", device="cpu") as tensors:
            for part in ("weight", "bias"):
                if f"{name}.{part}" in tensors.keys():  # noqa: SIM118  # no mapping
                    found[part] = _aligned(tensors.get_tensor(f"{name}.{part}").to(torch.float32)).to(device)
    wanted: dict[str, tuple[int, ...]] = {"weight": (len(identity.outputs), like.in_features)}
    wanted |= {"bias": (len(identity.outputs),)} if like.bias is not None else {}
    missing = [part for part, shape in wanted.items() if part not in found or tuple(found[part].shape) != shape]
    refuse_missing_weights(f"the model `{identity.name}`", {"missing_keys": [f"{name}.{part}" for part in missing]})
    return found["weight"], found.get("bias")


def load_transformers_model(identity: ModelIdentity, device: str) -> Any:
    """The classifier as a torch module in float32, ready to score; ExecutionError where weights are missing."""
    import torch
    from transformers import AutoModelForImageClassification

    model, loading = AutoModelForImageClassification.from_pretrained(
        identity.folder,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        dtype=torch.float32,
        output_loading_info=True,
    )
    refuse_missing_weights(f"the model `{identity.name}`", loading)
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data = _aligned(tensor.data)
    return model.to(device).eval()


def _aligned(tensor: torch.Tensor) -> torch.Tensor:
    """A copy where torch puts tensors: a CPU kernel's sums may depend on where its numbers begin in memory, and
    as loaded they lie where the file has them, which depends on the size of the head before them."""
    return tensor.clone()
