"""Text embeddings: each distinct prompt is encoded once, alone, and kept as long as there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

KEPT_BYTES = 256_000_000
"""Room for embeddings: about a thousand prompts of Stable Diffusion in float32."""


class TextEmbeddings:
    """The embeddings of the prompts used last, as many as `kept_bytes` hold.

    A prompt is encoded alone, in a batch of one, so that its bits depend on nothing beside it; one that
    was let go is encoded again, to the same bits.
    """

    def __init__(self, encode: Callable[[str], torch.Tensor], kept_bytes: int = KEPT_BYTES) -> None:
        self._encode, self._kept_bytes = encode, kept_bytes
        self._kept: OrderedDict[str, torch.Tensor] = OrderedDict()
        self._held = 0

    def of(self, prompt: str) -> torch.Tensor:
        """The embedding of a prompt, (1, tokens, width)."""
        if prompt in self._kept:
            self._kept.move_to_end(prompt)
            return self._kept[prompt]
        found = self._encode(prompt)
        self._kept[prompt] = found
        self._held += found.nbytes
        while self._held > self._kept_bytes and len(self._kept) > 1:
            _, let_go = self._kept.popitem(last=False)
            self._held -= let_go.nbytes
        return found
