"""Weights that a file lacks are filled with random numbers by the libraries, with a mere warning: refused here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.errors import ExecutionError


def refuse_missing_weights(what: str, loading: Mapping[str, Any]) -> None:
    """Raise ExecutionError where loading left weights without a value.

    Args:
        what: what was loaded, in words.
        loading: what `from_pretrained(.., output_loading_info=True)` says of it.
    """
    missing = sorted(str(name) for name in loading.get("missing_keys", ()))
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ExecutionError(
            f"the weights of {what} lack `{missing[0]}`{more}, which would be random numbers; save the whole model "
            "again with `save_pretrained`, and name that folder"
        )
