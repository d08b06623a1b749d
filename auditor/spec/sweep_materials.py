"""What gradual interventions name, found and looked at: overlays, masks, photographs; and the outputs to follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditor import codes
from auditor.analyses import PropertyGradient
from auditor.checks import EditSuccess, IdentityKept, Significance
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.interventions import Captured, CapturedFrames, Compositing
from auditor.models import ModelIdentity
from auditor.permission import reading
from auditor.source import Loc, locate, nearest
from auditor.spec.audit_spec import AuditSpec

if TYPE_CHECKING:
    from auditor.interventions import BlendFiles

    Files = BlendFiles | CapturedFrames | None


def mask_columns(spec: AuditSpec) -> Mapping[str, Loc]:
    """The columns that name masks, and where each is first named."""
    found: dict[str, Loc] = {}
    for number, one in spec.sweeping_at:
        if isinstance(one, Compositing) and one.region.column is not None:
            found.setdefault(one.region.column, ("interventions", number, "region", "column"))
    return found


def sweep_files(
    spec: AuditSpec, rows: Rows | None, base: Path, decode: bool
) -> tuple[dict[str, BlendFiles | CapturedFrames], list[DataError]]:
    """Overlays and masks of composites and photographs of captured sweeps, by intervention; and what is wrong."""
    found: dict[str, BlendFiles | CapturedFrames] = {}
    errors: list[DataError] = []
    folder = None
    if spec.dataset is not None and rows is not None:
        folder = locate(spec.dataset.source, base, ("dataset", "source"))
    for number, one in spec.sweeping_at:
        loc: Loc = ("interventions", number)
        try:
            if isinstance(one, Captured):
                with reading(f"`{one.source}`", (*loc, "source")):
                    found[one.name] = one.find(base, decode, loc)
            elif isinstance(one, Compositing) and rows is not None:
                with reading(f"what `{one.name}` blends in", loc):
                    found[one.name], wrong = one.find(base, rows, folder, loc)
                errors += wrong
        except DataError as error:
            errors.append(error)
    return found, [*errors, *_other_images(spec, found, rows)]


def _other_images(
    spec: AuditSpec, files: Mapping[str, BlendFiles | CapturedFrames], rows: Rows | None
) -> Iterator[DataError]:
    """Sweeps of one analysis that are about other images than its first one, or have other numbers of points than a
    sweep with which they are compared."""
    declared = {one.name for one in spec.sweeping}
    broken = {one.name for one in spec.sweeping if isinstance(one, Captured) and one.name not in files}
    for number, analysis in spec.gradients_at:
        known = [name for name in analysis.sweeps if name in declared and name not in broken]
        first = files.get(known[0]) if known else None
        for name in known[1:]:
            found = files.get(name)
            error = _other_objects(analysis, name, first, found) or _other_lengths(analysis, name, first, found)
            if error is not None:
                error.loc = ("analyses", number, "controls" if name in analysis.controls else "interventions")
                yield error
                break


def _other_objects(analysis: PropertyGradient, name: str, first: Files, found: Files) -> DataError | None:
    """Every number of an analysis is one of the same images: rows of the data set, or photographed objects."""
    ours, theirs = (each.objects if isinstance(each, CapturedFrames) else None for each in (first, found))
    if ours == theirs:
        return None
    lacking = ""
    if ours is not None and theirs is not None:
        alone = next(iter(sorted(set(ours) ^ set(theirs))))
        lacking = f": `{alone}` is photographed in one of them alone"
    return DataError(
        f"the sweeps `{analysis.sweeps[0]}` and `{name}` of analysis `{analysis.name}` are not about the same images"
        f"{lacking}",
        code=codes.SWEEP_VALUES,
        way_out="photograph the same objects for every sweep of an analysis, or write an analysis for each; rows of "
        "the data set and photographs go into analyses of their own",
    )


def _other_lengths(analysis: PropertyGradient, name: str, first: Files, found: Files) -> DataError | None:
    """Objects may have unequal numbers of photographs, but of one object a control has as many as the property."""
    if not analysis.controls or not isinstance(first, CapturedFrames) or not isinstance(found, CapturedFrames):
        return None
    for each, ours, theirs in zip(first.objects, first.positions, found.positions, strict=True):
        if len(ours) != len(theirs):
            return DataError(
                f"`{each}` has {len(ours)} photographs in `{analysis.sweeps[0]}` and {len(theirs)} in `{name}`, and "
                f"`{analysis.name}` compares properties with controls: E|grad| falls with the number of points",
                code=codes.SWEEP_VALUES,
                way_out="leave out photographs of the longer one, or the controls: then sweeps are described, and "
                "objects may have any numbers of photographs",
            )
    return None


def unreachable_tests(spec: AuditSpec, rows: Rows, files: Mapping[str, object]) -> Iterator[DataError]:
    """Sign-flip tests that so few images, or flips, can never bring to their level."""
    by_name = {analysis.name: analysis for analysis in spec.gradients}
    for number, check in enumerate(spec.checks):
        analysis = by_name.get(check.of)
        if not isinstance(check, Significance) or analysis is None or not analysis.controls:
            continue
        counts = len(analysis.interventions), len(analysis.models or spec.models)
        units = images_of(analysis, rows, files)
        smallest = check.smallest_flip_p(*counts, units)
        if smallest > check.alpha:
            enough = check.smallest_flip_p(*counts, 1000) <= check.alpha
            needed = next((n for n in range(2, 1000) if check.smallest_flip_p(*counts, n) <= check.alpha), 0)
            way_out = f"take {needed} images or more" if enough else "write more `swaps`"
            many = f"{units} image{'s' * (units != 1)}"
            yield DataError(
                f"with {many} and {check.swaps} sign flips the smallest adjusted p-value is {smallest:.2g}, above "
                f"alpha {check.alpha}: nothing could ever be found",
                code=codes.TEST_OUT_OF_REACH,
                loc=("checks", number, "alpha"),
                way_out=f"{way_out}, or a larger `alpha`; or delete the check, and sweeps are described",
            )


def images_of(analysis: PropertyGradient, rows: Rows, files: Mapping[str, object]) -> int:
    """Independent images of an analysis: rows or their sources, or photographed objects."""
    found = files.get(analysis.interventions[0])
    if isinstance(found, CapturedFrames):
        return len(found.objects)
    return len(rows) if rows.clusters is None else len(set(rows.clusters.tolist()))


def unseen_outputs(spec: AuditSpec, detectors: Sequence[ModelIdentity]) -> Iterator[DataError]:
    """Outputs that checks and regions of sweeps name, and that their detector has not."""
    by_name = {detector.name: detector for detector in detectors}
    for number, one in spec.sweeping_at:
        located = one.region.located if isinstance(one, Compositing) else None
        seeing = None if located is None else by_name.get(located.detector)
        if located is not None and seeing is not None and located.output not in seeing.outputs:
            yield _no_output(seeing, located.output, ("interventions", number, "region", "located", "output"))
    for number, check in enumerate(spec.checks):
        if not isinstance(check, EditSuccess | IdentityKept):
            continue
        detector = by_name.get(check.detector or next(iter(by_name), ""))
        wanted = (check.output,) if isinstance(check, EditSuccess) else check.keeps
        for place, output in enumerate(wanted if detector is not None else ()):
            if detector is None or output in detector.outputs:
                continue
            loc: Loc = ("checks", number, "output")
            yield _no_output(detector, output, loc if isinstance(check, EditSuccess) else (*loc[:2], "keeps", place))


def _no_output(detector: ModelIdentity, output: str, loc: Loc) -> DataError:
    return DataError(
        f"detector `{detector.name}` has no output `{output}`",
        code=codes.DETECTOR_OUTPUT_MISSING,
        loc=loc,
        way_out="its outputs: " + ", ".join(f"`{known}`" for known in detector.outputs[:20]),
        suggestion=nearest(output, detector.outputs),
    )


def followed_outputs(spec: AuditSpec, models: Sequence[ModelIdentity]) -> Iterator[DataError]:
    """Models without a target whose outputs are independent: there is no one output that they decide for."""
    numbers = {model.name: number for number, model in enumerate(spec.models)}
    for model in models if spec.gradients else ():
        if model.target is None and (model.multi_label or model.scale == "value") and len(model.outputs) > 1:
            yield DataError(
                f"model `{model.name}` has no `target`, and its outputs do not exclude each other",
                code=codes.MODEL_WITHOUT_TARGET,
                loc=("models", numbers[model.name]),
                way_out="add `target:` with the output's label or index",
            )
    for number, analysis in spec.gradients_at:
        if analysis.output != "similarity":
            continue
        others = [model.name for model in spec.models if model.adapter != "zero_shot"]
        named = [name for name in analysis.models or () if name in others] if analysis.models else others
        if named:
            yield DataError(
                f"analysis `{analysis.name}` follows similarities, and model `{named[0]}` compares no words",
                code=codes.OUTPUT_SCALE,
                loc=("analyses", number, "output"),
                way_out="write `probability` or `logit`, or name zero_shot models alone",
            )
