"""Section: how a stranger checks the numbers."""

from __future__ import annotations

from auditor.report.number_text import p_text, value_text
from auditor.report.page import Block, Cell, Code, Column, Heading, Section, Table, Text
from auditor.report.source import RESULT_FILE, Source
from auditor.results.audit_result import AuditResult, RenoisedResult

GUIDE = "Nobody has to take this report at its word: its numbers can be computed again without us."

HOW_SWEPT = (
    "The run folder that comes with this report holds units.jsonl: one line for each frame, with the sweep and the "
    "point it belongs to, its distance from the first frame, every output as each model gives it (a logit, but of "
    "models that predict a number), and the reason where it was left out. Every number of this report follows from "
    "that file."
)
HOW = (
    "The run folder that comes with this report holds units.jsonl: one line for each picture and score, with the row "
    "it came from, the caption, the seed, every score, and the reason where one was left out. Every number of this "
    "report follows from that file.",
    "The first command below, run inside the run folder, prints digests, which must equal those in the table. The "
    "second compares them itself, ends with exit status 6 where a file was changed, and else draws this report again. "
    "Neither needs a network, a graphics card or a model.",
)


SELF_TEST = (
    "The importance test is run once more where nothing can be found: another draw of a row's own picture stands in "
    "the place of the picture with the concept changed. Whatever the model, about 1 in 20 of these p-values is at most "
    "0.05. Many more would say that the pictures of a row are not exchangeable, and that no p-value of this report may "
    "be believed. It says nothing about any concept."
)
NO_SELF_TEST = (
    "Not measured: the test of a concept that does nothing needs a significance check, and as many draws of noise as a "
    "concept has values."
)
LEVEL = 0.05


def checking_section(source: Source) -> Section:
    """The digests to compare, and the commands."""
    rows = [(Cell("units.jsonl"), Cell(source.result.units_digest))]
    if source.digest_of == RESULT_FILE:
        rows.append((Cell(RESULT_FILE), Cell(source.digest)))
    names = " ".join(name.text for name, _ in rows)
    commands = f"sha256sum {names}\nauditor report .    # version {source.result.tool_version}\n"
    columns = (Column("File"), Column("SHA-256", "code"))
    blocks: tuple[Block, ...] = (
        Text(_how(source)), Table("Digests to compare", columns, tuple(rows)), Code("Commands", commands),
    )  # fmt: skip
    if source.about_concepts:
        blocks += (Heading("A concept that does nothing"), *_self_test(source.result))
    return Section("checking", "How to check these numbers", GUIDE, blocks)


def _how(source: Source) -> tuple[str, ...]:
    of_concepts, commands = HOW
    said = (of_concepts,) if source.about_concepts else ()
    return (*said, *((HOW_SWEPT,) if source.about_properties else ()), commands)


def _self_test(result: AuditResult) -> tuple[Block, ...]:
    if not result.renoised:
        return (Text((NO_SELF_TEST,)),)
    groups: dict[tuple[str, str], list[RenoisedResult]] = {}
    for one in result.renoised:
        groups.setdefault((one.analysis, one.model), []).append(one)
    rows = tuple(
        (Cell(model), Cell(analysis), Cell(f"{sum(one.p_value <= LEVEL for one in found)} of {len(found)}"),
         Cell(value_text(LEVEL * len(found), 1)), Cell(p_text(min(one.p_value for one in found))),
         Cell(value_text(max(abs(one.importance) for one in found))),
         Cell(value_text(max(one.quantile for one in found))))
        for (analysis, model), found in groups.items()
    )  # fmt: skip
    columns = (Column("Model"), Column("Analysis"), Column("p at most 0.05", "number"), Column("Expected", "number"),
               Column("Smallest p", "number"), Column("Largest importance", "number"),
               Column("95 % quantile by noise alone", "number"))  # fmt: skip
    swaps = {one.swaps for one in result.renoised}
    note = (
        f"{', '.join(f'{count:,}' for count in sorted(swaps))} swaps for each concept, p-values not adjusted. Concepts "
        "share the draws, so their p-values are not independent; of many models the first few are tested. Every one of "
        "them stands in result.json."
    )
    return (Text((SELF_TEST,)), Table("Tests of a concept that does nothing", columns, rows, note=note))
