"""Classes of labels are outputs of the audited models, by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor import codes
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.metric_names import scale_of
from auditor.models import ModelIdentity
from auditor.source import nearest
from auditor.spec.audit_spec import AuditSpec


def classes_of_labels(spec: AuditSpec, rows: Rows, models: Sequence[ModelIdentity]) -> Iterator[DataError]:
    """Every class that models have no output for, and models whose outputs are no classes."""
    metrics = [analysis.metric for analysis in spec.reliances]
    numbers = {model.name: number for number, model in enumerate(spec.models)}
    label = None if spec.dataset is None else spec.dataset.label
    for model in models if rows.classes else ():
        here = ("models", numbers[model.name])
        occurring = {rows.classes[place] for place in rows.labels_of(model.name)}
        missing = [name for name in rows.classes if name in occurring and name not in model.outputs]
        if missing:
            shown = ", ".join(f"`{output}`" for output in model.outputs[:20])
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            yield DataError(
                f"model `{model.name}` has no output for the class `{missing[0]}`{more} of `{label}`",
                code=codes.CLASS_NOT_AN_OUTPUT,
                loc=here,
                way_out=f"write the classes in the table as the model calls its outputs: {shown}",
                suggestion=nearest(missing[0], model.outputs),
            )
        wanted = next((metric for metric in metrics if scale_of(metric) == "probability"), None)
        if model.multi_label and wanted is not None:
            yield DataError(
                f"the outputs of model `{model.name}` are independent probabilities, and `{wanted}` needs one class",
                code=codes.CLASS_NOT_AN_OUTPUT,
                loc=here,
                way_out="choose `macro_auroc`, or a model whose outputs exclude each other",
            )
