"""The version of the document's language, looked at before anything else."""

from __future__ import annotations

from auditor.codes import BAD_VERSION, MISSING_VERSION, NEWER_VERSION
from auditor.errors import Problem, SpecError
from auditor.spec.audit_spec import SPEC_VERSION
from auditor.spec.wanted import found_words
from auditor.spec.wording import closest, strange_letter
from auditor.spec.yaml_reader import Document

WRITE = f"write `version: {SPEC_VERSION}`"


def version_problems(document: Document, text: str) -> tuple[Problem, ...]:
    """What is wrong with the version; the fields can be read as this version all the same.

    Raises:
        SpecError: the document is newer, so that its keys mean nothing here.
    """
    positions, where = document.positions, document.positions.of_value(("version",))
    if "version" not in document.value:
        way_out = f"{WRITE} in the first line"
        misspelt = misspelt_version(document)
        where = positions.of_key((misspelt,)) if misspelt else positions.of_key(())
        suggestion = "version" if misspelt else ""
        message = f"the document has no `version`{strange_letter(misspelt or '', 'version')}"
        return (Problem(MISSING_VERSION, message, where, way_out, suggestion),)
    if ("version",) in document.doubtful:
        return ()
    found = document.value["version"]
    if isinstance(found, bool) or not isinstance(found, int):
        return (Problem(BAD_VERSION, f"`version` is {found_words(found)}, not a whole number", where, WRITE),)
    if found > SPEC_VERSION:
        message = f"version {found} is newer than {SPEC_VERSION}, the newest that is read here"
        raise SpecError((Problem(NEWER_VERSION, message, where, "upgrade auditor"),), texts={positions.path: text})
    if found < 1:
        return (Problem(BAD_VERSION, f"there is no version {found}", where, WRITE),)
    return ()


def misspelt_version(document: Document) -> str | None:
    """The key that was meant to be `version`, where there is none and one comes close."""
    if "version" in document.value:
        return None
    return next((key for key in document.value if closest(key, ("version",))), None)
