"""The report of a run: drawn when the run ends, and again from its folder alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

from auditor.digest import digest_file
from auditor.errors import ExecutionError, VerificationError
from auditor.report import render_html, write_pdf
from auditor.results.audit_result import AuditResult
from auditor.run.folder import RunFolder
from auditor.run.record import read_record


def report(
    folder: RunFolder, formats: tuple[Literal["html", "pdf"], ...]
) -> tuple[AuditResult, Mapping[str, Path], Mapping[str, str]]:
    """Draw the report of a finished run again, from its folder alone.

    Raises:
        ExecutionError: there is no result, or none of this version.
        VerificationError: the result or the table of units is not what the run left.
    """
    result = read_result(folder)
    refuse_changed(folder, result)
    files, unwritten = write_report(folder, result, formats)
    return result, files, unwritten


def read_result(folder: RunFolder) -> AuditResult:
    """The result in a run folder.

    Raises:
        ExecutionError: there is none, or it is no result of this version.
    """
    from pydantic import ValidationError

    try:
        return AuditResult.model_validate_json(folder.result.read_bytes())
    except OSError:
        raise ExecutionError(f"{folder.path} holds no result.json; run the audit first: auditor run SPEC") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ExecutionError(f"{folder.result} is no result that this auditor reads: {place}: {first['msg']}") from None


def refuse_changed(folder: RunFolder, result: AuditResult) -> None:
    """Raise VerificationError where the result or the table of units is not the one that the run left.

    The digest of the result stands in run.json, that of the table in the result. What is not in the folder is not
    compared: a result may be kept alone.
    """
    record = read_record(folder)
    sealed = {folder.units: result.units_digest}
    if record is not None:
        sealed[folder.result] = record.result_digest
    for path, digest in sealed.items():
        if path.exists() and digest_file(path) != digest:
            raise VerificationError(
                f"{path} was changed after the run: its SHA-256 is not the recorded one, {digest[:12]}..; "
                "restore it, or run the audit again"
            )


def write_report(
    folder: RunFolder, result: AuditResult, formats: tuple[Literal["html", "pdf"], ...], standing: Collection[str] = ()
) -> tuple[dict[str, Path], dict[str, str]]:
    """Write the report in `formats`, and leave those that are `standing`.

    Returns:
        Paths by format, and what could not be made.
    """
    files: dict[str, Path] = {"result": folder.result, "units": folder.units}
    unwritten: dict[str, str] = {}
    if "html" in formats:
        if "html" not in standing:
            folder.write("report.html", render_html(result, folder.path).encode())
        files["html"] = folder.html
    if "pdf" in formats:
        try:
            if "pdf" not in standing:
                write_pdf(result, folder.path, folder.pdf)
            files["pdf"] = folder.pdf
        except ExecutionError as error:
            unwritten["pdf"] = str(error)
    return files, unwritten
