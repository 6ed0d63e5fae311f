"""A preview and its outcome in an organiser's words. Plain text: chat and the command line dress it as they need."""

from __future__ import annotations

from domain.descriptions import NewSession
from domain.models import Privacy
from domain.schedule.importing import Imported
from domain.schedule.planned import Fate, ImportPreview, PlannedRow
from domain.schedule.proposals import Difference, how_words, places_words
from domain.schedule.standing import Standing
from domain.schedule.values import Problem
from domain.times import span_words

CHANGED_HERE = "This was changed here after the last file."
SHOWN = 120  # characters of a long text that a preview shows


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 session`, `2 sessions`, `0 people`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def headline(preview: ImportPreview) -> str:
    """`43 sessions, 0 invitations.`: how much there is, and how many people would be told."""
    sessions = len(preview.rows)
    return f"{counted(sessions, 'session')}, {counted(preview.told, 'invitation')}."


def what_happens(preview: ImportPreview) -> str:
    """What Import would do, in one or two sentences."""
    names = ((Fate.NEW, "new"), (Fate.CHANGED, "changed"), (Fate.UNCHANGED, "unchanged"), (Fate.AMBIGUOUS, "to ask you about"))
    parts = [f"{len(preview.of(fate)):,} {word}" for fate, word in names if preview.of(fate)]
    stay = len(preview.of(Fate.CANCELLED)) + len(preview.of(Fate.OVER))
    parts += [f"{stay:,} cancelled or over, and left alone"] if stay else []
    parts += [f"{len(preview.gone):,} no longer in the file"] if preview.gone else []
    first = (", ".join(parts) or "No session could be read") + "."
    bad = len({problem.row for problem in preview.errors})
    refused = f" {counted(bad, 'row')} cannot be used." if bad else ""
    return f"{first}{refused} {_who_hears(preview)}"


def _who_hears(preview: ImportPreview) -> str:
    if not preview.changes_something:
        return "There is nothing to import." if not preview.of(Fate.AMBIGUOUS) else "Nothing is imported before you answer."
    told = (
        f"{counted(preview.told, 'person', 'people')} would be sent an updated invitation." if preview.told else "Nobody is told anything."
    )
    if not preview.published:
        return f"{told} Nobody can see the sessions before you publish the programme."
    new = " New sessions can be booked at once, because the programme is published." if preview.of(Fate.NEW) else ""
    return f"{told}{new}"


def session_words(session: NewSession) -> str:
    """A session in a few short sentences: title, time, how and where, places, who."""
    parts = [
        _ended(session.title),
        span_words(session.starts_at, session.ends_at, session.zone) + ".",
        _where(session),
        f"{upper_first(places_words(session))}.",
    ]
    if session.presenter or session.organisation:
        parts.append(", ".join(name for name in (session.presenter, session.organisation) if name) + ".")
    if session.privacy is Privacy.PRIVATE:
        parts.append("Private.")
    return " ".join(parts)


def _where(session: NewSession) -> str:
    at = f" at {session.venue}" if session.venue else ""
    return f"{upper_first(how_words(session, at=at))}."


def _ended(title: str) -> str:
    return title if title.endswith((".", "?", "!")) else title + "."


def upper_first(words: str) -> str:
    """The words as the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def row_words(row: PlannedRow) -> str:
    """A row and what becomes of it."""
    series = f" Part of the series “{row.series}”: people book all its sessions at once." if row.series and row.fate is Fate.NEW else ""
    if row.fate is Fate.CHANGED:
        told = f" {counted(row.told, 'person', 'people')} would be told." if row.told else ""
        here = f" {CHANGED_HERE}" if row.changed_here else ""
        return f"Row {row.row}: {_ended(row.session.title)} {'; '.join(map(difference_words, row.differences))}.{here}{told}"
    if row.fate is Fate.AMBIGUOUS:
        return f"Row {row.row}: {session_words(row.session)} This could be any of {counted(len(row.candidates), 'session')} that exist."
    if row.fate is Fate.CANCELLED:
        return f"Row {row.row}: {_ended(row.session.title)} This session was cancelled, and stays so. To hold it after all, add it again."
    if row.fate is Fate.OVER:
        return f"Row {row.row}: {_ended(row.session.title)} This session is over, so it stays as it was."
    from_programme = f" Taken from the programme: {_listed(row.defaults)}." if row.defaults else ""
    return f"Row {row.row}: {session_words(row.session)}{series}{from_programme}"


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def difference_words(one: Difference) -> str:
    """`When: … instead of …`."""
    return f"{one.field}: {short_words(one.after)} instead of {short_words(one.before)}"


def short_words(text: str) -> str:
    """As much of a long text as a preview shows."""
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"


def gone_words(one: Standing) -> str:
    """A session that the file no longer has, with its bookings."""
    when = span_words(one.session.starts_at, one.session.ends_at, one.session.zone)
    return f"{_ended(one.session.title)} {when}: {bookings_words(one)}."


def bookings_words(one: Standing) -> str:
    """`12 booked, 3 waiting`, or `nobody booked`."""
    booked = one.confirmed + one.held
    if not one.bookings:
        return "nobody booked"
    return f"{booked:,} booked" + (f", {one.waiting:,} waiting" if one.waiting else "")


def problem_words(problem: Problem) -> str:
    """`Row 4 (When): …`."""
    column = f" ({problem.column})" if problem.column else ""
    return f"Row {problem.row}{column}: {problem.message}"


def left_out_words(preview: ImportPreview) -> tuple[str, ...]:
    """The rows of which nothing comes when the rest is imported, each with why."""
    stay = (*preview.of(Fate.AMBIGUOUS), *preview.of(Fate.CANCELLED), *preview.of(Fate.OVER))
    return (*map(problem_words, preview.errors), *map(row_words, stay))


def done_words(done: Imported) -> str:
    """What an import did."""
    if done.already:
        return "This file has been imported already. Nothing was done twice."
    named = ((done.new, "added"), (done.changed, "changed"), (done.unchanged, "unchanged"), (done.cancelled, "cancelled"))
    parts = [f"{counted(count, 'session')} {word}" for count, word in named if count]
    parts += [f"{counted(done.skipped, 'row')} left out"] if done.skipped else []
    told = f"{counted(done.told, 'person', 'people')} will be told." if done.told else "Nobody was told anything."
    return f"{', '.join(parts)}. {told}"
