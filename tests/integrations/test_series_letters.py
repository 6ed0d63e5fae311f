"""What letters say of a series: which part it is, that an offer counts for all parts, and the certificate."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.kinds import Kind
from domain.letters.matters import CertificateMatter
from domain.ports.letters import Attachment
from domain.records import Attended, CompletionFacts
from integrations.letters import word
from integrations.mime import pack
from tests.mail_building import NOW, SENDER, VOICE, letter, opened, session

DAY = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
FACTS = CompletionFacts(
    "Northfield Teaching Partnership",
    "Zoë Łukasz",
    "Practitioner <b>teachers</b>",
    (Attended(1, 1, "Workshop", None, DAY, DAY + timedelta(hours=3), "Europe/London", 1),),
    date(2027, 3, 15),
    "K7Q2M-9XWTB",
)


def test_an_invitation_to_a_part_says_which_part_it_is() -> None:
    worded = word(letter(session=session(part="Part 2 of 3 of Practitioner teachers 2027")), VOICE)
    assert "\nPart 2 of 3 of Practitioner teachers 2027\n" in worded.text
    assert "<p>Part 2 of 3 of Practitioner teachers 2027</p>" in worded.html
    assert "Part 2" not in word(letter(), VOICE).text


@pytest.mark.parametrize("kind", [Kind.OFFER, Kind.LAPSED, Kind.WAITING_CLOSED])
def test_what_counts_for_the_whole_says_so(kind: Kind) -> None:
    said = "This counts for all parts of Practitioner teachers 2027 that are still to come."
    worded = word(letter(kind, whole="Practitioner teachers 2027"), VOICE)
    assert said in worded.text
    assert said.replace("Practitioner teachers 2027", "<strong>Practitioner teachers 2027</strong>") in worded.html
    assert "counts for all parts" not in word(letter(kind), VOICE).text


def test_the_certificates_letter_has_its_number_and_its_file() -> None:
    pdf = Attachment("certificate.pdf", "application/pdf", b"%PDF-1.7")
    one = letter(
        Kind.CERTIFICATE,
        session=None,
        mode=None,
        booking_id=None,
        whole="Practitioner teachers 2027",
        matter=CertificateMatter(FACTS),
        attachments=(pdf,),
    )
    worded = word(one, VOICE)
    assert worded.subject == "Your certificate: Practitioner <b>teachers</b>"
    assert worded.text.startswith(
        "Your certificate\n\nHello Ann Other,\n\nWell done. You have completed Practitioner <b>teachers</b>.\n\n"
        "Your certificate is attached to this e-mail. Its number is K7Q2M-9XWTB.\n"
    )
    assert "<strong>Practitioner &lt;b&gt;teachers&lt;/b&gt;</strong>" in worded.html
    [file] = opened(pack(one, worded, None, SENDER, now=NOW).content).iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_payload(decode=True)) == (
        "certificate.pdf",
        "application/pdf",
        b"%PDF-1.7",
    )
