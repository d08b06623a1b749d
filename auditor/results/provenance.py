"""What the numbers of an audit depend on, by digest; and where it departs from the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from auditor.analyses import AuditView
from auditor.compile import OpRow
from auditor.digest import Digest, digest_value
from auditor.execute import Numerics, OpClass, StoredAnswers, Verdict
from auditor.interventions import ImageEdit, TextToImage
from auditor.models import ModelIdentity
from auditor.results.audit_result import FidelityRow, Identity
from auditor.results.sweeps.sweep_departures import of_sweeps
from auditor.spec import LoadedSpec
from auditor.spec.audit_spec import AuditSpec

VERSIONED = ("torch", "diffusers", "transformers", "numpy", "scipy", "pillow", "pydantic", "safetensors", "tokenizers")
"""Packages whose versions stand in the result."""


def departures(spec: AuditSpec) -> tuple[FidelityRow, ...]:
    """What the papers do otherwise, and is no field of the document; of the methods that the document uses."""
    of_concepts = of_permutations() if spec.reliances or not spec.gradients else ()
    return of_concepts + (of_sweeps() if spec.gradients else ())


def of_permutations() -> tuple[FidelityRow, ...]:
    """What DEPICT does otherwise."""
    return (
        FidelityRow(
            field="sign of importance",
            value="signed",
            chosen_by="auditor",
            note="The released code takes absolute changes, which turns noise into importance.",
        ),
        FidelityRow(
            field="noise",
            value="a row keeps its noise across captions",
            chosen_by="auditor",
            note="The paper does not say; common noise compares pictures that differ by the caption alone.",
        ),
        FidelityRow(
            field="response",
            value="reported beside importance",
            chosen_by="auditor",
            note="Importance is zero for any model where a concept is independent of the label; the paper has no "
            "response.",
        ),
        FidelityRow(
            field="safety checker",
            value="not loaded",
            chosen_by="auditor",
            note="It would replace pictures by black ones, which are no answer.",
        ),
    )


def requirements_digest(spec: AuditSpec) -> Digest:
    """The digest of what is promised; a promise about all rows has the digest that it had before there were others."""
    promised = [requirement.model_dump(mode="json") for requirement in spec.requirements]
    for one in promised:
        if one["subgroup"] is None:
            del one["subgroup"]
    return digest_value(promised)


def _of_words(model: ModelIdentity) -> str:
    """What makes a logit of a similarity, without which nobody could recompute findings about similarities."""
    if model.similarity is None:
        return ""
    factor, summand = model.similarity
    return f"; a logit is {factor:.9g} x cosine similarity" + (f" {summand:+.9g}" if summand else "")


def identities_of(loaded: LoadedSpec, view: AuditView, numerics: Numerics) -> tuple[Identity, ...]:
    """Documents, data, models, pipelines, numerics and packages."""
    spec = loaded.spec
    sources = {model.name: model.source for model in (*spec.models, *spec.detectors)}
    return (
        Identity(role="spec", name=spec.audit.id, digest=loaded.digest, detail="as written"),
        *(Identity(role="spec", name=file.name, digest=file.digest, detail="extended") for file in loaded.files[1:]),
        Identity(role="requirements", name=spec.audit.id, digest=requirements_digest(spec), detail="as declared"),
        *(
            Identity(role="dataset", name=dataset.source, digest=view.rows.table_digest, detail="its table")
            for dataset in (spec.dataset,)
            if dataset is not None
        ),
        *(
            Identity(role="dataset", name=name, digest=found.digest, detail=f"files of {name}")
            for name, found in view.files.items()
            if found.files
        ),
        *(
            Identity(
                role="dataset",
                name=str(intervention.caption.table),
                digest=view.captions[intervention.name].digest,
                detail=f"captions of {intervention.name}",
            )
            for intervention in spec.captioning
            if intervention.name in view.captions
        ),
        *(
            Identity(role="model", name=model.name, digest=model.digest, detail=sources[model.name] + _of_words(model))
            for model in view.models.values()
        ),
        *(
            Identity(role="detector", name=model.name, digest=model.digest, detail=sources[model.name])
            for model in view.detectors.values()
        ),
        *(
            Identity(
                role="pipeline",
                name=intervention.name,
                digest=view.pipelines[intervention.name].digest,
                detail=f"{intervention.source}, {view.pipelines[intervention.name].class_name}",
            )
            for intervention in spec.interventions
            if isinstance(intervention, TextToImage | ImageEdit)
        ),
        Identity(
            role="numerics",
            name=numerics.profile,
            digest=numerics.digest,
            detail=f"{numerics.device} ({numerics.processor}), {numerics.dtype}, "
            f"{numerics.threads} thread a worker, batches "
            + ", ".join(f"{kind} {size}" for kind, size in numerics.batch),
        ),
        *(Identity(role="package", name=name, digest=None, detail=of) for name, of in package_versions().items()),
    )


def probed_of(rows: Sequence[OpRow], verdicts: Mapping[Digest, Verdict]) -> tuple[Identity, ...]:
    """What the probe of each op found: which changes beside a unit leave its bits alone."""
    return tuple(
        Identity(
            role="numerics",
            name=f"probe: {row.op}",
            digest=verdicts[row.op_digest].op_class,
            detail=f"{', '.join(verdicts[row.op_digest].equal)}: equal bit for bit",
        )
        for row in rows
        if row.op_digest in verdicts and verdicts[row.op_digest].holds
    )


def lowered_of(rows: Sequence[OpRow], numerics: Numerics) -> tuple[Identity, ...]:
    """The ops whose batches were halved because memory ran out."""
    sizes = dict(numerics.lowered)
    return tuple(
        Identity(
            role="numerics",
            name=f"smaller batches: {row.op}",
            digest=None,
            detail=f"{sizes[row.op_digest]} units computed together, since memory ran out with more",
        )
        for row in rows
        if row.op_digest in sizes
    )


def reused_of(rows: Sequence[OpRow], answers: StoredAnswers) -> tuple[Identity, ...]:
    """What was made under other numerics classes and answers here: equal in meaning, not in bits.

    Args:
        rows: a line for each op of the plan, in its order.
        answers: what answered it.
    """
    return tuple(
        Identity(
            role="numerics",
            name=f"reused: {row.op}",
            digest=other.digest,
            detail=f"{row.reused:,} of {row.distinct:,} units of equal meaning were made under other classes "
            f"(--reuse semantic); here: {_differing(table.op_class, other)}",
        )
        for row, table in zip(rows, answers.tables, strict=True)
        if row.reused
        for other in answers.other_classes(table)
    )


def _differing(own: OpClass, other: OpClass) -> str:
    found = own.differences(other)
    return ", ".join(f"{name} {theirs} instead of {mine}" for name, (mine, theirs) in found.items()) or "the same class"


def package_versions() -> dict[str, str]:
    """The versions of the packages that numbers depend on."""
    return {name: _version(name) for name in VERSIONED}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
