"""Publishing a programme, and the list of what needs attention: cards and what their buttons do."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from bot.cards import GOOD, OVER, PRIMARY, WAIT, button, card, line, row, simple_card
from bot.organisers import ids
from bot.organisers.access import organised_programme
from bot.organisers.paging import paged
from bot.organisers.privacy_cards import asking, waiting_for_others
from bot.organisers.private_people import sees_private_people
from bot.organisers.sends import owed_words
from bot.permissions import actor_of, require_organiser
from bot.pressing import Press, on_press
from bot.text import plain
from domain.attention import Item, attention
from domain.kinds import Provider
from domain.models import Privacy, ProgrammeKind, ProgrammeState
from domain.organising import ToPublish, still_owed, to_publish
from domain.programmes import ProgrammeView, Published, publish
from domain.schedule.proposals import PROVIDERS
from domain.schedule.telling import counted
from domain.times import day_words

MOST_NAMED = 10
KINDS = {
    ProgrammeKind.PRACTICE_WEEK: "Practice week",
    ProgrammeKind.PARENT_PARTNERSHIP: "Parent partnership",
    ProgrammeKind.PRACTITIONER_TEACHER: "Practitioner teachers",
}

#: what only addresses as a programme's own organisers mean
NOBODY_IN_CHAT = (
    "From now on only this programme's own organisers can see its private sessions, and none of them is in Discord yet. Nobody can add "
    "materials to those sessions or ask their presenters: there are no pages for that. To let somebody, use /programme organiser."
)


def created_card(made: ProgrammeView) -> ui.LayoutView:
    """A programme that was just made, and what comes next."""
    places = "no limit" if made.default_places is None else f"{made.default_places:,}"
    platform = "a link for each session" if made.default_provider is Provider.GIVEN else PROVIDERS[made.default_provider]
    return simple_card(
        f"### {plain(made.title, 300)} is ready to be filled\n"
        f"{KINDS[made.kind]}, {day_words(made.starts_on)} to {day_words(made.ends_on)}.\n"
        f"Where a schedule does not say: {platform}; places: {places}.\n"
        f"{_family_words(made)}"
        "Nobody can see it yet. Next, use /programme import with your schedule, or /session add. Then /programme publish.",
        colour=GOOD,
    )


def _family_words(made: ProgrammeView) -> str:
    """That it is private, and whom families call."""
    private = "It is private: only people with an invitation code will see it.\n" if made.default_privacy is Privacy.PRIVATE else ""
    call = f"Families call {plain(made.contact, 300)}.\n" if made.contact else ""
    return private + call


# ── publishing ──────────────────────────────────────────────────────────────────────────────────────────────


def publish_card(shown: ToPublish, channel_id: int, *, sees_private: bool) -> ui.LayoutView:
    """What publishing would open, and where it would be posted; who may not see what is private reads how many wait for an answer."""
    programme = shown.programme
    first, last = shown.days[0], shown.days[-1]
    when = day_words(first) if first == last else f"{counted(len(shown.days), 'day')}, {day_words(first)} to {day_words(last)}"
    again = programme.state is not ProgrammeState.DRAFT
    what = f"{counted(shown.drafted, 'session')} would open" + (
        f", besides {shown.sessions - shown.drafted - shown.begun:,} that are open already" if again else ""
    )
    what += f", and {counted(shown.begun, 'more has', 'more have')} begun" if shown.begun else ""
    where = f"The days are posted in <#{channel_id}> and kept up to date there." if channel_id else "The days are not posted in a channel."
    return card(
        (
            f"## Publish {plain(programme.title, 300)}?",
            f"**{what}**, on {when}.\n{where}\nPeople can see and book the sessions at once. Nobody is sent a message.",
            _private_words(shown),
            *asking(shown.asked, programme.id, channel_id, sees_private=sees_private),
            row(button("Publish", ids.publish(programme.id, channel_id), PRIMARY), button("Not yet", "pw:drop")),
        )
    )


def _private_words(shown: ToPublish) -> str:
    if not shown.private:
        return ""
    is_ = "1 session is" if shown.private == 1 else f"{shown.private:,} sessions are"
    return f"**{is_} private.** Nothing of that is posted, and only people with an invitation code can book. Make one with /invitation new."


async def show_publish(press: Press, programme: ProgrammeView, channel_id: int) -> None:
    """Preview the publishing of a programme."""
    around = press.surroundings
    shown = await around.store.read(to_publish, around.partnership_id, programme.id, now=around.clock())
    await press.show(publish_card(shown, channel_id, sees_private=await sees_private_people(press, programme.id)))


@on_press(ids.PUBLISH)
async def pressed_publish(press: Press) -> None:
    """Publish a programme."""
    around, programme_id = press.surroundings, press.number("programme")
    await require_organiser(press.interaction, around, programme_id)
    await press.defer()
    done = await around.store.write(
        publish,
        around.partnership_id,
        programme_id,
        press.number("channel") or None,
        around.rules,
        actor=actor_of(press.interaction),
        now=around.clock(),
    )
    around.wake()
    waits = _waiting_words(done.waiting, sees_private=await sees_private_people(press, programme_id))
    await press.show(published_card(done, waits, await owed_words(press, done.programme.zone)))


def _waiting_words(titles: Sequence[str], *, sees_private: bool) -> str:
    """Which sessions stay closed until somebody says whether they are private; only how many, to who may not see what is private."""
    if not titles:
        return ""
    if not sees_private:
        return f"\n{waiting_for_others(len(titles))}"
    named = "\n".join(f"- {plain(title, 120)}" for title in titles[:MOST_NAMED])
    more = f"\n- and {len(titles) - MOST_NAMED} more" if len(titles) > MOST_NAMED else ""
    waits = "1 session waits" if len(titles) == 1 else f"{len(titles):,} sessions wait"
    return f"\n**{waits} for your answer:** private or open? Use /programme publish again, or /session private.\n{named}{more}"


def published_card(done: Published, waits: str = "", through: str = "") -> ui.LayoutView:
    """A programme that is open."""
    where = (
        f"The days appear in <#{done.programme.channel_id}> in a moment." if done.programme.channel_id else "People find it with /browse."
    )
    return simple_card(
        f"### {plain(done.programme.title, 300)} is published\n{counted(done.sessions, 'session')} opened. {where} "
        "Meetings are made now; /programme attention shows what needs you." + waits + (f"\n{through}" if through else ""),
        colour=GOOD,
    )


# ── attention ───────────────────────────────────────────────────────────────────────────────────────────────


def attention_card(items: Sequence[Item], title: str, programme_id: int, page: int, *, owed: int = 0) -> ui.LayoutView:
    """What needs attention, paged. `owed` messages are yet to be sent, which is no trouble in itself."""
    if not items:
        waits = f" {counted(owed, 'message is', 'messages are')} still to be sent." if owed else ""
        said = f"### Nothing needs your attention\n{plain(title, 300)}: no link is late and no message has failed.{waits}"
        return simple_card(said, colour=GOOD)
    pages = paged(f"- {plain(item.sentence, 800)}" for item in items)
    page = min(page, len(pages) - 1)
    part = f"\n-# Part {page + 1} of {len(pages)}" if len(pages) > 1 else ""
    return card(
        (
            f"## {counted(len(items), 'thing')} {'needs' if len(items) == 1 else 'need'} your attention\n{plain(title, 300)}{part}",
            line(),
            pages[page],
            row(
                button("Back", ids.attention(programme_id, page - 1)) if page else None,
                button("More", ids.attention(programme_id, page + 1)) if page + 1 < len(pages) else None,
            ),
        ),
        WAIT,
    )


async def show_attention(press: Press, programme: ProgrammeView | None, page: int = 0) -> None:
    """What needs attention in a programme, or in all of them."""
    around = press.surroundings
    programme_id = programme.id if programme else None
    items = await around.store.read(attention, around.partnership_id, programme_id, around.rules, now=around.clock())
    owed = await around.store.read(still_owed, around.partnership_id, programme_id)
    await press.show(attention_card(items, programme.title if programme else "All programmes", programme_id or 0, page, owed=owed))


@on_press(ids.ATTENTION)
async def pressed_attention(press: Press) -> None:
    """Another page of what needs attention."""
    await press.defer()
    programme_id = press.number("programme")
    if not programme_id:
        await require_organiser(press.interaction, press.surroundings)
    await show_attention(press, await organised_programme(press, str(programme_id)) if programme_id else None, press.number("page"))


def role_card(programme: ProgrammeView, role_id: int, *, sees_commands: bool) -> ui.LayoutView:
    """A role that may organise a programme now."""
    hint = ""
    if not sees_commands:
        hint = (
            "\nDiscord hides the organisers' commands from this role. To show them, give the role the permission Manage Events, "
            "or allow the commands under Server Settings, Integrations."
        )
    return simple_card(
        f"### Everyone with <@&{role_id}> can organise this programme now\n{plain(programme.title, 300)}{hint}",
        colour=OVER if hint else GOOD,
    )


def role_removed_card(programme: ProgrammeView, role_id: int) -> ui.LayoutView:
    """A role that may organise a programme no longer."""
    said = f"### <@&{role_id}> can organise this programme no longer\n{plain(programme.title, 300)}"
    return simple_card(f"{said}\nOrganisers of the whole partnership still can.", colour=OVER)


def organiser_mail_card(programme: ProgrammeView, address: str, *, removed: bool, in_chat: bool) -> ui.LayoutView:
    """An address that may organise a programme on the web, or may no longer. `in_chat`: somebody of its own organises it in chat."""
    if removed:
        said = f"### {plain(address, 254)} can organise this programme no longer\n{plain(programme.title, 300)}"
        return simple_card(f"{said}\nWho is signed in with it is signed out now.", colour=OVER)
    said = f"### {plain(address, 254)} can organise this programme now\n{plain(programme.title, 300)}"
    said += "\nThey sign in on the web pages, by a link that we send them. They need no Discord."
    return simple_card(said if in_chat else f"{said}\n{NOBODY_IN_CHAT}", colour=GOOD)
