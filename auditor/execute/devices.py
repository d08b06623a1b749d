"""What this machine computes on, found without importing torch where that can be done."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DRIVERS = ("/dev/nvidiactl", "/dev/nvidia0", "/proc/driver/nvidia/version", "/dev/dxg", "/dev/kfd")
"""Files of a GPU's driver: where a Linux machine has none of them, torch sees no GPU either."""


def gpu_names() -> tuple[str, ...]:
    """The name of each GPU that torch sees, in its order; empty without importing torch where there can be none."""
    if not _gpu_is_possible():
        return ()
    import torch

    if not torch.cuda.is_available():
        return ()
    return tuple(str(torch.cuda.get_device_name(number)) for number in range(torch.cuda.device_count()))


def _gpu_is_possible() -> bool:
    """False where the environment hides all GPUs, torch is a build without them, or no driver is loaded."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None and visible.strip() in ("", "-1"):
        return False
    if package_version("torch").endswith("+cpu"):
        return False
    return os.name != "posix" or any(Path(path).exists() for path in DRIVERS)


def processor_name() -> str:
    """The widest vector instructions of the CPU, which decide the order of sums in its kernels."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return "unknown"
    for name in ("amx_tile", "avx512f", "avx2", "asimd"):
        if name in flags:
            return name
    return "plain"


def processors() -> int:
    """How many CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def package_version(package: str) -> str:
    """The version of an installed package, or `absent`."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
