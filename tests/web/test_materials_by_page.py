"""Materials by page: a link and a file, with chat's limits; listed; taken away. Everyone with a place is told."""

from __future__ import annotations

import asyncio
import re

import httpx

from domain.kinds import Kind
from domain.materials import MOST_BYTES, materials_of
from domain.models import Material
from tests.building import Building, rows
from tests.web.conftest import press, stamp
from tests.web.organising_building import text_of, trail

SLIDES = "https://slides.example.org/one?a=1&b=2"
PDF = b"%PDF-1.7 slides"


def at(session: int) -> str:
    return f"/organise/session/{session}/materials"


def kept(building: Building, session: int) -> list[tuple[str, str | None, str | None]]:
    return [(one.label, one.link, one.file_name) for one in building.read(materials_of, building.partnership_id, session)]


async def send_file(browser: httpx.AsyncClient, session: int, name: str, content: bytes, called: str = "") -> httpx.Response:
    """As a browser sends a file."""
    mark = stamp(await browser.get(at(session)))
    return await browser.post(at(session), data={"stamp": mark, "file-called": called}, files={"file": (name, content)})


def wrong(page: httpx.Response) -> tuple[int, list[tuple[str, str]]]:
    return page.status_code, re.findall(r'<a href="#([\w-]+)">(.*?)</a>', page.text)


async def test_a_link_and_a_file_are_added_and_who_has_a_place_is_sent_them(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    building.book(session, building.person(1))
    building.deliver()
    assert f'href="{at(session)}"' in (await olga.get(f"/organise/session/{session}")).text
    page = await press(olga, at(session), **{"link": SLIDES, "link-called": "Slides <b>"})
    assert ("It is added. " in text_of(page), f'href="{SLIDES.replace("&", "&amp;")}"' in page.text, "Slides <b>" in page.text) == (
        True,
        True,
        False,
    )
    page = await send_file(olga, session, "Hand out.pdf", PDF)
    assert "Hand out.pdf Hand out.pdf Take away" in text_of(page)
    assert kept(building, session) == [("Slides <b>", SLIDES, None), ("Hand out.pdf", None, "Hand out.pdf")]
    building.later(minutes=5)
    (letter,) = building.deliver()
    assert (letter.kind, [one.name for one in letter.attachments]) == (Kind.UPDATE, ["Hand out.pdf"])
    assert trail(building) == ["add material", "add material"]


async def test_what_cannot_be_taken_is_told_at_its_field_and_what_was_typed_stays(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    link = await press(olga, at(session), **{"link": "http://slides.example.org", "link-called": "Slides"})
    assert wrong(link) == (422, [("link", "A link must start with https:// and have no spaces.")])
    assert ('value="http://slides.example.org"' in link.text, 'value="Slides"' in link.text) == (True, True)
    empty = await press(olga, at(session), link="")
    assert wrong(empty) == (422, [("link", "Enter the link. It must start with https://.")])
    long = await press(olga, at(session), **{"link": SLIDES, "link-called": "S" * 101})
    assert wrong(long) == (422, [("link-called", "Please use at most 100 characters for a name for the link.")])
    files = [
        ("", b"", "Choose a file to add."),
        ("run.exe", b"MZ", "That kind of file cannot be added. You can add: pdf, docx, pptx, xlsx, odt, png, jpg or txt."),
    ]
    files += [("slides.pdf", b"no pdf", "That file does not look like a pdf file. Please check it and try again.")]
    files += [("slides.pdf", PDF + b" " * MOST_BYTES, "That file is too big. A file can have at most 5 MB.")]
    for name, content, said in files:
        page = await send_file(olga, session, name, content, "Hand out")
        assert (wrong(page), 'value="Hand out"' in page.text) == ((422, [("file", said)]), True)
    assert (kept(building, session), trail(building)) == ([], [])


async def test_the_same_twice_is_kept_once_and_there_is_room_for_five_links(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    await press(olga, at(session), link=SLIDES)
    again = await press(olga, at(session), link=SLIDES)
    assert wrong(again) == (409, [("link", "This session has that link already.")])
    for number in range(4):
        await press(olga, at(session), link=f"https://slides.example.org/{number}")
    full = await press(olga, at(session), link="https://slides.example.org/9")
    assert wrong(full) == (409, [("link", "A session can have at most 5 links. Please remove one first.")])
    assert len(kept(building, session)) == 5


async def test_taken_away_behind_a_question_twice_it_is_gone_once(building: Building, olga: httpx.AsyncClient) -> None:
    session, other = building.session(), building.session(title="Kinship")
    await press(olga, at(session), **{"link": SLIDES, "link-called": "Slides"})
    (one,) = building.read(rows, Material)
    away = f"/organise/session/{session}/material/{one.id}/remove"
    assert "Take “Slides” away?" in text_of(await olga.get(away))
    elsewhere = f"/organise/session/{other}/material/{one.id}/remove"
    assert (await olga.get(elsewhere)).status_code == 404
    await press(olga, at(other), button=elsewhere)
    assert len(kept(building, session)) == 1
    gone, again = await press(olga, away), await press(olga, at(session), button=away)
    assert ["It is taken away." in text_of(page) for page in (gone, again)] == [True, True]
    assert (kept(building, session), (await olga.get(away)).status_code) == ([], 404)
    assert trail(building) == ["add material", "remove material"]


async def test_of_what_is_cancelled_materials_are_only_seen(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    await press(olga, at(session), link=SLIDES)
    building.call_off(session)
    seen = text_of(await olga.get(at(session)))
    assert ("slides.example.org" in seen, "Add a link" in seen, "Take away" in seen) == (True, False, False)
    assert (await press(olga, at(session), link="https://slides.example.org/two")).status_code == 409


async def test_what_several_presses_take_away_at_once_is_gone_once(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    await press(olga, at(session), **{"link": SLIDES, "link-called": "Slides"})
    (one,) = building.read(rows, Material)
    away = f"/organise/session/{session}/material/{one.id}/remove"
    form = {"stamp": stamp(await olga.get(away))}
    pressed = await asyncio.gather(*(olga.post(away, data=form, follow_redirects=False) for _ in range(4)))
    assert [page.headers.get("location") for page in pressed] == [f"{at(session)}?done=removed"] * 4
    assert (kept(building, session), trail(building)) == ([], ["add material", "remove material"])
