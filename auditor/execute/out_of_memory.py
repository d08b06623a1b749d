"""Running out of memory: one fault, whichever library says it in whatever way."""

from __future__ import annotations

import sys

from auditor.errors import ExecutionError

CPU_ALLOCATOR = "DefaultCPUAllocator: can't allocate memory"
"""How torch says it on a CPU: by a RuntimeError of no class of its own."""


class OutOfMemory(ExecutionError):
    """A micro-batch did not fit into memory; a smaller one may."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on a GPU or a CPU."""
    torch = sys.modules.get("torch")  # Where it was not imported, it raised nothing.
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.cuda.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and CPU_ALLOCATOR in str(error)


def release_memory() -> None:
    """Give back what a failed micro-batch held."""
    import gc

    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
