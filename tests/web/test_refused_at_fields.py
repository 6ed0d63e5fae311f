"""What the domain refuses stands at its own field, whatever its sentence says: the summary leads there, and the field says it too."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx
import pytest

from domain.descriptions import described
from domain.errors import BadInput, Closed, Refusal
from domain.kinds import Format, Mode, Provider
from domain.models import Presenter, Transfer
from domain.presenters.naming import MOST, NewPresenter, add
from domain.transfers.asking import hand_over_place
from domain.transfers.tokens import token_of
from tests.building import ACTOR, START, Building, one_row, rows
from tests.private_building import made_code, private_session
from tests.series_building import run_of
from tests.visiting_building import LINK_KEY
from tests.web.conftest import press, send, stamp
from tests.web.organising_building import week_of
from tests.web.test_handing_by_page import EVE, SELF, own_page
from web.pages.typed import NO_FIELD, same, told_at

UNSEEN = "\u200b"  # nothing that anybody can see
LINK = "A link must start with https:// and have no spaces."
SESSION = "A session needs a start and an end, such as 9.30am to 10.30am."


def told(page: httpx.Response) -> list[tuple[str, str]]:
    """What is wrong, by the field that the summary leads to (empty: to none). Each of these fields is described by its own sentence."""
    assert page.status_code in (409, 422), page.status_code
    summary = re.search(r'govuk-error-summary__list">(.*?)</ul>', page.text, re.DOTALL)
    assert summary, page.text
    found = []
    for item in re.findall(r"<li>\s*(.*?)\s*</li>", summary[1], re.DOTALL):
        link = re.fullmatch(r'<a href="#([\w-]+)">(.*?)</a>', item)
        name, said = (link[1], link[2]) if link else (NO_FIELD, item)
        found.append((name, html.unescape(said)))
        if name:
            described_by = re.findall(r'<(?:input|textarea|select|fieldset)[^>]*? aria-describedby="([^"]*)"', page.text)
            assert f"{name}-error" in " ".join(described_by).split(), name
            assert re.search(rf'id="{name}-error" class="govuk-error-message">\s*<span[^>]*>Error:</span> {re.escape(said)}', page.text), (
                name
            )
    return found


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Where a refusal stands does not depend on the database."""
    return sqlite_url


@pytest.fixture
def both(building: Building) -> int:
    """A session in a room and online."""
    return building.session(format=Format.HYBRID, provider=Provider.TEAMS, places=5, online_places=5)


# ── the domain's names, and the form's ──────────────────────────────────────────────────────────────────────


def test_a_sentence_that_is_worded_anew_stays_where_it_was() -> None:
    fields = {"address": "email", **same("name", "organisation")}
    for said in ("Enter your name.", "The address of your organisation has no name.", "No."):
        assert told_at(BadInput(said, field="address"), fields) == {"email": said}
        assert told_at(BadInput(said, field="name"), fields) == {"name": said}


def test_what_is_of_no_field_of_the_form_stands_at_the_top() -> None:
    fields = same("name")
    refused: tuple[Refusal, ...] = (BadInput("No name."), BadInput("No name.", field="public_title"), Closed("No name."))
    assert [told_at(one, fields) for one in refused] == [{NO_FIELD: "No name."}] * 3


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_of_asking_for_a_place(building: Building, browser: httpx.AsyncClient) -> None:
    form = f"/midlands/session/{building.session()}/book"
    ann = {"name": "Ann", "email": "ann@example.org", "organisation": "Northfield Council"}
    for typed, said in (
        ({"name": UNSEEN}, ("name", "Please enter your name.")),
        ({"organisation": UNSEEN}, ("organisation", "Please enter your organisation.")),
        ({"email": "name of organisation"}, ("email", "That e-mail address cannot be used. Enter one address, like name@council.gov.uk.")),
    ):
        assert told(await send(browser, form, ann | typed)) == [said]
    session = private_session(building)
    private = f"/midlands/invited/{made_code(building).code}/{session}/book"
    sent = {"name": UNSEEN, "email": "ann@example.org"}
    assert told(await send(browser, private, sent)) == [("name", "Please enter the name that we may call you by.")]


async def test_of_handing_a_place_to_a_colleague(building: Building, browser: httpx.AsyncClient) -> None:
    dora, room = building.person(1, name="Dora"), building.session(places=1)
    building.book(room, dora)
    at = f"{own_page(building, dora)}/session/{room}/hand-over"
    for typed, said in (
        ({"name": UNSEEN}, ("name", "Please enter your colleague's name.")),
        ({"name": "N" * 101}, ("name", "Please use at most 100 characters for your colleague's name.")),
        ({"email": "name@"}, ("email", "That e-mail address cannot be used. Enter one address, like name@council.gov.uk.")),
        ({"email": "person1@council.gov.uk"}, ("email", "That is your own e-mail address. Please enter your colleague's.")),
    ):
        assert told(await press(browser, at, **EVE | typed)) == [said]
    mark = stamp(await browser.get(at))
    await browser.post(at, data={"stamp": mark, **EVE})
    other = await browser.post(at, data={"stamp": mark, **EVE, "email": "bo@council.gov.uk"})
    assert told(other) == [(NO_FIELD, "You have asked a colleague already. Please wait for the answer, or press Keep my place first.")]


async def test_of_taking_a_colleagues_place(building: Building, browser: httpx.AsyncClient) -> None:
    dora, room = building.person(1, name="Dora"), building.session(places=1)
    building.book(room, dora)
    asked = building.partnership_id, room, dora, EVE["name"], EVE["email"], building.rules
    building.write(hand_over_place, *asked, now=building.now)
    at = f"/handed/{token_of(LINK_KEY, building.read(one_row, Transfer))}"
    for typed, said in (
        ({"name": UNSEEN}, ("name", "Please enter your name.")),
        ({"organisation": UNSEEN}, ("organisation", "Please enter your organisation.")),
        ({"organisation": "N" * 201}, ("organisation", "Please use at most 200 characters for your organisation.")),
    ):
        assert told(await press(browser, at, answer="yes", **SELF | typed)) == [said]


async def test_of_a_series_with_a_choice(building: Building, browser: httpx.AsyncClient) -> None:
    series = run_of(building, format=Format.HYBRID, provider=Provider.TEAMS, online_places=3)
    own = own_page(building, building.person(1))
    assert told(await press(browser, f"{own}/series/{series.id}/book")) == [("way", "Choose how you will take part.")]


# ── organisers ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_of_changing_a_session(building: Building, olga: httpx.AsyncClient, both: int) -> None:
    building.book(both, building.person(1), mode=Mode.ONLINE)
    at = f"/organise/session/{both}/edit"
    seen = re.search(r'name="seen" value="([^"]+)"', (await olga.get(at)).text)
    assert seen
    number = "Enter the places as a number, such as 25. Leave it empty for no limit."
    taken = "0 places online, but 1 person has a place online. Enter at least 1, or ask them first."
    for typed, said in (
        ({"title": " "}, ("title", "Please enter the title.")),
        ({"title": "T" * 201}, ("title", "Please use at most 200 characters for the title.")),
        ({"date": "title"}, ("date", "No date could be read in “title”. Write it in full, such as 15 March 2027.")),
        ({"date": "26 February 2027"}, ("start", "That time has passed already. Please choose a later one.")),
        ({"start": "places"}, ("start", f"No time could be read in “places”. {SESSION}")),
        ({"end": "places"}, ("end", f"No time could be read in “places”. {SESSION}")),
        ({"end": "9am"}, ("end", "This ends before it starts. Please check the times.")),
        ({"date": "28/03/2027", "start": "1.30am", "end": "3am"}, ("start", None)),  # the hour that there is not
        ({"places": "many"}, ("places", number)),
        ({"online_places": "many"}, ("online_places", number)),
        ({"online_places": "0"}, ("online_places", taken)),
        ({"provider": "given", "given_link": ""}, ("given_link", "Enter the link that people join by, or choose Teams or Zoom.")),
        ({"provider": "given", "given_link": "http://title"}, ("given_link", LINK)),
        ({"organisation": "O" * 201}, ("organisation", "Please use at most 200 characters for your organisation.")),
        ({"audience": "A" * 201}, ("audience", "Please use at most 200 characters for the audience.")),
        ({"description": "D" * 2001}, ("description", "Please use at most 2,000 characters for the description.")),
        ({"notes": "N" * 2001}, ("notes", "Please use at most 2,000 characters for the joining notes.")),
    ):
        page = await press(olga, at, seen=seen[1], **typed)
        if sure := re.search(r'name="sure" value="([^"]+)"', page.text):  # it is asked first what the move would mean
            page = await press(olga, at, seen=seen[1], sure=sure[1], **typed)
        ((name, sentence),) = told(page)
        assert (name, said[1] and sentence) == said
    assert building.read(described, building.partnership_id, both).title == "Strengths"


async def test_a_session_that_another_has_changed_is_said_at_the_top(building: Building, olga: httpx.AsyncClient, both: int) -> None:
    page = await press(olga, f"/organise/session/{both}/edit", seen="before", title="Mine")
    assert (page.status_code, "Somebody else changed this session" in page.text, 'value="Mine"' in page.text) == (409, True, True)


async def test_of_adding_a_session(building: Building, olga: httpx.AsyncClient) -> None:
    typed = {"title": "Kinship", "date": "16/03/2027", "start": "2pm", "end": "3pm", "held": "Zoom", "newest": "0"}
    for wrong, name in (
        ({"start": "the end"}, "start"),
        ({"end": "the start"}, "end"),
        ({"start": "2pm", "end": "2pm"}, "end"),
        ({"date": "28/03/2027", "start": "1.30am", "end": "3am"}, "start"),
        ({"date": "28/03/2027", "start": "12.30am", "end": "1.30am"}, "end"),
        ({"places": "link"}, "places"),
        ({"link": "audience"}, "link"),
        ({"audience": "A" * 201}, "audience"),
    ):
        assert [field for field, _ in told(await press(olga, f"{week_of(building)}/add", **typed | wrong))] == [name]


async def test_of_presenters(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.online()
    at = f"/organise/session/{session}/presenters"
    ann = {"label": "Ann", "address": "ann@council.gov.uk"}
    await press(olga, at, **ann)
    (row,) = building.read(rows, Presenter)
    one = f"/organise/session/{session}/presenter/{row.id}"
    wrong = "That e-mail address cannot be used. Enter one address, like name@council.gov.uk."
    long = "Please use at most 200 characters for the presenter's name."
    for typed, said in (({"label": "B" * 201}, ("label", long)), ({"label": "already", "address": "bo@"}, ("address", wrong))):
        assert [told(await press(olga, path, **ann | typed)) for path in (at, one)] == [[said]] * 2
    assert told(await press(olga, at, **ann)) == [("address", "This person is a presenter of the session already.")]
    for number in range(1, MOST):
        new = NewPresenter(f"Presenter {number}")
        building.write(add, building.partnership_id, session, new, building.rules, actor=ACTOR, now=building.now)
    assert told(await press(olga, at, label="One more")) == [(NO_FIELD, f"A session can have at most {MOST} presenters.")]
    nameless = building.read(rows, Presenter)[-1]
    page = await press(olga, one, button=f"/organise/session/{session}/presenter/{nameless.id}/meeting", runs="yes")
    assert told(page) == [("address", "Please give this presenter's e-mail address first. Teams and Zoom know people by it.")]


async def test_of_materials(building: Building, olga: httpx.AsyncClient) -> None:
    at = f"/organise/session/{building.session()}/materials"
    link = "https://slides.example.org"
    assert told(await press(olga, at, **{"link": "http://name", "link-called": "x"})) == [("link", LINK)]
    assert [name for name, _ in told(await press(olga, at, **{"link": link, "link-called": "x" * 101}))] == ["link-called"]
    for name, called, field in (("a name for.exe", "x", "file"), ("slides.pdf", "x" * 101, "file-called")):
        sent = {"stamp": stamp(await olga.get(at)), "file-called": called}
        page = await olga.post(at, data=sent, files={"file": (name, b"%PDF-1.7 slides")})
        assert [one for one, _ in told(page)] == [field]


async def test_of_invitations(building: Building, olga: httpx.AsyncClient) -> None:
    at = f"/organise/session/{private_session(building)}/invitations"
    for typed, said in (
        ({"people": "0"}, ("people", "A code can be for 1 to 1,000 people, or for any number of them.")),
        ({"days": "400"}, ("days", "A code can last from 1 day to 366 days.")),
        ({"note": "x" * 101}, ("note", "Please use at most 100 characters for the note.")),
    ):
        assert told(await press(olga, at, **{"people": "2", "newest": "0"} | typed)) == [said]
    made_code(building)
    ((name, said_of_two),) = told(await press(olga, at, people="2", newest="0"))
    assert (name, said_of_two.startswith("Another invitation was made meanwhile.")) == (NO_FIELD, True)


async def test_of_messages(building: Building, olga: httpx.AsyncClient) -> None:
    building.session(starts_at=START + timedelta(days=1))
    typed = {"to": "both", "subject": "Rooms", "words": "Use the side door."}
    for wrong, name in (({"subject": "s" * 151}, "subject"), ({"words": "w" * 1801}, "words"), ({"day": "subject"}, "day")):
        assert [field for field, _ in told(await press(olga, f"{week_of(building)}/message", **typed | wrong))] == [name]


async def test_of_calling_off(building: Building, olga: httpx.AsyncClient) -> None:
    building.session()
    at = f"{week_of(building)}/call-off"
    for typed, name in (({"day": "all", "reason": "x" * 501}, "reason"), ({"day": "reason", "reason": "Snow."}, "day")):
        assert [field for field, _ in told(await press(olga, f"{at}?day=all", button=at, **typed))] == [name]
