"""What has changed of a session, in sentences: for the letter of an update, to who has a place and to who waits for one."""

from __future__ import annotations

from domain.ports.letters import Letter, SessionFacts
from domain.times import span_words
from integrations.plain import one_line


def change_sentences(letter: Letter, session: SessionFacts, *, online: bool) -> tuple[str, ...]:
    """What an update changes, each as a sentence with the new fact in it."""
    venue = one_line(session.venue or "")
    where = {"online": online, "waits": letter.waiting}
    link = "Use the link in this e-mail. Do not use an older one." if session.join_url else "We will send you the new link soon."
    known = {
        "title": f"The title has changed. It is now “{one_line(session.title)}”.",
        "time": f"The time has changed. It is now {span_words(session.starts_at, session.ends_at, session.zone)}.",
        "held": f"How it is held has changed. {_way_words(venue, **where)}",
        "place": f"The place has changed. {_place_words(venue, **where)}",
        "notes": "What you need to know before you come has changed. Please read it below.",
        "materials": "What there is to read for this session has changed. You find it below.",
        "link": f"The link to join is new. {link}" if session.join_url else f"The link to join has changed. {link}",
    }
    chosen = tuple(known[change] for change in known if change in letter.changes and (change != "link" or online))
    return chosen or ("Some details have changed. The right ones are below.",)


def _place_words(venue: str, *, online: bool, waits: bool) -> str:
    """Where it is from now on. Who waits takes part in nothing yet."""
    if online and not (waits and venue):
        return "It is online now." if waits else "You now take part online."
    return f"The new place is {venue}." if venue else "We will tell you the new place soon."


def _way_words(venue: str, *, online: bool, waits: bool) -> str:
    """How one takes part: true of who keeps their way and of who has another one now. To who waits, how it is held."""
    if waits:
        return "It is online now." if online else f"It is in {venue} now." if venue else "It is in a room now."
    if online:
        return "You take part online."
    return f"You come to {venue}." if venue else "You come to a room. We will tell you soon where it is."
