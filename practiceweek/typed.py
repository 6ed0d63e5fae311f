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


class Part(StrEnum):
    """What a process can be the only one to do."""

    BOT = "bot"
    SCHEDULER = "scheduler"
    WEB = "web"


class StateWord(StrEnum):
    """What has become of a message that is owed."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"


class ProgrammeWord(StrEnum):
    """A kind of programme, as it is typed."""

    PRACTICE_WEEK = "practice-week"
    PARENT_PARTNERSHIP = "parent-partnership"
    PRACTITIONER_TEACHER = "practitioner-teacher"
