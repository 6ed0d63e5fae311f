"""Pictures: bar charts as PNG, drawn by matplotlib, which is imported only when something is drawn.

Bars lie, so that long titles can be read beside them. Colours differ in brightness as well as in hue, and series in
their pattern too, so that a chart is understood in grey. Every bar says its number.
"""

from __future__ import annotations

import textwrap
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from domain.ports.drawing import Bars

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.figure import Figure
    from matplotlib.ft2font import FT2Font

_INK, _QUIET = "#1a1a1a", "#595959"
#: colour and pattern of each series: dark blue, orange, light grey-blue, purple
_LOOKS = (("#0b4f8a", ""), ("#f0a202", "//"), ("#b8c4d0", ".."), ("#7a3e8e", "xx"))
_WIDE_IN, _DPI = 9.0, 130
_LABEL_WIDTH, _LABEL_LINES = 44, 2


class Charts:
    """Draws `Bars` (see `domain.ports.drawing.Pictures`). Holds nothing: may be called from any thread."""

    def bars(self, chart: Bars) -> bytes:
        """A PNG, 1,170 pixels wide and as high as its labels need. Slow: call it off the loop."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        side_by_side = 1 if chart.stacked else len(chart.series)
        labels = [_wrapped(label) for label in chart.labels]
        rows_in = sum(max(0.22 * (label.count("\n") + 1), 0.24 * side_by_side) + 0.16 for label in labels)
        figure = Figure(figsize=(_WIDE_IN, rows_in + 1.15), dpi=_DPI, facecolor="white", layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        _draw(axes, chart, labels)
        _dress(figure, axes, chart)
        png = BytesIO()
        figure.savefig(png, format="png", metadata={"Software": None})
        return png.getvalue()


# ── text ────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _font() -> FT2Font:
    from matplotlib.font_manager import findfont, get_font

    return get_font(findfont("DejaVu Sans"))


def _drawable(text: str) -> str:
    """The text without characters that the font has no shape for."""
    return " ".join("".join(c for c in text if c.isspace() or _font().get_char_index(ord(c))).split()) or "?"


def _wrapped(text: str) -> str:
    """On two lines at most, cut with an ellipsis."""
    return "\n".join(textwrap.wrap(_drawable(text), _LABEL_WIDTH, max_lines=_LABEL_LINES, placeholder=" …")) or "…"


def _number(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if value == int(value) and unit != "of 5" else f"{value:,.1f}"
    return f"{text}%" if unit == "%" else text


# ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────


def _draw(axes: Axes, chart: Bars, labels: list[str]) -> None:
    thick = 0.68 if chart.stacked else 0.76 / max(len(chart.series), 1)
    behind = [0.0] * len(labels)
    for number, (name, values) in enumerate(chart.series):
        colour, pattern = _LOOKS[number % len(_LOOKS)]
        middle = 0.0 if chart.stacked else (number - (len(chart.series) - 1) / 2) * thick
        rows = [row + middle for row in range(len(labels))]
        drawn = axes.barh(
            rows, values, thick * 0.94, left=behind if chart.stacked else None, color=colour, hatch=pattern, edgecolor="white", label=name
        )
        if chart.stacked and len(chart.series) > 1:
            behind = [start + value for start, value in zip(behind, values, strict=True)]
        else:
            _say_numbers(axes, drawn, values, chart.unit)
    if chart.stacked and len(chart.series) > 1:
        _say_stacks(axes, chart, behind)
    axes.set_yticks(range(len(labels)), labels)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)  # a dollar sign is a dollar sign
    axes.set_ylim(len(labels) - 0.5, -0.5)  # the first at the top


def _say_numbers(axes: Axes, drawn: BarContainer, values: tuple[float, ...], unit: str) -> None:
    axes.bar_label(drawn, labels=[_number(value, unit) for value in values], padding=4, fontsize=9, color=_INK)


def _say_stacks(axes: Axes, chart: Bars, ends: list[float]) -> None:
    """At the end of each stack its parts, as `18 + 3`, without noughts at the end."""
    for row, end in enumerate(ends):
        parts = [values[row] for _, values in chart.series]
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        axes.annotate(
            " + ".join(_number(part, chart.unit) for part in parts),
            (end, row),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=_INK,
        )


def _dress(figure: Figure, axes: Axes, chart: Bars) -> None:
    from matplotlib.ticker import MaxNLocator

    most = {"%": 100.0, "of 5": 5.0}.get(chart.unit, 1.0)
    stacks = [sum(values[row] for _, values in chart.series) for row in range(len(chart.labels))] if chart.stacked else []
    largest = max([most, *stacks, *(value for _, values in chart.series for value in values)])
    axes.set_xlim(0, largest * (1.16 if len(chart.series) > 1 and chart.stacked else 1.09))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.tick_params(axis="x", labelsize=9, colors=_QUIET, length=0)
    axes.tick_params(axis="y", labelsize=9.5, colors=_INK, length=0)
    axes.grid(axis="x", color="#e3e3e3", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color("#8a8a8a")
    figure.suptitle(_drawable(chart.title), x=0.01, ha="left", fontsize=13, fontweight="bold", color=_INK, parse_math=False)
    if len(chart.series) > 1:
        figure.legend(loc="outside lower left", ncols=len(chart.series), frameon=False, fontsize=9.5)
