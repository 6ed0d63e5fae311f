"""Calling off a day or a programme in chat: who would hear, the reason, then session after session."""

from __future__ import annotations

from datetime import date, datetime

import discord
from discord import ui

from bot.cards import OVER, STOP, WAIT, button, card, row, simple_card
from bot.organisers import ids
from bot.organisers.access import organised_programme
from bot.organisers.sends import owed_words, through_words
from bot.organisers.session_cards import people
from bot.permissions import actor_of
from bot.pressing import Press, on_form, on_press
from bot.text import plain
from domain.calling_off import NOTHING_LEFT, Begun, CalledOff, CallOffPreview, begin, cancel_one, finish, preview
from domain.errors import Refusal
from domain.programmes import ProgrammeView
from domain.schedule.telling import counted
from domain.times import day_words

#: after so many sessions the organiser sees how far it is
SHOW_EVERY = 20


def what_words(programme: str, day: date | None) -> str:
    """`Monday 15 March 2027`, or the programme's title."""
    return day_words(day) if day is not None else plain(programme, 300)


def preview_card(shown: CallOffPreview, programme_id: int, *, now: datetime) -> ui.LayoutView:
    """What calling off would mean: sessions, people, messages, presenters, and when the mail is through."""
    private = f" {shown.private:,} of them {'is' if shown.private == 1 else 'are'} private." if shown.private else ""
    messages = f"{counted(shown.mails, 'e-mail')} and {counted(shown.chats, 'direct message')}"
    hears = f"**{people(shown.people)}** would be told: {messages}." if shown.people else "Nobody has booked, so nobody is told."
    said = [
        f"**{counted(shown.sessions, 'session')}** would be cancelled.{private}",
        hears,
        f"{counted(shown.presenters, 'presenter')} named." if shown.presenters else "",
        through_words(shown.through_at, now, shown.zone),
        f"One short message is posted in <#{shown.channel_id}>. It says nothing of private sessions." if shown.channel_id else "",
    ]
    return card(
        (
            f"## Cancel {what_words(shown.programme, shown.day)}?\n{plain(shown.programme, 300)}",
            "\n".join(f"- {words}" for words in said if words),
            "Calendar entries are taken away, and the meetings are deleted. This cannot be undone.",
            row(button("Write the reason and cancel", ids.call_off_all(programme_id, shown.day), STOP), button("Leave it", "pw:drop")),
        ),
        WAIT,
    )


async def show_call_off(press: Press, programme: ProgrammeView, day: date | None) -> None:
    """Show what calling off would mean."""
    around, now = press.surroundings, press.surroundings.clock()
    shown = await around.store.read(preview, around.partnership_id, programme.id, day, around.mails_per_minute, now=now)
    await press.show(preview_card(shown, programme.id, now=now))


@on_press(ids.CALL_OFF_ALL)
async def pressed_call_off_all(press: Press) -> None:
    """Ask for the reason."""
    programme = await organised_programme(press, str(press.number("programme")))
    around, day, now = press.surroundings, ids.day_of_id(press.parts["day"]), press.surroundings.clock()
    shown = await around.store.read(preview, around.partnership_id, programme.id, day, around.mails_per_minute, now=now)
    await press.ask(_reason_form(shown, programme.id))


def _reason_form(shown: CallOffPreview, programme_id: int) -> ui.Modal:
    form = ui.Modal(title="Cancel all of this", custom_id=ids.call_off_all_form(programme_id, shown.day))
    what = f"**{what_words(shown.programme, shown.day)}**\n{counted(shown.sessions, 'session')}, {people(shown.people)}."
    form.add_item(ui.TextDisplay(what))
    field: ui.TextInput[ui.LayoutView] = ui.TextInput(custom_id="reason", max_length=500, required=False, style=discord.TextStyle.paragraph)
    form.add_item(ui.Label(text="Reason", description="Everyone sees it, in the channel too. Name nobody.", component=field))
    return form


@on_form(ids.CALL_OFF_ALL_FORM)
async def call_off_reason_came(press: Press) -> None:
    """The reason came: cancel session after session, each for itself, and then say so in the channel."""
    await press.defer()
    programme = await organised_programme(press, str(press.number("programme")))
    around, day = press.surroundings, ids.day_of_id(press.parts["day"])
    begun: Begun = await around.store.write(
        begin,
        around.partnership_id,
        programme.id,
        day,
        press.text("reason"),
        actor=actor_of(press.interaction),
        now=around.clock(),
    )
    if begun.announcement_id is None:
        raise Refusal(NOTHING_LEFT)
    for done, session_id in enumerate(begun.sessions, 1):
        await around.store.write(cancel_one, around.partnership_id, begun.announcement_id, session_id, around.rules, now=around.clock())
        if done % SHOW_EVERY == 0 and done < len(begun.sessions):
            around.wake()
            await press.show(simple_card(f"### Cancelling\n{done:,} of {len(begun.sessions):,} sessions are cancelled.", colour=WAIT))
    finished = await around.store.write(finish, around.partnership_id, begun.announcement_id, around.rules, now=around.clock())
    around.wake()
    await press.show(_done_card(programme, day, finished, await owed_words(press, programme.zone)))


def _done_card(programme: ProgrammeView, day: date | None, done: CalledOff, through: str) -> ui.LayoutView:
    told = f"{people(done.people)} will be told." if done.people else "Nobody had booked, so nobody is told."
    posted = f" A short message appears in <#{done.channel_id}>." if done.channel_id else ""
    said = f"### {what_words(programme.title, day)} is cancelled\n{counted(done.sessions, 'session')}. {told} {through}{posted}"
    return simple_card(said, colour=OVER)
