"""DeepLift (Shrikumar et al. 2017), the rescale rule, through captum.

captum knows no rule for the activations that newer classifiers have (GELU, SiLU, ..), and would silently take their
gradients; here each of them gets the rescale rule too. Layer norms and attention, which are no activations, pass
gradients on, as there.
"""

from __future__ import annotations

import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

from auditor import codes
from auditor.errors import DataError
from auditor.source import Loc

if TYPE_CHECKING:
    import torch


def deep_lift(module: torch.nn.Module, pixels: torch.Tensor, baseline: torch.Tensor) -> torch.Tensor:
    """What each entry of `pixels` adds to the number, compared with `baseline`; of their shape.

    Args:
        module: pixels to one number, (n, 1), every activation a module that is used once (`refuse_reused_activations`).
        pixels, baseline: (n, channels, height, width).
    """
    from captum.attr import DeepLift
    from captum.attr._core.deep_lift import SUPPORTED_NON_LINEAR, nonlinear

    class Rescale(DeepLift):  # type: ignore[misc]  # captum has no types for us
        def _is_non_linear(self, module: torch.nn.Module) -> bool:
            return type(module) in SUPPORTED_NON_LINEAR or is_activation(module)

        def _backward_hook(self, module: Any, grad_input: torch.Tensor, grad_output: torch.Tensor) -> Any:
            if type(module) in SUPPORTED_NON_LINEAR:
                return super()._backward_hook(module, grad_input, grad_output)
            found = nonlinear(module, module.input, module.output, grad_input, grad_output, eps=self.eps)
            del module.input, module.output
            return found

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?s).*Setting forward, backward hooks")
        found: torch.Tensor = Rescale(module).attribute(pixels.requires_grad_(True), baseline, target=0)
    return found


def is_activation(module: torch.nn.Module) -> bool:
    """Whether a module applies one function to every number: an activation of torch or of transformers."""
    home = type(module).__module__
    whole_rows = ("Softmax", "Softmax2d", "LogSoftmax", "Softmin", "MultiheadAttention", "GLU")
    return home == "transformers.activations" or (
        home == "torch.nn.modules.activation" and type(module).__name__ not in whole_rows
    )


def refuse_reused_activations(module: torch.nn.Module, pixels: torch.Tensor, name: str, loc: Loc = ()) -> None:
    """Raise DataError where a pass uses an activation more than once, so that inputs and outputs cannot be paired."""
    import torch
    from captum.attr._core.deep_lift import SUPPORTED_NON_LINEAR

    used: Counter[str] = Counter()

    def counting(path: str) -> Any:
        return lambda *_: used.update([path])

    hooks = [
        part.register_forward_hook(counting(path))
        for path, part in module.named_modules()
        if type(part) in SUPPORTED_NON_LINEAR or is_activation(part)
    ]
    try:
        with torch.no_grad():
            module(pixels)
    finally:
        for hook in hooks:
            hook.remove()
    again = next(((path, count) for path, count in used.items() if count > 1), None)
    if again is not None:
        raise DataError(
            f"the model `{name}` uses its module `{again[0]}` {again[1]} times in a pass, and DeepLift follows "
            "modules that are used once",
            code=codes.NO_FEATURE_MAP,
            loc=loc,
            way_out="leave DeepLift out; integrated gradients, occlusion, LIME and kernel SHAP take any such model",
        )
