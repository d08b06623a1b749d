"""The audit spec, version 1: what an author writes, as frozen values."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from auditor.analyses import AnyAnalysis, PermutationImportance, PropertyGradient
from auditor.checks import AnyCheck
from auditor.concepts import Concept, Property
from auditor.dataset import Dataset
from auditor.interventions import AnyIntervention, AnySweep, TextToImage
from auditor.models import AnyModel
from auditor.node import Seed, SpecNode, Text, default
from auditor.numerics_profile import DeclaredNumerics
from auditor.spec.requirement import Requirement

SPEC_VERSION = 1


InvalidLimit = Annotated[float, Field(gt=0, lt=1)] | Annotated[int, Field(ge=1)]
"""How many units may be invalid: a share above 0 and below 1, or a count."""


SpecPath = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f\\]{1,1000}\.ya?ml$")]
"""The relative path of a file of this language."""


class AuditHeader(SpecNode):
    """Who asks what, and what the answer is for."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")
    """A short name for files and folders: small letters, digits, dots, dashes, underscores."""

    title: Text = Field(min_length=1)
    """The question in one line, as the report's title."""

    revision: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    """The version of this document, such as 1.0.0."""

    owner: Text = default("", "chosen")
    """Who answers for the audit."""

    intended_use: Text = default("", "chosen")
    """What the answer will be used for."""


class Gallery(SpecNode):
    """Which pairs of pictures the report shows; always by rule, never by hand."""

    pairs: int = default(6, "chosen", ge=1, le=50)
    """How many pairs of each kind: random by seed, most changed, least changed."""

    seed: Seed = default(0, "chosen")
    """The seed of the random pairs."""


class Report(SpecNode):
    """What is handed to reviewers."""

    formats: tuple[Literal["html", "pdf"], ...] = default(("html", "pdf"), "chosen", min_length=1)
    """The formats to write."""

    gallery: Gallery = default(Gallery(), "chosen")
    """Which pairs of pictures the report shows."""


class Extending(SpecNode):
    """What a document says before anything else."""

    version: Literal[1]
    """Version of this document's language."""

    extends: Annotated[tuple[SpecPath, ...], Field(min_length=1, max_length=16)] | SpecPath | None = default(
        None, "chosen"
    )
    """A file of this language over which the document is written, or a list of them in order.

    Mappings merge, lists and everything else replace, `null` deletes. Paths in that file are seen
    from its own folder."""


class AuditSpec(Extending):
    """An audit of image models: what they should or should not rely on, and how to find out."""

    audit: AuditHeader
    """Who asks what, and what the answer is for."""

    models: tuple[AnyModel, ...] = Field(min_length=1)
    """The audited models; they share every generated picture."""

    detectors: tuple[AnyModel, ...] = default((), "chosen")
    """Models that say which concepts a picture shows; never built on an audited model."""

    dataset: Dataset | None = default(None, "chosen")
    """The labelled pictures; only an audit of photographed sweeps alone needs none."""

    concepts: tuple[Concept, ...] = default((), "chosen")
    """What pictures may show, in the order of captions; permutation importance needs some."""

    properties: tuple[Property, ...] = default((), "chosen")
    """What gradual interventions change; property gradients need some."""

    interventions: tuple[AnyIntervention, ...] = Field(min_length=1)
    """Where counterfactual pictures come from."""

    analyses: tuple[AnyAnalysis, ...] = Field(min_length=1)
    """What is measured."""

    checks: tuple[AnyCheck, ...] = default((), "chosen")
    """What must hold before a finding may be believed."""

    requirements: tuple[Requirement, ...] = default((), "chosen")
    """What the author promises; they gate the exit status."""

    numerics: DeclaredNumerics = default("default", "chosen")
    """How numbers are computed: `default` (what suits the device), `reference` (one unit at a time,
    nothing compiled), or a profile with a name and what differs from `default`."""

    fail_on_invalid: InvalidLimit = default(0.1, "chosen")
    """When a run stops because units are invalid, such as black or undecodable pictures: a share of
    the distinct units of one op, such as 0.1, that is exceeded; or a count, such as 20, that is
    reached. What was computed is kept."""

    report: Report = default(Report(), "chosen")
    """What is handed to reviewers."""

    @property
    def captioning(self) -> tuple[TextToImage, ...]:
        """The interventions that generate pictures from captions."""
        return tuple(one for one in self.interventions if isinstance(one, TextToImage))

    @property
    def sweeping(self) -> tuple[AnySweep, ...]:
        """The gradual interventions."""
        return tuple(one for one in self.interventions if not isinstance(one, TextToImage))

    @property
    def reliances(self) -> tuple[PermutationImportance, ...]:
        """The analyses that permute concepts."""
        return tuple(one for one in self.analyses if isinstance(one, PermutationImportance))

    @property
    def reliances_at(self) -> tuple[tuple[int, PermutationImportance], ...]:
        """The same, each with its place among all analyses."""
        return tuple((i, one) for i, one in enumerate(self.analyses) if isinstance(one, PermutationImportance))

    @property
    def captioning_at(self) -> tuple[tuple[int, TextToImage], ...]:
        """The interventions that generate from captions, each with its place among all."""
        return tuple((i, one) for i, one in enumerate(self.interventions) if isinstance(one, TextToImage))

    @property
    def sweeping_at(self) -> tuple[tuple[int, AnySweep], ...]:
        """The gradual interventions, each with its place among all."""
        return tuple((i, one) for i, one in enumerate(self.interventions) if not isinstance(one, TextToImage))

    @property
    def gradients_at(self) -> tuple[tuple[int, PropertyGradient], ...]:
        """The analyses that follow gradual interventions, each with its place among all."""
        return tuple((i, one) for i, one in enumerate(self.analyses) if isinstance(one, PropertyGradient))

    @property
    def gradients(self) -> tuple[PropertyGradient, ...]:
        """The analyses that follow gradual interventions."""
        return tuple(one for one in self.analyses if isinstance(one, PropertyGradient))
