"""The process that makes a PDF: HTML on standard input, PDF on standard output, nothing else.

`pdf.py` starts it. It serves data: URIs and refuses every other
address: WeasyPrint's own fetcher would embed any local file that a document links to.
"""

from __future__ import annotations

import sys
from typing import Any, Final

MEMORY: Final = 4 * 1024**3
"""Largest address space of the process, in bytes."""

EPOCH: Final = "1735689600"
"""A fixed SOURCE_DATE_EPOCH (2025-01-01): a report's bytes must not depend on when it is made."""

NO_LIBRARIES: Final = 30
NO_PACKAGE: Final = 31
REFUSED: Final = 32


def main() -> int:
    """Read, render, write; the exit status says what went wrong."""
    _limit_memory()
    document = sys.stdin.buffer.read().decode("utf-8")
    try:
        import weasyprint  # type: ignore[import-untyped,unused-ignore]
    except ModuleNotFoundError as error:
        return _fail(NO_PACKAGE, error)
    except OSError as error:
        return _fail(NO_LIBRARIES, error)
    sys.addaudithook(_refuse_network)
    refused: list[str] = []
    try:
        data = weasyprint.HTML(string=document, url_fetcher=_fetcher(refused)).write_pdf(pdf_variant="pdf/ua-1")
    # WeasyPrint's own "fatal" error derives from BaseException, and would pass `except Exception`.
    except BaseException as error:
        return _fail(REFUSED, error)
    # Inside drawings WeasyPrint swallows even its fatal error, and would leave a silent gap.
    if refused:
        return _fail(REFUSED, PermissionError(f"refused to fetch {refused[0]}"))
    sys.stdout.buffer.write(data)
    return 0


def _fetcher(refused: list[str]) -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher  # type: ignore[import-untyped,unused-ignore]

    class DataOnly(URLFetcher):  # type: ignore[misc,unused-ignore]
        """Serves what stands in the document itself."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            """The content of a data: URI; ends the rendering for anything else."""
            if not url.startswith("data:"):
                refused.append(url[:200])
                raise FatalURLFetchingError(f"refused to fetch {url[:200]}")
            return super().fetch(url, headers)

    return DataOnly(allowed_protocols=("data",), allow_redirects=False)


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.Popen", "os.system"):
        raise PermissionError(f"the PDF process may not use {event}")


def _limit_memory() -> None:
    try:
        import resource
    except ModuleNotFoundError:  # Windows has no such limits
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    ceiling = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    if soft == resource.RLIM_INFINITY or soft > ceiling:
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))


def _fail(status: int, error: BaseException) -> int:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    return status
