"""What an audit demands of its rows and detectors: enough units for its tests, an output for every concept."""

from __future__ import annotations

from collections.abc import Iterator

from auditor import codes
from auditor.checks import Significance
from auditor.concepts import Concept
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.models import ModelIdentity
from auditor.source import Loc
from auditor.spec.audit_spec import AuditSpec


def too_few_units(spec: AuditSpec, rows: Rows) -> list[DataError]:
    """Tests that so few rows, or clusters, can never bring to their level.

    A run of the first rows alone is a partial result, which claims nothing, and is not judged here."""
    units = len(rows) if rows.clusters is None else len(set(rows.clusters.tolist()))
    errors = []
    for number, check in enumerate(spec.checks):
        analysis = next((one for one in spec.reliances if one.name == check.of), None)
        if not isinstance(check, Significance) or analysis is None:
            continue
        counts = len(analysis.permuted(spec.concepts)), len(analysis.models or spec.models)
        smallest = check.smallest_p(*counts, units)
        if smallest > check.alpha:
            needed = next(n for n in range(2, 1000) if check.smallest_p(*counts, n) <= check.alpha)
            what = "rows" if rows.clusters is None else "clusters"
            errors.append(
                DataError(
                    f"with {units} {what} the smallest adjusted p-value of a swap test is {smallest:.2g}, above alpha "
                    f"{check.alpha}: nothing could ever be found",
                    code=codes.TEST_OUT_OF_REACH,
                    loc=("checks", number, "alpha"),
                    way_out=f"take {needed} {what} or more, a larger `alpha`, or fewer concepts; or delete the check",
                )
            )
    return errors


def missing_outputs(spec: AuditSpec, detectors: list[ModelIdentity]) -> list[DataError]:
    errors = []
    for detector in detectors:
        for number, concept in enumerate(spec.concepts):
            for output, what, loc in _outputs_of(concept):
                if output not in detector.outputs:
                    errors.append(
                        DataError(
                            f"detector `{detector.name}` has no output `{output}` for {what}",
                            code=codes.DETECTOR_OUTPUT_MISSING,
                            loc=("concepts", number, *loc),
                            way_out="name the output with `detector_output`, or write `unseen: undecided` where no "
                            "detector sees the concept; its outputs: "
                            + ", ".join(f"`{known}`" for known in detector.outputs[:20]),
                        )
                    )
    return errors


def _outputs_of(concept: Concept) -> Iterator[tuple[str, str, Loc]]:
    """Outputs that detectors must have for a concept: the label, for what, and where the document says so."""
    if not concept.detected:
        return
    if concept.kind != "category":
        loc = "detector_output" if concept.detector_output else "name"
        yield concept.output, f"concept `{concept.name}`", (loc,)
        return
    for place, value in enumerate(concept.values or ()):
        loc = "detector_output" if value.detector_output else "value"
        yield value.output, f"value `{value.value}` of concept `{concept.name}`", ("values", place, loc)
