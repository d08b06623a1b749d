"""No text of a user's ever becomes an element, an attribute or an address."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from outline import Outline
from pydantic import BaseModel

from auditor.report import render_html
from auditor.report.build_page import page_of
from auditor.report.templates import draw_page
from auditor.results.audit_result import AuditResult

PAYLOADS = (
    "<script>window.pwned=1</script>",
    "<ScRiPt>window.pwned=1</sCrIpT>",
    "</style><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "</pre></code><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<img src=x onerror=window.pwned=1//",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    "</text><script>window.pwned=1</script>",
    "</desc></svg><script>window.pwned=1</script>",
    "<body onload=window.pwned=1>",
    "<iframe src=javascript:window.pwned=1>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<object data=javascript:window.pwned=1>",
    "<embed src=javascript:window.pwned=1>",
    "<a href=javascript:window.pwned=1>x</a>",
    "javascript:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    "<math><mtext><img src=x onerror=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>",
    "<video><source onerror=window.pwned=1>",
    "<audio src=x onerror=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<marquee onstart=window.pwned=1>",
    "<form action=javascript:window.pwned=1><button>x",
    "<base href=https://example.invalid/>",
    "<link rel=stylesheet href=https://example.invalid/a.css>",
    "<link rel=attachment href=file:///etc/passwd>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'>",
    "<style>*{background:url(https://example.invalid/a)}</style>",
    "<!--<script>window.pwned=1</script>-->",
    "--><script>window.pwned=1</script>",
    "<![CDATA[<script>window.pwned=1</script>]]>",
    "\"><script>window.pwned=1</script>",
    "'><script>window.pwned=1</script>",
    "\" onmouseover=window.pwned=1 x=\"",
    "' onmouseover=window.pwned=1 x='",
    "` onmouseover=window.pwned=1",
    "\" style=\"background:url(https://example.invalid/a)",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;script&#62;window.pwned=1&#60;/script&#62;",
    "{{ 7*191 }}",
    "{% include '/etc/passwd' %}",
    "{{ ''.__class__.__mro__ }}",
    "${7*191} #{7*191} <%= 7*191 %>",
    "\u202e<script>window.pwned=1</script>\u2066",
    "\x00<script\x00>window.pwned=1</script>",
    "\u2028window.pwned=1\u2029",
    "\uff1cscript\uff1ewindow.pwned=1\uff1c/script\uff1e",
    "<script>" * 50,
)  # fmt: skip


def poisoned(node: Any, annotation: Any, payload: str) -> Any:
    """The value with `payload` in the place of every string that is not one of a fixed list."""
    if isinstance(node, BaseModel):
        found = {
            name: poisoned(getattr(node, name), field.annotation, payload)
            for name, field in type(node).model_fields.items()
        }
        return type(node)(**found)
    if isinstance(node, tuple):
        return tuple(poisoned(item, (get_args(annotation) or (str,))[0], payload) for item in node)
    if isinstance(node, dict):
        values = [poisoned(value, get_args(annotation)[1], payload) for value in node.values()]
        return dict.fromkeys((payload,), values[-1]) if values else {}
    choices = [
        choice for one in (annotation, *get_args(annotation)) if get_origin(one) is Literal for choice in get_args(one)
    ]
    fixed = node in choices
    return payload if isinstance(node, str) and not fixed else node


def poisoned_result(result: AuditResult, payload: str) -> AuditResult:
    return AuditResult.model_validate(poisoned(result, AuditResult, payload))


@pytest.fixture(scope="module")
def harmless(result: AuditResult, run_folder: Path) -> Outline:
    return Outline(render_html(poisoned_result(result, "harmless"), run_folder))


def test_the_corpus_is_large_and_reaches_every_text(result: AuditResult) -> None:
    assert len(PAYLOADS) >= 50
    text = poisoned_result(result, "harmless").model_dump_json()
    assert text.count("harmless") > 600 and "blue" not in text and "outcome/" not in text


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_payload_changes_no_element(payload: str, result: AuditResult, run_folder: Path, harmless: Outline) -> None:
    outline = Outline(render_html(poisoned_result(result, payload), run_folder))
    # Names in drawings are broken into lines, so their number may differ; their kind may not.
    assert [one for one in outline.shape() if one[0] != "text"] == [one for one in harmless.shape() if one[0] != "text"]
    assert all(set(element.attributes) <= SVG_TEXT for element in outline.named("text"))


SVG_TEXT = {"x", "y", "font-size", "text-anchor", "fill", "font-weight"}


def test_paper_is_escaped_too(result: AuditResult, run_folder: Path) -> None:
    page = page_of(poisoned_result(result, PAYLOADS[5]), run_folder)
    assert not [one for one in Outline(draw_page(page, "paper")).named("img") if one.attributes.get("src") == "x"]


def test_invisible_characters_are_written_out(result: AuditResult, run_folder: Path) -> None:
    page = render_html(poisoned_result(result, "a\u202eb\x1bc"), run_folder)
    assert "\u202e" not in page and "\x1b" not in page and "a\\u202eb\\u001bc" in page
