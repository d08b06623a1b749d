"""The document with every default written out, and who chose each value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import yaml

from auditor.node import Provenance, SpecNode, provenance_of
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.tree_builder import safe_plain

ChosenBy = Literal["document", "paper", "code", "auditor"]

CHOICE_LISTS: Final = ("interventions", "analyses", "checks")
"""The lists whose fields shape the numbers."""


@dataclass(frozen=True)
class Choice:
    """One value that shapes the numbers.

    Attributes:
        field: where it stands, such as `analyses[0].permutations`.
        value: the value as the document would write it.
        chosen_by: `document` if the author wrote it, else where its default comes from.
    """

    field: str
    value: str
    chosen_by: ChosenBy


def resolved_text(spec: AuditSpec) -> str:
    """The whole document as YAML, every default written out, in the order of the language.

    It is itself a document, and reads back as an equal audit."""
    values = spec.model_dump(mode="json", exclude={"extends"})
    return yaml.dump(values, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=10**6)


class _PlainDumper(yaml.SafeDumper):
    """Writes only what the strict reader reads: no aliases, and text in quotes where it looks like a number."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    ambiguous = not isinstance(safe_plain(text), str) or text == "<<" or not text.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if ambiguous else None)


def _number(dumper: yaml.SafeDumper, number: float) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", number_text(number))


_PlainDumper.add_representer(str, _text)
_PlainDumper.add_representer(float, _number)


def number_text(number: float) -> str:
    """A decimal number with its point, so that it reads back as the same one.

    >>> number_text(0.05), number_text(1e-07), number_text(2.0)
    ('0.05', '1.0e-07', '2.0')
    """
    text = repr(number)
    return text.replace("e", ".0e", 1) if "e" in text and "." not in text else text


def choices(spec: AuditSpec) -> tuple[Choice, ...]:
    """Every value of the interventions, analyses and checks, in the order of the document."""
    return tuple(
        choice
        for part in CHOICE_LISTS
        for index, entry in enumerate(getattr(spec, part))
        for choice in _choices_of(entry, f"{part}[{index}]", None)
    )


def _choices_of(node: SpecNode, path: str, inherited: Provenance | None) -> Iterator[Choice]:
    """The leaves of `node`; `inherited` is the provenance of a default that the node is itself."""
    for name in type(node).model_fields:
        value = getattr(node, name)
        default_from = provenance_of(type(node), name) or inherited or "chosen"
        defaulted = default_from if inherited or name not in node.model_fields_set else None
        if isinstance(value, SpecNode):
            yield from _choices_of(value, f"{path}.{name}", defaulted)
        else:
            yield Choice(f"{path}.{name}", value_text(value), chooser(defaulted))


def chooser(provenance: Provenance | None) -> ChosenBy:
    """Who chose a value, from the provenance of its default; None where the author wrote it."""
    if provenance is None:
        return "document"
    return "auditor" if provenance == "chosen" else provenance


def value_text(value: object) -> str:
    """A value on one line, as the document would write it.

    >>> value_text(("a", "b")), value_text(None), value_text(True), value_text(0.05), value_text("exact")
    ('[a, b]', 'null', 'true', '0.05', 'exact')
    """
    if isinstance(value, tuple):
        return f"[{', '.join(map(value_text, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return number_text(value) if isinstance(value, float) else str(value)
