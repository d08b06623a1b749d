"""Refusing to estimate from what is left when most pictures failed."""

from __future__ import annotations

import numpy as np

from auditor.dataset import Rows
from auditor.errors import ExecutionError


def refuse_too_few(analysis: str, rows: Rows, reasons: np.ndarray) -> None:
    """Raise ExecutionError where the rows that are whole cannot give a single number.

    Performance needs both labels, and an interval two independent rows (or clusters).

    Args:
        analysis: its name, for the message.
        rows: the rows of the audit.
        reasons: why a row is invalid, (n_rows,) of str; empty where it is valid.
    """
    valid = reasons == ""
    clusters = np.arange(len(rows)) if rows.clusters is None else rows.clusters
    labels = (rows.labels, *rows.own_labels.values())
    if min(len(np.unique(each[valid])) for each in labels) > 1 and len(np.unique(clusters[valid])) > 1:
        return
    reason = next((str(reason) for reason in reasons if reason), "the data set has one label or one source")
    raise ExecutionError(
        f"analysis `{analysis}`: {int(valid.sum())} of {len(rows)} rows have all their pictures and scores, and no "
        f"number can be had from so few; of the others the first has none because {reason}. Mend the model or pipeline "
        "that failed, and run the audit again"
    )
