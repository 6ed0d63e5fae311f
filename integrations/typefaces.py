"""DejaVu, which has the letters of every European name: it travels inside matplotlib, which need not be loaded for it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def dejavu() -> Path:
    """The folder of the DejaVu files. Raises `RuntimeError` where matplotlib is not installed as it should be."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise RuntimeError("matplotlib is not installed, and with it the letters for PDF files")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
