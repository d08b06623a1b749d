"""Interventions by text-to-image diffusion: permute a concept in the caption, generate anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from auditor import codes
from auditor.concepts import Concept, Level
from auditor.dataset import Rows
from auditor.errors import DataError
from auditor.models import PipelineIdentity, identify_pipeline
from auditor.node import Name, Seed, Source, SpecNode, default
from auditor.source import Loc, expect_digest

if TYPE_CHECKING:
    import numpy as np

    from auditor.interventions.counterfactuals import CounterfactualSet
    from auditor.plan import Ask, Op


class Caption(SpecNode):
    """How the concepts of a row become a caption."""

    join: str = default(", ", "paper", max_length=20)
    """What stands between the phrases of the concepts present."""

    empty: str = default("nothing", "chosen", max_length=200)
    """The caption of a row in which no concept is present."""

    def of(self, levels: Sequence[Level], concepts: Sequence[Concept]) -> str:
        """What the concepts say at these levels, in declared order, joined; concepts that say nothing are left out."""
        return self.joined([concept.words(level) for concept, level in zip(concepts, levels, strict=True)])

    def joined(self, words: Sequence[str]) -> str:
        """A caption from what each concept says, (n_concepts,)."""
        return self.join.join(filter(None, words)) or self.empty

    def of_rows(self, values: np.ndarray, said: Sequence[Sequence[str]]) -> np.ndarray:
        """The caption of each row, (n,) of str; equal rows are joined once.

        Args:
            values: value indices, (n, n_concepts).
            said: of each concept, what it says at each of its values (`words_of`).
        """
        import numpy as np

        distinct, index = np.unique(values, axis=0, return_inverse=True)
        texts = np.array([self.joined(said_at(row, said)) for row in distinct.tolist()], dtype=object)
        return np.asarray(texts[index.reshape(-1)])


def words_of(concepts: Sequence[Concept], rows: Rows) -> list[list[str]]:
    """What each concept says in a caption at each of its values."""
    return [[concept.words(level) for level in rows.levels_of(number)] for number, concept in enumerate(concepts)]


def said_at(values: Sequence[int], said: Sequence[Sequence[str]]) -> list[str]:
    """What each concept says at these value indices, (n_concepts,)."""
    return [words[value] for words, value in zip(said, values, strict=True)]


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

    def check(self, rows: Rows, concepts: Sequence[Concept], pipeline: PipelineIdentity, loc: Loc) -> list[DataError]:
        """Faults that would only show while generating: sizes, and captions that are too long."""
        errors = []
        for side in ("height", "width"):
            size = getattr(self, side)
            if size is not None and size % pipeline.size_step:
                errors.append(
                    DataError(
                        f"the pipeline of `{self.name}` makes pictures whose sides are multiples of "
                        f"{pipeline.size_step} pixels, and `{side}` is {size}",
                        code=codes.PICTURE_SIZE,
                        loc=(*loc, side),
                        way_out=f"write {size - size % pipeline.size_step or pipeline.size_step}, or leave it out "
                        f"for the pipeline's own {pipeline.size}",
                    )
                )
        captions = self._all_captions(rows, concepts)
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
        self, ask: Ask, rows: Rows, concepts: Sequence[Concept], changed: Sequence[str], pipeline: PipelineIdentity
    ) -> CounterfactualSet:
        """Ask for each row's picture, and for those with one of the concepts `changed` set to each value.

        Distinct are at most rows x draws x (1 + the sum over the changed concepts of their values - 1) pictures: at
        its own value a row's picture is the factual one.
        """
        import numpy as np

        from auditor.interventions.counterfactuals import CounterfactualSet
        from auditor.plan import noise_seeds

        seeds = noise_seeds(self.noise.seed, rows.names, self.noise.draws)
        levels, said = [rows.levels_of(number) for number in range(len(concepts))], words_of(concepts, rows)
        factual_captions = self.caption.of_rows(rows.values, said)
        names = [concept.name for concept in concepts]
        columns = [names.index(name) for name in changed]
        n_values = max(len(levels[column]) for column in columns)
        captions = np.repeat(factual_captions[:, None, None], len(changed), 1).repeat(n_values, 2)
        for number, column in enumerate(columns):
            for value in range(len(levels[column])):
                moved = rows.values.copy()
                moved[:, column] = value
                captions[:, number, value] = self.caption.of_rows(moved, said)
        op, draws = self.op(pipeline), self.noise.draws
        factual = ask.generate(op, np.repeat(factual_captions[:, None], draws, 1), seeds)
        shape = (len(rows), len(changed), draws, n_values)
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
            rows.values[:, columns],
            factual,
            by_value,
            captions,
            factual_captions,
            seeds,
            tuple(levels[column] for column in columns),
        )

    def _all_captions(self, rows: Rows, concepts: Sequence[Concept]) -> list[str]:
        # Sets and not `np.unique`, which imports `numpy.ma` for 20 ms that validating has not to spare.
        said = words_of(concepts, rows)
        as_is = {tuple(row) for row in rows.values.tolist()}
        moved = {
            (*row[:number], value, *row[number + 1 :])
            for row in as_is
            for number, concept in enumerate(concepts)
            for value in range(len(said[number]))
            if concept.permutable
        }
        return sorted({self.caption.joined(said_at(row, said)) for row in as_is | moved})


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
