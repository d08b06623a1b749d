"""Loading a diffusion pipeline as a numerics class wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditor.execute.numerics import Numerics
from auditor.models import PipelineIdentity, refuse_missing_weights

if TYPE_CHECKING:
    from diffusers import UNet2DConditionModel


def load_pipeline(identity: PipelineIdentity, numerics: Numerics, device: str, compiled: bool, runs: str = "") -> Any:
    """The pipeline on `device`, of the diffusers class `runs` or its own.

    Text encoder and denoising network are in the class's dtype. The autoencoder stays float32: bfloat16 has 8
    significant bits, and the 8-bit picture needs all of its own.
    The safety checker is not loaded: it would replace pictures by black ones.

    Raises:
        ExecutionError: a part lacks weights, which its library would fill with random numbers.
    """
    import diffusers
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    dtype = {"float32": torch.float32, "bfloat16": torch.bfloat16}[numerics.dtype]
    layout = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}[numerics.memory_format]
    parts = {}
    for name, kind, own in (
        ("text_encoder", CLIPTextModel, dtype),
        ("text_encoder_2", CLIPTextModelWithProjection, dtype),
        ("unet", UNet2DConditionModel, dtype),
        ("vae", AutoencoderKL, torch.float32),
    ):
        if name == "text_encoder_2" and not (identity.folder / name).is_dir():
            continue  # Stable Diffusion XL alone has two.
        options = {"attn_implementation": numerics.attention} if kind.__module__.startswith("transformers") else {}
        part, loading = kind.from_pretrained(
            identity.folder / name, local_files_only=True, use_safetensors=True, output_loading_info=True, **options
        )
        refuse_missing_weights(f"`{name}` in the pipeline of `{identity.name}`", loading)
        parts[name] = part.to(own)
    for name in ("unet", "vae"):
        parts[name].to(memory_format=layout)
    # One of the names in `auditor.models.pipeline`, which are all that an identity may have.
    pipeline = getattr(diffusers, runs or identity.class_name).from_pretrained(
        identity.folder,
        **parts,
        local_files_only=True,
        use_safetensors=True,
        dtype=dtype,
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    )
    pipeline.to(device)
    pipeline.set_progress_bar_config(disable=True)
    if compiled:
        compile_blocks(pipeline.unet)
    return pipeline


def compile_blocks(unet: UNet2DConditionModel) -> None:
    """Compile the blocks that the network repeats: nearly the gain of compiling all of it, in a tenth of the time.

    Shapes are fixed, as batches are, and kernels are chosen without timing them, which would choose otherwise
    from run to run.
    """
    import torch._inductor.config as inductor

    inductor.deterministic = True
    unet.compile_repeated_blocks(fullgraph=True, dynamic=False)
