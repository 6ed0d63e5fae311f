"""What the Makefile says on a machine where something is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that `make` looks at, without an environment."""
    for name in ("Makefile", "pyproject.toml", "requirements-dev.lock"):
        shutil.copy(HERE / name, tmp_path / name)
    return tmp_path


def python_that_fails(folder: Path, when: str) -> str:
    """A stand-in for python3 that fails when it is asked for a certain thing."""
    python = folder / "python-stand-in"
    python.write_text(f'#!/bin/sh\ncase "$2" in *{when}*) exit 1;; esac\nexit 0\n')
    python.chmod(0o755)
    return "./python-stand-in"


def said_by_make(folder: Path, target: str, python: str) -> str:
    done = subprocess.run(["make", target, f"PYTHON={python}"], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    return done.stderr.splitlines()[0]


def test_an_old_python_is_said_in_one_sentence_with_the_remedy(checkout: Path) -> None:
    assert said_by_make(checkout, "test", python_that_fails(checkout, "version_info")) == (
        "Practice Week needs Python 3.11 or newer as ./python-stand-in: install it (Debian: apt-get install python3), "
        "or name another, as in: make test PYTHON=python3.12"
    )


def test_a_missing_python_is_said_like_an_old_one(checkout: Path) -> None:
    assert said_by_make(checkout, "rehearse", "no-such-python").startswith("Practice Week needs Python 3.11 or newer as no-such-python:")


def test_a_missing_venv_is_said_in_one_sentence_with_the_remedy(checkout: Path) -> None:
    assert said_by_make(checkout, "rehearse", python_that_fails(checkout, "ensurepip")) == (
        "Python's venv is missing: install it (Debian: apt-get install python3-venv) and run make again."
    )


def test_the_locks_name_packages_and_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (HERE / name).read_text()
        assert "://" not in text
        packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert packages
        assert [line for line in packages if "==" not in line or not line.endswith("\\")] == []
