"""Mail of several partnerships by one account: each letter in the name of its own."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from domain.errors import BadInput, Temporary
from integrations.ical import CalendarFiles
from integrations.letter_desk import LetterDesk, Stationery
from integrations.letters import Voice
from integrations.mime import Packed, Sender
from tests.mail_building import NOW, SENDER, VOICE, calendars, letter


def stationery(name: str, address: str, guild: int) -> Stationery:
    voice = Voice(name, f"{name} office", f"https://discord.com/channels/{guild}")
    return Stationery(Sender(name, address), voice, CalendarFiles(name, address))


EACH = {1: stationery("Midlands", "midlands@mail.example", 11), 2: stationery("North", "north@mail.example", 12)}


def desk() -> LetterDesk:
    return LetterDesk(SENDER, VOICE, calendars(), now=lambda: NOW, each=EACH)


def read(packed: Packed) -> EmailMessage:
    return message_from_bytes(packed.content, policy=policy.default)


def test_a_letter_is_written_in_the_name_of_its_partnership() -> None:
    for partnership_id, mine, other in ((1, "Midlands", "North"), (2, "North", "Midlands")):
        packed = desk().pack(letter(partnership_id=partnership_id))
        whole = read(packed)
        parts = "\n".join(part.get_content() for part in whole.walk() if part.get_content_maintype() == "text")
        assert (packed.sender, str(whole["From"])) == (f"{mine.casefold()}@mail.example", f"{mine} <{mine.casefold()}@mail.example>")
        assert f"{mine} office" in parts
        assert f"https://discord.com/channels/1{partnership_id}" in parts
        assert f"mailto:{mine.casefold()}@mail.example" in parts.replace("\n ", "")  # the organiser of the invitation
        assert other.casefold() not in (packed.content.decode() + parts).casefold()


def test_a_letter_of_a_partnership_that_is_not_kept_here_waits_for_a_process_that_keeps_it() -> None:
    with pytest.raises(Temporary) as later:
        desk().pack(letter(partnership_id=3))
    assert (later.value.reason, later.value.retry_after) == ("its partnership is not in the settings of this process", 300.0)


def test_every_senders_address_is_checked_at_once() -> None:
    with pytest.raises(BadInput):
        LetterDesk(SENDER, VOICE, calendars(), now=lambda: NOW, each={1: Stationery(Sender("X", "no address"), VOICE, calendars())})
