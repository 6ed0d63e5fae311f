"""Series for organisers: a run is made, sessions join it, a cancelled day is replaced, and who has done which part."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands, ui

from bot.cards import GOOD, OPEN, card, line, simple_card
from bot.limits import CARD_TEXT, CHOICE_NAME, CHOICES
from bot.organisers.access import organised_session, roles_of, session_choice
from bot.permissions import actor_of, is_organiser
from bot.pressing import Press
from bot.surroundings import Surroundings
from bot.text import bare, plain, when_short
from domain.errors import NotAllowed
from domain.models import BookingState, SessionState
from domain.organising import SessionDesk, organised
from domain.picking import by_reference
from domain.series.parts import add_part, create, replace_part, take_out, to_replace
from domain.series.views import Learner, SeriesDesk, pick_series, programmes_of_series, series_choices, series_desk

NOT_YOURS = "Only organisers can do that. Ask one of them to help you."
SHORT = {BookingState.HELD: "place kept", BookingState.WAITLISTED: "waiting", BookingState.CONFIRMED: ""}


async def require_some_organiser(press: Press) -> frozenset[int] | None:
    """The programmes that this person organises; None: all of them. Raises `NotAllowed` for who organises none."""
    mine = await _organised_ids(press.interaction, press.surroundings)
    if mine is not None and not mine:
        raise NotAllowed(NOT_YOURS)
    return mine


async def organised_series(press: Press, typed: str) -> int:
    """The series that was chosen, for who organises a programme that it is part of. Raises `NotAllowed` for anyone else."""
    around = press.surroundings
    mine = await require_some_organiser(press)
    series_id = await around.store.read(pick_series, around.partnership_id, typed)
    its = await around.store.read(programmes_of_series, around.partnership_id, series_id)
    if mine is not None and its and not its & mine:
        raise NotAllowed(NOT_YOURS)
    return series_id


async def _organised_ids(interaction: discord.Interaction[Any], surroundings: Surroundings) -> frozenset[int] | None:
    if await is_organiser(interaction, surroundings):
        return None
    roles = await roles_of(interaction, surroundings)
    return frozenset(one.id for one in await surroundings.store.read(organised, surroundings.partnership_id, roles))


async def offered_series(interaction: discord.Interaction[Any], surroundings: Surroundings, typed: str) -> list[app_commands.Choice[str]]:
    """Series of this organiser's programmes, and those without parts; nothing for anybody else."""
    mine = await _organised_ids(interaction, surroundings)
    if mine is not None and not mine:
        return []
    found = await surroundings.store.read(series_choices, surroundings.partnership_id, typed, mine, limit=CHOICES)
    return [app_commands.Choice(name=bare(title, CHOICE_NAME), value=str(series_id)) for series_id, title in found]


async def offered_cancelled(
    interaction: discord.Interaction[Any], surroundings: Surroundings, typed: str
) -> list[app_commands.Choice[str]]:
    """Parts of this organiser's programmes that were cancelled and that nothing stands for yet."""
    mine = await _organised_ids(interaction, surroundings)
    found = await surroundings.store.read(to_replace, surroundings.partnership_id, typed, mine, limit=CHOICES)
    return [session_choice(one) for one in found]


# ── what is done ────────────────────────────────────────────────────────────────────────────────────────────


async def make_series(press: Press, title: str, course: str | None) -> None:
    """A run more."""
    around = press.surroundings
    await require_some_organiser(press)
    series_id = await around.store.write(
        create, around.partnership_id, title, course, actor=actor_of(press.interaction), now=around.clock()
    )
    said = "The series is made\nNow put its sessions in it, with /series add. People book all of them at once."
    await show_desk(press, series_id, said=said)


async def add_to_series(press: Press, series_id: int, desk: SessionDesk) -> None:
    """A session becomes a part."""
    around = press.surroundings
    part = await around.store.write(
        add_part, around.partnership_id, series_id, desk.session_id, actor=actor_of(press.interaction), now=around.clock()
    )
    around.wake()
    await show_desk(press, series_id, said=f"{plain(desk.session.title, 200)} is part {part} now\nWho has the series is booked on it too.")


async def replace_in_series(press: Press, gone: SessionDesk, by: SessionDesk) -> None:
    """Another day stands for a cancelled one."""
    around = press.surroundings
    joined = await around.store.write(
        replace_part, around.partnership_id, gone.session_id, by.session_id, actor=actor_of(press.interaction), now=around.clock()
    )
    around.wake()
    who = f"{joined:,} {'person is' if joined == 1 else 'people are'}"
    await show_desk(press, gone.session.series_id or 0, said=f"The new day stands for the cancelled one\n{who} told of it.")


async def take_from_series(press: Press, desk: SessionDesk) -> None:
    """A session is a part no longer."""
    around = press.surroundings
    series_id = desk.session.series_id
    actor = actor_of(press.interaction)
    await around.store.write(take_out, around.partnership_id, desk.session_id, around.rules, actor=actor, now=around.clock())
    around.wake()
    said = f"{plain(desk.session.title, 200)} is not part of the series any more\nWho had a place there keeps it."
    await show_desk(press, series_id or 0, said=said)


async def part_session(press: Press, reference: str) -> SessionDesk:
    """A part that was typed, cancelled ones too, for who organises its programme."""
    around = press.surroundings
    await require_some_organiser(press)
    session_id = await around.store.read(by_reference, around.partnership_id, reference)
    if session_id is None:
        raise NotAllowed("Please choose one of the sessions that are shown while you type.")
    return await organised_session(press, session_id)


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────


async def show_desk(press: Press, series_id: int, *, said: str = "") -> None:
    """Who has done which part. Seeing it is recorded."""
    around = press.surroundings
    desk = await around.store.write(series_desk, around.partnership_id, series_id, actor=actor_of(press.interaction), now=around.clock())
    await press.show(desk_card(desk, said=said))


def desk_card(desk: SeriesDesk, *, said: str = "") -> ui.LayoutView:
    """The parts, and the people, as many as Discord's limits let stand."""
    head = f"## {plain(desk.title, 200)}\nA run of the course {plain(desk.course, 200)}."
    if not desk.parts:
        return simple_card(
            "\n".join(filter(None, (f"### {said}" if said else "", head, "It has no sessions yet. Add them with /series add.")))
        )
    parts = "\n".join(
        f"**Part {number}:** {plain(view.title, 60)} · {when_short(view.starts_at, view.ends_at, view.zone)}"
        + (" · cancelled" if view.state is SessionState.CANCELLED else "")
        for number, view in desk.parts[:12]
    )
    completed = sum(one.number is not None for one in desk.people)
    counts = f"{len(desk.people):,} {'person' if len(desk.people) == 1 else 'people'}, {completed:,} completed."
    return card(
        (f"### {said}" if said else None, head, line(), parts, line(), counts, _people(desk.people) or None), GOOD if completed else OPEN
    )


def _people(people: tuple[Learner, ...]) -> str:
    lines: list[str] = []
    room = CARD_TEXT - 2200
    for at, one in enumerate(people):
        text = learner_words(one)
        if len(text) + 1 > room:
            return "\n".join((*lines, f"-# And {len(people) - at:,} more."))
        lines.append(text)
        room -= len(text) + 1
    return "\n".join(lines)


def learner_words(one: Learner) -> str:
    """`Ann Other: parts 1 and 2 done, part 3 missed`."""
    said = []
    if one.number is not None:
        said.append(f"completed, certificate {one.number}")
    else:
        said += [f"{_parts(numbers)} {what}" for numbers, what in ((one.done, "done"), (one.missed, "missed")) if numbers]
    said.insert(0, SHORT.get(one.state, ""))
    return f"- {plain(one.name, 80)}: {', '.join(filter(None, said)) or 'nothing done yet'}"


def _parts(numbers: tuple[int, ...]) -> str:
    words = [str(number) for number in numbers]
    return f"part {words[0]}" if len(words) == 1 else f"parts {', '.join(words[:-1])} and {words[-1]}"
