"""What gates say of concepts that no detector sees, or of which it does not see all."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.concepts import Concept, Sight
from auditor.judgement import CheckPart


def unseen_part(concept: Concept, quantity: str, threshold: float, unknown: str) -> CheckPart:
    """The part of a gate about a concept that no detector sees.

    It is undecided, and so are the concept's findings; where the document accepts that (`unseen: accepted`), it
    informs and blocks nothing.

    Args:
        concept: the concept.
        quantity: what would have been measured.
        threshold: the limit of the gate.
        unknown: what nobody knows, as a clause.
    """
    accepted = concept.unseen == "accepted"
    beside = ", which the document accepts" if accepted else ""
    return CheckPart(
        subject=concept.name,
        quantity=quantity,
        measured=None,
        interval=None,
        threshold=threshold,
        state=None if accepted else "inconclusive",
        sentence=f"no detector sees {concept.name}, so nobody knows {unknown}{beside}",
        concept=concept.name,
    )


def side_effects_unseen(concept: Concept, quantity: str) -> CheckPart:
    """What a gate cannot say of a concept that no detector sees while others change: informs, and blocks nothing."""
    return CheckPart(
        subject=f"any concept -> {concept.name}",
        quantity=quantity,
        measured=None,
        interval=None,
        threshold=None,
        state=None,
        sentence=f"no detector sees {concept.name}, so nobody knows whether changing other concepts changes it",
    )


def not_changed_part(changed: Sequence[str], kept: Sequence[str]) -> CheckPart:
    """The caution of DEPICT, section 4.3, where only some concepts can be permuted: informs, and blocks nothing."""
    return CheckPart(
        subject=", ".join(kept),
        quantity="concepts that are not changed",
        measured=None,
        interval=None,
        threshold=None,
        state=None,
        sentence=f"only {', '.join(changed)} of {len(changed) + len(kept)} concepts are changed: read their findings "
        f"with caution, since they may be confounded by changes to {', '.join(kept)}, and to whatever no concept names",
    )


def told_beyond(part: CheckPart, sight: Sight) -> CheckPart:
    """`part` with what its detector does not tell of the concept."""
    if not sight.beyond:
        return part
    return part.model_copy(update={"sentence": f"{part.sentence}; the detector tells {sight.beyond}"})
