"""Short commands stay short: they load none of the heavy libraries. Times are measured by hand, never here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, environment

HEAVY = {"diffusers", "matplotlib", "numpy.ma", "scipy", "sklearn", "torch", "transformers", "weasyprint"}
LISTING = """
import atexit, json, sys
from pathlib import Path
atexit.register(lambda: Path("modules.json").write_text(json.dumps(sorted(sys.modules))))
sys.argv = ["auditor", *sys.argv[1:]]
from auditor.cli import main
main()
"""


def loaded_by(folder: Path, *arguments: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *arguments], cwd=folder, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads((folder / "modules.json").read_text()))


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["run", "--help"], ["explain", "AUD104"], ["schema"], ["init", "builtin:shapes/test"]],
    ids=" ".join,
)
def test_commands_without_a_spec_load_no_library_of_models(tmp_path: Path, arguments: list[str]) -> None:
    assert not HEAVY & loaded_by(tmp_path, *arguments)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["explain"]], ids=" ".join)
def test_help_loads_next_to_nothing(tmp_path: Path, arguments: list[str]) -> None:
    assert not {"numpy", "pydantic", "yaml", "PIL", "rich"} & loaded_by(tmp_path, *arguments)


def test_validating_loads_no_library_of_models(tmp_path: Path) -> None:
    assert not HEAVY & loaded_by(tmp_path, "validate", str(ROOT / "specs/shapes-reliance.yaml"))


ROOMS_THAT_COMPUTE = {
    f"auditor.{room}"
    for room in ("compile", "execute", "judgement", "plan", "report", "results", "run", "statistics", "audit")
}


@pytest.mark.parametrize("command", ["validate", "resolve"])
def test_reading_a_document_loads_no_room_that_computes(tmp_path: Path, command: str) -> None:
    found = loaded_by(tmp_path, command, str(ROOT / "specs/shapes-reliance.yaml"))
    assert "auditor.checks.significance" in found
    assert not (ROOMS_THAT_COMPUTE | {"jinja2", "rich", "numpy.ma"}) & found


def test_docstrings_are_read_where_somebody_asks_for_them(tmp_path: Path) -> None:
    program = (
        "import auditor.spec, auditor.descriptions as d; assert not d._docstrings.cache_info().currsize; "
        "from auditor.dataset import Dataset; assert d.description_of(Dataset, 'label').startswith('The column'); "
        "from auditor.models import PythonModel; assert d.description_of(PythonModel, 'name').startswith('The name'); "
        "assert d.description_of(Dataset, 'model_config') == ''"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment(), check=True)


def test_planning_loads_no_library_of_models(tmp_path: Path) -> None:
    found = loaded_by(tmp_path, "plan", "--no-estimate", str(ROOT / "specs/shapes-reliance.yaml"))
    assert not (HEAVY - {"numpy.ma", "scipy"}) & found
