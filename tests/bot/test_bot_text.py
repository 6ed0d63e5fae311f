"""Words of people's and times, made fit to show; pure."""

from __future__ import annotations

import pytest

from bot import ids
from bot.limits import CUSTOM_ID, cut, size
from bot.matching import Match, match, offered
from bot.text import bare, plain, plain_lines, when, when_short
from domain.kinds import Mode
from tests.building import START


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Strengths & needs (part 1)", "Strengths & needs \\(part 1\\)"),
        ("**bold** _it_ ~~no~~ `code` ||spoiler||", "\\*\\*bold\\*\\* \\_it\\_ \\~\\~no\\~\\~ \\`code\\` \\|\\|spoiler\\|\\|"),
        ("# Heading", "\\# Heading"),
        ("> quote", "\\> quote"),
        ("- list", "\\- list"),
        ("a - b", "a - b"),
        ("[free](https://evil.example)", "\\[free\\]\\(https://evil.example\\)"),
        ("see https://a.gov.uk/x_y_z", "see https://a.gov.uk/x_y_z"),
        ("<@1> <@&2> <#3> <t:1:R> </book:4>", "\\<@1\\> \\<@&2\\> \\<\\#3\\> \\<t:1:R\\> \\</book:4\\>"),
        ("@everyone @HERE a@b.org", "@\u200beveryone @\u200bHERE a@b.org"),
        ("\u202egnp\u202c.exe a\u200bb\u2066c", "gnp.exe abc"),
        ("one\r\ntwo\tthree\x00", "one two three"),
        ("Siân Ōe 😀", "Siân Ōe 😀"),
    ],
)
def test_what_people_type_is_shown_and_does_nothing(typed: str, shown: str) -> None:
    assert plain(typed) == shown


def test_paragraphs_are_kept_where_there_is_room_for_them() -> None:
    assert plain_lines("one  line\n\n\n\n- two\r\n# three") == "one line\n\n\\- two\n\\# three"


@pytest.mark.parametrize("limit", range(1, 40))
def test_a_text_is_cut_within_its_limit_and_never_within_an_escape(limit: int) -> None:
    shown = plain("*_*_*_ a 😀😀😀 *_*_*_ (b)", limit)
    assert size(shown) <= limit
    assert not shown.removesuffix("…").replace("\\\\", "").endswith("\\")


def test_lengths_are_counted_as_discord_counts_them() -> None:
    assert (size("😀"), cut("😀😀😀", 4), cut("short", 5), bare("a\n b", 3)) == (2, "😀…", "short", "a b")


def test_times_are_wall_time_with_a_stamp() -> None:
    until = START.replace(hour=12)
    assert when(START, until) == "Monday 15 March 2027, 9.30am to 12.30pm, UK time (GMT)\n-# On your clock: <t:1805103000:F>"
    assert when_short(START, until) == "Mon 15 Mar, 9.30am to 12.30pm"


def test_ids_fit_and_are_read_back() -> None:
    import re

    longest = 999_999_999_999
    made = {
        ids.BOOK: ids.book(longest, Mode.ONLINE, clash="0123456789ab"),
        ids.CANCEL: ids.cancel(longest),
        ids.TAKE: ids.take(longest),
        ids.LEAVE: ids.leave(longest),
        ids.SHOW: ids.show(longest),
        ids.DAY: ids.day(longest),
        ids.DAYS: ids.days(longest),
        ids.PAGE: ids.page(longest, START.date(), 999),
        ids.MINE: ids.mine(999),
        ids.DETAILS: ids.details(longest, Mode.ROOM),
        ids.ORGANISATION: ids.organisation(longest),
        ids.DETAILS_FORM: ids.details_form(longest, None),
    }
    assert all(re.fullmatch(template, custom_id) and len(custom_id) <= CUSTOM_ID for template, custom_id in made.items())


KNOWN = (
    "Derby City Council",
    "Derbyshire County Council",
    "Leicester City Council",
    "NHS Leicester Partnership Trust",
    "University of Leicester",
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("derby city council", Match("Derby City Council")),
        ("The University of Leicester.", Match("University of Leicester")),
        ("Derby", Match("Derby", ("Derby City Council", "Derbyshire County Council"))),
        ("Liecester City Council", Match("Liecester City Council", KNOWN[2:])),
        ("LCC", Match("LCC", ("Leicester City Council",))),
        ("Barnsley", Match("Barnsley")),
    ],
)
def test_an_organisation_is_found_however_it_is_typed(typed: str, meant: Match) -> None:
    assert match(typed, KNOWN) == meant


def test_organisations_are_offered_while_somebody_types() -> None:
    assert offered("", KNOWN, 2) == KNOWN[:2]
    assert offered("leic", KNOWN) == ("Leicester City Council", "NHS Leicester Partnership Trust", "University of Leicester")
    assert offered("Derby City Council", KNOWN) == ("Derby City Council",)
    assert match("x", [f"x{n} trust" for n in range(60)]).near == tuple(sorted(f"x{n} trust" for n in range(60)))[:24]
