"""The numerics class: everything besides the plan that the bits of an answer depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from auditor.digest import Digest, digest_value
from auditor.execute.op_class import OpClass
from auditor.plan import Op, OpKind, Plan
from auditor.plan.shapes import SHAPES

PACKAGES = ("torch", "diffusers", "transformers", "pillow", "numpy")
PACKAGES_OF: Mapping[OpKind, tuple[str, ...]] = {
    "load": (),
    "generate": ("torch", "diffusers", "transformers", "numpy"),
    "edit": ("torch", "diffusers", "transformers", "pillow", "numpy"),
    "image_to_image": ("torch", "diffusers", "transformers", "pillow", "numpy"),
    "ledits_pp": ("torch", "diffusers", "transformers", "pillow", "numpy"),
    "locate": ("torch", "transformers", "pillow", "numpy"),
    "composite": ("pillow", "numpy"),
    "composite_located": ("pillow", "numpy"),
    "compare": ("numpy",),
    "predict": ("torch", "transformers", "pillow", "numpy"),
}
"""The packages whose version may change an op's bits."""

DIFFUSING: tuple[OpKind, ...] = tuple(kind for kind, shape in SHAPES.items() if shape.weights == "pipeline")
"""Kinds that run a diffusion network."""

COMPILED: tuple[OpKind, ...] = tuple(kind for kind in DIFFUSING if kind != "ledits_pp")
"""Kinds whose network may be compiled: LEDITS++ puts other attention into it between calls."""

WORTH_COMPILING = 500
"""From how many calls of a generator's network compiling it pays, estimated from published figures: at a batch
of 8 a compiled call saves about 0.04 s of 0.13 s on an A100, and compiling the repeated blocks takes about
10 s, so 250 calls pay it back."""


@dataclass(frozen=True)
class Numerics:
    """A declared numerics class. Two runs of one class give one answer, bit for bit.

    The number of pictures computed together is part of it: measured, batch *size* changes the
    bits of a diffusion picture, while at one size neighbours, slot and padding do not. On a CPU
    a worker has one thread, and parallelism is workers, so that the number of cores changes no bits.

    Attributes:
        profile: its name; no bit depends on it.
        device: the kind, `cpu` or `cuda`.
        processor: the vector instructions of a CPU, or the name of a GPU.
        dtype: of a generator's numbers; audited models and detectors compute in float32.
        threads: of one worker.
        attention: the attention kernel, `sdpa`.
        memory_format: of a generator's weights and activations, `contiguous` or `channels_last`.
        compile: `never`, or `auto`: a generator is compiled where the plan has enough pictures for it.
        batch: how many units are computed together, by kind of op.
        packages: versions of the libraries.
        lowered: batch sizes that ran out of memory, halved: by digest of the op.
        compiled: whether a generator is compiled, by digest of the op: decided with the first plan it is in.
    """

    profile: str
    device: str
    processor: str
    dtype: str
    threads: int
    attention: str
    memory_format: str
    compile: str
    batch: tuple[tuple[OpKind, int], ...]
    packages: tuple[tuple[str, str], ...]
    lowered: tuple[tuple[Digest, int], ...] = ()
    compiled: tuple[tuple[Digest, bool], ...] = ()

    def batch_of(self, op: Op) -> int:
        """How many units of an op are computed together; short batches are filled up with copies."""
        return dict(self.lowered).get(op.digest, dict(self.batch)[op.kind])

    def compiles(self, op: Op) -> bool:
        """Whether the op's model is compiled."""
        return dict(self.compiled).get(op.digest, False)

    def lower(self, op: Digest, size: int) -> Numerics:
        """The class in which so many units of the op with this digest are computed together."""
        return replace(self, lowered=tuple(sorted((dict(self.lowered) | {op: size}).items())))

    def for_plan(self, plan: Plan) -> Numerics:
        """The class in which it is decided which generators of the plan are compiled.

        It depends on the plan alone, not on what is stored, so that a resumed run decides alike; and
        what was decided stays, also where later rounds ask for more.
        """
        if self.compile == "never":
            return self
        decided = dict(self.compiled)
        for table in plan.tables:
            if table.op.kind in COMPILED and table.op.digest not in decided:
                batches = -(-len(table) // dict(self.batch)[table.op.kind])
                decided[table.op.digest] = batches * int(str(table.op.parameter("steps"))) >= WORTH_COMPILING
        return replace(self, compiled=tuple(sorted(decided.items())))

    @property
    def digest(self) -> Digest:
        """SHA-256 of the class as a whole, for identities; keys are made of `class_of`."""
        return digest_value(asdict(self))

    def class_of(self, op: Op) -> OpClass:
        """The parts of the class that the bits of this op's units depend on.

        Not the profile's name, and not the batch sizes of other ops: scores of real pictures stay
        what they are when pictures are generated in other batches.
        """
        versions = dict(self.packages)
        parts: dict[str, object] = {
            "device": self.device,
            "processor": self.processor,
            "threads": self.threads,
            "attention": self.attention,
            "batch": self.batch_of(op),
            "packages": {name: versions[name] for name in PACKAGES_OF[op.kind] if name in versions},
        }
        if op.kind in DIFFUSING:
            parts |= {"dtype": self.dtype, "memory_format": self.memory_format, "compiled": self.compiles(op)}
        return OpClass.of(**parts)
