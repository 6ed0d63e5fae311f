"""A session in its organiser's hands: what a change would mean, what it did, and the forms for its words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot.cards import GOOD, PRIMARY, STOP, WAIT, button, card, line, row
from bot.organisers import ids
from bot.text import bare, plain
from domain.descriptions import LONGEST_TEXT, NewSession
from domain.kinds import Format, Provider
from domain.meetings import NOT_SET_UP
from domain.models import Privacy, SessionState
from domain.moving import MovePreview
from domain.organising import SessionDesk
from domain.schedule.proposals import PROVIDERS, Proposal, how_words, places_words
from domain.schedule.telling import counted, upper_first
from domain.sessions import Changed
from domain.times import span_words

NAMED = 12  #: people named in one card; the rest are counted


def heading(desk: SessionDesk) -> str:
    """Which session this is about."""
    session = desk.session
    return f"**{plain(session.title, 300)}**\n{span_words(session.starts_at, session.ends_at, session.zone)}"


def _facts(session: NewSession) -> str:
    at = f" at {session.venue}" if session.venue else ""
    return f"{plain(upper_first(how_words(session, at=at)), 400)}. {upper_first(places_words(session))}."


def people(count: int) -> str:
    """`1 person`, `12 people`."""
    return counted(count, "person", "people")


def told_words(desk: SessionDesk, count: int, what: str) -> str:
    """Who would be sent what."""
    if desk.state is not SessionState.PUBLISHED:
        return "Nobody is told, because it is not published yet."
    return f"**{people(count)}** would be sent {what}." if count else "Nobody is booked yet, so nobody is told."


def _who(desk: SessionDesk, names: Sequence[str]) -> str:
    """Their names; of a private session none: `/session bookings` shows them, and records it."""
    return "" if desk.session.privacy is Privacy.PRIVATE else f": {names_words(names)}"


def names_words(names: Sequence[str]) -> str:
    """The first dozen names, and how many more."""
    shown = ", ".join(plain(name, 80) for name in names[:NAMED])
    return shown + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


# ── previews ────────────────────────────────────────────────────────────────────────────────────────────────


def move_card(desk: SessionDesk, preview: MovePreview, starts_at: datetime, ends_at: datetime, asks: Sequence[str]) -> ui.LayoutView:
    """What a new time would mean: who hears, who clashes, whether the link stays, which host."""
    hears = told_words(desk, preview.bookings, "an updated invitation")
    clash = ""
    if preview.clashing:
        has = "has" if len(preview.clashing) == 1 else "have"
        who = _who(desk, preview.clashing)
        clash = f"**{people(len(preview.clashing))}** {has} another session at that time{who}."
    return card(
        (
            "## Move this session?",
            f"{heading(desk)}\n**To:** {span_words(starts_at, ends_at, desk.session.zone)}",
            line(),
            "\n".join(f"- {words}" for words in (hears, clash, _meeting_words(desk, preview), *(plain(ask, 300) for ask in asks)) if words),
            row(button("Move it", ids.move(desk.session_id, starts_at, ends_at), PRIMARY), button("Leave it", "pw:drop")),
        ),
        WAIT if preview.clashing or not preview.host_free or asks else GOOD,
    )


def _meeting_words(desk: SessionDesk, preview: MovePreview) -> str:
    provider = desk.session.provider
    if desk.session.format is Format.IN_PERSON or provider is None:
        return ""
    if provider is Provider.GIVEN:
        return "The link is your own, so it stays. Please check that it works at the new time."
    service = PROVIDERS[provider]
    if preview.none_set_up:
        return f"**{service} is not set up here.** There would be no link. {_not_set_up(service)}"
    if not preview.host_free:
        return f"**No {service} host is free then.** There would be no link for now."
    by = f" Host: {plain(preview.host, 120)}." if preview.host else ""
    if desk.state is not SessionState.PUBLISHED:
        return f"A {service} host is free then."
    return (
        f"The link stays the same.{by}" if preview.link_stays else f"There will be a new link, because another {service} host takes it.{by}"
    )


def call_off_card(desk: SessionDesk, through: str = "") -> ui.LayoutView:
    """What cancelling a session would mean."""
    waiting = desk.active - desk.confirmed
    more = f" {waiting:,} of them {'waits' if waiting == 1 else 'wait'} for a place or for a code." if waiting else ""
    hears = f"**{people(desk.active)}** would be told.{more}" if desk.active else "Nobody has booked it, so nobody is told."
    return card(
        (
            "## Cancel this session?",
            heading(desk),
            f"{hears} Calendar entries are taken away, and its meeting is deleted. This cannot be undone.",
            through or None,
            row(button("Write the reason and cancel it", ids.call_off(desk.session_id), STOP), button("Leave it", "pw:drop")),
        ),
        WAIT,
    )


def provider_card(desk: SessionDesk, service: Provider) -> ui.LayoutView:
    """What another meeting service would mean."""
    name = "Teams" if service is Provider.TEAMS else "Zoom"
    hears = told_words(desk, desk.confirmed, "the new link")
    return card(
        (
            f"## Hold this session on {name}?",
            f"{heading(desk)}\n**Now:** {plain(how_words(desk.session), 400)}",
            f"A new meeting is made, and an old one of ours is deleted. {hears}",
            row(button(f"Use {name}", ids.provider(desk.session_id, service.value), PRIMARY), button("Leave it", "pw:drop")),
        )
    )


# ── outcomes ────────────────────────────────────────────────────────────────────────────────────────────────


def changed_card(what: str, desk: SessionDesk, done: Changed) -> ui.LayoutView:
    """What was done, who hears of it, and who the organiser should speak to."""
    told = done.told + done.waiting
    said = [f"{people(told)} will be told." if told else "Nobody needs to be told."]
    if done.promoted:
        said.append(
            f"{people(done.promoted)} from the waiting list {'has' if done.promoted == 1 else 'have'} a place now, and will be told."
        )
    if done.no_host:
        said.append(_no_host_words(desk, done.no_host, " Try /session reschedule or /session provider."))
    if done.too_much:
        said.append("There is too much to put back, so this cannot be undone. To change it back, please change the session again.")
    more = f"\n{_facts(desk.session)}"
    return card(
        (
            f"### {what}\n{heading(desk)}{more}",
            "\n".join(f"- {words}" for words in said),
            row(button("Undo", ids.undo(done.undo_id))) if done.undo_id is not None else None,
        ),
        WAIT if done.no_host else GOOD,
    )


def _no_host_words(desk: SessionDesk, why: str, mend: str = "") -> str:
    """Why there is no link, and what to do."""
    if why == NOT_SET_UP and desk.session.provider is not None:
        service = PROVIDERS[desk.session.provider]
        return f"**{service} is not set up here**, so there is no link. {_not_set_up(service)}"
    return f"**No host is free at that time**, so there is no link for now.{mend}"


def _not_set_up(service: str) -> str:
    return f"Choose another service with /session provider, or ask for {service}."


def added_card(desk: SessionDesk, proposal: Proposal, warnings: Sequence[str], *, no_host: str) -> ui.LayoutView:
    """A session that was just made, with what the programme decided for it."""
    open_ = "People can book it now." if desk.state is SessionState.PUBLISHED else "Nobody can see it before you publish the programme."
    said = [open_]
    if proposal.defaults:
        said.append(f"Taken from the programme: {', '.join(proposal.defaults)}.")
    if no_host:
        said.append(_no_host_words(desk, no_host))
    said += [plain(warning, 300) for warning in warnings]
    facts = f"{_facts(desk.session)} Reference {desk.reference}."
    return card((f"### Added\n{heading(desk)}\n{facts}", "\n".join(f"- {words}" for words in said)), WAIT if no_host or warnings else GOOD)


# ── forms ───────────────────────────────────────────────────────────────────────────────────────────────────


def fingerprint(session: NewSession) -> str:
    """Eight letters that differ when somebody else changed the words meanwhile."""
    words = session.title, session.presenter, session.venue, session.audience, session.description, session.notes
    return ids.seen_of(words)


def edit_form(desk: SessionDesk) -> ui.Modal:
    """The words of a session: five fields are all that a form may hold."""
    session = desk.session
    form = ui.Modal(title="Edit the session", custom_id=f"pw:form:edit:{desk.session_id}:{fingerprint(session)}")
    form.add_item(field("Title", "title", session.title, 200, required=True))
    form.add_item(field("Presenter", "presenter", session.presenter or "", 200))
    if session.format is Format.ONLINE:
        form.add_item(field("Who it is for", "audience", session.audience, 200))
    else:
        form.add_item(field("Place", "venue", session.venue or "", 300))
    form.add_item(field("Description", "description", session.description, LONGEST_TEXT, long=True))
    form.add_item(
        field(
            "Joining notes",
            "notes",
            session.notes,
            LONGEST_TEXT,
            long=True,
            about="Sent with the invitation. A change is told to everyone booked.",
        )
    )
    return form


def reason_form(desk: SessionDesk) -> ui.Modal:
    """Why a session is cancelled."""
    form = ui.Modal(title="Cancel the session", custom_id=f"pw:form:calloff:{desk.session_id}")
    form.add_item(ui.TextDisplay(f"{heading(desk)}\n{people(desk.active)} would be told." if desk.active else heading(desk)))
    form.add_item(field("Reason", "reason", "", 500, long=True, about="Sent to everyone. You may leave it empty."))
    return form


def link_form(desk: SessionDesk) -> ui.Modal:
    """The link that people will open."""
    form = ui.Modal(title="Use a link of your own", custom_id=f"pw:form:link:{desk.session_id}")
    form.add_item(ui.TextDisplay(f"{heading(desk)}\n{told_words(desk, desk.confirmed, 'the link')}"))
    known = desk.session.given_link or ""
    form.add_item(field("Link", "link", known, 1000, required=True, about="It must begin with https://"))
    return form


def field(
    label: str, name: str, value: str, most: int, *, required: bool = False, long: bool = False, about: str | None = None
) -> ui.Label[Any]:
    """A text of a form, with what stands in it."""
    style = discord.TextStyle.paragraph if long else discord.TextStyle.short
    shown = value if long else bare(value)
    text: ui.TextInput[Any] = ui.TextInput(custom_id=name, default=shown[:most] or None, max_length=most, required=required, style=style)
    return ui.Label(text=label, description=about, component=text)
