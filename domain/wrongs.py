"""What of an installation is *wrong*, so that somebody has to look: a sentence for each.

Wrong is:

- a notice has failed, or nobody knows whether it arrived, nothing has made it good since, and it is still worth something: the
  same as on the organisers' attention list. One that is queued again or dropped has been dealt with;
- a notice could have been sent for `LATE` and longer, and nothing has left by its channel in all that time. A long line that
  moves is not wrong: mail takes thirty a minute;
- a process took notices, its lease is over for `LEFT`, and no other process has picked them up;
- a service has asked us to wait for longer than `LONG_PAUSE`;
- no process that sends, or none that answers in chat where there is one, has been heard of for `processes.THERE`.

A database of another revision is wrong too; that is looked at before anything here is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.kinds import Channel
from domain.operating import LATE, Installation, Standing
from domain.processes import Seen

LEFT = timedelta(minutes=1)
LONG_PAUSE = timedelta(minutes=10)


def wrongs(found: Installation, *, now: datetime, chat_taken: bool = False, pages: bool = False, chat: bool = True) -> tuple[str, ...]:
    """A sentence for each thing that somebody has to look at; none: all is well.

    `chat_taken`: some process may answer in chat; `pages`: the settings say that there are pages; `chat`: they name a Discord server.
    """
    said = []
    for one in found.each:
        said += _lost_words(one)
    for waiting in found.all.waiting:
        if waiting.since <= now - LATE and not waiting.moves:
            said.append(f"Messages {_BY[waiting.channel]} do not leave. The oldest could have been sent {ago(waiting.since, now)}.")
    for lease in found.all.leases:
        if lease.until <= now - LEFT:
            said.append(f"The process {lease.process} stopped with {messages(lease.notices)} in hand, and no other has picked them up.")
    for paused in found.paused:
        if paused.until > now + LONG_PAUSE:
            said.append(f"A service has asked us to wait for long: {paused.account}.")
    return (*said, *_silent(found.processes, now, chat_taken, pages, chat))


_BY = {Channel.EMAIL: "by e-mail", Channel.CHAT: "by chat", Channel.BOARD: "in channels"}


def _lost_words(one: Standing) -> list[str]:
    said = []
    if one.failed:
        said.append(
            f"{one.name}: {messages(one.failed)} failed, and nobody has dealt with {'it' if one.failed == 1 else 'them'}. "
            "Look with: practiceweek notices list --state failed"
        )
    if one.unknown:
        said.append(
            f"{one.name}: {messages(one.unknown)} may or may not have arrived. Look with: practiceweek notices list --state unknown"
        )
    return said


def _silent(processes: Iterable[Seen], now: datetime, chat_taken: bool, pages: bool, chat: bool) -> list[str]:
    there = [one for one in processes if one.is_there(now)]
    if not there:
        if not chat:
            return ["No process is running, so nothing is sent. Start it with: practiceweek run"]
        return ["No process is running, so nothing is sent and nobody answers in chat. Start it with: practiceweek run"]
    said = []
    if not any(one.sends for one in there):
        said.append("No process sends messages. Start one with: practiceweek run --only scheduler")
    answered = any(one.answers for one in there) or not chat
    if not answered and chat_taken:
        said.append("A bot runs, but has no connection to Discord. Run practiceweek check.")
    elif not answered:
        said.append("No process answers in chat. Start one with: practiceweek run --only bot")
    if pages and not any(one.serves for one in there):
        said.append("No process shows the pages. Start one with: practiceweek run --only web")
    return said


def messages(count: int) -> str:
    """`1 message`, `2 messages`."""
    return f"{count:,} {'message' if count == 1 else 'messages'}"


def ago(then: datetime, now: datetime) -> str:
    """`40 seconds ago`, `12 minutes ago`, `3 hours ago`."""
    seconds = max(int((now - then).total_seconds()), 0)
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count:,} {name}{'' if count == 1 else 's'} ago"
    return f"{seconds} {'second' if seconds == 1 else 'seconds'} ago"
