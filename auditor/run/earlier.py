"""Finding the earlier results of an audit: those beside a run's folder, and those that its own result names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from auditor.digest import digest_bytes
from auditor.results.earlier import EarlierResult
from auditor.run.folder import RunFolder
from auditor.spec import LoadedSpec


def earlier_of_audit(loaded: LoadedSpec, folder: RunFolder) -> tuple[EarlierResult, ...]:
    """Results of the same audit id and another document, by revision; files that cannot be read are left out.

    A document that is run again keeps the list of its own result, so that equal audits have equal bytes: what was run
    later beside it is not earlier.
    """
    own = _read(folder.result)
    if own is not None and own[0].spec_digest == loaded.digest:
        return own[1]
    found = {} if own is None else {one.result_digest: one for one in (*own[1], own[0])}
    audit = loaded.spec.audit.id
    for path in sorted(folder.path.resolve().parent.glob("*/result.json")):
        beside = None if path == folder.result.resolve() else _read(path, audit)
        if beside is not None and beside[0].spec_digest != loaded.digest:
            found.setdefault(beside[0].result_digest, beside[0])
    return tuple(sorted(found.values(), key=lambda one: (one.revision, one.result_digest)))


def _read(path: Path, audit: str | None = None) -> tuple[EarlierResult, tuple[EarlierResult, ...]] | None:
    """A result and those that it names as earlier; None where it is no result of this audit."""
    try:
        data = path.read_bytes()
        held: dict[str, Any] = json.loads(data)
        if audit is not None and held["audit"]["id"] != audit:
            return None
        digests = {one["role"]: one["digest"] for one in reversed(held["identities"])}
        result = EarlierResult(
            revision=held["audit"]["revision"],
            outcome=held["outcome"],
            partial=held.get("partial") is not None,
            result_digest=digest_bytes(data),
            spec_digest=digests["spec"],
            requirements_digest=digests["requirements"],
        )
        return result, tuple(EarlierResult.model_validate(one) for one in held.get("earlier", ()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
