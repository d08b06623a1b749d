"""What the tests of the document share."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than a few seconds; run with `-m slow`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "slow" in config.getoption("markexpr"):
        return
    for item in items:
        if item.get_closest_marker("slow") and HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="slow: run with `-m slow`"))


@pytest.fixture(scope="session")
def valid_text() -> str:
    """A small valid document."""
    return (HERE / "valid.yaml").read_text(encoding="utf-8")
