"""The words of a calendar entry: where it is, what it says, and where it leads its reader.

Others may see a calendar. So an entry names the way into its one session, and never the page on which somebody has all
that they have booked; and of a private session it says nothing but how to join.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.kinds import Provider
from domain.ports.letters import SessionFacts
from integrations.plain import one_line, tidy, web_link

#: what a calendar's Decline does
_DECLINE = "Declining here does not cancel your place."
_DECLINE_IS_READ = "Or decline here: that gives your place back too."
_LABELS = {Provider.TEAMS: "Join the Teams meeting", Provider.ZOOM: "Join the Zoom meeting"}


def link_label(provider: Provider | None) -> str:
    """Words for a link to join, which say where it leads."""
    return _LABELS.get(provider, "Join the online meeting") if provider else "Join the online meeting"


@dataclass(frozen=True)
class Closing:
    """Where an entry leads its reader. `join`: into the session; `page`: for everybody, in a programme's calendar."""

    join: str = ""
    own_page: bool = False
    in_chat: bool = False
    has_chat: bool = True  #: the partnership has a Discord server
    page: str = ""
    reads_replies: bool = False  #: a Decline gives the place back


def location(session: SessionFacts, *, online: bool, closing: Closing) -> str:
    """Where it is: for who joins by link, their way in, else the link itself."""
    if online and closing.page:
        return "Online"
    if online and closing.join and not session.presenting:
        return closing.join
    if online:
        return web_link(session.join_url) or one_line(session.join_url or "") or "Online. The link will follow."
    return one_line(session.venue or "") or "The place will follow."


def _for_presenters(session: SessionFacts, *, online: bool) -> str:
    """What stands only in the entry of who presents. They open the meeting, also where they are in the room."""
    link = f"\n\n{link_label(session.provider)}:\n{one_line(session.join_url)}" if session.join_url and not online else ""
    return f"You present this session. If you cannot, please tell the organisers soon.{link}"


def description(session: SessionFacts, *, online: bool, cancel: bool, closing: Closing) -> str:
    """What stands in the entry. Others may see a calendar, so a private session says nothing but how to join."""
    parts: list[str] = ["This is cancelled. Please do not come."] if cancel else []
    if online and session.join_url and not cancel:
        # the link has its own line: some programs only find it there
        parts.append(f"{link_label(session.provider)}:\n{one_line(session.join_url)}")
    if online and closing.join and not cancel:
        parts.append(f"The newest link is always here:\n{closing.join}")
    if not session.private:
        led = " and ".join(one_line(who) for who in (session.presenter, session.organisation) if who and one_line(who))
        to_read = "" if cancel else _materials(session)
        parts += [tidy(session.notes), to_read, tidy(session.description), f"Led by {led}." if led else "", one_line(session.programme)]
    if session.presenting:
        parts.append(_for_presenters(session, online=online) if not cancel else "")
    elif closing.page:
        parts.append(f"Read more, and book a place:\n{closing.page}")
    elif not cancel:
        decline = _DECLINE_IS_READ if closing.reads_replies and not session.part else _DECLINE
        parts.append(f"If you cannot come, please cancel {_where_to_cancel(closing)} {decline}")
    return "\n\n".join(part for part in parts if part)


def _where_to_cancel(closing: Closing) -> str:
    if not closing.own_page:
        return "in Discord: type /my bookings." if closing.has_chat else "in good time: tell the organisers."
    return "on your own page. Its link is in our e-mails." + (" Or type /my bookings in Discord." if closing.in_chat else "")


def _materials(session: SessionFacts) -> str:
    """Links to read, each on a line of its own. Files travel with the mail, not with the entry."""
    lines = [f"{one_line(one.label)}:\n{link}" for one in session.materials if (link := web_link(one.link))]
    return "To read:\n" + "\n".join(lines) if lines else ""
