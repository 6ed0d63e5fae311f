"""A presenter's answer by the link in their mail: the same as in chat, for whom it was written, until the session starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import attention, people, undoing
from domain.attention import Concern
from domain.errors import Closed, NotFound
from domain.kinds import CalendarMethod, Channel, Format, Kind, Provider
from domain.models import AuditEntry, Presenter, Session
from domain.needs.own import tell_needs
from domain.ports.letters import Letter
from domain.presenters import naming
from domain.presenters.by_link import Moved, PresenterPage, Stage, answer_by_link, look
from domain.presenters.naming import NewPresenter, PresenterView
from domain.presenters.views import my_sessions, unconfirmed
from tests.building import ACTOR, START, Building, details, one_row, rows
from tests.private_building import parent, private_session
from tests.visiting_building import LINK_KEY, post_office

ANN = NewPresenter("Ann Lee", "ann@uni.ac.uk")


def add(building: Building, session: int, new: NewPresenter = ANN) -> PresenterView:
    made: PresenterView = building.write(naming.add, building.partnership_id, session, new, building.rules, actor=ACTOR, now=building.now)
    return made


def organise(building: Building, use_case: Callable[..., Any], *args: Any, **other: Any) -> Any:
    return building.write(use_case, building.partnership_id, *args, building.rules, actor=ACTOR, now=building.now, **other)


def link_in(letter: Letter) -> str:
    """What stands in the link of a letter, which has no other; empty: no link."""
    if letter.links is None:
        return ""
    assert letter.links == replace(type(letter.links)(), present=letter.links.present)
    return letter.links.present


def asked_by_mail(building: Building, session: int, new: NewPresenter = ANN) -> str:
    """Somebody is named; the link in the mail that asks them."""
    add(building, session, new)
    (letter,) = [one for one in post_office(building) if one.kind is Kind.INVITATION and one.recipient.address == new.address]
    return link_in(letter)


def seen(building: Building, token: str) -> PresenterPage:
    found: PresenterPage = building.read(look, [building.partnership_id], LINK_KEY, token, now=building.now)
    return found


def say(building: Building, token: str, yes: bool, *, starts: datetime | None = START) -> None:
    ids, rules = [building.partnership_id], {building.partnership_id: building.rules}
    building.write(answer_by_link, ids, LINK_KEY, token, yes, starts, rules, now=building.now)


def said(building: Building) -> tuple[datetime | None, datetime | None]:
    row: Presenter = building.read(one_row, Presenter)
    return row.confirmed_at, row.declined_at


def mailed(building: Building) -> list[tuple[Kind, str | None, CalendarMethod | None]]:
    return [(one.kind, one.recipient.address, one.calendar.method if one.calendar else None) for one in post_office(building)]


def listed(building: Building) -> list[Concern]:
    """What the organisers' list says of presenters."""
    items = building.read(attention.attention, building.partnership_id, building.programme_id, building.rules, now=building.now)
    return [one.concern for one in items if one.concern in (Concern.DECLINED, Concern.UNCONFIRMED)]


# ── what comes of an answer ─────────────────────────────────────────────────────────────────────────────────


def test_a_yes_counts_as_one_in_chat_and_a_second_one_changes_nothing(building: Building) -> None:
    session = building.session()
    token = asked_by_mail(building, session)
    assert [one.declined for one in building.read(unconfirmed, building.programme_id, building.now)] == [False]
    yes_at = building.now
    say(building, token, True)
    building.later(hours=1)
    say(building, token, True)
    assert (said(building), mailed(building)) == ((yes_at, None), [])
    assert building.read(unconfirmed, building.programme_id, building.now) == ()
    assert len(building.read(rows, AuditEntry, AuditEntry.action == "confirm presenting")) == 1


def test_a_no_is_on_the_organisers_list_and_takes_the_entry_out_of_the_calendar(building: Building) -> None:
    token = asked_by_mail(building, building.session())
    for _ in range(2):
        say(building, token, False)
    assert (said(building), listed(building)) == ((None, building.now), [Concern.DECLINED])
    assert mailed(building) == [(Kind.CANCELLATION, "ann@uni.ac.uk", CalendarMethod.CANCEL)]


def test_an_answer_can_be_changed_until_the_start_and_not_after_it(building: Building) -> None:
    session = building.session()
    token = asked_by_mail(building, session)
    say(building, token, False)
    post_office(building)
    say(building, token, True)
    assert mailed(building) == [(Kind.INVITATION, "ann@uni.ac.uk", CalendarMethod.REQUEST)]
    building.now = START - timedelta(seconds=1)
    say(building, token, False)
    before = said(building)
    building.now = START
    with pytest.raises(Closed):
        say(building, token, True)
    assert (said(building), seen(building, token).stage) == (before, Stage.BEGUN)


def test_what_was_said_by_link_stands_in_chat_and_what_was_said_in_chat_by_link(building: Building) -> None:
    token = asked_by_mail(building, building.session(), replace(ANN, discord_id=42))
    say(building, token, True)
    mine = building.read(my_sessions, building.partnership_id, 42, now=building.now)
    assert [(one.confirmed, one.declined) for one in mine] == [(True, False)]
    building.write(naming.answer, building.partnership_id, mine[0].presenter_id, 42, False, building.rules, now=building.now)
    found = seen(building, token).session
    assert found is not None
    assert (found.confirmed, found.declined) == (False, True)


def test_looking_changes_nothing_and_shows_what_chat_shows(building: Building) -> None:
    session = building.online(provider=Provider.GIVEN, given_link="https://meet.example/1")
    building.book(session, building.person(1))
    token = asked_by_mail(building, session, replace(ANN, discord_id=42))
    before = building.read(rows, Presenter)
    found = seen(building, token)
    (mine,) = building.read(my_sessions, building.partnership_id, 42, now=building.now)
    assert found == PresenterPage(building.partnership_id, Stage.ASKED, mine)
    assert (mine.people, mine.link) == (1, "https://meet.example/1")
    say(building, token, False)
    after = seen(building, token).session
    assert after is not None
    assert (after.link, len(before)) == (None, 1)


# ── what has become of the session ──────────────────────────────────────────────────────────────────────────


def test_who_answers_for_the_time_that_a_session_had_is_asked_again(building: Building) -> None:
    session, later = building.session(), START + timedelta(days=1)
    token = asked_by_mail(building, session)
    building.move(session, later)
    for starts in (START, None):
        with pytest.raises(Moved, match="has changed since you opened this page"):
            say(building, token, True, starts=starts)
    assert said(building) == (None, None)
    say(building, token, True, starts=later)
    assert said(building) == (building.now, None)


def test_who_said_yes_before_it_moved_is_told_so_until_they_answer_again(building: Building) -> None:
    session, later = building.session(), START + timedelta(days=1)
    token = asked_by_mail(building, session)
    say(building, token, True)
    building.later(hours=1)
    building.change(session, venue="Library")
    assert seen(building, token).moved is False
    building.move(session, later)
    assert seen(building, token).moved is True
    building.later(minutes=3)
    (letter,) = post_office(building)
    assert (letter.kind, link_in(letter)) == (Kind.UPDATE, token)
    say(building, token, True, starts=later)
    assert (seen(building, token).moved, said(building)) == (False, (building.now, None))


def test_a_session_that_was_called_off_or_is_over_is_said_to_be_and_takes_no_answer(building: Building) -> None:
    off, over = building.session(), building.session(title="Another")
    called_off = asked_by_mail(building, off)
    other = asked_by_mail(building, over)
    say(building, other, True)
    building.call_off(off)
    with pytest.raises(Closed):
        say(building, called_off, False)
    assert seen(building, called_off).stage is Stage.CANCELLED
    building.now = START + timedelta(minutes=45)
    with pytest.raises(Closed):
        say(building, other, False)
    assert seen(building, other).stage is Stage.OVER
    building.now += timedelta(days=1)
    with pytest.raises(NotFound):
        seen(building, other)


def test_who_was_taken_off_is_told_so_sees_nothing_of_it_and_answers_nothing(building: Building) -> None:
    session = building.session()
    token = asked_by_mail(building, session)
    organise(building, naming.remove, building.read(one_row, Presenter).id)
    assert seen(building, token) == PresenterPage(building.partnership_id, Stage.TAKEN_OFF, None)
    with pytest.raises(Closed):
        say(building, token, True)
    assert said(building) == (None, None)


# ── whose link it is ────────────────────────────────────────────────────────────────────────────────────────


def test_each_presenter_of_each_session_has_one_link_in_every_letter(building: Building) -> None:
    session, another = building.session(), building.session(title="Another")
    ann = asked_by_mail(building, session)
    bo = asked_by_mail(building, session, NewPresenter("Bo Day", "bo@uni.ac.uk"))
    elsewhere = asked_by_mail(building, another)
    assert len({ann, bo, elsewhere}) == 3
    building.change(session, venue="Library")
    building.later(minutes=3)
    assert {one.recipient.address: link_in(one) for one in post_office(building)} == {"ann@uni.ac.uk": ann, "bo@uni.ac.uk": bo}
    say(building, ann, True)
    bos: Presenter = building.read(one_row, Presenter, Presenter.label == "Bo Day")
    assert (bos.confirmed_at, bos.declined_at) == (None, None)


def test_an_altered_link_another_keys_and_another_partnerships_open_nothing(building: Building) -> None:
    token = asked_by_mail(building, building.session())
    number, _, secret = token.partition("-")
    wrong = (f"{number}-{secret[::-1]}", f"{int(number) + 1}-{secret}", secret, f"{number}-{secret}A", f"{'9' * 12}-{secret}", "é")
    for altered in wrong:
        with pytest.raises(NotFound):
            seen(building, altered)
    for ids, key in (([building.partnership_id + 1], LINK_KEY), ([building.partnership_id], type(LINK_KEY)(b"another key of 16"))):
        with pytest.raises(NotFound):
            building.read(look, ids, key, token, now=building.now)
    assert len(secret) == 22


def test_what_is_kept_does_not_say_what_stands_in_the_link(building: Building) -> None:
    token = asked_by_mail(building, building.session())
    assert token.partition("-")[2] not in str([one.model_dump() for one in building.read(rows, Presenter)])


def test_another_mailbox_has_another_link_and_the_old_one_ends(building: Building) -> None:
    session = building.session()
    old = asked_by_mail(building, session)
    ann = building.read(one_row, Presenter).id
    organise(building, naming.change, ann, address="ann.lee@uni.ac.uk")
    links = {(one.kind, one.recipient.address): link_in(one) for one in post_office(building)}
    assert links[Kind.CANCELLATION, "ann@uni.ac.uk"] == ""
    new = links[Kind.INVITATION, "ann.lee@uni.ac.uk"]
    assert (seen(building, old).stage, seen(building, new).stage) == (Stage.TAKEN_OFF, Stage.ASKED)


def test_who_proves_another_address_answers_from_there_and_no_more_from_the_old_one(building: Building) -> None:
    session = building.session()
    building.newcomer(7)
    building.deliver()
    building.prove(7)
    add(building, session, NewPresenter("Nell", discord_id=7))
    (asked,) = [one for one in post_office(building) if one.kind is Kind.INVITATION]
    old = link_in(asked)
    building.later(hours=2)
    building.write(people.register, building.partnership_id, 7, details(7, email="nell@new.example"), building.rules, now=building.now)
    building.deliver()
    building.prove(7)
    links = {one.kind: link_in(one) for one in post_office(building)}
    assert links[Kind.CANCELLATION] == ""
    with pytest.raises(NotFound):
        seen(building, old)
    assert seen(building, links[Kind.INVITATION]).stage is Stage.ASKED


def test_the_thanks_that_go_to_an_old_mailbox_lead_nowhere(building: Building) -> None:
    building.newcomer(7)
    building.deliver()
    building.prove(7)
    nell = add(building, building.session(), NewPresenter("Nell", discord_id=7))
    post_office(building)
    building.later(hours=2)
    building.write(people.register, building.partnership_id, 7, details(7, email="nell@new.example"), building.rules, now=building.now)
    building.deliver()
    building.write(naming.answer, building.partnership_id, nell.id, 7, False, building.rules, now=building.now)
    building.prove(7)
    (thanks,) = [one for one in post_office(building) if one.kind is Kind.CANCELLATION]
    assert (thanks.recipient.address, link_in(thanks)) == ("person7@council.gov.uk", "")


def test_who_said_no_can_think_again_by_the_letter_that_thanks_them_and_who_was_called_off_cannot(building: Building) -> None:
    session = building.session()
    token = asked_by_mail(building, session)
    say(building, token, False)
    (thanks,) = post_office(building)
    assert (thanks.kind, link_in(thanks)) == (Kind.CANCELLATION, token)
    say(building, token, True)
    post_office(building)
    building.call_off(session)
    (off,) = post_office(building)
    assert (off.kind, link_in(off)) == (Kind.CANCELLATION, "")


def test_a_direct_message_has_its_buttons_and_no_link(building: Building) -> None:
    add(building, building.session(), NewPresenter("Bo", discord_id=42))
    assert [(one.channel, one.links) for one in building.deliver()] == [(Channel.CHAT, None)]


def test_a_private_session_shows_its_presenter_its_neutral_title_and_counts(building: Building) -> None:
    session = building.session()
    building.book(session, building.person(1, name="Rosie Family"))
    building.change(session, privacy="private", public_title="Morning workshop")
    token = asked_by_mail(building, session)
    found = seen(building, token).session
    assert found is not None
    assert (found.title, found.people, "Rosie" in repr(found)) == ("Morning workshop", 1, False)
    assert building.read(one_row, Session, Session.id == session).title == "Strengths"


# ── other doors, and what was undone ────────────────────────────────────────────────────────────────────────


def test_who_says_yes_again_in_chat_after_a_move_is_not_asked_again_by_their_link(building: Building) -> None:
    session = building.session()
    token = asked_by_mail(building, session, replace(ANN, discord_id=42))
    number = building.read(one_row, Presenter).id
    for _ in range(2):
        building.write(naming.answer, building.partnership_id, number, 42, True, building.rules, now=building.now)
        assert (seen(building, token).moved, said(building)) == (False, (building.now, None))
        building.later(hours=1)
        building.move(session, START + timedelta(hours=2))
        building.later(minutes=3)
        post_office(building)


def test_who_said_yes_before_it_moved_is_on_the_organisers_list_until_they_answer_again(building: Building) -> None:
    session, later = building.session(), START + timedelta(days=1)
    token = asked_by_mail(building, session)
    say(building, token, True)
    building.later(hours=1)
    building.move(session, later)
    assert [(one.label, one.declined) for one in building.read(unconfirmed, building.programme_id, building.now)] == [("Ann Lee", False)]
    say(building, token, True, starts=later)
    assert building.read(unconfirmed, building.programme_id, building.now) == ()


def test_a_move_that_was_undone_asks_nobody_again(building: Building) -> None:
    session = building.session()
    token = asked_by_mail(building, session)
    say(building, token, True)
    building.later(hours=1)
    done = building.move(session, START + timedelta(days=1))
    assert seen(building, token).moved is True
    organise(building, undoing.undo, done.undo_id)
    assert seen(building, token).moved is False


@pytest.mark.parametrize("over", [True, False])
def test_what_is_over_or_called_off_shows_no_way_in_and_nobodys_needs(building: Building, over: bool) -> None:
    online = {"format": Format.ONLINE, "venue": None, "provider": Provider.GIVEN, "given_link": "https://meet.example/1"}
    session = private_session(building, **online)
    building.book(session, parent(building, 50), alias="Rosie")
    needs = {"interpreter": "Sign language"}
    building.write(tell_needs, building.partnership_id, session, 50, needs, rules=building.rules, now=building.now)
    token = asked_by_mail(building, session)
    ahead = seen(building, token).session
    assert ahead is not None
    assert (ahead.link, ahead.needs) == ("https://meet.example/1", (("an interpreter", 1),))
    if over:
        building.now = START + timedelta(minutes=45)
    else:
        building.call_off(session)
    after = seen(building, token).session
    assert after is not None
    assert (after.link, after.needs) == (None, ())
