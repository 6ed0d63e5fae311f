"""Direct messages come from no server: which partnership is meant is carried by the button or the code, or it is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from bot.delivery import DirectMessages
from bot.whose import DO_IT_THERE, GONE, NOT_HERE
from domain.database import Store
from domain.errors import Temporary
from domain.kinds import Channel, Kind
from domain.letters.sessions import session_facts
from domain.models import Person, Session
from domain.ports.letters import NOT_OURS, NOT_OURS_FOR_S, Letter, Recipient
from domain.rules import Rules
from rehearsal.chat import Seen, Someone
from tests.building import Building, rows
from tests.roles_table import Role
from tests.two_servers import TwoServers, said_to, two_servers

ASKED = "### Which partnership do you mean? You are in more than one.\nChoose one to go on."
NOT_FOUND = "We could not find that session. It may have been removed."
NO_CODE = "That code does not work. Check it, or ask the person who gave it to you."


@pytest.fixture
async def both(store: Store, now: datetime) -> AsyncIterator[TwoServers]:
    async with two_servers(store, now) as made:
        yield made


def words_in(seen: Seen, both: TwoServers) -> list[str]:
    """Whose words are to be seen: in texts, buttons and menus."""
    shown = "\n".join((seen.text, *map(str, seen.buttons), *map(str, seen.menus), str(seen.form)))
    return [one.word for one in (both.midlands, both.north) if one.word in shown]


async def typed(both: TwoServers, person: Someone, name: str, **options: Any) -> Seen:
    return await both.chat.command(person, name, direct=True, **options)


async def test_who_is_in_two_partnerships_is_asked_which_each_time(both: TwoServers) -> None:
    chat, ann = both.chat, both.stage.people[Role.PRACTITIONER]
    names = [f"{one.word} Partnership" for one in (both.midlands, both.north)]
    for command in ("my bookings", "my series", "feedback", "presenting sessions", "my details"):
        asked = await typed(both, ann, command)
        assert (command, asked.text, asked.labels) == (command, ASKED, tuple(names))
        for own, name in zip((both.midlands, both.north), names, strict=True):
            shown = await chat.press(ann, await typed(both, ann, command), name)
            assert (command, words_in(shown, both)) == (command, [own.word])
    assert await ann.user.autocomplete("my hand-over", "session", "") == []
    here = await chat.command(ann, "my bookings")
    assert words_in(here, both) == [both.north.word]  # in a server it is clear


async def test_what_follows_stays_with_the_partnership_that_was_chosen(both: TwoServers, store: Store) -> None:
    chat, ann, own = both.chat, both.stage.people[Role.PRACTITIONER], both.midlands
    mine = await chat.press(ann, await typed(both, ann, "my bookings"), f"{own.word} Partnership")
    card = await chat.choose(ann, mine, str(own.sessions[2]))
    assert words_in(card, both) == [own.word]
    assert {one.custom_id.partition("@")[2] for one in card.buttons if one.custom_id} == {str(own.partnership_id)}
    asked = await typed(both, ann, "my details", organisation="Hill Trust")
    saved = await chat.press(ann, asked, f"{own.word} Partnership")
    assert saved.text.startswith("### Your details are saved.")
    kept = {one.id: one.organisation_id for one in Building(store, 0, Rules(), chat.now()).read(rows, Person, Person.discord_id == ann.id)}
    assert [number for number, organisation in kept.items() if organisation is not None] == [own.people[0]]


async def test_a_letter_carries_whose_it_is(both: TwoServers, store: Store) -> None:
    chat, ann, own = both.chat, both.stage.people[Role.PRACTITIONER], both.midlands
    facts = store.read_now(lambda db: session_facts(db, db.get_one(Session, own.sessions[3])))
    letter = Letter(1, "k", Kind.FEEDBACK, Channel.CHAT, Recipient("Ann", None, ann.id), session=facts, partnership_id=own.partnership_id)
    whose = {own.partnership_id, both.north.partnership_id}
    await DirectMessages(chat.bot, whose=whose).send(letter)
    asked = chat.direct(ann)[-1]
    assert [one.custom_id for one in asked.buttons] == [
        f"pw:rate:{own.sessions[3]}:{rating}@{own.partnership_id}" for rating in range(1, 6)
    ]
    thanked = await chat.press(ann, asked, asked.labels[-1])
    assert words_in(thanked, both) == [own.word]
    assert str(thanked.buttons[0].custom_id).endswith(f"@{own.partnership_id}")
    with pytest.raises(Temporary) as later:
        await DirectMessages(chat.bot, whose={both.north.partnership_id}).send(letter)
    assert (later.value.reason, later.value.retry_after) == (NOT_OURS, NOT_OURS_FOR_S)


async def test_a_code_says_whose_it_is(both: TwoServers) -> None:
    chat, own = both.chat, both.midlands
    rosa = chat.join("Rosa", outside=True)
    assert (await typed(both, rosa, "my bookings")).text == DO_IT_THERE
    form = await typed(both, rosa, "invited")
    wrong = await chat.fill(rosa, form, code="AAAAA-AAAAA-AAAAA")
    assert words_in(wrong, both) == []
    opened = await chat.fill(rosa, await chat.press(rosa, wrong, "Try again"), code=own.letters)
    assert opened.text.startswith("### Welcome. Your code works.")
    assert words_in(opened, both) == [own.word]
    assert words_in(await typed(both, rosa, "invited"), both) == [own.word]  # from now on we know her there


async def test_a_mark_opens_nothing(both: TwoServers) -> None:
    """Somebody of North alone presses what is Midlands', marked and not, and there is nothing."""
    chat, own = both.chat, both.midlands
    nell = chat.join("Nell")
    both.stage.building.person(7, discord_id=nell.id)
    message = await said_to(chat, nell)
    said = [
        (await chat.forge(nell, message, f"pw:show:{own.sessions[2]}{end}")).text
        for end in (f"@{own.partnership_id}", "@99", "", f"@{both.north.partnership_id}")
    ]
    assert said == [GONE, GONE, NOT_FOUND, NOT_FOUND]
    assert (await chat.forge(nell, message, f"pw:say:my bookings:@{own.partnership_id}")).text == GONE
    assert (await chat.forge(nell, message, "pw:say:programme create:")).text == GONE
    elsewhere = chat.env.create_guild("Elsewhere", id=999)
    user = chat.env.create_user("Elsa")
    elsa = Someone("Elsa", user.id, elsewhere.add_member(user), user)
    refused = await chat.command(elsa, "my bookings", at=elsewhere.create_text_channel("general"))
    assert refused.text == NOT_HERE
