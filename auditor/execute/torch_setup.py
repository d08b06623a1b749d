"""How a process is set up before it computes: threads, determinism, and libraries that keep quiet."""

from __future__ import annotations

import os

from auditor.execute.numerics import Numerics


def prepare_environment(numerics: Numerics) -> None:
    """Fix what the bits of this process, and of those that it starts, depend on before anything is imported; torch is
    not."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(numerics.threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    if numerics.device == "cuda":
        # Read when the first handle is made: without a workspace of its own, cuBLAS sums in the order it happens to.
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"


def prepare_process(numerics: Numerics, device: str) -> None:
    """Fix what the bits of this process depend on, before and after torch is imported; it computes on `device`."""
    prepare_environment(numerics)
    import torch

    torch.set_num_threads(numerics.threads)
    if numerics.device == "cuda":
        _deterministic_gpu()
    if device.startswith("cuda"):
        torch.cuda.set_device(device)


def _deterministic_gpu() -> None:
    """No kernel that is chosen by timing, none that rounds float32 to TF32, and an error from those that are not
    deterministic."""
    import torch

    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.conv.fp32_precision = "ieee"
    torch.backends.cudnn.rnn.fp32_precision = "ieee"
    torch.backends.cuda.matmul.fp32_precision = "ieee"
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # A safeguard for wrong programs, at a price.


def quiet_libraries() -> None:
    """No progress bars, hints or downloads of the model libraries: stderr is for the audit."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import logging

    import diffusers
    import transformers

    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    logging.getLogger("torch").setLevel(logging.ERROR)
