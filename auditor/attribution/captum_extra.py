"""captum, which is no dependency of an audit but an extra."""

from __future__ import annotations

from auditor.errors import UsageError


def require_captum() -> None:
    """Raise UsageError where captum is not installed."""
    try:
        import captum  # noqa: F401
    except ImportError:
        raise UsageError("relevance maps need captum: pip install 'auditor[attribution]'") from None
