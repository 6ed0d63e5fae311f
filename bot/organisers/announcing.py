"""A message to those booked, in chat: a form, a preview as it will look, a trial to oneself, and Send."""

from __future__ import annotations

from datetime import date, datetime

import discord
from discord import ui

from bot.announcing import said
from bot.cards import GOOD, OPEN, OVER, PRIMARY, WAIT, button, card, line, row, simple_card
from bot.organisers import ids
from bot.organisers.access import organised_programme, organised_session, require_any_organiser
from bot.organisers.sends import through_words
from bot.organisers.session_cards import people
from bot.permissions import actor_of, require_organiser
from bot.pressing import Press, on_form, on_press
from bot.text import plain
from domain.announcements import MOST_WORDS, AnnouncementPreview, Sent, Written, preview, programme_of, send, send_trial, session_of, write
from domain.kinds import Channel
from domain.letters.matters import AnnouncementMatter
from domain.models import Audience
from domain.organising import SessionDesk
from domain.programmes import ProgrammeView
from domain.schedule.telling import counted
from domain.times import day_words, span_words

TO = {
    Audience.CONFIRMED: "who have a place",
    Audience.WAITING: "who wait for a place",
    Audience.BOTH: "who have a place or wait for one",
}


async def start_programme_message(press: Press, programme: ProgrammeView, day: date | None, audience: Audience) -> None:
    """Ask for the words of a message about a day or the programme."""
    about = plain(programme.title, 300) + (f", {day_words(day)}" if day is not None else "")
    await press.ask(_form(about, audience, ids.message_form(programme.id, 0, day, audience)))


async def start_session_message(press: Press, desk: SessionDesk, audience: Audience) -> None:
    """Ask for the words of a message about one session."""
    session = desk.session
    about = f"{plain(session.title, 300)}, {span_words(session.starts_at, session.ends_at, session.zone)}"
    await press.ask(_form(about, audience, ids.message_form(desk.programme_id, desk.session_id, None, audience)))


def _form(about: str, audience: Audience, custom_id: str) -> ui.Modal:
    form = ui.Modal(title="A message to those booked", custom_id=custom_id)
    form.add_item(ui.TextDisplay(f"**{about}**\nTo people {TO[audience]}. You see it first, before anybody else does."))
    subject: ui.TextInput[ui.LayoutView] = ui.TextInput(custom_id="subject", max_length=150, required=True)
    form.add_item(ui.Label(text="Subject", component=subject))
    words: ui.TextInput[ui.LayoutView] = ui.TextInput(
        custom_id="words", max_length=MOST_WORDS, required=True, style=discord.TextStyle.paragraph
    )
    form.add_item(ui.Label(text="What you want to say", description="People see it as you type it. Name nobody.", component=words))
    return form


@on_form(ids.MESSAGE_FORM)
async def message_came(press: Press) -> None:
    """The words came: keep them, and show what would be sent."""
    await press.defer()
    around, session_id = press.surroundings, press.number("session")
    if session_id:
        programme_id = (await organised_session(press, session_id)).programme_id
    else:
        programme_id = (await organised_programme(press, str(press.number("programme")))).id
    new = Written(
        programme_id,
        Audience(press.parts["audience"] or ""),
        press.text("subject"),
        press.text("words"),
        session_id or None,
        ids.day_of_id(press.parts["day"]),
    )
    made = await around.store.write(write, around.partnership_id, new, actor=actor_of(press.interaction), now=around.clock())
    await _show(press, made)


async def _show(press: Press, announcement_id: int, news: str = "") -> None:
    around, now = press.surroundings, press.surroundings.clock()
    shown = await around.store.read(preview, around.partnership_id, announcement_id, around.mails_per_minute, now=now)
    await press.show(message_card(shown, now=now, news=news))


def message_card(shown: AnnouncementPreview, *, now: datetime, news: str = "") -> ui.LayoutView:
    """To whom, how, when it would be through; and the message as it will look."""
    ways = [counted(shown.mails, "e-mail")] * bool(shown.mails) + [counted(shown.chats, "direct message")] * bool(shown.chats)
    nobody = "Nobody is booked there now, so there is nobody to send it to."
    who = f"**{people(shown.people)}** {TO[shown.audience]}: {' and '.join(ways)}." if shown.people else nobody
    through = through_words(shown.through_at, now, shown.zone)
    return card(
        (
            f"## Send this message?\n{news}".strip(),
            f"{plain(shown.about, 300)}\n{who} {through}".strip(),
            line(),
            said(AnnouncementMatter(shown.subject, shown.words, "")),
            line(),
            row(
                button("Send", ids.send_message(shown.id), PRIMARY, disabled=not shown.people or shown.sent),
                button("Send me a trial", ids.try_message(shown.id)),
                button("Do not send", "pw:drop"),
            ),
        ),
        OPEN if shown.people else WAIT,
    )


@on_press(ids.TRY_MESSAGE)
async def pressed_trial(press: Press) -> None:
    """Send it to the organiser alone."""
    await press.defer()
    around, made = press.surroundings, await _allowed(press)
    tried = await around.store.write(send_trial, around.partnership_id, made, press.who, now=around.clock())
    around.wake()
    where = "to your e-mail" if tried.channel is Channel.EMAIL else "as a direct message"
    await _show(press, made, f"A trial is on its way to you, {where}.")


@on_press(ids.SEND_MESSAGE)
async def pressed_send(press: Press) -> None:
    """Send it to everyone, once."""
    await press.defer()
    around, made = press.surroundings, await _allowed(press)
    now = around.clock()
    done = await around.store.write(send, around.partnership_id, made, around.mails_per_minute, actor=actor_of(press.interaction), now=now)
    around.wake()
    await press.show(sent_card(done, now=now))


def sent_card(done: Sent, *, now: datetime) -> ui.LayoutView:
    """It is on its way."""
    if done.already:
        return simple_card("### This message has been sent already\nNobody is sent it twice.", colour=OVER)
    through = through_words(done.through_at, now, done.zone)
    return simple_card(f"### Your message is on its way to {people(done.people)}\n{through}".strip(), colour=GOOD)


async def _allowed(press: Press) -> int:
    """The message of the button, for who organises its programme. Others hear nothing of whether there is one."""
    around, made = press.surroundings, press.number("message")
    await require_any_organiser(press)
    session_id = await around.store.read(session_of, around.partnership_id, made)
    if session_id is not None:
        await organised_session(press, session_id)
    else:
        programme_id = await around.store.read(programme_of, around.partnership_id, made)
        await require_organiser(press.interaction, around, programme_id)
    return made
