"""What a document names, found and looked at: rows, models, detectors, pipelines.

Nothing heavy is loaded and no weights are read into memory, so that `validate` stays quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from auditor import codes
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.interventions import BlendFiles, CapturedFrames, ImageEdit, TextToImage
from auditor.interventions.given_captions import GivenCaptions
from auditor.models import ModelIdentity, PipelineIdentity, PythonModel, refuse_shared_backbones
from auditor.permission import reading
from auditor.read_rows import Looked, read_rows
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.class_outputs import classes_of_labels
from auditor.spec.demands import missing_outputs, too_few_units
from auditor.spec.load import LoadedSpec, at_positions
from auditor.spec.rules.metrics import task_of_audit
from auditor.spec.subgroups import subgroup_columns, subgroup_faults
from auditor.spec.sweep_materials import (
    followed_outputs,
    mask_columns,
    sweep_files,
    unreachable_tests,
    unseen_outputs,
)


@dataclass(frozen=True)
class Materials:
    """Everything a document names, by identity.

    Attributes:
        rows: the rows of the data set.
        models: audited models in declared order.
        detectors: detectors in declared order.
        pipelines: of each intervention that runs one, by its name.
        captions: captions from outside, by intervention; of those that take any.
        files: what composites blend in and what was photographed, by intervention.
    """

    rows: Rows
    models: tuple[ModelIdentity, ...]
    detectors: tuple[ModelIdentity, ...]
    pipelines: Mapping[str, PipelineIdentity]
    captions: Mapping[str, GivenCaptions] = field(default_factory=dict)
    files: Mapping[str, BlendFiles | CapturedFrames] = field(default_factory=dict)


def require(
    loaded: LoadedSpec, *, allow_python: bool, decode: bool, limit: int | None = None, looked: Looked | None = None
) -> Materials:
    """Everything that a document names; SpecError with every fault at its position in the document."""
    base = loaded.path.resolve().parent
    materials, errors = gather(loaded.spec, base, allow_python=allow_python, decode=decode, limit=limit, looked=looked)
    if errors or materials is None:
        raise at_positions(loaded, errors)
    return materials


def gather(
    spec: AuditSpec,
    base: Path,
    *,
    allow_python: bool,
    decode: bool,
    limit: int | None = None,
    looked: Looked | None = None,
) -> tuple[Materials | None, list[DataError]]:
    """Find everything that `spec` names; `base` is the folder of the document.

    Args:
        spec: the document.
        base: its folder.
        allow_python: whether the command line allows the python adapter.
        decode: whether every picture is decoded (`run`), or only its header read (`validate`).
        limit: at most so many rows, the first of those that the document draws.
        looked: is told of each picture, or None.

    Returns:
        The materials, or None where something could not be found at all; and every fault.
    """
    errors: list[DataError] = []
    rows: Rows | None = None
    try:
        own = {model.name: (model.label, ("models", i, "label")) for i, model in enumerate(spec.models) if model.label}
        kept, task = {**subgroup_columns(spec), **mask_columns(spec)}, task_of_audit(spec)
        if spec.dataset is None:
            rows = Rows.none(len(spec.concepts))
        else:
            with reading(f"`{spec.dataset.source}`", ("dataset", "source")):
                # A single picture can be explained by its sweeps; all else asks how numbers vary over rows.
                fewest = 1 if spec.gradients and len(spec.gradients) == len(spec.analyses) else 2
                rows, errors = read_rows(
                    spec.dataset, spec.concepts, base, decode, limit, looked, own, kept, task, fewest
                )
    except DataError as error:
        errors.append(error)
    models = _identify(spec, "models", base, allow_python, errors)
    detectors = _identify(spec, "detectors", base, allow_python, errors)
    pipelines = {}
    for number, intervention in enumerate(spec.interventions):
        if not isinstance(intervention, TextToImage | ImageEdit):
            continue
        try:
            with reading(f"`{intervention.source}`", ("interventions", number, "source")):
                pipelines[intervention.name] = intervention.identify(base, ("interventions", number))
        except DataError as error:
            errors.append(error)
    files, wrong = sweep_files(spec, rows, base, decode)
    errors += [*wrong, *followed_outputs(spec, models)]
    errors += missing_outputs(spec, detectors)
    errors += unseen_outputs(spec, detectors)
    if rows is not None:
        errors += classes_of_labels(spec, rows, models)
    try:
        excused = [detector.name for detector in spec.detectors if detector.shares_backbone_because]
        refuse_shared_backbones(models, detectors, excused)
    except DataError as error:
        errors.append(error)
    if rows is not None:
        errors += subgroup_faults(spec, rows)
    if rows is not None and len(rows) > 1 and limit is None:
        errors += too_few_units(spec, rows)
    if rows is not None and limit is None:
        errors += unreachable_tests(spec, rows, files)
    captions: dict[str, GivenCaptions] = {}
    if rows is not None and not errors:
        for number, intervention in enumerate(spec.interventions):
            if isinstance(intervention, TextToImage):
                errors += _checked(spec, number, intervention, rows, pipelines[intervention.name], base, captions)
            elif isinstance(intervention, ImageEdit):
                errors += intervention.check(rows, pipelines[intervention.name], ("interventions", number))
    if rows is None or len(models) < len(spec.models) or len(detectors) < len(spec.detectors):
        return None, errors
    if len(pipelines) + len(files) < len(spec.interventions):
        return None, errors
    return Materials(rows, tuple(models), tuple(detectors), pipelines, captions, files), errors


def _checked(
    spec: AuditSpec,
    number: int,
    intervention: TextToImage,
    rows: Rows,
    pipeline: PipelineIdentity,
    base: Path,
    captions: dict[str, GivenCaptions],
) -> list[DataError]:
    """Faults of one intervention that would only show while generating; captions from outside go to `captions`."""
    loc = ("interventions", number)
    try:
        given = intervention.given_captions(base, rows, spec.concepts, loc)
    except DataError as error:
        return [error]
    asking = [(place, one) for place, one in spec.reliances_at if one.intervention == intervention.name]
    permuted = [analysis.permuted(spec.concepts) for _, analysis in asking]
    if given is None:
        return intervention.check(rows, spec.concepts, pipeline, loc, permuted)
    captions[intervention.name] = given
    errors = intervention.check(rows, spec.concepts, pipeline, loc, permuted, given)
    for place, analysis in asking:
        lacking = [name for name in analysis.permuted(spec.concepts) if name not in given.dealt]
        if analysis.permutations == "table" and lacking:
            errors.append(
                DataError(
                    f"the table of captions holds no permutations of `{lacking[0]}`",
                    code=codes.CAPTION_MISSING,
                    loc=("analyses", place, "permutations"),
                    way_out="add them, name the `concepts` of the analysis, or write `permutations: exact`",
                )
            )
    return errors


def _identify(
    spec: AuditSpec, part: str, base: Path, allow_python: bool, errors: list[DataError]
) -> list[ModelIdentity]:
    found = []
    for number, model in enumerate(getattr(spec, part)):
        try:
            if isinstance(model, PythonModel) and not allow_python:
                raise DataError(
                    f"`{model.name}` runs Python code of the document's author",
                    code=codes.PYTHON_NOT_ALLOWED,
                    loc=(part, number, "adapter"),
                    way_out="read that code, and if you trust it say --allow-python",
                )
            with reading(f"`{model.source}`", (part, number, "source")):
                found.append(model.identify(base, (part, number)))
        except DataError as error:
            errors.append(error)
    return found
