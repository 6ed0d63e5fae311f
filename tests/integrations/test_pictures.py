"""Pictures are read back as pixels: matplotlib itself draws them."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image

from domain.ports.drawing import Bars
from integrations.pictures import Charts

BLUE, ORANGE = (11, 79, 138), (240, 162, 2)


def drawn(chart: Bars) -> Image.Image:
    return Image.open(BytesIO(Charts().bars(chart))).convert("RGB")


def longest_runs(picture: Image.Image, colour: tuple[int, int, int]) -> list[int]:
    """For each bar of this colour from the top, its length in pixels; bars lie apart."""
    lengths, before = [], 0
    for y in range(picture.height):
        here = sum(picture.getpixel((x, y)) == colour for x in range(picture.width))
        if here > 60 and not before:  # more than the key's little square, or a letter
            lengths.append(here)
        before = here if here > 60 else 0
    return lengths


def test_a_bar_is_as_long_as_its_number_and_the_first_stands_at_the_top() -> None:
    ten, five, eight = longest_runs(drawn(Bars("Booked", ("a", "b", "c"), (("Booked", (10.0, 5.0, 8.0)),))), BLUE)
    assert (five / ten, eight / ten) == pytest.approx((0.5, 0.8), abs=0.01)


def test_a_stack_begins_where_the_part_before_it_ends() -> None:
    picture = drawn(Bars("Booked", ("a",), (("Booked", (6.0,)), ("Waiting", (3.0,))), stacked=True))
    middle = [picture.getpixel((x, picture.height // 2 - 10)) for x in range(picture.width)]
    last_blue = max(x for x, colour in enumerate(middle) if colour == BLUE)
    first_orange = min(x for x, colour in enumerate(middle) if colour == ORANGE)
    assert 0 < first_orange - last_blue < 6  # a white line between them


def test_percentages_are_drawn_against_a_hundred() -> None:
    fifty = longest_runs(drawn(Bars("How full", ("a",), (("Full", (50.0,)),), unit="%")), BLUE)
    hundred = longest_runs(drawn(Bars("How full", ("a",), (("Full", (100.0,)),), unit="%")), BLUE)
    assert fifty[0] / hundred[0] == pytest.approx(0.5, abs=0.02)


def test_a_picture_grows_with_its_labels_and_keeps_its_width() -> None:
    few = drawn(Bars("Booked", ("a",) * 2, (("Booked", (1.0,) * 2),)))
    many = drawn(Bars("Booked", ("A long title that cannot stand on a line of its own beside its bar",) * 20, (("Booked", (1.0,) * 20),)))
    assert (few.width, many.width) == (1170, 1170)
    assert many.height > 4 * few.height


@pytest.mark.parametrize(
    "text",
    [
        "Budgets: $5 or $10 a day",
        r"From $\frac$ to $x^$",  # no mathematics is meant
        "Lone \U000f0000 and 漢字 \u0e01",  # characters that the font has no shape for
        "\U000f0000",
        "",
        "W" * 300,
        "عربي and \u202ereversed",
        "Line\nbreak\tand \x00 control",
    ],
)
def test_any_title_can_be_drawn(text: str) -> None:
    assert drawn(Bars(text, (text, "b"), (("One", (1.0, 2.0)), ("Two", (0.0, 0.0))), unit="of 5")).width == 1170


def test_nothing_but_noughts_can_be_drawn() -> None:
    assert drawn(Bars("Nobody", ("a",), (("Booked", (0.0,)), ("Waiting", (0.0,))), stacked=True)).width == 1170


def test_threads_draw_the_same_as_one_alone() -> None:
    charts = [Bars(f"Chart {n}", ("a", "b"), (("One", (float(n), 2.0)),)) for n in range(6)]
    alone = [Charts().bars(chart) for chart in charts]
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(Charts().bars, charts)) == alone


def test_matplotlib_is_imported_only_when_something_is_drawn() -> None:
    said = "import sys, integrations.pictures, integrations.report_page; print([m for m in sys.modules if m.startswith('matplotlib')])"
    assert subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout == "[]\n"
