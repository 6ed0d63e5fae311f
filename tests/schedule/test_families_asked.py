"""The question whether a session is private: which words of a file ask it, which column is named, and how long an answer stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.descriptions import described
from domain.models import Privacy
from domain.private_sessions import set_privacy
from domain.schedule.families import families_named
from domain.schedule.importing import ImportPreview
from domain.schedule.telling import problem_words, row_words
from domain.sessions import edit
from tests.schedule.desk import LUNCH, REFLECT, WEEK, Desk, Row

HEAD = ("Date", "Time", "Title", "Platform", "Who it's aimed at", "Led by")
FATHERS: Row = ("15/03/2027", "10-11am", "Working with fathers", "Teams", "All", "Jo")
ASKED = "Please say whether this session is private."


def asked(shown: ImportPreview) -> list[str]:
    return [problem_words(one) for one in shown.warnings if one.asks_private]


@pytest.mark.parametrize(
    "text",
    [
        "Children and families team",
        "Children & Families Service",
        "the families teams",
        "Families social work team",
        "Family group conferencing",
    ],
)
def test_a_team_with_families_in_its_name_asks_nothing(text: str) -> None:
    assert families_named(text) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Children and families", ("families",)),
        ("Families and the team around them", ("Families",)),
        ("Families service users", ("Families",)),
        ("Families team up with us", ("Families",)),
        ("Families, team leads", ("Families",)),
        ("Parents and the families team", ("Parents",)),
        ("Supporting parents: a panel of Parents and carers", ("parents", "carers")),
        ("People with lived experience", ("lived experience",)),
    ],
)
def test_people_who_may_come_are_still_asked_about(text: str, words: tuple[str, ...]) -> None:
    assert families_named(text) == words


def test_the_question_names_the_column_that_gives_cause_and_the_words_found(desk: Desk) -> None:
    team: Row = ("15/03/2027", "2-3pm", "Chairing", "Teams", "Children and families team", "Jo")
    panel: Row = ("16/03/2027", "2-3pm", "Chairing", "Teams", "Carers", "Ann, a parent")
    assert asked(desk.preview(FATHERS, team, panel, head=HEAD)) == [
        f"Row 2 (Title): It looks as if families take part: it says “fathers”. {ASKED}",
        f"Row 4 (Who it's aimed at): It looks as if families take part: it says “Carers” and “parent” under Led by. {ASKED}",
    ]


@pytest.mark.parametrize("privacy", [Privacy.OPEN, Privacy.PRIVATE])
def test_what_was_answered_is_not_asked_again_until_its_words_change(desk: Desk, privacy: Privacy) -> None:
    desk.apply(FATHERS, head=HEAD)
    assert len(asked(desk.preview(FATHERS, head=HEAD))) == 1
    session_id = desk.session("Working with fathers").id or 0
    where = desk.partnership_id, [session_id], privacy, desk.rules
    desk.store.write_now(set_privacy, *where, actor="discord:1", now=desk.now, sees_private=True)
    moved: Row = (*FATHERS[:1], "11am-12pm", *FATHERS[2:])
    assert [asked(desk.preview(row, head=HEAD)) for row in (FATHERS, moved)] == [[], []]
    aimed: Row = (*FATHERS[:4], "Fathers", "Jo")
    assert len(asked(desk.preview(aimed, head=HEAD))) == 1


def test_a_preview_says_what_was_changed_by_hand_after_the_last_file(desk: Desk) -> None:
    desk.apply(*WEEK)
    later: Row = ("15/03/2027", "2.30pm-4pm", *REFLECT[2:])
    assert "changed here" not in row_words(desk.preview(LUNCH, later).rows[1])
    by_hand(desk, "Critical reflection")
    assert [
        row_words(row).endswith("2pm to 4pm instead of Monday 15 March 2027, 3pm to 5pm. This was changed here after the last file.")
        for row in desk.preview(*WEEK).rows
    ] == [False, True, False]
    desk.now += timedelta(minutes=1)
    desk.apply(*WEEK)
    assert not any(row.changed_here for row in desk.preview(LUNCH, later).rows)


def by_hand(desk: Desk, title: str) -> None:
    """An organiser moves it by an hour."""
    desk.now += timedelta(minutes=1)
    session_id = desk.session(title).id or 0
    was = desk.store.read_now(described, desk.partnership_id, session_id)
    hour = timedelta(hours=1)
    new = replace(was, starts_at=was.starts_at + hour, ends_at=was.ends_at + hour)
    desk.store.write_now(edit, desk.partnership_id, session_id, new, desk.rules, actor="organiser:1", now=desk.now)
