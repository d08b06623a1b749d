"""The class of one op: the parts of a numerics class that the bits of its units depend on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from auditor.digest import Digest, digest_value


@dataclass(frozen=True)
class OpClass:
    """What decides the bits of one op's units, besides their meaning.

    It has no names of profiles and no batch sizes of other ops: what cannot change a bit must not
    move a key.

    >>> OpClass.of(batch=8, device="cpu") == OpClass.of(device="cpu", batch=8)
    True
    """

    text: str
    """Its parts as canonical JSON."""

    @classmethod
    def of(cls, **parts: object) -> OpClass:
        """A class of these parts; values must be JSON."""
        return cls(json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False))

    @cached_property
    def parts(self) -> Mapping[str, object]:
        """The parts by name."""
        found: Mapping[str, object] = json.loads(self.text)
        return found

    @cached_property
    def digest(self) -> Digest:
        """SHA-256 of the parts; part of every exact key."""
        return digest_value(self.parts)

    def differences(self, other: OpClass) -> dict[str, tuple[object, object]]:
        """The parts in which two classes differ: own and other value by name, None where there is none.

        Parts that are mappings, such as versions of packages, are compared entry by entry.

        >>> OpClass.of(packages={"torch": "1"}, batch=1).differences(OpClass.of(packages={"torch": "2"}, batch=1))
        {'packages.torch': ('1', '2')}
        """
        mine, theirs = _flat(self.parts), _flat(other.parts)
        return {
            name: (mine.get(name), theirs.get(name))
            for name in sorted(mine.keys() | theirs.keys())
            if mine.get(name) != theirs.get(name)
        }


def _flat(parts: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in parts.items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            found[name] = value
    return found
