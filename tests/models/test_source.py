"""Where a `source:` may lead, and what is said where it may not."""

from __future__ import annotations

import pytest

from auditor import codes
from auditor.source import below, expect_digest, locate, nearest, project_of, seen_from
from auditor.zoo import builtin_names

LOC = ("models", 0, "source")


def test_paths_below_the_document_are_found(tmp_path):
    (tmp_path / "runs" / "one").mkdir(parents=True)
    assert locate("runs/one", tmp_path, LOC) == (tmp_path / "runs" / "one").resolve()
    (tmp_path / "link").symlink_to(tmp_path / "runs")
    assert locate("link/one", tmp_path, LOC) == (tmp_path / "runs" / "one").resolve()


def test_a_missing_folder_suggests_the_one_that_is_there(tmp_path, fault):
    (tmp_path / "runs" / "outcome").mkdir(parents=True)
    found = fault(lambda: locate("runs/outcom", tmp_path, LOC))
    assert found.code == codes.FOLDER_MISSING and found.loc == LOC
    assert found.message == "there is nothing at `runs/outcom`, seen from the folder of the document"
    assert found.way_out.startswith("correct the path, or put the files there") and found.suggestion == "runs/outcome"


def test_a_bare_hub_name_says_how_to_pin_it(tmp_path, fault):
    found = fault(lambda: locate("some/model", tmp_path, LOC))
    assert found.code == codes.FOLDER_MISSING and "written `some/model@` and a commit" in found.way_out


def test_a_file_where_a_folder_is_wanted(tmp_path, fault):
    (tmp_path / "model.bin").write_text("")
    found = fault(lambda: locate("model.bin", tmp_path, LOC))
    assert found.code == codes.FOLDER_MISSING and "is a file, and a folder is wanted here" in found.message


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "/etc", "in\x00side", "~/../../etc", "a/.."])
def test_sources_outside_the_document_are_refused(tmp_path, fault, name):
    (tmp_path / "document" / "a").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    found = fault(lambda: below(name, tmp_path / "document", LOC))
    assert found.code == codes.SOURCE_OUTSIDE and "leads outside the folder of the document" in found.message
    assert "name a path below that folder" in found.way_out


@pytest.mark.parametrize("mark", ["folder", "file"])
def test_in_a_repository_a_document_names_what_is_in_it(tmp_path, fault, mark):
    document = tmp_path / "repository" / "specs" / "a"
    document.mkdir(parents=True)
    repository, outside = tmp_path / "repository", tmp_path / "outside"
    outside.mkdir()
    (repository / "models").mkdir()
    assert project_of(document) == document
    (repository / ".git").mkdir() if mark == "folder" else (repository / ".git").write_text("gitdir: x\n")
    assert project_of(document) == project_of(repository) == repository
    assert below("../../models", document, LOC) == repository / "models"
    (repository / "link").symlink_to(outside)
    for name in ("../../../outside", str(repository / "models"), "../../../repository-2/x"):
        found = fault(lambda name=name: below(name, document, LOC))
        assert found.code == codes.SOURCE_OUTSIDE and "leads outside the repository of the document" in found.message
        assert found.way_out == "name a relative path inside it, and move or copy the files there"
    assert "a link that leads outside the repository" in fault(lambda: below("../../link", document, LOC)).message


def test_a_name_is_rewritten_for_another_folder(tmp_path):
    assert seen_from("models/a", ".", tmp_path) == "models/a"
    assert seen_from("models/a", "../shared", tmp_path) == "../shared/models/a"
    assert seen_from("../models/a", "below/deep", tmp_path) == "below/models/a"
    for same in ("builtin:shapes/test", f"some/model@{'a' * 40}", "/etc/model"):
        assert seen_from(same, "../shared", tmp_path) == same
    # `..` after a link is another folder than the one before it.
    (tmp_path / "far" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "deep")
    assert seen_from("../model", "link", tmp_path) == "link/../model"


def test_a_name_too_long_for_the_disk_is_a_name_that_is_not_there(tmp_path, fault):
    assert fault(lambda: below("long" * 100, tmp_path, LOC)).code == codes.FOLDER_MISSING


@pytest.mark.parametrize("name", ["link", "link/deeper", "chain"])
def test_links_that_lead_outside_are_refused(tmp_path, fault, name):
    (tmp_path / "outside" / "deeper").mkdir(parents=True)
    document = tmp_path / "document"
    document.mkdir()
    (document / "link").symlink_to(tmp_path / "outside")
    (document / "chain").symlink_to(document / "link")
    found = fault(lambda: below(name, document, LOC))
    assert found.code == codes.SOURCE_OUTSIDE and "is a link that leads outside" in found.message
    assert found.way_out == "copy the files there instead of linking to them"


def test_a_link_to_itself_is_no_endless_search(tmp_path, fault):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert fault(lambda: below("loop", tmp_path, LOC)).code == codes.FOLDER_MISSING


def test_an_unknown_builtin_lists_what_there_is(tmp_path, fault):
    found = fault(lambda: locate("builtin:shapes/nothing-like-it", tmp_path, LOC))
    assert found.code == codes.UNKNOWN_BUILTIN
    assert found.message == "nothing is bundled under the name `builtin:shapes/nothing-like-it`"
    assert found.way_out.startswith("bundled: ")
    if builtin_names():
        name = builtin_names()[0]
        assert fault(lambda: locate(f"builtin:{name}x", tmp_path, LOC)).suggestion == f"builtin:{name}"
    for name in ("builtin:../../etc", "builtin:", "builtin:/etc"):
        assert fault(lambda name=name: locate(name, tmp_path, LOC)).code == codes.UNKNOWN_BUILTIN


@pytest.mark.parametrize("revision", ["main", "v1.0", "abc123", "A" * 40, "g" * 40])
def test_a_revision_that_is_no_commit_is_refused(tmp_path, fault, revision):
    found = fault(lambda: locate(f"some/model@{revision}", tmp_path, LOC))
    assert found.code == codes.UNPINNED_REVISION and f"`{revision}` is not a commit" in found.message
    assert "40 hexadecimal characters" in found.way_out


def test_a_digest_that_differs_is_refused(fault):
    expect_digest("a" * 64, None, "model `m`", ("models", 0))
    expect_digest("a" * 64, "a" * 64, "model `m`", ("models", 0))
    found = fault(lambda: expect_digest("a" * 64, "b" * 64, "model `m`", ("models", 0)))
    assert found.code == codes.DIGEST_MISMATCH and found.loc == ("models", 0, "digest")
    assert "a" * 64 in found.message and "b" * 64 in found.message
    assert "restore the files that were audited, or declare the new digest" in found.way_out


def test_the_nearest_name_is_found_or_none():
    assert nearest("outcom", ["outcome", "income"]) == "outcome"
    assert nearest("zebra", ["outcome", "income"]) == ""
