"""A declared numerics profile becomes the class of this machine."""

from __future__ import annotations

from auditor.errors import UsageError
from auditor.execute.devices import gpu_names, package_version, processor_name, processors
from auditor.execute.numerics import PACKAGES, Numerics
from auditor.numerics_profile import DeclaredNumerics, profile_of
from auditor.plan import OpKind

BATCH: dict[str, dict[OpKind, int]] = {
    "cpu": {
        "load": 64,
        "generate": 16,
        "edit": 16,
        # Strengths, and pictures of LEDITS++, are batches of their own, which are filled up: small ones waste less.
        "image_to_image": 4,
        "ledits_pp": 4,
        "locate": 16,
        "composite": 16,
        "composite_located": 16,
        "compare": 16,
        "predict": 32,
    },
    # To begin with: from 4 to 16 pictures a GPU gains about a tenth (published figures), and memory grows with them.
    "cuda": {
        "load": 64,
        "generate": 8,
        "edit": 8,
        "image_to_image": 8,
        "ledits_pp": 8,
        "locate": 8,
        "composite": 16,
        "composite_located": 16,
        "compare": 16,
        "predict": 8,
    },
}
"""How many units are computed together where the profile leaves it to the device."""

MOST_WORKERS = 8
"""On a CPU each worker holds weights of its own."""


def numerics_of(declared: DeclaredNumerics) -> Numerics:
    """The class of a declared profile on this machine; torch is imported only where a GPU may be there.

    Raises:
        UsageError: the profile wants a GPU, and torch sees none.
    """
    profile = profile_of(declared)
    gpus = gpu_names() if profile.device != "cpu" else ()
    if profile.device == "cuda" and not gpus:
        raise UsageError(
            f"the numerics profile `{profile.name}` wants a GPU (`device: cuda`), and torch {package_version('torch')} "
            "sees none here; run where there is one, or declare `device: auto` or `device: cpu`"
        )
    device = "cuda" if gpus else "cpu"
    declared_sizes: dict[OpKind, int | None] = {
        "generate": profile.batch.generate,
        "edit": profile.batch.edit,
        "ledits_pp": profile.batch.edit,
        "image_to_image": profile.batch.edit,
        "predict": profile.batch.predict,
    }
    sizes = BATCH[device] | {kind: size for kind, size in declared_sizes.items() if size is not None}
    return Numerics(
        profile=profile.name,
        device=device,
        processor=gpus[0] if gpus else processor_name(),
        dtype=profile.dtype or ("bfloat16" if gpus else "float32"),
        threads=1,
        attention="sdpa",
        memory_format="channels_last" if gpus else "contiguous",
        compile=profile.compile if gpus else "never",
        batch=tuple(sizes.items()),
        packages=tuple((name, package_version(name)) for name in PACKAGES),
    )


def default_numerics() -> Numerics:
    """The class of the profile `default` on this machine."""
    return numerics_of("default")


def default_workers(numerics: Numerics) -> int:
    """A worker for each GPU of one kind, or for each CPU that this process may use, at most 8."""
    return equal_gpus() if numerics.device == "cuda" else max(1, min(MOST_WORKERS, processors()))


def equal_gpus() -> int:
    """How many GPUs are of the same kind as the first: other kinds are another numerics class."""
    names = gpu_names()
    return sum(name == names[0] for name in names)
