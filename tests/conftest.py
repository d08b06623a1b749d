"""What the tests of the middle rooms share: tiny real components, made once a session, and fresh runs of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auditor.audit import resources_of
from auditor.execute import Executor, Journal, Numerics, Resources, Silent, Store, StoredAnswers, default_numerics
from auditor.plan import Plan
from auditor.spec import LoadedSpec, load_spec
from auditor.spec.materials import Materials, gather
from tests.tiny import write_everything


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `audit.yaml` and all it names; tests that change it take `tiny_copy`."""
    folder = tmp_path_factory.mktemp("tiny")
    write_everything(folder)
    return folder


@pytest.fixture
def tiny_copy(tiny: Path, tmp_path: Path) -> Path:
    """A copy of `tiny` that a test may spoil."""
    return Path(shutil.copytree(tiny, tmp_path / "tiny"))


@pytest.fixture(scope="session")
def loaded(tiny: Path) -> LoadedSpec:
    """The tiny audit."""
    return load_spec(tiny / "audit.yaml")


@pytest.fixture(scope="session")
def materials(loaded: LoadedSpec, tiny: Path) -> Materials:
    """All that the tiny audit names, without a fault."""
    found, errors = gather(loaded.spec, tiny, allow_python=False, decode=True)
    assert found is not None and not errors
    return found


@pytest.fixture(scope="session")
def numerics() -> Numerics:
    """The numerics class of this machine."""
    return default_numerics()


@dataclass
class Bench:
    """One store and one journal in a folder of their own, and the executor on them."""

    folder: Path
    resources: Resources
    numerics: Numerics
    workers: int
    options: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.store = Store(self.folder / "store")
        self.journal = Journal(self.folder / "journal.jsonl")
        self.executor = Executor(
            self.store, self.journal, self.resources, self.numerics, self.workers, Silent(), **self.options
        )

    def run(self, plan: Plan) -> StoredAnswers:
        return self.executor.run(plan)

    def ran(self) -> int:
        """How many units were computed."""
        return sum(self.executor.ran.values())

    def objects(self) -> list[Path]:
        """Every stored object, in order."""
        return sorted((self.folder / "store" / "objects").glob("??/*"))

    def close(self) -> None:
        self.executor.close()
        self.journal.__exit__(None, None, None)
        self.store.close()


@pytest.fixture
def bench(materials: Materials, numerics: Numerics, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Make executors: of one folder by its name, so that a second one finds what the first has stored."""
    made: list[Bench] = []

    def make(
        name: str = "bench",
        workers: int = 1,
        resources: Resources | None = None,
        numerics: Numerics = numerics,
        **options: Any,
    ) -> Bench:
        made.append(Bench(tmp_path / name, resources or resources_of(materials), numerics, workers, options))
        return made[-1]

    yield make
    for each in made:
        each.close()
