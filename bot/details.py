"""Somebody's own details: the form, the organisation that was meant, and how reminders come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from discord import ui

from bot import ids, private_ids
from bot.booking import book_and_show, known, page_of, show_session
from bot.cards import OPEN, WAIT, Part, button, card, headlined, menu, row, simple_card
from bot.errors import sentence_for
from bot.forms import AREA_WORDS, details_form
from bot.limits import OPTION_LABEL
from bot.matching import match
from bot.pressing import Press, on_form, on_press
from bot.proving import code_words, send_code_if_none, standing_of
from bot.session_card import code_buttons
from bot.text import bare, plain
from domain.browsing import CodeStanding, chat_is_closed
from domain.errors import BadInput, NotFound, Refusal
from domain.models import ServiceArea
from domain.organisations import known_organisations
from domain.people import Details, PersonView, choose_reminders, register

NONE_OF_THESE = "none"
CLOSED = (
    "\nDiscord does not let us write to you: reminders come by e-mail. To change that, allow direct messages "
    "from this server and choose again below."
)
UNKNOWN = "We do not know you yet. Press Book on a session to give your details."
WAYS = {"chat": "By chat", "email": "By e-mail", "both": "By chat and by e-mail"}


@on_press(ids.DETAILS)
async def pressed_details(press: Press) -> None:
    """Change my details, or try again: open the form, filled in as far as we know."""
    person = await known(press)
    typed = press.interaction.client.typed.get(press.typist)
    mode = ids.mode_of(press.parts["mode"])
    await press.ask(details_form(press.surroundings, typed or (details_of(person) if person else None), press.number("session"), mode))


def details_of(person: PersonView) -> Details:
    """What the form shows of somebody we know."""
    return Details(person.name, person.proof_address or person.email or "", person.organisation or "", person.service_area)


@on_form(ids.DETAILS_FORM)
async def details_came(press: Press) -> None:
    """Take the details, and then, where the form came from a session, ask for the place."""
    await press.defer()
    session_id, mode = press.number("session"), ids.mode_of(press.parts["mode"])
    area = next(iter(press.chosen("area")), "")
    if area not in list(ServiceArea):
        raise BadInput("Please choose your service area.")
    typed = Details(press.text("name"), press.text("email"), press.text("organisation"), ServiceArea(area))
    try:
        person, near = await take_details(press, typed)
    except Refusal as refused:
        press.interaction.client.typed.keep(press.typist, typed)
        again = row(button("Try again", ids.details(session_id, mode)))
        await press.show(simple_card(f"### {sentence_for(refused)}", again, colour=WAIT))
        return
    press.interaction.client.typed.forget(press.typist)
    which = which_organisation(person, near, session_id)
    if session_id:
        await book_and_show(press, person, await page_of(press, session_id), mode, more=which)
    else:
        await show_details(press, person, said="Your details are saved.", more=which)


async def take_details(press: Press, typed: Details) -> tuple[PersonView, tuple[str, ...]]:
    """Register these details under the organisation's known name; who it is now, and names that may have been meant instead."""
    around = press.surroundings
    names = await around.store.read(known_organisations, around.partnership_id, around.rules)
    meant = match(typed.organisation, names)
    details = replace(typed, organisation=meant.name)
    person = await around.store.write(register, around.partnership_id, press.who, details, around.rules, now=around.clock())
    around.wake()
    if not person.proven or person.proof_address:
        await send_code_if_none(press)
    return person, meant.near


def which_organisation(person: PersonView, near: Sequence[str], session_id: int) -> tuple[Part, ...]:
    """Did they mean one of these? A question that may be left unanswered."""
    if not near:
        return ()
    typed = person.organisation or ""
    options = [(bare(name, OPTION_LABEL), name, "") for name in near]
    options.append((NONE_OF_THESE, f"None of these: {typed}", "Keep what you typed"))
    question = f"You typed **{plain(typed, 200)}** as your organisation. Is it one of these?"
    return ui.TextDisplay(question), menu(ids.organisation(session_id), "Choose your organisation", options)


@on_press(ids.ORGANISATION)
async def pressed_organisation(press: Press) -> None:
    """The organisation that was meant."""
    await press.defer()
    around, session_id = press.surroundings, press.number("session")
    person = await somebody(press)
    if press.values != (NONE_OF_THESE,):
        names = await around.store.read(known_organisations, around.partnership_id, around.rules)
        chosen = next((name for name in names if (bare(name, OPTION_LABEL),) == press.values), None)
        if chosen is None:
            raise NotFound("We could not find that organisation. Use /my details to change it.")
        person, _ = await take_details(press, replace(details_of(person), organisation=chosen))
    said = f"Thank you\nYour organisation is {plain(person.organisation or '', 200)}."
    if session_id:
        await show_session(press, session_id, news=said)
    else:
        await show_details(press, person, said=said)


@on_press(ids.REMINDERS)
async def pressed_reminders(press: Press) -> None:
    """How reminders come."""
    await press.defer()
    around = press.surroundings
    way = next(iter(press.values), "")
    if way not in WAYS:
        raise BadInput("Please choose how you would like to be reminded.")
    person = await around.store.write(
        choose_reminders,
        around.partnership_id,
        press.who,
        by_chat=way in ("chat", "both"),
        by_email=way in ("email", "both"),
        now=around.clock(),
    )
    await show_details(press, person, said=f"Reminders will come {WAYS[way][0].lower()}{WAYS[way][1:]}.")


async def show_details(press: Press, person: PersonView, *, said: str = "", more: Sequence[Part | None] = ()) -> None:
    """Somebody's own details, for that person."""
    around = press.surroundings
    closed = await around.store.read(chat_is_closed, around.partnership_id, press.who)
    await press.show(details_card(person, await standing_of(press), closed=closed, said=said, more=more))


def details_card(
    person: PersonView, code: CodeStanding, *, closed: bool = False, said: str = "", more: Sequence[Part | None] = ()
) -> ui.LayoutView:
    """What we keep, what waits for a code, and what can be changed. `closed`: Discord refuses our messages to this person."""
    address = plain(person.email or "none", 254) + ("" if person.proven else " (not confirmed yet)")
    lines = [
        f"**Name:** {plain(person.name, 200)}",
        f"**{'E-mail' if person.family else 'Work e-mail'}:** {address}",
    ]
    if not person.family:
        lines.append(f"**Organisation:** {plain(person.organisation or 'none', 300)}")
        lines.append(f"**Service area:** {AREA_WORDS[person.service_area]}")
    waits = person.proof_address if person.proof_address or not person.proven else None
    if waits:
        until = " Until then your messages go to the old address." if person.proven else ""
        lines.append(f"\n{code_words(code, waits)}{until}")
    now = "both" if person.reminders_by_chat and person.reminders_by_email else "chat" if person.reminders_by_chat else "email"
    choices = [(way, words, "As it is now" if way == now else "") for way, words in WAYS.items()]
    return card(
        (
            headlined(said) if said else None,
            "## Your details",
            "\n".join(lines),
            row(
                *(code_buttons() if waits else ()),
                button("Change my details", private_ids.FAMILY_DETAILS if person.family else ids.details()),
            ),
            f"**Reminders:** {WAYS[now]}. Invitations always come by e-mail." + (CLOSED if closed else ""),
            menu("pw:reminders", "Change how you are reminded", choices),
            *more,
        ),
        WAIT if waits else OPEN,
    )


async def somebody(press: Press) -> PersonView:
    """Who pressed. Raises `NotFound` for somebody who has not given their details."""
    person = await known(press)
    if person is None:
        raise NotFound(UNKNOWN)
    return person
