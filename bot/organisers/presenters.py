"""The presenters of a session in its organisers' hands: who they are, whether they have said yes, who runs the meeting too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
from discord import ui

from bot.cards import GOOD, PRIMARY, STOP, WAIT, button, card, line, menu, row
from bot.organisers.access import organised_session
from bot.organisers.session_cards import heading
from bot.permissions import actor_of
from bot.pressing import Press, on_form, on_press
from bot.text import plain
from domain.errors import NotFound
from domain.kinds import Format, Provider
from domain.organising import SessionDesk
from domain.presenters.naming import NewPresenter, PresenterView, add, change, find_presenter, mark, presenters_of, remove, set_co_organiser

_WHICH = r"(?P<session>[0-9]{1,12}):(?P<presenter>[0-9]{1,12})"
CHOOSE = r"pw:presenters:(?P<session>[0-9]{1,12})"  # a menu: the values are presenters
ACT = rf"pw:presenter:{_WHICH}:(?P<act>come|open|runs|stops|change|remove)"
CHANGE_FORM = rf"pw:form:presenter:{_WHICH}"
HOW = "To add somebody, use this command again with a name, and with an e-mail address or a member of this server."


# ── cards ───────────────────────────────────────────────────────────────────────────────────────────────────


def standing(one: PresenterView) -> str:
    """How a presenter stands, in a few words."""
    if one.declined:
        return "cannot come"
    if one.confirmed:
        return "confirmed"
    return "asked, no answer yet" if one.asked else "will be asked" if one.address or one.in_chat else "not asked: no address"


def presenters_card(desk: SessionDesk, found: tuple[PresenterView, ...], *, news: str = "") -> ui.LayoutView:
    """Everyone who presents a session, and a menu to choose one from."""
    lines = [f"- **{plain(one.label, 150)}**: {standing(one)}{_runs(one)}" for one in found] or ["Nobody is named yet."]
    options = [(str(one.id), one.label, standing(one)) for one in found]
    return card(
        (
            f"### {news}" if news else None,
            f"## Who presents it\n{heading(desk)}",
            "\n".join(lines),
            line(),
            menu(f"pw:presenters:{desk.session_id}", "Choose a presenter to change", options) if found else None,
            f"-# {HOW}",
        ),
        WAIT if any(one.declined or not one.confirmed for one in found) else GOOD,
    )


def _runs(one: PresenterView) -> str:
    return ", may run the meeting" if one.co_organiser else ""


def presenter_card(desk: SessionDesk, one: PresenterView) -> ui.LayoutView:
    """One presenter, and what can be done."""
    at = f"{desk.session_id}:{one.id}"
    facts = (
        f"**E-mail:** {plain(one.address, 254)}" if one.address else "**E-mail:** none",
        "**Discord:** knows them" if one.in_chat else None,
        f"**Answer:** {standing(one)}{_runs(one)}",
    )
    runs = button("May not run the meeting", f"pw:presenter:{at}:stops") if one.co_organiser else None
    if not one.co_organiser and one.address and _has_meeting(desk):
        runs = button("May run the meeting too", f"pw:presenter:{at}:runs")
    return card(
        (
            f"## {plain(one.label, 200)}\n{heading(desk)}",
            "\n".join(filter(None, facts)),
            row(
                None if one.confirmed else button("They will come", f"pw:presenter:{at}:come", PRIMARY),
                button("No answer yet", f"pw:presenter:{at}:open") if one.confirmed or one.declined else None,
                runs,
            ),
            row(
                button("Change name or e-mail", f"pw:presenter:{at}:change"),
                button("Take them off", f"pw:presenter:{at}:remove", STOP),
                button("Leave it", "pw:drop"),
            ),
        ),
        WAIT,
    )


def _has_meeting(desk: SessionDesk) -> bool:
    return desk.session.format is not Format.IN_PERSON and desk.session.provider in (Provider.TEAMS, Provider.ZOOM)


def change_form(desk: SessionDesk, one: PresenterView) -> ui.Modal:
    """A presenter's name and address."""
    form = ui.Modal(title="Change a presenter", custom_id=f"pw:form:presenter:{desk.session_id}:{one.id}")
    name: ui.TextInput[Any] = ui.TextInput(custom_id="label", default=one.label[:200], max_length=200)
    address: ui.TextInput[Any] = ui.TextInput(custom_id="address", default=one.address, max_length=254, required=False)
    about = "With another address, the old one is told that they do not present."
    form.add_item(ui.Label(text="Name", component=name))
    form.add_item(ui.Label(text="E-mail", description=about, component=address))
    return form


# ── what is typed and pressed ───────────────────────────────────────────────────────────────────────────────


async def show_presenters(press: Press, desk: SessionDesk, *, news: str = "") -> None:
    """Who presents a session, for who organises it."""
    around = press.surroundings
    found = await around.store.read(presenters_of, around.partnership_id, desk.session_id)
    await press.show(presenters_card(desk, found, news=news))


async def add_presenter(press: Press, desk: SessionDesk, new: NewPresenter) -> None:
    """Name a presenter, then show them all."""
    await _do(press, add, desk.session_id, new)
    await show_presenters(press, desk, news="Added")


async def _do(press: Press, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    around = press.surroundings
    actor = actor_of(press.interaction)
    await around.store.write(use_case, around.partnership_id, *args, around.rules, actor=actor, now=around.clock(), **kwargs)
    around.wake()


async def _named(press: Press) -> tuple[SessionDesk, PresenterView]:
    """The session and the presenter of an id, for who organises the session. Raises `NotFound` when they do not belong together."""
    desk = await organised_session(press, press.number("session"))
    around = press.surroundings
    one = await around.store.read(find_presenter, around.partnership_id, press.number("presenter"))
    if one.session_id != desk.session_id:
        raise NotFound("We could not find that presenter. They may have been taken off the session.")
    return desk, one


@on_press(CHOOSE)
async def pressed_presenter(press: Press) -> None:
    """A presenter was chosen."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    around = press.surroundings
    found = await around.store.read(presenters_of, around.partnership_id, desk.session_id)
    one = next((one for one in found if str(one.id) in press.values), None)
    if one is None:
        raise NotFound("We could not find that presenter. They may have been taken off the session.")
    await press.show(presenter_card(desk, one))


@on_press(ACT)
async def pressed_act(press: Press) -> None:
    """Something is done about a presenter."""
    act = press.parts["act"]
    desk, one = await _named(press)
    if act == "change":
        await press.ask(change_form(desk, one))
        return
    await press.defer()
    if act in ("come", "open"):
        await _do(press, mark, one.id, act == "come")
    elif act in ("runs", "stops"):
        await _do(press, set_co_organiser, one.id, act == "runs")
    else:
        await _do(press, remove, one.id)
    await show_presenters(press, desk, news="Saved")


@on_form(CHANGE_FORM)
async def change_came(press: Press) -> None:
    """The form for a presenter's name and address came back."""
    await press.defer()
    desk, one = await _named(press)
    await _do(press, change, one.id, label=press.text("label"), address=press.text("address").strip())
    await show_presenters(press, desk, news="Saved")


def member_id(member: discord.Member | discord.User | None) -> int | None:
    """The account of a member who was chosen; a bot presents nothing."""
    if member is not None and member.bot:
        raise NotFound("A bot cannot present. Please choose a person.")
    return member.id if member is not None else None
