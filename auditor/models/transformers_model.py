"""Adapter `transformers`: image classifiers saved by Hugging Face transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from auditor import codes
from auditor.digest import digest_files, digests_in
from auditor.errors import DataError
from auditor.models.head_shape import refuse_other_head
from auditor.models.model import ModelIdentity, ModelNode, refuse_outputs, refuse_scale, target_index
from auditor.models.safetensors_folder import read_json, weight_files
from auditor.source import Loc, expect_digest, locate

CONFIG, PREPROCESSOR = "config.json", "preprocessor_config.json"


class TransformersModel(ModelNode):
    """An image classifier that `AutoModelForImageClassification` loads, from safetensors only.

    The source is `builtin:NAME`, a folder as seen from the document's folder, or `repo@revision`
    with a 40-hex commit that is already in the local cache of the hub; nothing is downloaded.
    """

    adapter: Literal["transformers"]
    """Which adapter runs the model."""

    def identify(self, base: Path, loc: Loc) -> ModelIdentity:
        """What the model is, from its configuration and the digests of its files.

        Raises:
            DataError: the folder, its configuration or its weights cannot be used.
        """
        folder = locate(self.source, base, (*loc, "source"))
        where = (*loc, "source")
        if (folder / "model_index.json").exists() and not (folder / CONFIG).exists():
            raise DataError(
                f"`{self.source}` is a diffusers pipeline, and an image classifier is wanted here",
                code=codes.UNSUPPORTED_CLASS,
                loc=where,
                way_out="name the folder of a classifier, as its `save_pretrained` writes it",
            )
        config = read_json(folder / CONFIG, where)
        read_json(folder / PREPROCESSOR, where)
        files = weight_files(folder, where)
        architectures = config.get("architectures")
        name = architectures[0] if isinstance(architectures, list) and architectures else "no class"
        if not str(name).endswith("ForImageClassification"):
            raise DataError(
                f"`{self.source}` holds a {name}, which is no image classifier",
                code=codes.UNSUPPORTED_CLASS,
                loc=where,
                way_out="name a model saved from a class whose name ends in `ForImageClassification`",
            )
        found = digests_in(folder, [CONFIG, PREPROCESSOR, *(file.name for file in files)])
        digest = digest_files(found)
        expect_digest(digest, self.digest, f"model `{self.name}`", loc)
        outputs = _labels(config, self.source, where)
        problem = config.get("problem_type")
        multi_label = problem == "multi_label_classification"
        refuse_scale(self.source, problem, self.output, loc)
        refuse_outputs(self.source, outputs, multi_label, self.output, where)
        refuse_other_head(self.source, files, len(outputs), where)
        return ModelIdentity(
            name=self.name,
            adapter="transformers",
            folder=folder,
            digest=digest,
            outputs=outputs,
            multi_label=multi_label,
            scale=self.output,
            target=target_index(self.target, outputs, self.name, loc),
            weight_files=files,
            files=found,
        )


def _labels(config: dict[str, object], source: str, loc: Loc) -> tuple[str, ...]:
    named = config.get("id2label")
    if not isinstance(named, dict) or not named:
        raise DataError(
            f"the configuration of `{source}` names no outputs (`id2label`)",
            code=codes.OUTPUT_LABELS,
            loc=loc,
            way_out="set `id2label` in its config.json to the name of each output",
        )
    if set(named) != {str(number) for number in range(len(named))}:
        raise DataError(
            f"the outputs of `{source}` (`id2label`) are not numbered from 0 to {len(named) - 1}",
            code=codes.OUTPUT_LABELS,
            loc=loc,
            way_out="give each output of the model its number and a name in `id2label` of its config.json",
        )
    return tuple(str(named[str(number)]) for number in range(len(named)))
