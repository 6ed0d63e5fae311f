"""The files of a report: the page, and the pictures that fit beside it. Pure; slow, as it draws."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, zip_longest

from bot.limits import FILE_BYTES, FILES
from domain.charts import sections
from domain.ports.drawing import Bars, Pictures
from domain.reports.figures import ProgrammeReport

MOST_PICTURES = FILES - 1  # one is the page
MOST_BYTES = FILE_BYTES - 1_000_000
File = tuple[str, bytes]


class _Once:
    """Pictures that are drawn once, for the page and for the message."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._drawn: dict[Bars, bytes] = {}

    def bars(self, chart: Bars) -> bytes:
        if chart not in self._drawn:
            self._drawn[chart] = self._pictures.bars(chart)
        return self._drawn[chart]


def drawn(report: ProgrammeReport, drawer: Pictures, page: Callable[[ProgrammeReport, Pictures], bytes]) -> list[File]:
    """The page and the pictures that fit beside it. Slow: for a process of its own, or a thread."""
    pictures = _Once(drawer)
    files: list[File] = [("report.html", page(report, pictures))]
    for name, chart in chosen_charts(report):
        picture = pictures.bars(chart)
        if sum(len(content) for _, content in files) + len(picture) <= MOST_BYTES:
            files.append((name, picture))
    return files


def chosen_charts(report: ProgrammeReport) -> list[tuple[str, Bars]]:
    """At most nine pictures with their files' names: of each kind the first, before any has a second."""
    kinds: dict[tuple[str, int], list[tuple[str, Bars]]] = {}
    for section in sections(report):
        for number, chart in enumerate(section.charts, 1):
            name = f"{section.name}.png" if number == 1 else f"{section.name}-{number}.png"
            kinds.setdefault((section.name.rstrip("-0123456789"), number), []).append((name, chart))
    turns = chain.from_iterable(zip_longest(*kinds.values()))
    return [found for found in turns if found is not None][:MOST_PICTURES]
