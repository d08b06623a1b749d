"""Diffusers pipelines as found on disk: enough to plan, read without loading weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor import codes
from auditor.digest import Digest, FileDigests, digest_files, digests_in
from auditor.errors import DataError
from auditor.models.safetensors_folder import read_json, weight_files
from auditor.models.token_counts import token_counter
from auditor.source import Loc, locate

PIPELINES = ("StableDiffusionPipeline",)
"""Classes that the text-to-image kernel runs; each is covered by a test on real weights."""

EDITORS = ("StableDiffusionInstructPix2PixPipeline",)
"""Classes that the edit kernel runs."""

_WITH_WEIGHTS = ("text_encoder", "text_encoder_2", "unet", "vae")
_UNUSED = ("safety_checker", "feature_extractor", "image_encoder")
"""Components that generation for audits does not load: a blacked-out picture is no answer."""

DIVISOR = 8
"""StableDiffusionPipeline refuses sides that this does not divide, whatever its autoencoder."""

LIBRARIES = ("diffusers", "transformers")
"""Where the classes of a pipeline's parts may come from; anything else is code of the folder's own."""

CLIP_TOKENS = 77
"""What a CLIP text encoder reads where neither it nor its tokenizer says otherwise."""


@dataclass(frozen=True)
class PipelineIdentity:
    """A text-to-image pipeline as found.

    Attributes:
        name: what the document calls the intervention that uses it.
        folder: where its files are.
        digest: SHA-256 of the files that decide its pictures.
        class_name: the diffusers class.
        size: height and width in pixels that it makes by default.
        size_step: heights and widths are multiples of this.
        files: the files that `digest` is about, each with its own.
    """

    name: str
    folder: Path
    digest: Digest
    class_name: str
    size: int
    size_step: int
    files: FileDigests = ()

    def token_counts(self, captions: Iterable[str], loc: Loc) -> tuple[dict[str, int], int]:
        """How many tokens each caption takes, and how many the text encoder reads.

        Raises:
            DataError: the tokenizer cannot be read.
        """
        limits = (
            read_json(self.folder / "tokenizer/tokenizer_config.json", loc).get("model_max_length"),
            read_json(self.folder / "text_encoder/config.json", loc).get("max_position_embeddings"),
        )
        limit = min((int(found) for found in limits if isinstance(found, int | float)), default=CLIP_TOKENS)
        count = token_counter(self.folder / "tokenizer", loc)
        return {caption: count(caption) for caption in captions}, limit


def identify_pipeline(
    name: str, source: str, base: Path, loc: Loc, classes: Sequence[str] = PIPELINES, kind: str = "text_to_image"
) -> PipelineIdentity:
    """Find a pipeline of one of these classes, for an intervention of a kind.

    Raises:
        DataError: its folder, class, configuration or weights cannot be used.
    """
    where = (*loc, "source")
    folder = locate(source, base, where)
    if not (folder / "model_index.json").exists():
        raise DataError(
            f"`{source}` is no diffusers pipeline: it has no `model_index.json`",
            code=codes.UNSUPPORTED_CLASS,
            loc=where,
            way_out="name the folder of a whole pipeline, as its `save_pretrained` writes it",
        )
    index = read_json(folder / "model_index.json", where)
    class_name = str(index.get("_class_name"))
    if class_name not in classes:
        raise DataError(
            f"`{source}` is a {class_name}, which the {kind} intervention does not run",
            code=codes.UNSUPPORTED_CLASS,
            loc=where,
            way_out=f"name a pipeline of one of these classes: {', '.join(classes)}",
        )
    files = ["model_index.json"]
    for component, value in sorted(index.items()):
        if component.startswith("_") or component in _UNUSED or not isinstance(value, list) or None in value:
            continue
        if value[0] not in LIBRARIES:
            raise DataError(
                f"the part `{component}` of the pipeline `{source}` wants code of its own (`{value[0]}`), "
                "which is never run",
                code=codes.REMOTE_CODE,
                loc=where,
                way_out=f"name a pipeline whose parts are classes of {' and '.join(LIBRARIES)}",
            )
        part = folder / component
        if not part.is_dir():
            raise DataError(
                f"the pipeline `{source}` has no folder `{component}`",
                code=codes.FOLDER_MISSING,
                loc=where,
                way_out="copy the whole pipeline, or save it again with `save_pretrained`",
            )
        if component in _WITH_WEIGHTS:
            weights = {file.name for file in weight_files(part, where)}
            read_json(part / "config.json", where)
        else:
            weights = set()
        files += [
            f"{component}/{file.name}"
            for file in part.iterdir()
            if file.name in weights or file.suffix in (".json", ".txt", ".model")
        ]
    vae, unet = (read_json(folder / part / "config.json", where) for part in ("vae", "unet"))
    blocks, sample = vae.get("block_out_channels"), unet.get("sample_size")
    scale = 2 ** (len(blocks) - 1) if isinstance(blocks, list) else DIVISOR
    found = digests_in(folder, files)
    return PipelineIdentity(
        name=name,
        folder=folder,
        digest=digest_files(found),
        class_name=class_name,
        size=(sample if isinstance(sample, int) else 64) * scale,
        size_step=max(scale, DIVISOR),
        files=found,
    )
