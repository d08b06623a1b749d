"""The document node: frozen, closed, and honest about where its defaults come from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Provenance = Literal["paper", "code", "chosen"]
"""Who chose a default: the method's paper, its released code, or auditor."""

Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A name that other parts of the document refer to: one line, at most 120 characters."""

Text = Annotated[str, Field(max_length=4_000)]
"""Free text for readers."""


class SeenFromFile:
    """Marks text that names a place as it is seen from the folder of the file in which the text stands."""


Source = Annotated[str, Field(min_length=1, max_length=1_000), SeenFromFile()]
"""Where something is: a path seen from the folder of the document's file, or a name such as `builtin:NAME`."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A share between 0 and 1: 0.05 is 5 %."""

Confidence = Annotated[float, Field(gt=0.5, lt=1)]
"""A confidence level above 0.5 and below 1: 0.95 is 95 %."""

Seed = Annotated[int, Field(ge=0, lt=2**53)]
"""A seed: a whole number from 0 to 2**53 - 1."""


class SpecNode(BaseModel):
    """A node of the audit document.

    Unknown keys are errors: a misspelt `max_drpo` that is dropped would leave the default in
    force, and could turn a fail into a pass. Types are strict: `rows: "200"` is an error too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def default(value: Any, provenance: Provenance, **limits: Any) -> Any:
    """A pydantic field with a default and the provenance of that default, kept in the schema."""
    return Field(value, json_schema_extra={"x-default-from": provenance}, **limits)


def provenance_of(node: type[SpecNode], field: str) -> Provenance | None:
    """Who chose the default of `field`, or None where the document must give a value."""
    extra = node.model_fields[field].json_schema_extra
    found = extra.get("x-default-from") if isinstance(extra, dict) else None
    return found if found in ("paper", "code", "chosen") else None  # type: ignore[return-value]
