"""Handing a place to a colleague, in chat: the giver's form and card, and the colleague's code, card and answer."""

from __future__ import annotations

import discord
from discord import ui

from bot import ids
from bot.booking import known, page_of, show_session
from bot.cards import GOOD, OVER, PRIMARY, WAIT, button, card, how_words, row, simple_card
from bot.forms import AREA_WORDS, PRIVACY, text_field
from bot.matching import match
from bot.pressing import Press, on_form, on_press
from bot.text import plain, plain_lines, when, when_short
from domain.browsing import my_bookings, sessions_of
from domain.capacity import mark_of
from domain.errors import BadInput, NotAllowed, NotFound, Refusal
from domain.kinds import Mode
from domain.models import BookingState, ServiceArea
from domain.organisations import known_organisations
from domain.people import NAME_LIMIT
from domain.transfers.asking import hand_over_place, withdraw
from domain.transfers.codes import read_code
from domain.transfers.colleagues import Known, Newcomer
from domain.transfers.taking import Offered, TakenOver, decline, look_at_offer, take_over
from domain.views import SessionView

NO_PLACE = "You have no place at this session, so there is nothing to hand over."
EXPLAINED = (
    "We write to your colleague and ask. **Your place stays yours until they agree.** They see your name, your e-mail address "
    "and the session. If you change your mind, press Keep my place."
)


# ── the giver ───────────────────────────────────────────────────────────────────────────────────────────────


@on_press(ids.HAND_OVER)
async def pressed_hand_over(press: Press) -> None:
    """Hand my place to a colleague: ask for name and address."""
    await ask_for_colleague(press, press.number("session"))


async def start_handing_over(press: Press, typed: str) -> None:
    """`/my hand-over`: the session was chosen from one's own bookings, by its reference."""
    around = press.surroundings
    mine = await around.store.read(my_bookings, around.partnership_id, press.who, now=around.clock())
    wanted = typed.strip().casefold()
    found = next((one.session.id for one in mine if one.session.reference.casefold() == wanted), None)
    if found is None:
        raise NotFound("Please choose one of your own bookings from the list.")
    await ask_for_colleague(press, found)


async def ask_for_colleague(press: Press, session_id: int) -> None:
    """Open the form, for who has a place that can be handed over. The first answer to whatever was pressed."""
    page = await page_of(press, session_id)
    if page.mine is None or page.mine.state is not BookingState.CONFIRMED:
        raise NotFound(NO_PLACE)
    if not page.mine.can_hand_over:
        raise Refusal("This place is only for you. If you cannot come, please cancel it or speak to the organisers.")
    form = ui.Modal(title="Hand my place to a colleague", custom_id=f"pw:form:handover:{session_id}")
    form.add_item(ui.TextDisplay(EXPLAINED))
    form.add_item(text_field("Your colleague's name", "name", "", most=NAME_LIMIT))
    form.add_item(text_field("Your colleague's work e-mail", "email", "", most=254, about="We send a code there."))
    await press.ask(form)


@on_form(ids.HAND_OVER_FORM)
async def colleague_came(press: Press) -> None:
    """The colleague's name and address came: ask them."""
    await press.defer()
    around, session_id = press.surroundings, press.number("session")
    person = await known(press)
    if person is None:
        raise NotFound(NO_PLACE)
    asked = await around.store.write(
        hand_over_place,
        around.partnership_id,
        session_id,
        person.id,
        press.text("name"),
        press.text("email"),
        around.rules,
        now=around.clock(),
    )
    around.wake()
    said = f"We are asking {plain(asked.to_name, 200)}\nWe write to {plain(asked.to_address, 254)}. We tell you what they say."
    await show_session(press, session_id, news=said)


@on_press(ids.KEEP)
async def pressed_keep(press: Press) -> None:
    """Keep my place: the question is taken back."""
    await press.defer()
    around, session_id = press.surroundings, press.number("session")
    person = await known(press)
    if person is None:
        raise NotFound(NO_PLACE)
    name = await around.store.write(withdraw, around.partnership_id, session_id, person.id, now=around.clock())
    around.wake()
    said = f"You keep your place\nWe no longer ask {plain(name, 200)}." if name else "You still have your place"
    await show_session(press, session_id, news=said)


# ── the colleague ───────────────────────────────────────────────────────────────────────────────────────────


def accept_form() -> ui.Modal:
    """The code in the colleague's e-mail."""
    form = ui.Modal(title="Take a colleague's place", custom_id="pw:form:accept")
    form.add_item(text_field("Code", "code", "", most=24, about="As it stands in the e-mail, such as 12-345678."))
    return form


@on_press(ids.ACCEPT)
async def pressed_accept(press: Press) -> None:
    """Enter the code again."""
    await press.ask(accept_form())


@on_form(ids.ACCEPT_FORM)
async def accept_came(press: Press) -> None:
    """The code came: show what it offers."""
    await press.defer()
    around, code = press.surroundings, press.text("code")
    offered = await around.store.write(look_at_offer, around.partnership_id, press.who, code, around.rules, now=around.clock())
    await _show_offer(press, offered, code)


async def _show_offer(press: Press, offered: Offered | Refusal, code: str) -> None:
    around = press.surroundings
    if isinstance(offered, Refusal):
        around.wake()  # too many wrong digits are told to the giver
        again = row(button("Enter the code again", "pw:accept"))
        await press.show(simple_card(f"### {plain_lines(str(offered), 400)}", again, colour=WAIT))
        return
    (session,) = await around.store.read(sessions_of, around.partnership_id, (offered.session_id,))
    await press.show(offer_card(offered, session, code))


def offer_card(offered: Offered, session: SessionView, code: str) -> ui.LayoutView:
    """The session as it is now, what taking the place would mean, and the answer."""
    number, digits = read_code(code) or (0, "")
    way = {Mode.ROOM: "in the room", Mode.ONLINE: "online"}[offered.mode]
    more = []
    if offered.waiting:
        more.append("You have asked for a place at this session yourself. You would have this one instead.")
    if offered.clashes:
        others = "\n".join(f"**{plain(c.title, 150)}**, {when_short(c.starts_at, c.ends_at, c.zone)}" for c in offered.clashes[:6])
        more.append(f"**You already have a place at this time:**\n{others}\nYou can have both, for example if you will leave one early.")
    if offered.known is Known.OTHER:
        address = plain(offered.address, 254)
        more.append(f"The code went to {address}. **Is that address yours too?** Your messages still go to the address that you have now.")
    yes = "Yes, it is mine: take the place" if offered.known is Known.OTHER else "Take both" if offered.clashes else "Take the place"
    agreed = ids.agreed(new=offered.asks_who, clash=mark_of(offered.clashes), mine=offered.known is Known.OTHER)
    return card(
        (
            f"### {plain(offered.by, 254)} would like you to have their place {way}",
            f"## {plain(session.title, 320)}\n{when(session.starts_at, session.ends_at, session.zone)}",
            f"**How:** {how_words(session)}",
            *more,
            row(button(yes, ids.take_over(number, digits, agreed), PRIMARY), button("No, thank you", ids.refuse(number, digits))),
        ),
        WAIT if offered.clashes else GOOD,
    )


@on_press(ids.TAKE_OVER)
async def pressed_take_over(press: Press) -> None:
    """Take the place; somebody new gives their details first, and so does a family."""
    asks_who = bool(press.parts["who"])
    person = await known(press) if asks_who else None
    if asks_who and (person is None or person.family):
        if person is None and press.interaction.guild_id is None:
            raise NotAllowed(f"Please type /my accept in the server of {press.surroundings.partnership_name} this first time.")
        await press.ask(_newcomer_form(press))
        return
    await press.defer()
    await _take(press, None)


def _newcomer_form(press: Press) -> ui.Modal:
    """Name, organisation, service area and the privacy notice. The address is known: the code went there."""
    around = press.surroundings
    clash = ids.accepted(press.parts["clash"])
    agreed = ids.agreed(new=bool(press.parts["who"]), clash=clash, mine=bool(press.parts["mine"]))
    custom_id = f"pw:form:takeover:{press.parts['transfer']}:{press.parts['digits']}:{agreed}"
    form = ui.Modal(title="Before you take the place", custom_id=custom_id)
    ask = f"write to {plain(around.contact, 254)}" if around.contact else "ask an organiser"
    form.add_item(ui.TextDisplay(PRIVACY.format(partnership=around.partnership_name, ask=ask)))
    form.add_item(text_field("Your name", "name", "", most=NAME_LIMIT))
    form.add_item(text_field("Organisation", "organisation", "", most=200, about="Your council, trust or university."))
    options = [discord.SelectOption(label=words, value=area.value) for area, words in AREA_WORDS.items()]
    form.add_item(ui.Label(text="Service area", component=ui.Select(custom_id="area", placeholder="Choose one", options=options)))
    return form


@on_form(ids.TAKE_OVER_FORM)
async def newcomer_came(press: Press) -> None:
    """The details of somebody new came, with their yes."""
    await press.defer()
    around = press.surroundings
    area = next(iter(press.chosen("area")), "")
    if area not in list(ServiceArea):
        raise BadInput("Please choose your service area.")
    names = await around.store.read(known_organisations, around.partnership_id, around.rules)
    organisation = match(press.text("organisation"), names).name
    await _take(press, Newcomer(press.text("name"), organisation, ServiceArea(area)))


async def _take(press: Press, newcomer: Newcomer | None) -> None:
    around = press.surroundings
    code = f"{press.parts['transfer']}-{press.parts['digits']}"
    outcome = await around.store.write(
        take_over,
        around.partnership_id,
        press.who,
        code,
        around.rules,
        now=around.clock(),
        newcomer=newcomer,
        accept_clash=ids.accepted(press.parts["clash"]),
        address_is_mine=bool(press.parts["mine"]),
    )
    around.wake()
    if isinstance(outcome, TakenOver):
        said = f"The place is yours\nThe invitation is on its way to {plain(outcome.address, 254)}."
        await show_session(press, outcome.session_id, news=said)
        return
    await _show_offer(press, outcome, code)


@on_press(ids.REFUSE)
async def pressed_refuse(press: Press) -> None:
    """No, thank you: the giver keeps the place and is told."""
    await press.defer()
    around = press.surroundings
    code = f"{press.parts['transfer']}-{press.parts['digits']}"
    outcome = await around.store.write(decline, around.partnership_id, press.who, code, now=around.clock())
    around.wake()
    if isinstance(outcome, Refusal):
        await press.show(simple_card(f"### {plain_lines(str(outcome), 400)}", colour=WAIT))
        return
    await press.show(simple_card(f"### Thank you for your answer\n{plain(outcome, 254)} keeps the place. We tell them.", colour=OVER))
