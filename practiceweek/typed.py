"""Words and options as they are typed on the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option("--config", help="The settings: a TOML file, see config.example.toml.")]
DEFAULT_CONFIG = Path("config.toml")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PartnershipName = Annotated[str | None, typer.Option("--partnership", metavar="NAME", help="Which one, where the settings have several.")]

WhichProgramme = Annotated[
    str,
    typer.Argument(
        help="The programme's title or number. The number stands in the address of its page: 7 in …/organise/programme/7.",
    ),
]


class Part(StrEnum):
    """What a process can be the only one to do."""

    BOT = "bot"
    SCHEDULER = "scheduler"
    WEB = "web"


class StateWord(StrEnum):
    """What has become of a message that is owed: the states of the ledger, without loading its tables for `--help`."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"


#: each state, for who reads `notices list`
STATE_WORDS: dict[str, str] = {
    StateWord.QUEUED: "waits to be sent",
    StateWord.CLAIMED: "is being sent by a process just now",
    StateWord.SENT: "was handed over",
    StateWord.FAILED: "was refused, or tried too often: retry or drop it",
    StateWord.UNKNOWN: "may or may not have arrived: look, then retry or drop it",
    StateWord.EXPIRED: "came too late to be of use, so it is not sent",
    StateWord.SUPERSEDED: "was replaced by a newer message before it was sent",
    StateWord.DROPPED: "was taken off the list: nobody needs it",
}
#: each channel, as above
CHANNEL_WORDS = {"email": "an e-mail", "chat": "a direct message in Discord", "board": "a message in a channel of a Discord server"}


class AgainWord(StrEnum):
    """The states in which a message can be sent again."""

    FAILED = "failed"
    UNKNOWN = "unknown"


class OffWord(StrEnum):
    """The states in which a message can be taken off the list."""

    QUEUED = "queued"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ProgrammeWord(StrEnum):
    """A kind of programme, as it is typed."""

    PRACTICE_WEEK = "practice-week"
    PARENT_PARTNERSHIP = "parent-partnership"
    PRACTITIONER_TEACHER = "practitioner-teacher"
