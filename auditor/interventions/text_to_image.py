"""Interventions by text-to-image diffusion: permute a concept in the caption, generate anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from auditor import codes
from auditor.concepts import Concept
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.interventions.caption import Caption
from auditor.interventions.caption_faults import asked_captions, collapsed_to_one
from auditor.interventions.picture_sizes import side_faults
from auditor.models import PipelineIdentity, identify_pipeline
from auditor.node import Name, Seed, Source, SpecNode, default
from auditor.source import Loc, expect_digest

if TYPE_CHECKING:
    from auditor.interventions.counterfactuals import CounterfactualSet
    from auditor.interventions.given_captions import GivenCaptions
    from auditor.plan import Ask, Op


class Noise(SpecNode):
    """The noise that generation starts from.

    A row keeps its noise across all its interventions, so that its pictures differ by the
    caption alone."""

    draws: int = default(2, "chosen", ge=1, le=1_000)
    """How many draws of noise each row gets; 2 is the least that can tell noise from response."""

    seed: Seed = default(0, "chosen")
    """The seed of the noise; each row and draw has its own noise, derived from it."""


class TextToImage(SpecNode):
    """Pictures generated from captions by a diffusers text-to-image pipeline (DEPICT, section 3.2)."""

    name: Name
    """The name by which analyses call the intervention."""

    kind: Literal["text_to_image"]
    """Which kind of intervention this is."""

    source: Source
    """The pipeline: `builtin:NAME`, a folder as seen from the document's, or `repo@revision`
    with a 40-hex commit that is already in the local cache of the hub."""

    digest: str | None = default(None, "chosen", pattern=r"^[0-9a-f]{64}$")
    """SHA-256 that the pipeline's files must have; the audit is refused if it differs."""

    caption: Caption = default(Caption(), "chosen")
    """How the concepts of a row become a caption."""

    steps: int = default(10, "chosen", ge=1, le=1_000)
    """Denoising steps of one picture."""

    guidance: float = default(2.0, "chosen", ge=0, le=100)
    """Classifier-free guidance scale; 1 and below use the caption alone."""

    height: int | None = default(None, "chosen", ge=8, le=4_096)
    """Height of a picture in pixels; the pipeline's own size by default."""

    width: int | None = default(None, "chosen", ge=8, le=4_096)
    """Width of a picture in pixels; the pipeline's own size by default."""

    noise: Noise = default(Noise(), "chosen")
    """The noise that generation starts from."""

    def identify(self, base: Path, loc: Loc) -> PipelineIdentity:
        """The pipeline as found; DataError where it cannot be used."""
        identity = identify_pipeline(self.name, self.source, base, loc)
        expect_digest(identity.digest, self.digest, f"the pipeline of `{self.name}`", loc)
        return identity

    def check(
        self,
        rows: Rows,
        concepts: Sequence[Concept],
        pipeline: PipelineIdentity,
        loc: Loc,
        permuted: Sequence[Sequence[str]] = (),
        given: GivenCaptions | None = None,
    ) -> list[DataError]:
        """Faults that would only show while generating: sizes, captions that are too long, counts that are all one.

        `permuted` are the concepts of each analysis that asks for these pictures, all of them where none does;
        `given` are captions from outside.
        """
        permuted = permuted or [[concept.name for concept in concepts if concept.permutable]]
        errors = collapsed_to_one(self.caption, rows, concepts, permuted, (*loc, "caption", "counts"))
        errors += side_faults(self.name, {"height": self.height, "width": self.width}, pipeline, loc)
        captions, missing = asked_captions(self.caption, rows, concepts, permuted, given, (*loc, "caption", "table"))
        errors += missing
        try:
            counts, limit = pipeline.token_counts(captions, (*loc, "source"))
        except DataError as error:
            return [*errors, error]
        longest = max(captions, key=lambda caption: counts[caption])
        if counts[longest] > limit:
            too_long = sum(count > limit for count in counts.values())
            errors.append(
                DataError(
                    f"{too_long} of {len(captions)} captions are longer than the {limit} tokens that the text encoder "
                    f"of `{self.name}` reads; the longest takes {counts[longest]}: `{_cut(longest)}`",
                    code=codes.CAPTION_TOO_LONG,
                    loc=(*loc, "source"),
                    way_out="shorten phrases, or declare fewer concepts; what is cut off would never be drawn",
                )
            )
        return errors

    def op(self, pipeline: PipelineIdentity) -> Op:
        """The plan's op, every default written out."""
        from auditor.plan import generate

        return generate(
            pipeline.digest,
            self.steps,
            self.guidance,
            self.height or pipeline.size,
            self.width or pipeline.size,
        )

    def expand(
        self,
        ask: Ask,
        rows: Rows,
        concepts: Sequence[Concept],
        changed: Sequence[str],
        pipeline: PipelineIdentity,
        given: GivenCaptions | None = None,
    ) -> CounterfactualSet:
        """Ask for each row's picture, and for those with one of the concepts `changed` set to each value.

        Distinct are at most rows x draws x (1 + the sum over the changed concepts of their values - 1) pictures: at
        its own value a row's picture is the factual one.
        """
        import numpy as np

        from auditor.interventions.counterfactuals import CounterfactualSet
        from auditor.interventions.row_captions import row_captions
        from auditor.plan import noise_seeds

        seeds = noise_seeds(self.noise.seed, rows.names, self.noise.draws)
        texts = row_captions(self.caption, rows, concepts, changed, given)
        factual_captions, captions = texts.factual, texts.by_value
        op, draws = self.op(pipeline), self.noise.draws
        factual = ask.generate(op, np.repeat(factual_captions[:, None], draws, 1), seeds)
        shape = (len(rows), len(changed), draws, captions.shape[2])
        by_value = ask.generate(
            op,
            np.broadcast_to(captions[:, :, None, :], shape),
            np.broadcast_to(seeds[:, None, :, None], shape),
        )
        # Pictures are evidence: one that the store has lost is made again, although its scores are known.
        for pictures in (factual, by_value):
            ask.builder.want(pictures)
        return CounterfactualSet(
            tuple(changed),
            texts.rows.values[:, list(texts.columns)],
            factual,
            by_value,
            captions,
            factual_captions,
            seeds,
            tuple(texts.rows.levels_of(column) for column in texts.columns),
            () if given is None else tuple(given.deals(name, rows.names) for name in changed),
        )

    def given_captions(self, base: Path, rows: Rows, concepts: Sequence[Concept], loc: Loc) -> GivenCaptions | None:
        """The captions that the document takes from outside; None where it takes none.

        Raises:
            DataError: see `read_given`.
        """
        if self.caption.table is None:
            return None
        from auditor.interventions.given_captions import read_given

        told = self.caption.told(rows, concepts)
        return read_given(self.caption.table, base, told, concepts, (*loc, "caption", "table"))


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
