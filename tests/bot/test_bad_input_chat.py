"""Bad input in chat beyond booking: names, needs, messages, materials, presenters, transfers, codes; presses too late or twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.models import Admission, Announcement, Booking, Material, Needs, Notice, Presenter, Transfer
from domain.needs.own import tell_needs
from rehearsal.chat import Seen, Someone
from tests.bot_building import Server, headline
from tests.building import START, rows
from tests.organiser_building import REFLECT, REFUSED, Desk
from tests.private_building import made_code, private_session

NASTY = "@everyone <@&123456789012345678> [free](https://evil.example) # `x` ||y|| \u202egnp\u202c \u200bz"
#: the same as people see it: it pings nobody, links nowhere and turns nothing round
HARMLESS = "@\u200beveryone \\<@&123456789012345678\\> \\[free\\]\\(https://evil.example\\) \\# \\`x\\` \\|\\|y\\|\\| gnp z"


def pings(server: Server) -> list[Any]:
    """What Discord was asked to ping, in all that the bot sent."""
    sent = [request.json for request in server.chat.env.http_requests if isinstance(request.json, dict)]
    bodies = [body.get("data") or body for body in sent if "components" in str(body) or "content" in str(body)]
    return [
        body["allowed_mentions"] for body in bodies if isinstance(body, dict) and body.get("allowed_mentions") not in (None, {"parse": []})
    ]


async def test_a_parents_name_and_needs_are_shown_and_do_nothing(server: Server) -> None:
    building, chat = server.building, server.chat
    session, dana, olga = private_session(building), server.someone(2), chat.join("Olga", organiser=True)
    await chat.command(dana, "invited", code=made_code(building).code)
    before = await chat.forge(dana, await chat.command(dana, "my bookings"), f"pw:book:{session}:any")
    booked = await chat.fill(dana, await chat.press(dana, before, "Go on"), name=NASTY[:90])
    assert headline(booked) == "### You are booked"
    needs = await chat.fill(dana, await chat.choose(dana, await chat.press(dana, booked, "Tell us what you need"), "access"), access=NASTY)
    assert HARMLESS in needs.text
    listed = await chat.command(olga, "session needs", session=server.reference(session))
    assert f"Access: {HARMLESS}" in listed.text
    names = await chat.command(olga, "session bookings", session=server.reference(session))
    for seen in (needs, listed, names):
        assert "@everyone" not in seen.text
        assert "[free](" not in seen.text
    assert pings(server) == []


async def test_a_message_a_presenter_and_materials_are_shown_and_do_nothing(desk: Desk) -> None:
    server, chat = desk.server, desk.server.chat
    await desk.imported(REFLECT)
    await desk.published()
    desk.booked("Critical reflection", 2)
    session: dict[str, Any] = {"session": desk.ref("Critical reflection")}
    preview = await chat.fill(desk.olga, await desk.do("session message", **session), subject=NASTY, words=NASTY)
    assert preview.text.count(HARMLESS) == 2
    named = await desk.do("session presenters", **session, presenter=NASTY)
    assert HARMLESS in named.text
    added = await desk.do("session materials add", **session, link="https://example.org/a)[b](https://evil.example", called=NASTY[:100])
    listed = await desk.do("session materials list", **session)
    for seen in (preview, named, added, listed):
        assert "@everyone" not in seen.text
        assert "[free](" not in seen.text
        assert "\u202e" not in seen.text
    assert [row.label for row in desk.read_rows(Presenter)] == [
        " ".join(NASTY.replace("\u202e", "").replace("\u202c", "").replace("\u200b", "").split())
    ]
    assert "](https://evil.example" not in listed.text
    assert pings(server) == []


async def test_a_colleagues_name_is_shown_and_does_nothing(server: Server) -> None:
    chat, session_id = server.chat, server.building.session()
    giver = server.someone(1)
    booked = await server.book(giver, session_id)
    form = await chat.press(giver, booked, "Hand my place to a colleague")
    asked = await chat.fill(giver, form, name=NASTY[:90], email="cora@council.gov.uk")
    assert headline(asked).startswith("### We are asking @\u200beveryone \\<@&1234")
    assert pings(server) == []


@pytest.mark.parametrize(
    ("form", "answers", "limit"),
    [
        ("pw:form:needs:{session}:0", {"access": "x" * 301}, "300"),
        ("pw:form:private:{session}:any", {"name": "x" * 101}, "100"),
        ("pw:form:handover:{opened}", {"name": "x" * 101, "email": "cora@council.gov.uk"}, "100"),
    ],
)
async def test_what_is_too_long_for_a_form_is_refused_with_the_limit(server: Server, form: str, answers: Any, limit: str) -> None:
    """Discord's own program does not let people type so much: a tampered one may."""
    building, chat = server.building, server.chat
    session, opened, dana = private_session(building), building.session(starts_at=START + timedelta(days=1)), server.someone(2)
    await chat.command(dana, "invited", code=made_code(building).code)
    seen = await server.book(dana, opened)
    if "needs" in form:
        await chat.forge_form(dana, seen, f"pw:form:private:{session}:any", {"name": "Rosie"})
    refused = await chat.forge_form(dana, seen, form.format(session=session, opened=opened), answers)
    assert headline(refused).removeprefix("### ").startswith(f"Please use at most {limit} characters")
    assert building.read(rows, Needs) == building.read(rows, Transfer) == []


async def test_what_an_organiser_types_too_long_is_refused_with_the_limit(desk: Desk) -> None:
    chat = desk.server.chat
    await desk.imported(REFLECT)
    shown = await desk.published()
    session_id = desk.id_of("Critical reflection")
    message = f"pw:form:message:{desk.programme_id}:{session_id}:all:confirmed"
    for custom_id, answers in (
        (message, {"subject": "x" * 151, "words": "Hello"}),
        (message, {"subject": "News", "words": "x" * 4001}),
        (f"pw:form:calloff:{session_id}", {"reason": "x" * 501}),
        (f"pw:form:calloffall:{desk.programme_id}:all", {"reason": "x" * 501}),
    ):
        refused = await chat.forge_form(desk.olga, shown, custom_id, answers)
        assert refused.text.startswith("Please use at most "), (custom_id, refused.text)
    assert desk.read_rows(Announcement) == []


async def test_a_code_with_characters_that_cannot_be_seen_lets_in_or_is_refused_but_never_fails(server: Server) -> None:
    building, chat = server.building, server.chat
    private_session(building)
    code, dana = made_code(building).code, chat.join("Dana")
    for typed in ("\u200b\u202e", "@everyone", "' OR 1=1 --", "٣٣٣٣٣-٣٣٣٣٣-٣٣٣٣٣", NASTY):
        assert "This code does not work." in (await chat.command(dana, "invited", code=typed)).text
        said = (await chat.command(dana, "presenting confirm", code=(typed + "xxxxxxxx")[:20])).text
        assert said == "That is not a code that we sent. Please look at the newest e-mail from us, or ask an organiser."
    assert building.read(rows, Admission) == []
    assert "### Welcome." in (await chat.command(dana, "invited", code=f" {code.lower()} ")).text


async def test_a_role_lost_since_the_card_was_shown_counts_no_more(desk: Desk) -> None:
    chat = desk.server.chat
    await desk.imported(REFLECT)
    await desk.published()
    desk.booked("Critical reflection", 2)
    session: dict[str, Any] = {"session": desk.ref("Critical reflection")}
    preview = await chat.fill(desk.olga, await desk.do("session message", **session), subject="News", words="Hello")
    presenters = await desk.do("session presenters", **session, presenter="Lee Ash")
    off = await desk.do("session cancel", **session)
    form = await desk.do("session edit", **session)
    notices = len(desk.read_rows(Notice))
    desk.dismiss(desk.olga)
    assert (await desk.press(preview, "Send")).text == REFUSED
    assert (await desk.press(preview, preview.labels[1])).text == REFUSED
    assert (await chat.forge(desk.olga, presenters, f"pw:presenter:{desk.id_of('Critical reflection')}:1:remove")).text == REFUSED
    assert (await desk.press(off, off.labels[0])).text == REFUSED
    assert (await chat.fill(desk.olga, form, title="Mine now")).text == REFUSED
    assert len(desk.read_rows(Notice)) == notices
    assert "Mine now" not in desk.sessions()


async def test_send_pressed_twice_sends_once(desk: Desk) -> None:
    chat = desk.server.chat
    await desk.imported(REFLECT)
    await desk.published()
    desk.booked("Critical reflection", 2)
    form = await desk.do("session message", session=desk.ref("Critical reflection"))
    preview = await chat.fill(desk.olga, form, subject="News", words="Hello")
    await chat.at_once(*(lambda: desk.press(preview, "Send") for _ in range(2)))
    told = [key for key, _ in desk.server.building.notices() if key.startswith("announcement")]
    assert len(told) == len(set(told)) == 1


async def test_a_form_that_the_gateway_tells_twice_has_one_effect(server: Server) -> None:
    chat, session_id = server.chat, server.building.session()
    giver = server.someone(1)
    form = await chat.press(giver, await server.book(giver, session_id), "Hand my place to a colleague")
    await chat.fill(giver, form, name="Cora", email="cora@council.gov.uk")
    sent = next(payload for _, name, payload in reversed(chat.env.backend.transcript) if name == "INTERACTION_CREATE")
    chat.env.backend.emit("INTERACTION_CREATE", sent)
    await chat.settle()
    assert len(server.building.read(rows, Transfer)) == 1


async def test_buttons_of_a_cancelled_or_past_session_say_that_it_is_over(server: Server) -> None:
    building, chat = server.building, server.chat
    gone, past = building.session(), building.session(title="Earlier", starts_at=START - timedelta(days=7))
    nadia = server.someone(2)
    for session_id in (past, gone):
        seen = await server.book(nadia, session_id)
    building.call_off(gone)
    server.later(days=8)
    for custom_id, said in (
        (f"pw:book:{past}:any", "This session has started, so it can no longer be booked."),
        (f"pw:needs:{gone}", "You have no booking for this session."),
        (f"pw:book:{gone}:any", "This session has been called off."),
    ):
        await _said(chat, nadia, seen, custom_id, said)
    given = await chat.forge_form(nadia, seen, f"pw:form:handover:{past}", {"name": "Cora", "email": "cora@council.gov.uk"})
    assert given.text == "This session has started, so the place can no longer be handed over."
    late = await chat.forge_form(nadia, seen, f"pw:form:needs:{past}:0", {"access": "A ramp"})
    assert late.text == "This session is over, so there is nothing more to arrange."
    assert building.read(rows, Needs) == []


async def _said(chat: Any, person: Someone, seen: Seen, custom_id: str, said: str) -> None:
    answer = await chat.forge(person, seen, custom_id)
    assert (answer.text, answer.form) == (said, None)


async def test_nobody_can_press_for_another_person(server: Server) -> None:
    """What is one's own is found by who presses, not by what the button says."""
    building, chat = server.building, server.chat
    session_id, nadia, bola = building.session(), server.someone(2), server.someone(3)
    await server.book(nadia, session_id)
    building.write(tell_needs, building.partnership_id, session_id, nadia.id, {"access": "A ramp"}, building.rules, now=building.now)
    seen = await chat.command(bola, "my bookings")
    for verb in ("cancel", "handover", "keep", "needs", "needs:back", "materials"):
        answer = await chat.forge(bola, seen, f"pw:{verb}:{session_id}")
        assert answer.form is None
        assert "A ramp" not in answer.text
    assert len(building.read(rows, Needs)) == 1
    assert [row.state.value for row in building.read(rows, Booking)] == ["confirmed"]
    assert building.read(rows, Material) == []
