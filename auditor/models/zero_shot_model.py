"""Adapter `zero_shot`: image-text models (CLIP, SigLIP) that classify by prompts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from auditor import codes
from auditor.digest import digest_files, digest_value, digests_in
from auditor.errors import DataError
from auditor.models.model import ModelIdentity, ModelNode, refuse_outputs, refuse_scale, target_index
from auditor.models.safetensors_folder import read_json, scalar, weight_files
from auditor.models.token_counts import token_counter
from auditor.node import Name, SpecNode, default
from auditor.source import Loc, expect_digest, locate

CONFIG, PREPROCESSOR = "config.json", "preprocessor_config.json"
CLASSES = {"CLIPModel": False, "SiglipModel": True}
"""Classes that the adapter runs, and whether their outputs are independent (sigmoid) or exclusive (softmax)."""

LARGEST_SCALE = 80.0
"""Of `logit_scale`, the logarithm of a factor: far above what is trained, and a finite factor in float32."""

Text = Annotated[str, Field(min_length=1, max_length=400)]

_TOKENIZER = (
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
    *("vocab.json", "merges.txt", "spiece.model"),
)


class PromptedClass(SpecNode):
    """An output of an image-text model: a class, in words."""

    name: Name
    """The name of the output."""

    words: Annotated[tuple[Text, ...], Field(min_length=1, max_length=100)]
    """What is put into the templates: one way to call the class, or several."""


class ZeroShotModel(ModelNode):
    """An image-text model of transformers (`CLIPModel`, `SiglipModel`) that says which class's prompts a picture is
    nearest to.

    The source is a folder as seen from the document's folder, `builtin:NAME`, or `repo@revision` with a 40-hex commit
    that is already in the local cache of the hub. A class's embedding is the mean over its prompts, each normalised
    before (Radford et al. 2021, section 3.1.4); logits are scaled similarities."""

    adapter: Literal["zero_shot"]
    """Which adapter runs the model."""

    classes: tuple[PromptedClass, ...] = Field(min_length=2, max_length=1_000)
    """The outputs, in order."""

    templates: tuple[Annotated[str, Field(pattern=r"^[^{}]*\{\}[^{}]*$", max_length=400)], ...] = default(
        ("a photo of a {}",), "chosen"
    )
    """Prompts with `{}` where the words of a class stand; the class's embedding is the mean over all."""

    def identify(self, base: Path, loc: Loc) -> ModelIdentity:
        """What the model is, from its configuration, prompts and the digests of its files.

        Raises:
            DataError: the folder, its configuration or weights cannot be used, or a prompt is too long.
        """
        where = (*loc, "source")
        folder = locate(self.source, base, where)
        config = read_json(folder / CONFIG, where)
        read_json(folder / PREPROCESSOR, where)
        files = weight_files(folder, where)
        architectures = config.get("architectures")
        name = str(architectures[0]) if isinstance(architectures, list) and architectures else "no class"
        if name not in CLASSES:
            raise DataError(
                f"`{self.source}` holds a {name}, which is no image-text model that the adapter runs",
                code=codes.UNSUPPORTED_CLASS,
                loc=where,
                way_out=f"name a folder saved from one of these classes: {', '.join(CLASSES)}",
            )
        outputs = tuple(one.name for one in self.classes)
        refuse_scale(self.source, "zero-shot classification", self.output, loc)
        refuse_outputs(self.source, outputs, CLASSES[name], self.output, (*loc, "classes"))
        prompts = tuple(self._prompts(one.words) for one in self.classes)
        self._refuse_long(folder, config, prompts, loc)
        there = [file for file in _TOKENIZER if (folder / file).is_file()]
        found = digests_in(folder, [CONFIG, PREPROCESSOR, *there, *(file.name for file in files)])
        digest = digest_value(
            {"files": digest_files(found), "outputs": list(outputs), "prompts": [list(each) for each in prompts]}
        )
        expect_digest(digest, self.digest, f"model `{self.name}`", loc)
        return ModelIdentity(
            name=self.name,
            adapter="zero_shot",
            folder=folder,
            digest=digest,
            outputs=outputs,
            multi_label=CLASSES[name],
            scale=self.output,
            target=target_index(self.target, outputs, self.name, loc),
            weight_files=files,
            files=found,
            prompts=prompts,
            similarity=self._similarity(files, CLASSES[name], where),
        )

    def _similarity(self, files: tuple[Path, ...], biased: bool, where: Loc) -> tuple[float, float]:
        """What a cosine is multiplied by, and what is added, to be a logit."""
        factor, summand = scalar(files, "logit_scale", where), scalar(files, "logit_bias", where) if biased else 0.0
        if (
            factor is None
            or summand is None
            or not all(map(math.isfinite, (factor, summand)))
            or factor > LARGEST_SCALE
        ):
            raise DataError(
                f"the weights of `{self.name}` have no usable `{'logit_scale' if factor is None else 'logit_bias'}`"
                if factor is None or summand is None
                else f"`logit_scale` or `logit_bias` of `{self.name}` is no number that a similarity can have",
                code=codes.WEIGHTS_UNREADABLE,
                loc=where,
                way_out="save the whole model again with `save_pretrained`",
            )
        return math.exp(factor), summand

    def _prompts(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Every prompt of a class, each of its words in each template."""
        return tuple(template.replace("{}", word) for word in words for template in self.templates)

    def _refuse_long(
        self, folder: Path, config: dict[str, object], prompts: Sequence[tuple[str, ...]], loc: Loc
    ) -> None:
        limit = tokens_read(config)
        count = token_counter(folder, (*loc, "source"))
        longest = max((prompt for each in prompts for prompt in each), key=count)
        if count(longest) > limit:
            raise DataError(
                f"the prompt `{longest[:80]}` takes {count(longest)} tokens, and the text encoder of `{self.name}` "
                f"reads {limit}",
                code=codes.CAPTION_TOO_LONG,
                loc=(*loc, "classes"),
                way_out="shorten the words of the class, or its template; what is cut off would never be read",
            )


def tokens_read(config: dict[str, object]) -> int:
    """How many tokens of a prompt the text encoder reads; where its configuration is silent, as its class does."""
    text = config.get("text_config")
    limit = text.get("max_position_embeddings") if isinstance(text, dict) else None
    if isinstance(limit, int):
        return limit
    return 64 if str(config.get("model_type", "")).startswith("siglip") else 77
