"""The numerics class: everything besides the plan that the bits of an answer depend on."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from auditor.digest import Digest, digest_value, row_keys
from auditor.plan import OpKind

PACKAGES = ("torch", "diffusers", "transformers", "pillow", "numpy")


@dataclass(frozen=True)
class Numerics:
    """A declared numerics class. Two runs of one class give one answer, bit for bit.

    The number of pictures computed together is part of it: measured, batch *size* changes the
    bits of a diffusion picture, while at one size neighbours, slot and padding do not. On a CPU
    a worker has one thread, and parallelism is workers, so that the number of cores changes no bits.
    """

    profile: str
    device: str
    processor: str
    dtype: str
    threads: int
    batch: tuple[tuple[OpKind, int], ...]
    packages: tuple[tuple[str, str], ...]

    def batch_size(self, kind: OpKind) -> int:
        """How many units of an op are computed together; short batches are padded with copies."""
        return dict(self.batch)[kind]

    @property
    def digest(self) -> Digest:
        """SHA-256 of the class; part of every exact key."""
        return digest_value(asdict(self))

    def exact_keys(self, keys: np.ndarray) -> np.ndarray:
        """Exact keys of units under this class: (n, 32) uint8 -> (n, 32) uint8."""
        return row_keys(self.digest, keys)


def default_numerics() -> Numerics:
    """The class of this machine: one-thread float32 workers. Found without importing torch."""
    return Numerics(
        profile="default",
        device="cpu",
        processor=_instruction_set(),
        dtype="float32",
        threads=1,
        batch=(("load", 64), ("generate", 16), ("predict", 32)),
        packages=tuple((name, _version(name)) for name in PACKAGES),
    )


def default_workers() -> int:
    """One worker for each processor that this process may use, at most 8."""
    return max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _instruction_set() -> str:
    """The widest vector instructions, which decide the order of sums in a CPU kernel."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return "unknown"
    for name in ("amx_tile", "avx512f", "avx2", "asimd"):
        if name in flags:
            return name
    return "plain"
