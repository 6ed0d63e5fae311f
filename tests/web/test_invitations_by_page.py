"""Invitations by page: an organiser without Discord makes one for a private session, sees which there are, and takes one back."""

from __future__ import annotations

import re

import httpx
import pytest

from domain.invitations import codes_of
from domain.models import InvitationCode
from tests.building import Building, rows
from tests.private_building import NEUTRAL, SECRET, made_code, private_session
from tests.web.conftest import press, stamp
from tests.web.organising_building import text_of, trail, week_of


def codes(building: Building) -> list[tuple[str, int | None, int | None, bool]]:
    """Each invitation: its note, the session it opens, for how many, and whether it is taken back."""
    found = building.read(rows, InvitationCode)
    return [(one.label, one.session_id, one.most_uses, one.revoked_at is not None) for one in found]


async def test_an_invitation_is_made_its_address_shown_once_and_it_opens_the_session(building: Building, olga: httpx.AsyncClient) -> None:
    session = private_session(building)
    at = f"/organise/session/{session}/invitations"
    assert f'href="{at}"' in (await olga.get(f"/organise/session/{session}")).text
    form = await olga.get(at)
    newest = re.search(r'name="newest" value="(\d+)"', form.text)
    assert newest
    typed = {"stamp": stamp(form), "newest": newest[1], "people": "3", "days": "7", "note": "Tuesday group"}
    made = await olga.post(at, data=typed)
    (address,) = re.findall(r"http://testserver(/midlands/invited/[A-Z0-9-]+)", made.text)
    assert "for 3 people, until Monday 8 March 2027" in text_of(made)
    assert NEUTRAL in text_of(await olga.get(address))
    again = await olga.post(at, data=typed)
    assert (again.status_code, "Another invitation was made meanwhile." in text_of(again)) == (409, True)
    listed = await olga.get(at)
    assert address.rsplit("/", 1)[1] not in listed.text + again.text
    hint = building.read(codes_of, building.partnership_id, building.programme_id, now=building.now)[0].hint
    assert f"{hint}… {SECRET} Tuesday group 0 of 3 Monday 8 March 2027" in text_of(listed)
    assert codes(building) == [("Tuesday group", session, 3, False)]
    assert trail(building) == ["view invitations", "make invitation", "view invitations", "view invitations"]


async def test_one_for_every_private_session_is_made_from_the_week(building: Building, olga: httpx.AsyncClient) -> None:
    at = f"{week_of(building)}/invitations"
    assert f'href="{at}"' not in (await olga.get(week_of(building))).text
    assert (await olga.get(at)).status_code == 409, "nothing is private"
    session = private_session(building)
    assert f'href="{at}"' in (await olga.get(week_of(building))).text
    made = await press(olga, at, people="1", newest="0")
    assert "It opens every private session of this programme, for 1 person, until" in text_of(made)
    assert "Every private session" in text_of(await olga.get(f"/organise/session/{session}/invitations"))
    assert codes(building) == [("", None, 1, False)]


async def test_an_invitation_is_taken_back_behind_a_question_and_lets_nobody_in(building: Building, olga: httpx.AsyncClient) -> None:
    session = private_session(building)
    made = made_code(building, session_id=session)
    at = f"/organise/invitation/{made.id}/take-back"
    assert f'href="{at}"' in (await olga.get(f"/organise/session/{session}/invitations")).text
    assert "Take back this invitation?" in text_of(await olga.get(at))
    assert (await olga.get(f"/midlands/invited/{made.code}")).status_code == 200
    for _ in range(2):
        done = await press(olga, at)
        assert "The invitation is taken back." in text_of(done)
        assert (done.url.path, "Taken back" in text_of(done), f'href="{at}"' in done.text) == (
            f"/organise/session/{session}/invitations",
            True,
            False,
        )
    assert (await olga.get(f"/midlands/invited/{made.code}")).status_code == 404
    assert codes(building) == [("", session, 1, True)]


@pytest.mark.parametrize(
    ("field", "typed"), [("people", "1001"), ("people", "0"), ("people", "many"), ("days", "400"), ("note", "x" * 101)]
)
async def test_what_cannot_be_is_told_beside_its_field_and_nothing_is_made(
    building: Building, olga: httpx.AsyncClient, field: str, typed: str
) -> None:
    at = f"/organise/session/{private_session(building)}/invitations"
    sent = {"people": "2", "days": "", "note": "", "newest": "0"} | {field: typed}
    page = await press(olga, at, **sent)
    assert (page.status_code, f'href="#{field}"' in page.text, codes(building)) == (422, True, [])


async def test_an_open_session_needs_no_invitation(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    page = await olga.get(f"/organise/session/{session}/invitations")
    assert (page.status_code, "nobody needs an invitation" in text_of(page)) == (409, True)
    assert "/invitations" not in (await olga.get(f"/organise/session/{session}")).text
