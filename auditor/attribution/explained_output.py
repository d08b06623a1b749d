"""The number that a map explains, as a module that captum can differentiate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from auditor.models import ModelIdentity

if TYPE_CHECKING:
    import torch

Explained = Literal["logit", "probability"]
"""The output as the model gives it, or its probability: a map of the one need not tell what moves the other, since a
probability stands still where it is near 0 or 1."""


def explained_output(
    whole: torch.nn.Module, model: ModelIdentity, output: int, explained: Explained
) -> torch.nn.Module:
    """A module of pixels (n, channels, height, width) to the one number of each picture, (n, 1).

    The probability is the sigmoid of the output's log odds against all others: of the logit itself where outputs are
    independent. It ends in a module, so that DeepLift has a rule for it.
    """
    import torch

    class ExplainedOutput(torch.nn.Module):  # type: ignore[misc]  # torch is not followed
        def __init__(self) -> None:
            super().__init__()
            self.whole = whole
            self.sigmoid = torch.nn.Sigmoid()

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            logits = self.whole(pixel_values=pixels).logits
            found: torch.Tensor = logits[:, output : output + 1]
            if explained == "logit":
                return found
            if not model.multi_label:
                others = torch.cat([logits[:, :output], logits[:, output + 1 :]], dim=1)
                found = found - others.logsumexp(dim=1, keepdim=True)
            return self.sigmoid(found)

    return ExplainedOutput()
