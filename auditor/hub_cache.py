"""The local cache of the hub, where `repo@commit` leads; laid out by huggingface_hub, and only ever read.

CACHE/models--ORG--NAME/snapshots/COMMIT/   the files of a commit, links to
CACHE/models--ORG--NAME/blobs/              their bytes
"""

from __future__ import annotations

import os
from pathlib import Path

from auditor import codes
from auditor.errors import DataError

Loc = tuple[str | int, ...]


def hub_cache() -> tuple[Path, str]:
    """The cache that the environment names, as huggingface_hub finds it; and what named it, in words."""
    for name, below in (("HF_HUB_CACHE", ""), ("HUGGINGFACE_HUB_CACHE", ""), ("HF_HOME", "hub")):
        if named := os.environ.get(name):
            return Path(os.path.expandvars(os.path.expanduser(named))) / below, f"named by {name}"
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.path.expanduser(home)) / "huggingface/hub", "the default; HF_HOME names another"


def snapshot(repository: str, commit: str, loc: Loc) -> Path:
    """The folder of a commit in the cache; nothing is downloaded.

    Raises:
        DataError: it is not there or not whole, or a file of it leads out of the repository's own folder.
    """
    cache, named = hub_cache()
    repo = cache / f"models--{repository.replace('/', '--')}"
    folder = repo / "snapshots" / commit
    if not folder.is_dir():
        raise DataError(
            f"`{repository}@{commit}` is not in the local cache of the hub, and nothing is downloaded during an audit",
            code=codes.NOT_IN_CACHE,
            loc=loc,
            way_out=f"its files belong in {_shown(folder)} ({named}); {_fetching(repository, commit, repo)}",
        )
    root = Path(os.path.realpath(repo))
    for place, _, names in os.walk(folder):
        for name in names:
            _refuse_odd_file(Path(place) / name, folder, root, repository, commit, loc)
    return folder


def _refuse_odd_file(file: Path, folder: Path, root: Path, repository: str, commit: str, loc: Loc) -> None:
    inside = file.relative_to(folder).as_posix()
    target = Path(os.path.realpath(file))
    if not target.is_relative_to(root):
        raise DataError(
            f"the file `{inside}` of `{repository}@{commit}` is a link that leads out of the cache",
            code=codes.SOURCE_OUTSIDE,
            loc=loc,
            way_out=f"delete {_shown(folder)}, and fetch it again: hf download {repository} --revision {commit}",
        )
    if not target.exists():
        raise DataError(
            f"`{repository}@{commit}` is only partly in the local cache of the hub: it lacks the bytes of `{inside}`",
            code=codes.NOT_IN_CACHE,
            loc=loc,
            way_out=f"they belong in {_shown(target)}; {_fetching(repository, commit, root)}",
        )


def _fetching(repository: str, commit: str, repo: Path) -> str:
    fetch = f"hf download {repository} --revision {commit}"
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return (
            f"HF_HUB_OFFLINE is set here, so on a machine with a network: {fetch}, and copy the folder "
            f"{repo.name} of its cache to {_shown(repo.parent)}"
        )
    return f"to fetch them: {fetch}; or do so on another machine, and copy the folder {repo.name} of its cache"


def _shown(path: Path) -> str:
    """A path with the user's own folder as `~`."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)
