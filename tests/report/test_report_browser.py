"""report.html in a real browser: no script, no request, no complaint about the policy."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from auditor.report import render_html
from auditor.results.audit_result import AuditResult
from tests.report.payloads import PAYLOADS, poisoned
from tests.report.sample_sweeps import with_sweeps

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WATCH = "document.addEventListener('securitypolicyviolation', event => console.error('policy: ' + event.blockedURI))"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no chromium at {CHROMIUM}")


def dismiss(dialog: Any, said: list[str]) -> None:
    said.append("dialog")
    dialog.dismiss()


def cycled(result: AuditResult) -> AuditResult:
    """The result with every payload somewhere: each string takes the next one."""
    payloads = itertools.cycle(PAYLOADS)

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else next(payloads) if value == "@" else value

    marked = poisoned(result, AuditResult, "@").model_dump(mode="json")
    return AuditResult.model_validate(walk(marked))


@pytest.fixture(scope="module")
def browser() -> Any:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.mark.parametrize("kind", ["sample", "sweeps", "hostile"])
def test_no_script_no_request_no_violation(
    kind: str, browser: Any, result: AuditResult, run_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    made = {
        "sample": lambda: result,
        "sweeps": lambda: with_sweeps(result, run_folder),
        "hostile": lambda: cycled(result),
    }
    file.write_text(render_html(made[kind](), run_folder), "utf-8")
    page = browser.new_page(viewport={"width": 480, "height": 900})
    page.add_init_script(WATCH)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: dismiss(dialog, said))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    page.mouse.move(200, 300)
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert page.evaluate("document.scripts.length") == 0
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert kind == "hostile" or wide <= 480, "the page must not scroll sideways on a telephone"
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("Charter"), "the style was refused"
    page.close()


def test_long_tables_that_are_closed_stay_closed_in_print(
    browser: Any, result: AuditResult, run_folder: Path, tmp_path: Path
) -> None:
    swept = with_sweeps(result, run_folder)
    many = tuple(one.model_copy(update={"model": f"{one.model} {k:02}"}) for k in range(10) for one in swept.findings)
    file = tmp_path / "report.html"
    file.write_text(render_html(swept.model_copy(update={"findings": many}), run_folder), "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.emulate_media(media="print")
    seen = "one.querySelector('table').checkVisibility({contentVisibilityAuto: true})"
    tables = page.eval_on_selector_all("details", f"all => all.map(one => [one.className, {seen}])")
    assert {name: shown for name, shown in tables} == {"many": False, "": True}
    page.close()
