"""The settings of one partnership: a `[partnership.<name>]` table, and the hosts below it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.keeping.periods import LEAST_TRAIL, Periods
from domain.kinds import Provider
from domain.rules import Rules
from practiceweek.settings.checks import A_SERVER, Duration, LongDuration, NoOrOneAddress, OneAddress, Share

#: of two who answer, each would know what the other said
LEAST_ANSWERS = 3


class Table(BaseModel):
    """A table of the settings: what it does not know is refused, and nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HostSettings(Table):
    provider: Literal[Provider.TEAMS, Provider.ZOOM] = Field(description="teams or zoom")
    account: str = Field(min_length=1, description="Teams: the organiser's object id; Zoom: the user's id or address")
    at_once: int = Field(1, ge=1, description="meetings it may run at once; Zoom Pro 1, Business 2, Teams as you like")
    per_day: int | None = Field(None, ge=1, description="creates and changes a day; Zoom allows 100")


class PartnershipSettings(Table):
    name: str = Field(min_length=1, description="the partnership's name, as people know it")
    guild_id: int | None = Field(None, ge=1, description="the Discord server's id; without Discord, leave this line out")
    organiser_roles: tuple[int, ...] = Field((), description="ids of the Discord roles whose members organise")
    organisers: tuple[OneAddress, ...] = Field((), description="e-mail addresses that may sign in to the organisers' pages")
    contact: str = Field("", description="whom to ask: a name, an address or a telephone number, shown in every mail")
    privacy_basis: str = Field(
        "", max_length=1000, description="the lawful basis on which you keep what the privacy page lists, in a sentence or two"
    )
    privacy_contact: str = Field(
        "", max_length=200, description="whom to ask about data protection: a name, an address or a telephone number"
    )
    sender: NoOrOneAddress = Field("", description="the address that its mail comes from; empty: the sender of [mail]")
    mail_domains: tuple[str, ...] = Field((), description="mail domains that may sign up; empty: any")
    organisations: tuple[str, ...] = Field((), description="organisations to offer at sign-up")
    reminders: tuple[Duration, ...] = Field(
        (timedelta(hours=24), timedelta(hours=1)), description="how long before the start people are reminded"
    )
    hold: Duration = Field(timedelta(minutes=30), description="how long a place is kept until an address is proven")
    unproven_share: Share = Field(0.25, description="share of a session's places kept at once for unproven addresses; one in any case")
    offer: Duration = Field(timedelta(hours=12), description="how long a place that clashes is offered")
    cutoff: Duration = Field(timedelta(hours=2), description="from this long before the start nobody is promoted")
    clash_tolerance: Duration = Field(timedelta(minutes=5), description="an overlap up to this long is no clash")
    settle: Duration = Field(timedelta(minutes=2), description="how long an edit rests before people are told")
    link_patience: Duration = Field(timedelta(minutes=30), description="how long an invitation waits for its link")
    feedback_open: Duration = Field(timedelta(days=7), description="how long feedback is taken after a session")
    minimum_answers: int = Field(5, ge=LEAST_ANSWERS, description="results show from this many answers: 3 or more")
    host_padding: Duration = Field(timedelta(minutes=10), description="how long either side of a session its host is kept free")
    needs_kept: Duration = Field(timedelta(days=30), description="how long after a session what people need for it is kept")
    keep_unproven: LongDuration = Field(timedelta(days=1), description="how long somebody is kept who has proven no address")
    keep_over: LongDuration = Field(timedelta(days=30), description="how long links, codes and offers are kept that are over")
    keep_letters: LongDuration = Field(timedelta(days=365), description="how long it is kept which message was sent to whom")
    keep_names: LongDuration = Field(timedelta(days=730), description="how long names are kept after somebody's last session")
    keep_trail: LongDuration = Field(timedelta(days=365), ge=LEAST_TRAIL, description="how long it is kept who did what")
    keep_feedback: LongDuration = Field(timedelta(days=1095), description="how long the words of feedback are kept")
    hosts: tuple[HostSettings, ...] = Field((), description="accounts that hold meetings, each a [[partnership.<name>.hosts]] table")

    @model_validator(mode="after")
    def _roles_have_their_server(self) -> Self:
        if self.organiser_roles and self.guild_id is None:
            raise ValueError(f"there are organiser_roles, but no guild_id. Write guild_id, or take the roles out. {A_SERVER}")
        return self

    def rules(self) -> Rules:
        """The decisions that use cases need."""
        return Rules(
            hold=self.hold,
            unproven_share=self.unproven_share,
            offer=self.offer,
            cutoff=self.cutoff,
            clash_tolerance=self.clash_tolerance,
            settle=self.settle,
            link_patience=self.link_patience,
            reminders=self.reminders,
            feedback_open=self.feedback_open,
            minimum_answers=self.minimum_answers,
            mail_domains=self.mail_domains,
            host_padding=self.host_padding,
            needs_kept=self.needs_kept,
            organisations=self.organisations,
            periods=Periods(
                unproven=self.keep_unproven,
                over=self.keep_over,
                letters=self.keep_letters,
                names=self.keep_names,
                trail=self.keep_trail,
                feedback=self.keep_feedback,
            ),
        )
