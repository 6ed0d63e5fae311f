"""Booking a private session: first five short lines, then a name of one's choice, and an address where we have none.

It works in direct messages as in the server, and nobody else sees any of it. The name stands on this booking alone.
"""

from __future__ import annotations

from discord import ui

from bot import ids, private_ids
from bot.booking import book_and_show, known, page_of
from bot.cards import GOOD, OVER, PRIMARY, WAIT, button, closed_words, row, simple_card
from bot.errors import sentence_for
from bot.forms import text_field
from bot.pressing import Press, on_form, on_press
from bot.private_before import before_for
from bot.proving import code_words, send_code_if_none, standing_of
from bot.session_card import code_buttons
from bot.text import bare, plain, when_short
from domain.browsing import SessionPage
from domain.capacity import mark_of, to_ask
from domain.errors import Closed, NotFound, Refusal
from domain.kinds import Mode
from domain.people import NAME_LIMIT, PersonView, register_family
from domain.private_sessions import BeforeBooking, my_clashes

NOTICE = (
    "**Who sees this?** The organisers of this programme see your name here and what you tell us you need. "
    "They do not put it in any channel. Your e-mail address is used only for your bookings. You can change your mind at any time."
)


def name_form(person: PersonView | None, before: BeforeBooking, mode: Mode | None, *, clash: str) -> ui.Modal:
    """A name; and an address, unless we know one that is theirs."""
    form = ui.Modal(title="Book in private", custom_id=private_ids.name_form(before.session_id, mode, clash=clash))
    form.add_item(ui.TextDisplay(NOTICE))
    family = person is None or person.family
    name = before.alias or (person.name if person is not None and person.family else "")
    about = "Any name that you like. It is used for this session only."
    form.add_item(text_field("What may we call you?", "name", bare(name), most=NAME_LIMIT, about=about))
    if family and not (person is not None and person.proven):
        email = (person.proof_address or person.email or "") if person else ""
        form.add_item(text_field("Your e-mail", "email", email, most=254, about="Any address of yours. We send a code there first."))
    return form


@on_press(private_ids.GO_ON)
async def pressed_go_on(press: Press) -> None:
    """They have read it: say what it clashes with, or ask for the name."""
    around, session_id = press.surroundings, press.number("session")
    page = await page_of(press, session_id)
    _private_and_open(press, page)
    mode, clash = ids.mode_of(press.parts["mode"]), ids.accepted(press.parts.get("clash"))
    others = await around.store.read(my_clashes, around.partnership_id, session_id, press.who, around.rules)
    if to_ask(others, clash):
        await press.defer()
        at = "\n".join(f"- **{plain(o.title, 200)}**, {when_short(o.starts_at, o.ends_at, o.zone)}" for o in others[:6])
        said = f"### You already have a place at this time\n{at}\nYou can have both. Nothing has been booked yet."
        anyway = button("Book anyway", private_ids.go_on(session_id, mode, clash=mark_of(others)), PRIMARY)
        await press.show(simple_card(said, row(anyway, button("Leave it", "pw:private:leave")), colour=WAIT))
        return
    await press.ask(name_form(await known(press), await before_for(press, session_id), mode, clash=clash))


def _private_and_open(press: Press, page: SessionPage) -> None:
    if not page.session.private:
        raise NotFound("This session is open to everyone now. Press Book on its card.")
    if closed := closed_words(page.session, press.surroundings.clock()):
        raise Closed(closed)


@on_press(private_ids.NOT_NOW)
async def pressed_leave(press: Press) -> None:
    """Not now: nothing is kept."""
    await press.defer()
    again = row(button("My invitations", private_ids.INVITED))
    await press.show(simple_card("### Nothing was booked, and nothing was kept\nYou can come back whenever you like.", again, colour=OVER))


@on_form(private_ids.NAME_FORM)
async def name_came(press: Press) -> None:
    """The name, and perhaps the address: book."""
    await press.defer()
    around, session_id = press.surroundings, press.number("session")
    page = await page_of(press, session_id)  # before anything is kept: it may have been taken back
    _private_and_open(press, page)
    mode, clash = ids.mode_of(press.parts["mode"]), ids.accepted(press.parts.get("clash"))
    name = press.text("name")
    try:
        person = await _person(press, name)
        await book_and_show(press, person, page, mode, accept_clash=clash, alias=name)
    except Refusal as refused:
        again = row(button("Try again", private_ids.go_on(session_id, mode, clash=clash)))
        await press.show(simple_card(f"### {sentence_for(refused)}", again, colour=WAIT))
    around.wake()


async def _person(press: Press, name: str) -> PersonView:
    """Who books: somebody we know, as they are known, or somebody new by this name and this address."""
    around, person = press.surroundings, await known(press)
    email = press.text("email")
    if person is not None and (not person.family or person.proven or not email):
        return person
    registered = await around.store.write(register_family, around.partnership_id, press.who, name, email, around.rules, now=around.clock())
    if not registered.proven:
        await send_code_if_none(press)
    return registered


# ── a family's own details ──────────────────────────────────────────────────────────────────────────────────


@on_press(private_ids.FAMILY_DETAILS)
async def pressed_family_details(press: Press) -> None:
    """Change the name or the address, without being asked where one works."""
    person = await known(press)
    if person is None:
        raise NotFound("We do not know you yet. Open your invitation with /invited.")
    form = ui.Modal(title="Your details", custom_id=private_ids.FAMILY_FORM)
    form.add_item(ui.TextDisplay(NOTICE))
    form.add_item(text_field("What may we call you?", "name", bare(person.name), most=NAME_LIMIT))
    form.add_item(text_field("Your e-mail", "email", person.proof_address or person.email or "", most=254))
    await press.ask(form)


@on_form(private_ids.FAMILY_FORM)
async def family_details_came(press: Press) -> None:
    """The changed name or address."""
    await press.defer()
    person = await known(press)
    if person is None or not person.family:
        raise NotFound("Please use /my details to change your details.")
    around = press.surroundings
    name, email = press.text("name"), press.text("email")
    person = await around.store.write(register_family, around.partnership_id, press.who, name, email, around.rules, now=around.clock())
    around.wake()
    if person.proven and not person.proof_address:
        await press.show(simple_card("### Your details are saved.", colour=GOOD))
        return
    await send_code_if_none(press)
    said = code_words(await standing_of(press), person.proof_address or person.email or "your e-mail")
    await press.show(simple_card(f"### Your details are saved.\n{said}", row(*code_buttons()), colour=WAIT))
