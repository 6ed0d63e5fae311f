"""Finding sessions: the menus, and Discord's limits however much there is."""

from __future__ import annotations

from datetime import date, timedelta

from bot.day_cards import pages_of
from bot.limits import MENU_OPTIONS
from domain import programmes
from domain.kinds import Format, Provider
from domain.models import ProgrammeKind
from domain.programmes import NewProgramme
from domain.queries import day_view
from tests.bot_building import Server, fits, headline, many_book
from tests.building import ACTOR, START

LONGEST = ("*_~`|[x](y)" * 20)[:200]  # every character is escaped, so it is twice as long on a card


async def test_browsing_goes_from_the_days_to_a_day_to_a_session(server: Server) -> None:
    building, chat = server.building, server.chat
    building.session(title="Strengths", organisation="Northfield Council")
    building.session(title="Next day", starts_at=START + timedelta(days=1), format=Format.ONLINE, provider=Provider.ZOOM, places=None)
    alice = chat.join("Alice")
    days = await chat.command(alice, "browse")
    assert days.text == "## Practice week\nMonday 15 March 2027 to Friday 19 March 2027"
    assert days.menus[0].options == (
        ("2027-03-15", "Monday 15 March 2027", "2 sessions"),
        ("2027-03-16", "Tuesday 16 March 2027", "1 session"),
    )
    day = await chat.choose(alice, days, "2027-03-15")
    assert day.text == (
        "## Monday 15 March 2027\n**Practice week** · UK time (GMT)\n"
        "-# In grey below each: the start on your own clock\n"
        "**8.30am to 8.45am** Opening\n-# <t:1805099400:t> · Full\n"
        "**9.30am to 10.15am** Strengths\n-# <t:1805103000:t> · Northfield Council · 5 of 5 places left"
    )
    assert day.menus[0].options[1] == ("2", "Strengths", "9.30am to 10.15am · 5 of 5 places left · Northfield Council")
    assert day.message_id == days.message_id
    back = await chat.press(alice, day, "All days")
    assert back.text == days.text


async def test_with_several_programmes_one_is_chosen_first(server: Server) -> None:
    building, chat = server.building, server.chat
    new = NewProgramme("Teaching course", ProgrammeKind.PRACTITIONER_TEACHER, date(2027, 4, 1), date(2027, 4, 1))
    second = building.write(programmes.create, building.partnership_id, new, actor=ACTOR, now=building.now).id
    first, building.programme_id = building.programme_id, second
    building.session(starts_at=START + timedelta(days=17))
    alice = chat.join("Alice")
    assert (await chat.command(alice, "browse")).text.startswith("## Practice week")  # a draft is not shown
    building.write(programmes.publish, building.partnership_id, second, None, building.rules, actor=ACTOR, now=building.now)
    choice = await chat.command(alice, "browse")
    assert [value for value, _, _ in choice.menus[0].options] == [str(first), str(second)]
    assert headline(await chat.choose(alice, choice, str(second))) == "## Teaching course"


async def test_with_nothing_published_it_says_so(server: Server) -> None:
    alice = server.chat.join("Alice")
    server.later(days=60)
    assert (await server.chat.command(alice, "browse")).text.startswith("### There is nothing to book at the moment.")


async def test_a_day_of_75_sessions_with_the_longest_titles_is_three_messages_that_fit(server: Server) -> None:
    building, chat = server.building, server.chat
    for number in range(74):
        building.session(title=LONGEST, organisation=LONGEST, starts_at=START + timedelta(minutes=number), places=100_000)
    alice = chat.join("Alice")
    page = await chat.choose(alice, await chat.command(alice, "browse"), "2027-03-15")
    assert page.labels == ("Later that day", "All days")
    pages = [page]
    while "Later that day" in pages[-1].labels:
        pages.append(await chat.press(alice, pages[-1], "Later that day"))
    assert [len(p.menus[0].options) for p in pages] == [25, 25, 25]
    assert len({value for p in pages for value, _, _ in p.menus[0].options}) == 75
    assert all(map(fits, pages))
    assert all("100,000 of 100,000 places left" in line for line in pages[1].text.splitlines()[4::2])
    assert pages[2].labels == ("Earlier that day", "All days")
    card = await chat.choose(alice, pages[2], pages[2].menus[0].options[0][0])
    assert fits(card)
    day = building.read(day_view, building.partnership_id, building.programme_id, START.date())
    assert pages_of(day) == 3


async def test_a_page_is_as_full_as_the_next(server: Server) -> None:
    for number in range(29):
        server.building.session(title=f"Session {number}", starts_at=START + timedelta(minutes=number))
    alice = server.chat.join("Alice")
    first = await server.chat.choose(alice, await server.chat.command(alice, "browse"), "2027-03-15")
    second = await server.chat.press(alice, first, "Later that day")
    assert [len(p.menus[0].options) for p in (first, second)] == [15, 15]


async def test_a_programme_of_sixty_days_pages_its_days(server: Server) -> None:
    building, chat = server.building, server.chat
    for number in range(1, 60):
        building.session(starts_at=START + timedelta(days=number))
    alice = chat.join("Alice")
    days = await chat.command(alice, "browse")
    seen = [value for value, _, _ in days.menus[0].options]
    while (more := days.menus[0].options[-1][0]).startswith("from:"):
        days = await chat.choose(alice, days, more)
        seen += [value for value, _, _ in days.menus[0].options]
        assert len(days.menus[0].options) <= MENU_OPTIONS
    assert len([value for value in seen if not value.startswith("from:")]) == 60
    assert (await chat.choose(alice, days, "from:0")).menus[0].options[0][0] == "2027-03-15"


async def test_no_message_outgrows_its_limits_however_many_sign_up(server: Server) -> None:
    building, chat = server.building, server.chat
    session_id = building.session(
        title=LONGEST, places=10, organisation=LONGEST, description=LONGEST * 10, audience=LONGEST, presenter=LONGEST
    )
    alice = server.someone(2)
    first, expected = 3, {16: "Full: 6 waiting", 166: "Full: 156 waiting", 1000: "Full: 990 waiting"}
    for signed_up, words in expected.items():
        building.write(many_book, building, session_id, first, signed_up - first + 3)
        first = signed_up + 3
        card = await server.card(alice, session_id)
        day = await chat.choose(alice, await chat.command(alice, "browse"), "2027-03-15")
        assert words in card.text
        assert words in day.text
        assert fits(card)
        assert fits(day)
    assert headline(await server.book(alice, session_id)) == "### You are number 991 on the waiting list"


async def test_a_long_list_of_own_bookings_is_paged(server: Server) -> None:
    building, chat = server.building, server.chat
    alice = server.someone(2)
    person_id = building.person(3)  # somebody else's are not shown
    for number in range(60):
        session_id = building.session(title=f"{number} {LONGEST}"[:200], starts_at=START + timedelta(days=number % 5, hours=number // 5))
        await server.book(alice, session_id)
        building.book(session_id, person_id)
    page = await chat.command(alice, "my bookings")
    seen = list(page.menus[0].options)
    assert fits(page)
    while "Later" in page.labels:
        page = await chat.press(alice, page, "Later")
        assert fits(page)
        seen += page.menus[0].options
    assert len(seen) == 60


async def test_a_cancelled_session_is_struck_through(server: Server) -> None:
    session_id = server.building.session(title="Gone")
    server.building.call_off(session_id)
    alice = server.chat.join("Alice")
    day = await server.chat.choose(alice, await server.chat.command(alice, "browse"), "2027-03-15")
    assert day.text.splitlines()[-2:] == ["**9.30am to 10.15am** ~~Gone~~", "-# <t:1805103000:t> · Called off"]
    card = await server.chat.choose(alice, day, str(session_id))
    assert (card.text.splitlines()[-1], card.labels) == ("**This session has been called off.**", ())
