"""An evaluation as strict JSON: every number that tables and figures are drawn from."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from auditor.evaluation.agreement import Evaluation


def evaluation_json(title: str, evaluation: Evaluation) -> bytes:
    """The bytes of `evaluation.json`; what does not exist is null. Equal evaluations give equal bytes."""
    value = {"schema_version": 1, "title": title, **plain(evaluation)}
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def flips_json(title: str, tables: Mapping[str, Any]) -> bytes:
    """The bytes of `flips.json`: tables by their names; what is not defined is null, as an infinite threshold is."""
    found = [{"name": name, **plain(table)} for name, table in tables.items()]
    value = {"schema_version": 1, "title": title, "tables": found}
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def plain(value: Any) -> Any:
    """Dataclasses and arrays as what JSON has; numbers that are not finite are None."""
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
