"""The bundled models and pictures behind `builtin:`; trained by the scripts in examples/zoo."""

from __future__ import annotations

from pathlib import Path

ZOO = Path(__file__).parent


def builtin_folder(name: str) -> Path | None:
    """The folder of `builtin:NAME`, or None where there is none."""
    return ZOO / name if name in builtin_names() else None


def builtin_names() -> tuple[str, ...]:
    """What `builtin:` offers, such as `shapes/outcome`, in alphabetical order."""
    return tuple(
        f"{world.name}/{entry.name}"
        for world in sorted(ZOO.iterdir())
        if world.is_dir() and not world.name.startswith("_")
        for entry in sorted(world.iterdir())
        if entry.is_dir()
    )
