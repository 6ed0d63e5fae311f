"""What the command line says of a file that is compared with nothing: how each session is held, as far as the file tells."""

from __future__ import annotations

import pytest

from domain.ports.files import Sheet
from practiceweek.imports import show_bare

HEAD = ("Date", "Time", "Title", "Platform")


def test_a_bare_preview_shows_a_link_of_ones_own_and_what_the_programme_decides(capsys: pytest.CaptureFixture[str]) -> None:
    link = "https://meet.example.org/room"
    rows = [("12/03/2035", "10-11am", f"Title {number}", how) for number, how in enumerate(("Online", link, "Zoom"), start=1)]
    assert show_bare(Sheet("week", (HEAD, *rows)), as_json=False) == 0
    said = capsys.readouterr().out.splitlines()
    held = [". Online as the programme says. ", f". A link of your own ({link}). ", ". Zoom. "]
    assert [words in line for words, line in zip(held, said, strict=False)] == [True] * 3
