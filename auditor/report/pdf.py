"""report.pdf: the same page on paper, tagged as PDF/UA-1, made in a process of its own.

WeasyPrint does not give memory back and can be made to work for hours, so the process has a
memory limit and a time limit; it gets the document on standard input and opens no file of ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from auditor.errors import ExecutionError
from auditor.execute import write_whole
from auditor.report.build_page import page_of
from auditor.report.paper import fit_paper
from auditor.report.pdf_process import EPOCH, NO_LIBRARIES, NO_PACKAGE
from auditor.report.templates import draw_page
from auditor.results.audit_result import AuditResult

SECONDS: Final = 300
START: Final = "import sys; from auditor.report.pdf_process import main; sys.exit(main())"

MISSING_LIBRARIES: Final = (
    "report.pdf was not made: the Pango libraries that WeasyPrint needs are not installed ({detail}). "
    "Install them with `apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0` (Debian, Ubuntu) or "
    "`brew install pango` (macOS); report.html is complete without them."
)
MISSING_PACKAGE: Final = (
    "report.pdf was not made: WeasyPrint is not installed. "
    "Install it with `pip install weasyprint`; report.html is complete without it."
)
TOO_LONG: Final = (
    "report.pdf was not made: rendering took more than {seconds:g} seconds. "
    "report.html is complete; run the command again on a less busy machine."
)
BROKEN: Final = (
    "report.pdf was not made: rendering ended with status {status} ({detail}). report.html is complete without it."
)


def write_pdf(result: AuditResult, folder: Path, path: Path, *, seconds: float = SECONDS) -> None:
    """Write the report to `path`, whole or not at all; equal inputs and fonts give equal bytes.

    Tables are cut at 500 rows and pairs at 200 pictures, and say so; report.html holds the rest.

    Raises:
        ExecutionError: no libraries, too much time or memory, a fetch that was refused, or a disk without room.
    """
    data = render_pdf(draw_page(fit_paper(page_of(result, folder)), "paper"), seconds=seconds)
    write_whole(path, data)


def render_pdf(document: str, *, seconds: float = SECONDS) -> bytes:
    """The HTML document as PDF bytes; raises `ExecutionError` as `write_pdf` does."""
    # -P: the package is found where this one was, whatever the working folder holds.
    root = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": paths, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONHASHSEED": "0"}
    command = (sys.executable, "-P", "-c", START)
    try:
        done = subprocess.run(
            command, input=document.encode("utf-8"), capture_output=True, env=environment, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise ExecutionError(TOO_LONG.format(seconds=seconds)) from None
    if done.returncode == 0 and done.stdout.startswith(b"%PDF-"):
        return done.stdout
    detail = _last_line(done.stderr)
    if done.returncode == NO_LIBRARIES:
        raise ExecutionError(MISSING_LIBRARIES.format(detail=detail))
    if done.returncode == NO_PACKAGE:
        raise ExecutionError(MISSING_PACKAGE)
    raise ExecutionError(BROKEN.format(status=done.returncode, detail=detail))


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else "no message"
