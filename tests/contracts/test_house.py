"""The house: floors, what may be imported at the top of a file, and how long files are."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from auditor import codes
from auditor.models.safetensors_folder import PICKLED

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for path in (ROOT / "auditor").rglob("*.py"))
HEAVY = {
    "torch", "scipy", "diffusers", "transformers", "weasyprint", "captum", "matplotlib", "pyarrow", "ray",
    "huggingface_hub", "tokenizers", "safetensors", "PIL",
}  # fmt: skip
MOST_LINES = 350


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports_at_import(tree: ast.Module) -> set[str]:
    """Packages imported when the module is, outside `if TYPE_CHECKING`, functions and their like."""
    found: set[str] = set()

    def walk(body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, ast.Import):
                found.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add((node.module or "").split(".")[0])
            elif isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test):
                walk([*node.body, *node.orelse])
            elif isinstance(node, ast.Try):
                walk([*node.body, *node.orelse, *node.finalbody])
            elif isinstance(node, ast.ClassDef | ast.With):
                walk(node.body)

    walk(tree.body)
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_heavy_libraries_are_imported_where_they_are_needed(path):
    assert not imports_at_import(ast.parse(path.read_text(encoding="utf-8"))) & HEAVY


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_hold_one_idea(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_file_is_called_for_nothing_in_particular(path):
    assert not {"utils", "helpers", "common", "core", "misc"} & {path.stem, *path.relative_to(ROOT).parts}


def test_importing_the_loop_loads_no_heavy_library():
    program = f"import sys, auditor.audit; print(sorted({sorted(HEAVY)!r} & sys.modules.keys()))".replace(
        repr(sorted(HEAVY)), f"set({sorted(HEAVY)!r})"
    )
    out = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_floors_and_forbidden_imports_hold():
    """The import-linter contracts of pyproject.toml, through its own program."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    out = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert out.returncode == 0, out.stdout + out.stderr
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert f"Contracts: {len(contracts)} kept, 0 broken" in out.stdout


def test_every_code_of_data_and_models_is_raised_and_tested():
    """A code of the 300s is raised by some file of auditor and named by some test, or its golden text."""
    names = {value: name for name, value in vars(codes).items() if isinstance(value, str) and value.startswith("AUD3")}
    source = "".join(path.read_text(encoding="utf-8") for path in MODULES if path.name != "codes.py")
    tests = [path for path in (ROOT / "tests").rglob("*") if path.suffix in (".py", ".txt")]
    said = "".join(path.read_text(encoding="utf-8") for path in tests)
    assert set(names) == {code for code in codes.EXPLANATIONS if code.startswith("AUD3")}
    for code, name in names.items():
        assert f"codes.{name}" in source, f"{name} is never raised"
        assert f"codes.{name}" in said or code in said, f"{name} is raised by no test"


def test_nothing_pickled_is_ever_loaded():
    """No module unpickles: weights are safetensors, pictures are decoded, everything else is text."""
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(pickle|joblib|torch\.load|np\.load|yaml\.load)\(", text), name_of(path)
    assert ".bin" in PICKLED


def test_nothing_stray_stands_at_the_top() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("no checkout of git")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    known = {"auditor", "examples", "schemas", "specs", "templates", "tests", "README.md", "pyproject.toml"}
    known |= {"Makefile", "LICENSE", "CHANGELOG.md"}
    assert {name for name in top if not name.startswith(".")} == known
