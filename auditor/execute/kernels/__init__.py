"""Kernels: how one micro-batch of an op is computed. A new op is one file, and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.execute.kernels.compare import CompareKernel
from auditor.execute.kernels.composite import CompositeKernel
from auditor.execute.kernels.edit import EditKernel
from auditor.execute.kernels.generate import GenerateKernel
from auditor.execute.kernels.image_to_image import ImageToImageKernel
from auditor.execute.kernels.kernel import Kernel, Resources, UnitRows
from auditor.execute.kernels.ledits_pp import LeditsPPKernel
from auditor.execute.kernels.locate import LocateKernel
from auditor.execute.kernels.predict import PredictKernel
from auditor.plan import OpKind

# `load` has no kernel: picture files are read where they are needed, and never stored again.
KERNELS: Mapping[OpKind, type[Kernel[Any]]] = {
    "generate": GenerateKernel,
    "edit": EditKernel,
    "image_to_image": ImageToImageKernel,
    "ledits_pp": LeditsPPKernel,
    "locate": LocateKernel,
    "composite": CompositeKernel,
    "composite_located": CompositeKernel,
    "compare": CompareKernel,
    "predict": PredictKernel,
}

__all__ = ["KERNELS", "Kernel", "Resources", "UnitRows"]
