"""What the document's language says about a place: from pydantic's paths to the author's.

Pydantic's paths hold names that no author wrote: the tag that chose a member of a union
(`models, 0, transformers, output`) and the label of a member that was tried
(`permutations, int`). Walking the types along the path leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from auditor.descriptions import description_of
from auditor.node import SpecNode
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc
from auditor.spec.wording import with_article

NOUNS: Mapping[str, str] = {
    "models": "model",
    "detectors": "detector",
    "concepts": "concept",
    "properties": "property",
    "interventions": "intervention",
    "analyses": "analysis",
    "checks": "check",
    "requirements": "requirement",
}
"""What an entry of each list of the document is called."""

TAG_FIELDS = ("kind", "adapter")
"""The keys that say of which kind an entry is."""


@dataclass(frozen=True)
class Place:
    """A place in the document, and what may stand there.

    Attributes:
        loc: its path in the document.
        owner: the node that the place is a key of; None where the types end before.
        owner_name: the owner in words, such as `a text_to_image intervention`.
        field: the field of the owner; None for an unknown key.
        wanted: the type of the value; None for an unknown key.
    """

    loc: Loc
    owner: type[SpecNode] | None
    owner_name: str
    field: FieldInfo | None
    wanted: Any

    @property
    def description(self) -> str:
        """The first sentence of the field's docstring."""
        if self.owner is None or self.field is None:
            return ""
        name = next(part for part in reversed(self.loc) if isinstance(part, str))
        text = " ".join(description_of(self.owner, name).split())
        sentence, stop, _ = text.partition(". ")
        return sentence.removesuffix(".") if stop or sentence.endswith(".") else sentence


def place_of(loc: Loc, root: type[SpecNode] = AuditSpec) -> Place:
    """The place that pydantic's path `loc` means in a document of type `root`."""
    place = Place((), None, "the document", None, root)
    for number, part in enumerate(loc):
        stepped = _step(place, part)
        # A fault of a union's member as a whole is one of the union.
        if number < len(loc) - 1 or stepped.loc != place.loc:
            place = stepped
    return place


def _step(place: Place, part: str | int) -> Place:
    wanted = without_null(bare(place.wanted))
    if is_node(wanted):
        name = node_name(place.loc, wanted)
        field = wanted.model_fields.get(str(part))
        return Place((*place.loc, part), wanted, name, field, field_type(field) if field else None)
    if get_origin(wanted) is tuple and isinstance(part, int):
        return Place((*place.loc, part), place.owner, place.owner_name, place.field, get_args(wanted)[0])
    if get_origin(wanted) in (Union, UnionType):
        member = next((member for member in get_args(wanted) if _is_called(part, bare(member))), place.wanted)
        return Place(place.loc, place.owner, place.owner_name, place.field, member)
    return place


def _is_called(label: str | int, member: Any) -> bool:
    """Whether pydantic calls this member of a union `label`: by its tag, its class, or as a list."""
    if is_node(member):
        return label in (member.__name__, *tags(member))
    return get_origin(member) is tuple and str(label).startswith("tuple[")


def bare(annotation: Any) -> Any:
    """`annotation` without the constraints of `Annotated`."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def without_null(annotation: Any) -> Any:
    """The other member of a union with None that has two members; else `annotation`."""
    if get_origin(annotation) in (Union, UnionType):
        members = [member for member in get_args(annotation) if member is not NoneType]
        if len(members) == 1:
            return bare(members[0])
    return annotation


def is_node(annotation: Any) -> bool:
    """Whether `annotation` is a node of the document."""
    return isinstance(annotation, type) and issubclass(annotation, SpecNode)


def field_type(field: FieldInfo) -> Any:
    """The type of a field with its constraints."""
    return Annotated[field.annotation, field] if field.metadata else field.annotation


def members_of(annotation: Any) -> Iterator[Any]:
    """The members of a union at any depth, with their constraints; a lone type is its own member."""
    plain = bare(annotation)
    if get_origin(plain) in (Union, UnionType):
        for member in get_args(plain):
            yield from members_of(member)
    else:
        yield annotation


def tags(node: type[SpecNode]) -> tuple[str, ...]:
    """The words that choose `node` among the kinds of its list."""
    for name in TAG_FIELDS:
        field = node.model_fields.get(name)
        if field is not None and field.is_required() and get_origin(field.annotation) is Literal:
            return tuple(get_args(field.annotation))
    return ()


def noun_of(loc: Loc) -> str:
    """What the entry of a list at `loc` is called, such as `check`; empty elsewhere."""
    if len(loc) == 2 and isinstance(loc[1], int):
        return NOUNS.get(str(loc[0]), "entry")
    return ""


def node_name(loc: Loc, node: type[SpecNode]) -> str:
    """A node in words: "`noise`", "a text_to_image intervention", "the document"."""
    if not loc:
        return "the document"
    if noun := noun_of(loc):
        return with_article(" ".join([*tags(node)[:1], noun]))
    names = [part for part in loc if isinstance(part, str)]
    return f"`{names[-1]}`"


def keys_of(node: type[SpecNode]) -> tuple[str, ...]:
    """The keys that a node may have, sorted."""
    return tuple(sorted(node.model_fields))
