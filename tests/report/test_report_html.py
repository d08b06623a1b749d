"""report.html: well-formed, accessible, closed to the outside, and the same every time."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from auditor.digest import digest_file
from auditor.errors import InternalError
from auditor.report import render_html, templates
from auditor.report.sections import sections_of
from auditor.report.source import source_of
from auditor.report.templates import template_folder
from auditor.results.audit_result import AuditResult
from tests.report.outline import Outline
from tests.report.sample_result import CONCEPTS

ROOT = Path(__file__).parents[2]
RENDER = """
import sys
from itertools import pairwise
from pathlib import Path
from auditor.report import render_html, templates
from auditor.results.audit_result import AuditResult
folder = Path(sys.argv[1])
result = AuditResult.model_validate_json((folder / "result.json").read_bytes())
sys.stdout.buffer.write(render_html(result, folder).encode())
"""


@pytest.fixture(scope="module")
def outline(document: str) -> Outline:
    return Outline(document)


def test_document_is_strictly_nested_and_ids_are_unique(outline: Outline) -> None:
    ids = [element.attributes["id"] for element in outline.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids)) > 15


def test_every_reference_has_its_target(outline: Outline) -> None:
    ids = {element.attributes.get("id") for element in outline.elements}
    for element in outline.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert element.attributes.get(name) is None or element.attributes[name] in ids
        if element.name == "a":
            assert str(element.attributes["href"]).removeprefix("#") in ids


def test_headings_go_down_one_level_at_a_time(outline: Outline, result: AuditResult, run_folder: Path) -> None:
    levels = [int(element.name[1]) for element in outline.named("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert levels.count(2) == len(sections_of(source_of(result, run_folder)))
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_picture_has_words(outline: Outline) -> None:
    pictures = outline.named("img")
    assert len(pictures) == 26 and all(picture.attributes["alt"] for picture in pictures)
    for drawing in outline.named("svg"):
        assert drawing.attributes["role"] == "img" and drawing.attributes["aria-labelledby"]
    assert len(outline.named("title")) == 1 + len(outline.named("svg"))


def test_tables_have_captions_and_scopes(outline: Outline) -> None:
    assert len(outline.named("caption")) == len(outline.named("table")) > 15
    assert all(head.attributes.get("scope") in ("row", "col") for head in outline.named("th"))


def test_language_skip_link_and_landmarks(outline: Outline) -> None:
    assert outline.named("html")[0].attributes["lang"] == "en"
    assert outline.named("a")[0].attributes["href"] == "#main"
    assert all(len(outline.named(name)) == 1 for name in ("header", "nav", "main", "footer"))


def test_policy_comes_first_and_names_the_style(document: str) -> None:
    first = re.search(r"<head>\s*<meta http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\">", document)
    assert first is not None
    policy = first[1].replace("&#39;", "'")
    styles = re.findall(r"<style>(.*?)</style>", document, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    assert len(styles) == 1 and f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;") and "script-src 'none'" in policy


def test_nothing_is_fetched_and_nothing_runs(outline: Outline) -> None:
    assert not outline.named("script", "link", "iframe", "object", "embed", "base", "form")
    for element in outline.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"]
        assert str(element.attributes.get("src", "data:image/")).startswith("data:image/")


def test_what_the_result_says_is_on_the_page(document: str, result: AuditResult, run_folder: Path) -> None:
    page = document.replace("&#39;", "'")
    sentences = [one.sentence for one in result.requirements] + [one.sentence for one in result.checks]
    for words in (*result.summary, *sentences, *result.not_measured, result.units_digest, *CONCEPTS):
        assert words[1:] in page, "the first letter may become a capital"
    assert digest_file(run_folder / "result.json") in page


def test_digest_is_canonical_where_the_file_is_another_result(result: AuditResult, run_folder: Path) -> None:
    other = result.model_copy(update={"tool_version": "9"})
    assert source_of(result, run_folder).digest_of == "result.json"
    assert source_of(other, run_folder).digest_of == "the result in canonical JSON"


def test_bytes_do_not_depend_on_the_hash_seed(document: str, run_folder: Path) -> None:
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", RENDER, str(run_folder)]
        made = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        assert made == document.encode()


def test_folder_of_the_run_is_not_on_the_page(document: str, run_folder: Path) -> None:
    assert str(run_folder) not in document and str(template_folder()) not in document


def test_large_pictures_shrink_and_missing_ones_say_so(result: AuditResult, tmp_path: Path) -> None:
    from tests.report.sample_result import draw_picture

    name = draw_picture(tmp_path, "large.png", CONCEPTS, side=700)
    (tmp_path / "images" / "text.png").write_text("not a picture")
    pairs = [
        result.pairs[0].model_copy(update={"factual_image": name, "counterfactual_image": other})
        for other in ("images/none.png", "../../etc/passwd", "/etc/hostname", "images/text.png", "images", "a\0b", None)
    ]
    page = render_html(result.model_copy(update={"pairs": tuple(pairs)}), tmp_path)
    assert page.count("data:image/jpeg;base64,") == 7 and 'width="384"' in page
    assert page.count("The picture is not in the run folder.") == 5
    assert page.count("cannot be read") == 1 and page.count("No picture was made.") == 1


def test_templates_are_found_in_the_package_or_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (template_folder() / "style" / "print.css").is_file()
    monkeypatch.setattr(templates, "__file__", str(tmp_path / "auditor" / "report" / "templates.py"))
    with pytest.raises(InternalError, match="templates are neither in"):
        template_folder()
    inside = tmp_path / "auditor" / "_templates"
    inside.mkdir(parents=True)
    (inside / "page.html.j2").touch()
    assert template_folder() == inside
