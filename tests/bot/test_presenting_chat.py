"""Presenters in chat: named by an organiser, asked, answering, seeing how many come."""

from __future__ import annotations

import pytest
from sqlmodel import col

from bot.delivery import DirectMessages
from bot.letter_cards import letter_card
from bot.presenting import results_card
from domain.kinds import Channel, Kind
from domain.letters.matters import PresentingMatter, ResultsMatter
from domain.models import Presenter
from domain.needs.own import tell_needs
from domain.presenters.naming import code_of
from rehearsal.chat import Someone
from tests.bot_building import Server, fits, headline
from tests.building import rows
from tests.mail_building import letter
from tests.organiser_building import LUNCH, REFLECT, REFUSED, Desk


def presenters(desk: Desk) -> list[Presenter]:
    return list(desk.read_rows(Presenter, col(Presenter.ended_at).is_(None)))


async def post(server: Server) -> list[tuple[str, str]]:
    """Send what is owed: direct messages through the bot, mail by kind and address."""
    left = []
    while claimed := server.building.claim():
        for notice in claimed:
            sent = server.building.hand_over(notice)
            if sent is None:
                continue
            if sent.channel is Channel.CHAT:
                await DirectMessages(server.chat.bot).send(sent)
            else:
                left.append((sent.kind.value, sent.recipient.address or ""))
            server.building.sent(notice)
    return left


async def test_a_member_is_named_asked_in_chat_and_says_yes_then_no(desk: Desk) -> None:
    await desk.imported(LUNCH)
    await desk.published()
    server, chat = desk.server, desk.server.chat
    bo, eve = chat.join("Bo"), chat.join("Eve")
    shown = await desk.do("session presenters", session=desk.ref("Lunch and learn"), presenter="Bo Day", member=bo.member)
    assert "**Bo Day**: asked, no answer yet" in shown.text
    assert fits(shown)
    await post(server)
    asked = chat.direct(bo)[-1]
    assert headline(asked) == "### Will you present this session?"
    said = await chat.press(bo, asked, "I will present")
    assert headline(said) == "### Thank you: you will present"
    assert presenters(desk)[0].confirmed_at == server.building.now
    mine = await chat.command(bo, "presenting sessions")
    assert fits(mine)
    assert ["Nobody has a place yet." in mine.text, "You said yes." in mine.text] == [True, True]
    desk.booked("Lunch and learn", 1)
    again = await chat.command(bo, "presenting sessions")
    assert "1 person has a place." in again.text
    assert "not enough answers" in (await chat.press(bo, again, "What people said")).text
    assert "What people need" not in [one.label for one in again.buttons]
    await chat.press(bo, mine, "I cannot")
    shown = await desk.do("session presenters", session=desk.ref("Lunch and learn"))
    assert "**Bo Day**: cannot come" in shown.text
    assert "You present no session" in (await chat.command(eve, "presenting sessions")).text


async def test_a_presenter_sees_what_people_need_without_names_where_they_have_said_so(desk: Desk) -> None:
    await desk.imported(REFLECT)
    await desk.published()
    server, chat = desk.server, desk.server.chat
    building, bo = server.building, chat.join("Bo")
    session_id = int(desk.id_of("Critical reflection"))
    await desk.do("session presenters", session=desk.ref("Critical reflection"), presenter="Bo Day", member=bo.member)
    await post(server)
    for number in (1, 2):
        desk.booked("Critical reflection", number)
        told = {"access": f"Step-free way in {number}"}
        building.write(tell_needs, building.partnership_id, session_id, number, told, building.rules, now=building.now)
    shown = await chat.command(bo, "presenting sessions")
    assert "People need: help with access (2)." in shown.text
    assert "Step-free" not in shown.text
    assert fits(shown)
    needs = await chat.press(bo, shown, "What people need")
    assert needs.text.startswith("## 2 people have a place\n")
    assert ("Step-free way in 2" in needs.text, "Person 1" in needs.text, needs.private) == (True, False, True)
    building.change(session_id, title="Critical reflection again")
    building.later(minutes=5)
    await post(server)
    asked = chat.direct(bo)[-1]
    assert headline(asked) == "### The session that you present has changed"
    assert "2 people have a place" in (await chat.press(bo, asked, "What people need")).text
    mine, stale = await chat.command(bo, "presenting sessions"), await chat.command(bo, "presenting sessions")
    no = await chat.press(bo, mine, "I cannot")
    assert "What people need" not in [one.label for one in no.buttons]
    assert "could not find that session" in (await chat.press(bo, stale, "What people need")).text


async def test_a_code_from_the_mail_confirms_and_a_forged_button_does_nothing(desk: Desk) -> None:
    await desk.imported(LUNCH)
    await desk.published()
    chat = desk.server.chat
    await desk.do("session presenters", session=desk.ref("Lunch and learn"), presenter="Ann Lee", email="ann@uni.ac.uk")
    (ann,) = presenters(desk)
    someone: Someone = chat.join("Ann")
    assert "not a code" in (await chat.command(someone, "presenting confirm", code="ABCD-EFGH")).text
    assert "You said yes." in (await chat.command(someone, "presenting confirm", code=code_of(ann))).text
    assert presenters(desk)[0].confirmed_at is not None
    other = chat.join("Other")
    assert "We could not find a session that you present." in (await chat.command(other, "presenting results", session=str(ann.id))).text
    assert "Please choose one of the sessions" in (await chat.command(other, "presenting results", session="½")).text


async def test_organisers_change_confirm_and_take_off_a_presenter_and_others_may_not(desk: Desk) -> None:
    await desk.imported(LUNCH)
    await desk.published()
    chat, ref = desk.server.chat, desk.ref("Lunch and learn")
    curious = desk.curious()
    assert (await desk.do("session presenters", curious, session=ref, presenter="Me", email="me@x.org")).text == REFUSED
    shown = await desk.do("session presenters", session=ref, presenter="Ann Lee", email="ann@uni.ac.uk", runs_meeting=True)
    assert "may run the meeting" in shown.text
    one = await chat.choose(desk.olga, shown, str(presenters(desk)[0].id))
    assert "**E-mail:** ann@uni.ac.uk" in one.text
    assert fits(one)
    saved = await desk.press(one, "They will come")
    assert "**Ann Lee**: confirmed" in saved.text
    one = await chat.choose(desk.olga, saved, str(presenters(desk)[0].id))
    form = await desk.press(one, "Change name or e-mail")
    changed = await chat.fill(desk.olga, form, label="Ann Lee", address="ann.lee@uni.ac.uk")
    assert "**Ann Lee**: asked, no answer yet" in changed.text
    one = await chat.choose(desk.olga, changed, str(presenters(desk)[0].id))
    desk.dismiss(desk.olga)
    assert (await desk.press(one, "Take them off")).text == REFUSED
    assert [(row.label, row.address) for row in presenters(desk)] == [("Ann Lee", "ann.lee@uni.ac.uk")]
    assert len(desk.server.building.read(rows, Presenter)) == 2


@pytest.mark.parametrize("kind", [Kind.INVITATION, Kind.UPDATE, Kind.REMINDER, Kind.CANCELLATION])
def test_every_letter_to_a_presenter_has_a_card_without_names(kind: Kind) -> None:
    matter = PresentingMatter(7, confirmed=False, code="ABCD-EFGH", people=3, needs=(("an interpreter", 2),), ended="session")
    card = letter_card(letter(kind, channel=Channel.CHAT, matter=matter, reason="Snow"))
    words = " ".join(part.content for part in card.walk_children() if hasattr(part, "content"))
    wanted = ("is called off", "Snow") if kind is Kind.CANCELLATION else ("3 people have a place.", "an interpreter (2)")
    assert [part for part in wanted if part not in words] == []
    assert "Cancel my place" not in str([getattr(part, "label", "") for part in card.walk_children()])


def test_results_in_chat_keep_to_a_card_however_much_was_written() -> None:
    found = ResultsMatter(60, 4.2, (1, 2, 3, 20, 34), (2.0, 4.0), (("What could be better?", ("x" * 900,) * 60),))
    words = [part.content for part in results_card("Strengths", found).walk_children() if hasattr(part, "content")]
    assert sum(map(len, words)) < 4000
    assert any("more" in part for part in words)
