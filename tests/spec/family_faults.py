"""Families of documents with a fault: each function writes one, which its name describes, into an empty folder.

The document is `specs/audit.yaml` where there is such a folder, which then lies in a repository, else `audit.yaml`.
The texts with which they are refused stand in `bad_families/`, by the function's name.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.spec.family import BASE, HEADER, VALID, write

FamilyFault = Callable[[Path], None]


def extending(name: str) -> str:
    """The head of a document that extends `name`."""
    return HEADER.replace("base.yaml", name)


def extends_itself(folder: Path) -> None:
    write(folder, audit=extending("audit.yaml"))


def cycle_of_two(folder: Path) -> None:
    write(folder, audit=HEADER, base="version: 1\nextends: audit.yaml\n")


def cycle_of_three_below(folder: Path) -> None:
    write(folder, specs__audit=extending("a/one.yaml"), specs__a__one="version: 1\nextends: two.yaml\n")
    write(folder, specs__a__two="version: 1\nextends: [three.yaml, ../a/one.yaml]\n", specs__a__three="version: 1\n")


def base_missing(folder: Path) -> None:
    write(folder, audit=extending("method.yaml"))


def bases_misspelt(folder: Path) -> None:
    write(folder, audit=extending("[bsae.yaml, shared/metods.yml]"), base=BASE)
    (folder / "shared").mkdir()
    (folder / "shared/methods.yml").write_text("version: 1\n")


def base_is_a_folder(folder: Path) -> None:
    (folder / "base.yaml").mkdir()
    write(folder, audit=HEADER)


def base_is_a_pipe(folder: Path) -> None:
    os.mkfifo(folder / "base.yaml")
    write(folder, audit=HEADER)


def base_is_a_device(folder: Path) -> None:
    (folder / "base.yaml").symlink_to("/dev/zero")
    write(folder, audit=HEADER)


def base_is_a_link_to_nothing(folder: Path) -> None:
    (folder / "base.yaml").symlink_to("gone.yaml")
    write(folder, audit=HEADER)


def base_is_a_link_to_itself(folder: Path) -> None:
    (folder / "base.yaml").symlink_to("base.yaml")
    write(folder, audit=HEADER)


def base_above_the_folder(folder: Path) -> None:
    write(folder, audit=extending("../base.yaml"))


def base_above_the_repository(folder: Path) -> None:
    write(folder, specs__audit=extending("[../base.yaml, ../../base.yaml, a/../../../base.yaml]"), base=BASE)


def base_absolute(folder: Path) -> None:
    write(folder, audit=extending("/etc/auditor/base.yaml"))


def base_through_a_link_out_of_the_repository(folder: Path) -> None:
    (folder / "specs").mkdir()
    (folder / "specs/shared").symlink_to("/usr/share")
    write(folder, specs__audit=extending("shared/base.yaml"))


def base_is_an_address(folder: Path) -> None:
    write(folder, audit=extending('"https://example.org/base.yaml"'))


def base_of_another_kind(folder: Path) -> None:
    write(folder, audit=extending(".git/config"))


def base_with_backslashes(folder: Path) -> None:
    write(folder, audit=extending(r"shared\base.yaml"))


def base_with_a_name_too_long(folder: Path) -> None:
    write(folder, audit=extending(f"{'long' * 100}.yaml"))


def base_with_letters_that_turn(folder: Path) -> None:
    write(folder, audit=extending('"ba\\u202Ees.yaml"'))


def extends_a_number(folder: Path) -> None:
    write(folder, audit=extending("5"))


def extends_a_mapping(folder: Path) -> None:
    write(folder, audit=extending("{file: base.yaml}"))


def extends_nothing_of_a_list(folder: Path) -> None:
    write(folder, audit=extending("[]"))


def extends_a_list_of_all_kinds(folder: Path) -> None:
    write(folder, audit=extending("[base.yaml, 5, [base.yaml], null, base]"), base=BASE)


def extends_seventeen(folder: Path) -> None:
    write(folder, audit=extending(f"[{', '.join(f'f{i}.yaml' for i in range(17))}]"))


def extends_twice_the_same(folder: Path) -> None:
    write(folder, audit=extending("[base.yaml, base.yaml]"), base=BASE)


def extends_misspelt(folder: Path) -> None:
    write(folder, audit=HEADER.replace("extends", "extend"), base=BASE)


def extends_in_the_wrong_place(folder: Path) -> None:
    write(folder, audit=VALID.replace("dataset: {", "dataset: {extends: base.yaml, "))


def six_levels(folder: Path) -> None:
    write(folder, audit=extending("c1.yaml"))
    write(folder, **{f"c{i}": f"version: 1\nextends: c{i + 1}.yaml\n" for i in range(1, 6)}, c6=BASE)


def every_file_named_twice_at_every_level(folder: Path) -> None:
    write(folder, audit=extending("[f1.yaml, g1.yaml]"))
    for level in range(1, 5):
        text = f"version: 1\nextends: [f{level + 1}.yaml, g{level + 1}.yaml]\n"
        write(folder, **{f"f{level}": text, f"g{level}": text})
    write(folder, f5="version: 1\n", g5="version: 1\n")


def bytes_over_two_files(folder: Path) -> None:
    half = "version: 1\n# " + "x" * 600_000 + "\n"
    write(folder, audit=extending("[one.yaml, two.yaml]"), one=half, two=half)


def nodes_over_two_files(folder: Path) -> None:
    half = "version: 1\nextra:\n" + "- [x, y]\n" * 9_000
    write(folder, audit=extending("[one.yaml, two.yaml]"), one=half, two=half)


def alias_across_files(folder: Path) -> None:
    anchored = BASE.replace('{source: "builtin', '&data {source: "builtin')
    write(folder, audit=HEADER + "dataset: *data\n", base=anchored)


def merge_key_in_a_base(folder: Path) -> None:
    write(folder, audit=HEADER, base=BASE.replace("dataset: {", "dataset: {<<: {rows: 5}, "))


def base_nested_too_deep(folder: Path) -> None:
    write(folder, audit=HEADER, base="version: 1\ndataset: " + "{a: " * 70 + "1" + "}" * 70 + "\n")


def base_with_a_tab(folder: Path) -> None:
    write(folder, audit=HEADER, base=BASE.replace("    steps", "\tsteps"))


def base_in_latin_1(folder: Path) -> None:
    write(folder, audit=HEADER)
    (folder / "base.yaml").write_bytes("version: 1\nreport: {}  # für Prüfer\n".encode("latin-1"))


def base_in_utf_16(folder: Path) -> None:
    write(folder, audit=HEADER)
    (folder / "base.yaml").write_bytes(BASE.encode("utf-16"))


def base_empty(folder: Path) -> None:
    write(folder, audit=HEADER, base="")


def base_of_two_documents(folder: Path) -> None:
    write(folder, audit=HEADER, base=f"{BASE}---\nversion: 1\n")


def base_that_is_a_list(folder: Path) -> None:
    write(folder, audit=HEADER, base="- {name: outcome}\n")


def base_without_a_version(folder: Path) -> None:
    write(folder, audit=HEADER, base=BASE.removeprefix("version: 1\n"))


def base_of_a_newer_version(folder: Path) -> None:
    write(folder, audit=HEADER, base="version: 7\nmodules: []\n")


def version_in_the_base_alone(folder: Path) -> None:
    write(folder, audit=HEADER.removeprefix("version: 1\n"), base=BASE)


def null_deletes_what_must_be_there(folder: Path) -> None:
    write(folder, audit=f"{HEADER}concepts: null\ndataset: {{source: ~, rows: 20}}\n", base=BASE)


def null_deletes_in_the_file_between(folder: Path) -> None:
    between = "version: 1\nextends: base.yaml\nmodels:\n"
    write(folder, audit=extending("between.yaml"), between=between, base=BASE)


def null_deletes_nothing(folder: Path) -> None:
    write(folder, audit=f"{HEADER}report: null\n", base=BASE)


def mapping_over_a_list(folder: Path) -> None:
    write(folder, audit=f"{HEADER}concepts: {{blue circle: {{column: blue_circle}}}}\n", base=BASE)


def list_over_a_mapping(folder: Path) -> None:
    write(folder, audit=f"{HEADER}dataset: [{{rows: 20}}]\n", base=BASE)


def text_over_a_mapping(folder: Path) -> None:
    write(folder, audit=f"{HEADER}dataset: builtin:shapes/test\n", base=BASE)


def mapping_over_a_number(folder: Path) -> None:
    write(folder, audit=f"{HEADER}fail_on_invalid: {{share: 0.2}}\n", base=f"{BASE}fail_on_invalid: 3\n")


def faults_in_every_file(folder: Path) -> None:
    audit = f"{extending('[shared/base.yaml, more.yaml]')}dataset: {{rowss: 20, rows: 0}}\n"
    base = BASE.replace("steps: 10", "stpes: 10\n    stpes: 11").replace("label: outcome}", "label: 5}")
    write(folder, audit=audit, shared__base=base, more="version: 1\nreport: {format: html}\n")


def one_fault_met_twice(folder: Path) -> None:
    write(folder, audit=extending("[one.yaml, two.yaml]"), base=BASE.replace("steps", "stpes"))
    write(folder, one="version: 1\nextends: base.yaml\n", two="version: 1\nextends: base.yaml\n")


def name_that_the_base_no_longer_declares(folder: Path) -> None:
    write(folder, audit=f"{HEADER}concepts:\n  - {{name: red circle, column: red_circle, phrase: red}}\n", base=BASE)


def one_name_in_two_files(folder: Path) -> None:
    detectors = 'detectors:\n  - {name: outcome, adapter: transformers, source: "builtin:shapes/detector"}\n'
    write(folder, audit=HEADER + detectors, base=BASE)


FAULTS: tuple[FamilyFault, ...] = tuple(
    found
    for found in list(globals().values())
    if callable(found) and getattr(found, "__annotations__", {}) == {"folder": "Path", "return": "None"}
)
