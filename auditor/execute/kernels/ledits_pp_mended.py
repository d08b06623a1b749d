"""What is mended in diffusers' LEDITS++ pipelines (as of 0.42), without which their edits are others than the paper's.

- *Attention of several pictures is mixed up*: `LeditsAttentionStore` takes rows of attention for sorted by head and
  then picture, but they are sorted by prompt, picture, head. With one picture that is the same; with more, the mask
  of each is made of heads of others. Here each slot gets its own.
- *Padding counts as words*: tokenizers give the padded length, so that masks are made of attention to all positions of
  the text, its end and padding among them. Here, to the words of the instruction, as the paper has it.
- *Embeddings are in the wrong order* in `invert`: a source prompt would guide away from itself, and without guidance
  by it inversion fails. Here there is no source prompt, and both embeddings are those of the empty one.
- *XL swaps height and width* in what it tells the network of a picture's size (diffusers issue 13635). Here not.
- *The autoencoder gets the network's dtype*, while ours stays float32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class SlotAttention:
    """Stands before a `LeditsAttentionStore`, and sorts what it is given as it expects it."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __call__(
        self, attn: torch.Tensor, is_cross: bool, place_in_unet: str, editing_prompts: int, **how: bool
    ) -> None:
        """`attn`: (prompts x slots x heads, queries, keys), the empty prompt first."""
        prompts, slots = 1 + editing_prompts, self._store.batch_size
        by_head = attn.reshape(prompts, slots, -1, *attn.shape[1:]).transpose(1, 2).reshape(attn.shape)
        self._store(by_head, is_cross, place_in_unet, editing_prompts, **how)


def mend(pipeline: Any) -> None:
    """Mend a loaded pipeline, `LEditsPPPipelineStableDiffusion` or `..XL`."""
    prepare, encode, decode = pipeline.prepare_unet, pipeline.encode_prompt, pipeline.vae.decode

    def prepare_unet(attention_store: Any, **how: bool) -> None:
        prepare(attention_store, **how)
        for processor in pipeline.unet.attn_processors.values():
            if hasattr(processor, "attnstore"):
                processor.attnstore = SlotAttention(attention_store)

    def encode_prompt(**how: Any) -> tuple[Any, ...]:
        *embeddings, _ = encode(**how)
        prompts = how["editing_prompt"]
        found = pipeline.tokenizer([prompts] if isinstance(prompts, str) else prompts, truncation=True).input_ids
        return (*embeddings, [len(tokens) - 2 for tokens in found])  # Without begin and end.

    if hasattr(pipeline, "_get_add_time_ids"):
        told = pipeline._get_add_time_ids
        pipeline._get_add_time_ids = lambda original, crop, target, **how: told(
            original[::-1], crop, target[::-1], **how
        )
    pipeline.prepare_unet, pipeline.encode_prompt = prepare_unet, encode_prompt
    pipeline.vae.decode = lambda latents, **how: decode(latents.float(), **how)
