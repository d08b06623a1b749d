"""What analyses and checks may see of an audit: identities, rows, and the door to the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from auditor.concepts import Concept, Property
from auditor.dataset import Rows
from auditor.interventions import (
    AnyIntervention,
    BlendFiles,
    Captured,
    CapturedFrames,
    Compositing,
    CounterfactualSet,
    ImageEdit,
    SweepSet,
    TextToImage,
)
from auditor.interventions.given_captions import GivenCaptions
from auditor.models import ModelIdentity, PipelineIdentity
from auditor.plan import Ask, Units


@dataclass(frozen=True)
class AuditView:
    """The audit as its parts see it. Pure: no files, no clock, no store.

    Attributes:
        rows: the rows of the data set.
        concepts: declared concepts, in order.
        models: audited models by name, in declared order.
        detectors: detectors by name, in declared order.
        interventions: by name.
        pipelines: of each intervention that runs one, by its name.
        ask: the door to the plan.
        captions: captions from outside, by intervention; of those that take any.
        properties: declared properties, in order.
        files: what composites blend in and what was photographed, by intervention.
    """

    rows: Rows
    concepts: tuple[Concept, ...]
    models: Mapping[str, ModelIdentity]
    detectors: Mapping[str, ModelIdentity]
    interventions: Mapping[str, AnyIntervention]
    pipelines: Mapping[str, PipelineIdentity]
    ask: Ask
    captions: Mapping[str, GivenCaptions] = field(default_factory=dict)
    properties: tuple[Property, ...] = ()
    files: Mapping[str, BlendFiles | CapturedFrames] = field(default_factory=dict)

    def real_pictures(self) -> Units:
        """The rows' own pictures, (n_rows,)."""
        return self.ask.load([str(path) for path in self.rows.paths], self.rows.image_digests)

    def captioning(self, intervention: str) -> TextToImage:
        """An intervention that generates pictures from captions."""
        source = self.interventions[intervention]
        assert isinstance(source, TextToImage), "a rule of the document refuses others"
        return source

    def counterfactuals(self, intervention: str, concepts: Sequence[str]) -> CounterfactualSet:
        """Pictures of all rows with each of `concepts` set to each of its values."""
        return self.captioning(intervention).expand(
            self.ask,
            self.rows,
            self.concepts,
            concepts,
            self.pipelines[intervention],
            self.captions.get(intervention),
        )

    def sweep(self, intervention: str) -> SweepSet:
        """The frames of a gradual intervention on all rows, or on all objects that were photographed."""
        source = self.interventions[intervention]
        assert isinstance(source, ImageEdit | Compositing | Captured)
        unit = next((one.unit for one in self.properties if one.name == source.realises), "")
        if isinstance(source, ImageEdit):
            return source.expand(self.ask, self.rows, self.real_pictures(), unit, self.pipelines[intervention])
        files = self.files[intervention]
        if isinstance(source, Captured):
            assert isinstance(files, CapturedFrames)
            return source.expand(self.ask, unit, files)
        assert not isinstance(files, CapturedFrames)
        return source.expand(self.ask, self.rows, self.real_pictures(), unit, files, self.detectors)

    def concept(self, name: str) -> Concept:
        """A declared concept by its name."""
        return next(concept for concept in self.concepts if concept.name == name)
