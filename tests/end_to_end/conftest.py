"""One run of the bundled shapes audit, shared by the tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.execute import Silent
from auditor.run import Options, Outcome, run
from auditor.spec import load_spec

SPEC = Path(__file__).with_name("shapes.yaml")


@pytest.fixture(scope="session")
def shapes_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that the runs of this folder share, as the documents of a repository do."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def shapes_run(tmp_path_factory: pytest.TempPathFactory, shapes_store: Path) -> Outcome:
    """The audit of both outcome models, run from document to report: 200 rows, 2 draws."""
    out = tmp_path_factory.mktemp("shapes")
    return run(load_spec(SPEC), Options(out=out, store=shapes_store), Silent())


@pytest.fixture(scope="session")
def shapes_units(shapes_run: Outcome) -> list[dict[str, Any]]:
    """The lines of its per-unit table."""
    return [json.loads(line) for line in shapes_run.folder.units.read_text(encoding="utf-8").splitlines()]
