"""What is written once for many: the same bytes as written anew for each, and nothing stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kinds import Kind, Mode
from domain.ports.letters import Recipient
from integrations.letters import word, word_anew
from integrations.plain import plain_address
from integrations.subjects import how_soon
from tests.mail_building import ANN, NOW, STAMP, VOICE, calendars, cancel, letter, request, session

ONE_DESK = calendars()
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=90) | st.sampled_from(
    ["", "Ann", "Ann Other", 'O"Brien; <x>', "Zoë " * 20]
)


@given(name=NAMES, sequence=st.integers(0, 9999), number=st.integers(0, 10**30))
def test_an_invitation_is_the_one_that_the_library_writes(name: str, sequence: int, number: int) -> None:
    who = Recipient(name, f"ann.{number}@council.gov.uk", 7)
    typed = session(title="ATTENDEE;SEQUENCE:0\nDTSTAMP:1", notes="\nSEQUENCE:0\nATTENDEE;X")
    for facts in (session(), typed, session(join_url="https://meet.example/ATTENDEE;id=1")):
        for calendar in (request(sequence, STAMP + timedelta(seconds=sequence)), cancel(sequence)):
            written = ONE_DESK.invitation(facts, calendar, who, Mode.ONLINE)
            assert written == ONE_DESK.invitation_anew(facts, calendar, who, Mode.ONLINE)


@pytest.mark.parametrize("kind", [Kind.INVITATION, Kind.UPDATE, Kind.CANCELLATION, Kind.PROMOTION, Kind.REMINDER, Kind.OFFER, Kind.LAPSED])
@pytest.mark.parametrize("name", ["", "Ann Other", "<b>Zoë</b> & Co", "  two   spaces "])
def test_words_are_those_of_the_templates(kind: Kind, name: str) -> None:
    one = letter(kind, recipient=replace(ANN, name=name), lead_minutes=60, until=NOW, changes=("time",), reason="Ill.")
    assert word(one, VOICE, NOW) == word_anew(one, VOICE, how_soon(one, NOW))


@pytest.mark.parametrize(
    "changed", [{"title": "New"}, {"join_url": "https://new.example/1"}, {"notes": "New."}, {"venue": "New"}, {"private": True}]
)
def test_a_session_that_changed_in_anything_is_written_anew(changed: dict[str, object]) -> None:
    facts, new = session(), session(**changed)
    for one in (facts, new, facts):
        assert ONE_DESK.invitation(one, request(), ANN, Mode.ONLINE) == calendars().invitation_anew(one, request(), ANN, Mode.ONLINE)
        sent = letter(session=one)
        assert word(sent, VOICE, NOW) == word_anew(sent, VOICE, how_soon(sent, NOW))


def test_a_reminder_that_goes_late_says_so_though_others_went_in_time() -> None:
    one = letter(Kind.REMINDER, calendar=None, lead_minutes=1440)
    starts_at = session().starts_at
    subjects = [word(one, VOICE, at).subject.split(":")[0] for at in (starts_at - timedelta(hours=24), starts_at - timedelta(hours=3))]
    assert subjects == ["Tomorrow", "Today"]


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Ann.Other+pw@council.gov.uk", "Ann.Other+pw@council.gov.uk"),
        ("ann@COUNCIL.gov.uk", "ann@council.gov.uk"),
        ("ann@xn--bcher-kva.uk", "ann@xn--bcher-kva.uk"),
        ("ann@bücher.uk", "ann@xn--bcher-kva.uk"),
    ],
)
def test_an_ordinary_address_stays_as_it_is(typed: str, plain: str) -> None:
    assert plain_address(typed) == plain
