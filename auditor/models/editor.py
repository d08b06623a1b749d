"""Editors: pipelines that change a picture, found in folders that often say they are something else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from auditor import codes
from auditor.errors import DataError
from auditor.models.pipeline import EDITORS, PipelineIdentity, identify_pipeline
from auditor.models.safetensors_folder import read_json
from auditor.source import Loc

EDITING: Mapping[str, Mapping[str, str]] = {
    "edit": {name: name for name in EDITORS},
    "image_to_image": {
        "StableDiffusionPipeline": "StableDiffusionImg2ImgPipeline",
        "StableDiffusionImg2ImgPipeline": "StableDiffusionImg2ImgPipeline",
        "StableDiffusionXLPipeline": "StableDiffusionXLImg2ImgPipeline",
        "StableDiffusionXLImg2ImgPipeline": "StableDiffusionXLImg2ImgPipeline",
    },
    "ledits_pp": {
        "StableDiffusionPipeline": "LEditsPPPipelineStableDiffusion",
        "LEditsPPPipelineStableDiffusion": "LEditsPPPipelineStableDiffusion",
        "StableDiffusionXLPipeline": "LEditsPPPipelineStableDiffusionXL",
        "LEditsPPPipelineStableDiffusionXL": "LEditsPPPipelineStableDiffusionXL",
    },
}
"""Of each op that edits, which classes a folder may say it is, and which class runs its parts."""

INVERTED_DIVISOR = 32
"""LEDITS++ takes sides that are multiples of this."""


def running_class(op: str, class_name: str) -> str:
    """The class that runs the parts of a pipeline in an op that edits."""
    return EDITING[op][class_name]


def identify_editor(
    name: str, source: str, base: Path, loc: Loc, op: str, masks: str = "intersect", kind: str = "image_edit"
) -> PipelineIdentity:
    """Find an editor for an op of `EDITING`; `masks` of `ledits_pp`.

    Raises:
        DataError: its folder, class, configuration or weights cannot be used; or its network does not attend to text
            where masks of LEDITS++ are made from.
    """
    found = identify_pipeline(name, source, base, loc, tuple(EDITING[op]), kind)
    if op != "ledits_pp":
        return found
    if masks == "intersect" and not _attends_at_a_quarter(found, loc):
        raise DataError(
            f"LEDITS++ cannot make `masks: intersect` with `{source}`: its network does not attend to text at a "
            "quarter of its size",
            code=codes.UNSUPPORTED_CLASS,
            loc=(*loc, "source"),
            way_out="declare `masks: noise`, or name a pipeline with the network of Stable Diffusion",
        )
    return replace(found, size_step=math.lcm(found.size_step, INVERTED_DIVISOR))


def _attends_at_a_quarter(found: PipelineIdentity, loc: Loc) -> bool:
    """Whether a block that sees a quarter of the latents' height and width has cross attention: the third one down,
    and the third last one up."""
    config = read_json(found.folder / "unet/config.json", loc)
    down, up = config.get("down_block_types"), config.get("up_block_types")
    if not (isinstance(down, list) and isinstance(up, list) and len(down) == len(up) >= 3):
        return False
    return any("CrossAttn" in str(block) for block in (down[2], up[-3]))
