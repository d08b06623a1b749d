"""One run of the bundled shapes audit, shared by the tests of this folder, also by those of other processes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from auditor.execute import Silent
from auditor.run import Options, Outcome, run
from auditor.spec import load_spec

SPEC = Path(__file__).with_name("shapes.yaml")


@pytest.fixture(scope="session")
def shapes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test run share: the audit takes minutes, and is made once."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shapes"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def shapes_store(shapes_folder: Path) -> Path:
    """A store that the runs of this folder share, as the documents of a repository do."""
    return shapes_folder / "store"


@pytest.fixture(scope="session")
def shapes_run(shapes_folder: Path, shapes_store: Path) -> Outcome:
    """The audit of both outcome models, run from document to report: 200 rows, 2 draws.

    Who comes second waits for the first, and finds its result current."""
    with FileLock(shapes_folder / "lock"):
        return run(load_spec(SPEC), Options(out=shapes_folder / "out", store=shapes_store), Silent())


@pytest.fixture(scope="session")
def shapes_units(shapes_run: Outcome) -> list[dict[str, Any]]:
    """The lines of its per-unit table."""
    return [json.loads(line) for line in shapes_run.folder.units.read_text(encoding="utf-8").splitlines()]
