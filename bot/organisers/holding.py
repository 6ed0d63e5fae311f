"""How a session is held, in chat: a form says what it would mean and asks for the room, the places and the link."""

from __future__ import annotations

from dataclasses import replace

from discord import ui

from bot.organisers import ids
from bot.organisers.access import organised_session
from bot.organisers.session_cards import changed_card, field, heading, people, told_words
from bot.organisers.sessions import change_one, desk_now, still_open
from bot.pressing import Press, on_form
from domain.errors import BadInput, Refusal
from domain.held import NO_SERVICE, Held, HeldPreview, hold_as, preview_held
from domain.kinds import Format, Provider
from domain.models import SessionState
from domain.organising import SessionDesk
from domain.schedule.places import read_places
from domain.schedule.proposals import PROVIDERS

#: as the ids have them
FORMATS = {"online": Format.ONLINE, "room": Format.IN_PERSON, "both": Format.HYBRID}
SAID = {Format.ONLINE: "online", Format.IN_PERSON: "in a room", Format.HYBRID: "in a room and online"}


async def start_holding(press: Press, desk: SessionDesk, way: str, service: Provider | None) -> None:
    """Open the form for this way of holding it."""
    around = press.surroundings
    still_open(desk, around.clock())
    format_ = FORMATS[way]
    provider = None if format_ is Format.IN_PERSON else service or desk.session.provider
    if format_ is not Format.IN_PERSON and provider is None:
        raise BadInput(NO_SERVICE)
    held = replace(Held.of(desk.session), format=format_, provider=provider)
    meant = await around.store.read(preview_held, around.partnership_id, desk.session_id, held, around.rules, now=around.clock())
    await press.ask(held_form(desk, way, held, meant))


@on_form(ids.HELD_FORM)
async def held_came(press: Press) -> None:
    """The form came back: the session is held so."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    if ids.seen_of(Held.of(desk.session)) != press.parts["seen"]:
        raise Refusal("Somebody changed how this session is held. Please open the form again with /session held.")
    format_ = FORMATS[press.parts["way"] or ""]
    service = next((one for one in Provider if one == press.parts["provider"]), None)
    room, online = _places(press, "room_places"), _places(press, "online_places")
    held = Held(format_, service, press.text("link").strip() or None, press.text("venue").strip() or None, room, online)
    done = await change_one(press, hold_as, desk.session_id, held, seen=desk.session)
    await press.show(changed_card(f"Held {SAID[format_]} now", await desk_now(press, desk.session_id), done))


def _places(press: Press, name: str) -> int | None:
    """What was typed there; nothing: no limit. Raises `BadInput`."""
    read = read_places(press.text(name))
    if press.text(name).strip() and not read.given:
        raise BadInput("Please type a number of places, such as 30, or: no limit.")
    return read.number


def held_form(desk: SessionDesk, way: str, held: Held, meant: HeldPreview) -> ui.Modal:
    """What this way of holding it means, and the fields that it has. A form holds five parts."""
    is_held = Held.of(desk.session)
    form = ui.Modal(
        title=f"Hold it {SAID[held.format]}", custom_id=ids.held_form(desk.session_id, way, held.provider or "none", ids.seen_of(is_held))
    )
    form.add_item(ui.TextDisplay("\n".join((heading(desk), *(f"- {words}" for words in _meant_words(desk, held, meant))))))
    if held.format is not Format.ONLINE:
        form.add_item(field("Room or building", "venue", is_held.venue or "", 300, required=True))
        form.add_item(field("Places in the room", "room_places", _shown(is_held.room_places), 60, about="Leave it empty for no limit."))
    if held.format is not Format.IN_PERSON:
        form.add_item(field("Places online", "online_places", _shown(is_held.online_places), 60, about="Leave it empty for no limit."))
    if held.provider is Provider.GIVEN:
        form.add_item(field("Link", "link", is_held.given_link or "", 1000, required=True, about="It must begin with https://"))
    return form


def _shown(places: int | None) -> str:
    return "" if places is None else str(places)


def _meant_words(desk: SessionDesk, held: Held, meant: HeldPreview) -> list[str]:
    """Who hears, who takes part another way, and whether there will be a link."""
    others = meant.waiting or meant.presenting
    said = [told_words(desk, meant.told, "an updated invitation")] if meant.told or not others else []
    if not (meant.told or others) and desk.state is SessionState.PUBLISHED and desk.active:
        said = ["Nobody is told if you change only the places. If the room or the link changes, those who have booked are told."]
    if meant.to_online:
        said.append(f"{people(meant.to_online)} would have come to the room, and would join online instead.")
    if meant.to_room:
        said.append(f"{people(meant.to_room)} would have joined online, and would come to the room instead.")
    if meant.waiting:
        said.append(f"{people(meant.waiting)} on the waiting list would be told.")
    if meant.presenting:
        said.append(f"{people(meant.presenting)} who {'leads' if meant.presenting == 1 else 'lead'} it would be told.")
    if held.provider is not None and not meant.host_free:
        service = PROVIDERS[held.provider]
        why = f"{service} is not set up here" if meant.none_set_up else f"No {service} host is free then"
        said.append(f"**{why}**, so there would be no link for now.")
    return said
