"""`repo@commit` is read from the local cache of the hub, and what is missing there is told exactly."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from auditor import codes
from auditor.digest import digest_file
from auditor.models import TransformersModel, identify_pipeline, open_model
from auditor.source import locate
from auditor.zoo import builtin_folder

LOC = ("models", 0, "source")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
VARIABLES = ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "HF_HUB_OFFLINE")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, named by HF_HOME."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    return tmp_path / "hf/hub"


def laid_out(cache: Path, repository: str, files: Path) -> Path:
    """A repository in the cache as the hub lays it out: links in a snapshot, bytes in blobs; the snapshot."""
    repo = cache / f"models--{repository.replace('/', '--')}"
    snapshot = repo / "snapshots" / COMMIT
    (repo / "blobs").mkdir(parents=True)
    for file in sorted(path for path in files.rglob("*") if path.is_file()):
        link = snapshot / file.relative_to(files)
        link.parent.mkdir(parents=True, exist_ok=True)
        blob = repo / "blobs" / digest_file(file)
        shutil.copy(file, blob)
        up = Path(*[".."] * (len(link.relative_to(repo).parts) - 1))
        link.symlink_to(up / "blobs" / blob.name)
    return snapshot


def zoo(name: str) -> Path:
    folder = builtin_folder(name)
    assert folder is not None
    return folder


def test_a_model_of_the_cache_is_the_model_it_is_a_copy_of(cache: Path, tmp_path: Path) -> None:
    laid_out(cache, "shapes/outcome", zoo("shapes/outcome"))
    fields = {"name": "outcome", "adapter": "transformers", "target": "outcome"}
    cached = TransformersModel(source=f"shapes/outcome@{COMMIT}", **fields).identify(tmp_path, LOC)
    bundled = TransformersModel(source="builtin:shapes/outcome", **fields).identify(tmp_path, LOC)
    assert cached.digest == bundled.digest and cached.files == bundled.files
    assert all(file.is_symlink() for file in cached.weight_files)
    pictures = [np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)]
    scores = [open_model(identity, "cpu")(pictures) for identity in (cached, bundled)]
    assert scores[0].tobytes() == scores[1].tobytes()


def test_a_pipeline_of_the_cache_too(cache: Path, tmp_path: Path) -> None:
    laid_out(cache, "shapes/text-to-image", zoo("shapes/text-to-image"))
    cached, bundled = (
        identify_pipeline("captions", source, tmp_path, LOC)
        for source in (f"shapes/text-to-image@{COMMIT}", "builtin:shapes/text-to-image")
    )
    assert cached.digest == bundled.digest and cached.folder.is_relative_to(cache)


@pytest.mark.parametrize(
    ("variable", "value", "folder", "named"),
    [
        ("HF_HUB_CACHE", "/a/cache", "/a/cache", "named by HF_HUB_CACHE"),
        ("HUGGINGFACE_HUB_CACHE", "/old/cache", "/old/cache", "named by HUGGINGFACE_HUB_CACHE"),
        ("HF_HOME", "/a/home", "/a/home/hub", "named by HF_HOME"),
        ("XDG_CACHE_HOME", "/xdg", "/xdg/huggingface/hub", "the default; HF_HOME names another"),
        (None, "", "~/.cache/huggingface/hub", "the default; HF_HOME names another"),
    ],
)
def test_what_is_missing_says_what_to_place_where(
    variable, value, folder, named, cache, tmp_path, fault, monkeypatch
) -> None:
    monkeypatch.delenv("HF_HOME")
    if variable:
        monkeypatch.setenv(variable, value)
    found = fault(lambda: locate(f"some/model@{COMMIT}", tmp_path, LOC))
    assert (found.code, found.loc) == (codes.NOT_IN_CACHE, LOC)
    assert found.message == (
        f"`some/model@{COMMIT}` is not in the local cache of the hub, and nothing is downloaded during an audit"
    )
    assert found.way_out == (
        f"its files belong in {folder}/models--some--model/snapshots/{COMMIT} ({named}); "
        f"to fetch them: hf download some/model --revision {COMMIT}; or do so on another machine, "
        "and copy the folder models--some--model of its cache"
    )


def test_the_place_is_the_one_that_the_hub_uses(cache: Path) -> None:
    from huggingface_hub import snapshot_download

    folder = laid_out(cache, "some/model", zoo("shapes/outcome"))
    assert snapshot_download("some/model", revision=COMMIT, local_files_only=True, cache_dir=cache) == str(folder)


def test_offline_is_honoured_in_what_is_advised(cache, tmp_path, fault, monkeypatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    found = fault(lambda: locate(f"some/model@{COMMIT}", tmp_path, LOC))
    assert found.way_out.endswith(
        f"; HF_HUB_OFFLINE is set here, so on a machine with a network: hf download some/model --revision {COMMIT}, "
        f"and copy the folder models--some--model of its cache to {cache}"
    )
    laid_out(cache, "some/model", zoo("shapes/outcome"))
    assert locate(f"some/model@{COMMIT}", tmp_path, LOC).is_dir()


def test_another_commit_is_not_this_one(cache, tmp_path, fault) -> None:
    laid_out(cache, "some/model", zoo("shapes/outcome"))
    assert fault(lambda: locate(f"some/model@{'f' * 40}", tmp_path, LOC)).code == codes.NOT_IN_CACHE


def test_a_copy_that_was_cut_short_says_which_bytes_are_missing(cache, tmp_path, fault) -> None:
    snapshot = laid_out(cache, "some/model", zoo("shapes/outcome"))
    blob = (snapshot / "model.safetensors").resolve()
    blob.unlink()
    found = fault(lambda: locate(f"some/model@{COMMIT}", tmp_path, LOC))
    assert found.code == codes.NOT_IN_CACHE
    assert found.message.endswith(
        "is only partly in the local cache of the hub: it lacks the bytes of `model.safetensors`"
    )
    assert found.way_out.startswith(f"they belong in {blob}; to fetch them: hf download some/model")


@pytest.mark.parametrize("inner", ["", "deeper/"])
def test_links_stay_inside_the_cache(inner, cache, tmp_path, fault) -> None:
    snapshot = laid_out(cache, "some/model", zoo("shapes/outcome"))
    (tmp_path / "secret.json").write_text("{}")
    (snapshot / "deeper").mkdir()
    (snapshot / inner / "extra.json").symlink_to(tmp_path / "secret.json")
    found = fault(lambda: locate(f"some/model@{COMMIT}", tmp_path, LOC))
    assert found.code == codes.SOURCE_OUTSIDE
    assert (
        f"the file `{inner}extra.json` of " in found.message
        and "is a link that leads out of the cache" in found.message
    )


def test_a_cache_that_lies_on_another_disk_may_be_linked_to(cache, tmp_path) -> None:
    laid_out(tmp_path / "disk", "some/model", zoo("shapes/outcome"))
    cache.mkdir(parents=True)
    (cache / "models--some--model").symlink_to(tmp_path / "disk/models--some--model")
    assert (locate(f"some/model@{COMMIT}", tmp_path, LOC) / "config.json").is_file()
