"""Private sessions in their organisers' hands: codes, the answer that publishing needs, and lists for the right eyes only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.organisers.invitations import made_card
from domain.invitations import MadeCode
from domain.models import AuditEntry, InvitationCode, Posting, Privacy, Programme, Session, SessionState
from domain.programmes import set_organiser_role
from tests.building import ACTOR, rows
from tests.organiser_building import KINSHIP, LUNCH, REFUSED, Desk

PANEL = "15/03/2027,2pm-4pm,Parents' panel: what helped,Coventry City Council,In person,Council House,12"
CARERS = "16/03/2027,2pm-3pm,Foster carers speak,Dudley MBC,Teams,,30"
ONLY_THEIRS = "This session is private. Only the organisers of its own programme can see or change it."
PROGRAMMES = "This programme is private, or has private sessions. Only its own organisers can make it open."
NEW: dict[str, Any] = {"title": "Parents together", "kind": "parent_partnership", "first_day": "15 March 2027", "last_day": "19 March 2027"}


async def test_an_import_asks_and_publishing_waits_for_the_answer(desk: Desk) -> None:
    done = await desk.imported(LUNCH, PANEL, CARERS, KINSHIP)
    assert "**2 sessions may be for families.** Nobody can see or book them until you say" in done.text
    shown = await desk.do("programme publish", programme=str(desk.programme_id))
    assert "**2 sessions would open**" in shown.text
    assert "**2 sessions wait for your answer.** It looks as if families take part. Is it private?" in shown.text
    assert "- Parents' panel: what helped, Mon 15 Mar, 2pm to 4pm" in shown.text
    published = await desk.press(shown, "Publish")
    assert "**2 sessions wait for your answer:** private or open?" in published.text
    assert "- Foster carers speak" in published.text
    states = {title: session.state for title, session in desk.sessions().items()}
    assert [title for title, state in states.items() if state is SessionState.DRAFT] == [
        "Parents' panel: what helped",
        "Foster carers speak",
    ]
    again = await desk.do("programme publish", programme=str(desk.programme_id))
    menus = {menu.custom_id.split(":")[2]: menu.custom_id for menu in again.menus}
    after = await desk.server.chat.choose(desk.olga, again, desk.id_of("Foster carers speak"), menu=menus["open"])
    assert "**1 session waits for your answer.**" in after.text
    last = await desk.press(after, "All of them are private")
    assert "wait for your answer" not in last.text
    assert "**1 session is private.** Nothing of that is posted" in last.text
    found = {title: (session.state, session.privacy) for title, session in desk.sessions().items()}
    assert found["Foster carers speak"] == (SessionState.PUBLISHED, Privacy.OPEN)
    assert found["Parents' panel: what helped"] == (SessionState.PUBLISHED, Privacy.PRIVATE)
    nadia = desk.server.someone(2)
    offered = await desk.server.chat.suggestions(nadia, "book", "session", "")
    assert len(offered) == 3
    assert "panel" not in str(offered)


async def test_a_programme_for_families_is_private_with_whom_to_call(desk: Desk) -> None:
    made = await desk.do("programme create", **NEW, contact="Jo Field, 0121 496 0000")
    assert "It is private: only people with an invitation code will see it.\nFamilies call Jo Field, 0121 496 0000.\n" in made.text
    (row,) = desk.read_rows(Programme, Programme.title == "Parents together")
    assert (row.default_privacy, row.contact) == (Privacy.PRIVATE, "Jo Field, 0121 496 0000")
    await desk.do("session add", programme=str(row.id), title="Parents meet", date="15 March 2027", start="10am", end="11am", held="Teams")
    shown = await desk.do("programme publish", programme=str(row.id))
    assert "wait" not in shown.text  # a private programme has answered already
    await desk.press(shown, "Publish")
    assert desk.read_rows(Posting) == []
    contact = await desk.do("programme contact", programme=str(row.id), contact="Ann, 0121 496 0001")
    assert contact.text.startswith("### Families are told whom to call\nAnn, 0121 496 0001")
    assert (await desk.server.chat.command(desk.server.someone(2), "browse")).text.startswith("### There is nothing to book")


async def test_codes_are_made_shown_once_listed_and_taken_back(desk: Desk) -> None:
    await desk.imported(LUNCH)
    await desk.do("session private", session=desk.ref("Lunch and learn"), privacy="private", public_title="Morning workshop")
    await desk.published()
    made = await desk.do("invitation new", programme=str(desk.programme_id), people=2, note="Tuesday group")
    assert made.private
    code = made.text.splitlines()[0].removeprefix("## ")
    assert "It opens every private session of this programme, for 2 people, until Friday 19 March 2027, 11.59pm." in made.text
    dana = desk.server.chat.join("Dana")
    assert "Morning workshop" in (await desk.server.chat.command(dana, "invited", code=code, direct=True)).text
    listed = await desk.do("invitation list", programme=str(desk.programme_id))
    assert f"- **{code[:3]}…** Tuesday group · used 1 of 2 · until Friday 19 March 2027, 11.59pm" in listed.text
    assert code not in listed.text
    offered = await desk.server.chat.suggestions(desk.olga, "invitation revoke", "code", "tues", programme=str(desk.programme_id))
    assert offered == ((f"{code[:3]}… Tuesday group · used 1", "1"),)
    looked = [entry for entry in desk.read_rows(AuditEntry) if entry.action == "view invitations"]
    assert len(looked) == 1  # the list was looked at; what is offered while one types is no look
    back = await desk.do("invitation revoke", programme=str(desk.programme_id), code="1")
    assert back.text.startswith(f"### The code {code[:3]}… is taken back")
    assert [row.revoked_at is not None for row in desk.read_rows(InvitationCode)] == [True]
    emptied = await desk.server.chat.command(dana, "invited", direct=True)
    assert emptied.form is not None


async def test_lists_of_families_are_for_that_programmes_organisers_alone(desk: Desk) -> None:
    building, chat = desk.server.building, desk.server.chat
    await desk.imported(LUNCH)
    reference, session_id = desk.ref("Lunch and learn"), desk.id_of("Lunch and learn")
    await desk.do("session private", session=reference, privacy="private")
    await desk.published()
    code = (await desk.do("invitation new", programme=str(desk.programme_id))).text.splitlines()[0].removeprefix("## ")
    dana = desk.server.someone(5)
    await chat.command(dana, "invited", code=code)
    before = await chat.forge(dana, await chat.command(dana, "my bookings"), f"pw:book:{session_id}:any")
    await chat.fill(dana, await chat.press(dana, before, "Go on"), name="Rosie")
    seen = await desk.do("session bookings", session=reference)
    assert seen.private
    assert "1 person.\n- **Rosie** has a place" in seen.text
    assert "Person 5" not in seen.text
    assert desk.trail()[-1] == "view bookings"
    # organisers of another programme do not even hear that it exists
    pat = desk.organiser_of(desk.another_programme(), "Pat")
    unknown = "Please choose one of the sessions that are shown while you type."
    for name in ("session bookings", "session needs", "session cancel"):
        assert (await desk.do(name, pat, session=reference)).text == unknown
        assert await chat.suggestions(pat, name, "session", "") == ()
    assert (await desk.do("invitation list", pat, programme=str(desk.programme_id))).text == REFUSED
    card = await chat.command(pat, "my bookings")
    for forged in (f"pw:attendance:{session_id}:there:0", f"pw:everyone:{session_id}"):
        assert (await chat.forge(pat, card, forged)).text == REFUSED
    assert (await chat.forge(pat, card, f"pw:needs:seen:{session_id}", values=["1"])).text == REFUSED
    assert (await chat.forge(pat, card, f"pw:privacy:all:{desk.programme_id}:1")).text == REFUSED
    # a role of its own keeps the partnership's organisers out, too
    lena = desk.organiser_of(desk.programme_id, "Lena")
    assert building.write(set_organiser_role, building.partnership_id, desk.programme_id, 4242, actor=ACTOR, now=building.now) is None
    views = len(views_of(desk))
    for name in ("session bookings", "session needs"):
        assert (await desk.do(name, session=reference)).text == ONLY_THEIRS
    assert (await desk.do("invitation new", programme=str(desk.programme_id))).text == ONLY_THEIRS
    assert await chat.suggestions(desk.olga, "invitation revoke", "code", "", programme=str(desk.programme_id)) == ()
    desk.server.later(days=14, hours=4)
    for forged in (f"pw:attendance:{session_id}:there:0", f"pw:everyone:{session_id}"):
        assert (await chat.forge(desk.olga, seen, forged)).text == ONLY_THEIRS
    assert (await desk.do("attendance list", session=reference)).text == ONLY_THEIRS
    assert len(views_of(desk)) == views
    theirs = await desk.do("attendance list", lena, session=reference)
    assert theirs.menus[0].options[0][1] == "Rosie"
    assert views_of(desk)[-1] == ("view attendance", f"discord:{lena.id}")


def views_of(desk: Desk) -> list[tuple[str, str]]:
    trail = desk.server.building.read(rows, AuditEntry)
    return [(entry.action, entry.actor) for entry in trail if entry.action.startswith("view ")]


async def test_an_open_session_becomes_private_and_its_day_is_shown_without_it(desk: Desk) -> None:
    await desk.imported(LUNCH, KINSHIP)
    await desk.published()
    done = await desk.do("session private", session=desk.ref("Kinship care"), privacy="private", public_title="Afternoon workshop")
    assert done.text == (
        "### This session is private now\nKinship care\n"
        "Only people with an invitation code can see it or book it. Make one with /invitation new. "
        "Where others can see it, it is called “Afternoon workshop”."
    )
    (session,) = desk.read_rows(Session, Session.title == "Kinship care")
    assert (session.privacy, session.public_title) == (Privacy.PRIVATE, "Afternoon workshop")
    offered = await desk.server.chat.suggestions(desk.olga, "session edit", "session", "")
    assert [name for name, _ in offered] == [
        "Mon 15 Mar, 12 noon to 1pm · Lunch and learn · Dudley MBC",
        "Tue 16 Mar, 10am to 11am · Afternoon workshop",
    ]
    whole = await desk.do("programme private", programme=str(desk.programme_id), privacy="private")
    assert whole.text.startswith("### Regional week is private now\n1 session changed. New sessions will be private too.")


async def test_who_may_not_see_its_private_sessions_may_make_an_open_programme_private_and_no_private_one_open(desk: Desk) -> None:
    building = desk.server.building
    await desk.imported(LUNCH, KINSHIP)
    await desk.published()
    lena = desk.organiser_of(desk.programme_id, "Lena")
    building.write(set_organiser_role, building.partnership_id, desk.programme_id, 4242, actor=ACTOR, now=building.now)
    both = "open", "private", "private", "open"
    said = [(await desk.do("programme private", programme=str(desk.programme_id), privacy=privacy)).text for privacy in both]
    assert [text.splitlines()[0] for text in said] == [*(f"### Regional week is {privacy} now" for privacy in both[:3]), PROGRAMMES]
    theirs = await desk.do("programme private", lena, programme=str(desk.programme_id), privacy="open")
    assert theirs.text.startswith("### Regional week is open now\n2 sessions changed.")
    await desk.do("session private", lena, session=desk.ref("Lunch and learn"), privacy="private")
    assert (await desk.do("programme private", programme=str(desk.programme_id), privacy="open")).text == PROGRAMMES


def test_where_there_are_pages_a_new_code_comes_with_its_whole_address() -> None:
    made = MadeCode(1, "ACDEF-HJKMN-PQRTU", "Parents together", None, 1, datetime(2027, 3, 19, 23, 59, tzinfo=UTC), "Europe/London")
    address = "https://pages.example.org/midlands/invited/ACDEF-HJKMN-PQRTU"
    said = [address in str(made_card(made, pages).to_components()) for pages in ("https://pages.example.org/midlands", "")]
    assert said == [True, False]


async def test_a_role_of_its_own_keeps_what_its_private_sessions_are_called_from_the_partnerships_organisers(desk: Desk) -> None:
    building, chat = desk.server.building, desk.server.chat
    await desk.imported(LUNCH, KINSHIP)
    reference, session_id = desk.ref("Lunch and learn"), desk.id_of("Lunch and learn")
    changed = await desk.do("session edit", session=reference, audience="Everyone")
    await desk.do("session private", session=reference, privacy="private", public_title="Morning workshop")
    await desk.published()
    lena = desk.organiser_of(desk.programme_id, "Lena")
    building.write(set_organiser_role, building.partnership_id, desk.programme_id, 4242, actor=ACTOR, now=building.now)
    moved = LUNCH.replace("12", "1", 1)
    for lines in ((KINSHIP,), (moved, KINSHIP)):
        shown = await desk.send(*lines)
        assert [word for word in ("Lunch and learn", "No longer in the file") if word in shown.text.replace(lines[0], "")] == []
    theirs = await desk.send(KINSHIP, who=lena)
    assert "Lunch and learn" in theirs.text
    every = ("session edit", "session cancel", "session presenters", "session materials list", "attendance sheet")
    said = [await desk.do(name, session=reference) for name in every]
    said += [await desk.do("session reschedule", session=reference, date="16 March 2027")]
    said += [await desk.press(changed, "Undo")]
    said += [await chat.forge(desk.olga, theirs, f"pw:calloff:{session_id}")]
    assert [seen.text for seen in said] == [ONLY_THEIRS] * len(said)
    assert "Lunch and learn" in (await desk.do("session cancel", lena, session=reference)).text


async def test_who_makes_only_addresses_a_programmes_own_organisers_reads_what_nobody_can_do_then(desk: Desk) -> None:
    building, programme = desk.server.building, str(desk.programme_id)
    own = "Nobody can add materials to those sessions or ask their presenters"
    said = [await desk.do("programme organiser-mail", programme=programme, address="olga@council.gov.uk")]
    said.append(await desk.do("programme organiser-mail", programme=programme, address="olga@council.gov.uk", remove=True))
    building.write(set_organiser_role, building.partnership_id, desk.programme_id, 4242, actor=ACTOR, now=building.now)
    said.append(await desk.do("programme organiser-mail", programme=programme, address="olga@council.gov.uk"))
    assert [own in seen.text for seen in said] == [True, False, False]


async def test_what_may_be_private_is_counted_for_who_does_not_organise_its_programme_and_named_nowhere(desk: Desk) -> None:
    chat, programme = desk.server.chat, str(desk.programme_id)
    await desk.imported(LUNCH, PANEL, CARERS)
    panel = desk.ref("Parents' panel: what helped")
    own = await desk.do("programme publish", programme=programme)
    assert "Parents' panel: what helped" in own.text  # a programme without organisers of its own is the partnership's
    lena = desk.organiser_of(desk.programme_id, "Lena")
    seen = [await desk.do("programme publish", programme=programme)]
    assert (
        "**2 sessions wait for this programme's own organisers** to say whether they are private. Until then nobody can see or book them."
        in seen[0].text
    )
    assert seen[0].menus == ()
    seen += [await desk.press(seen[0], "Publish"), await desk.do("programme attention", programme=programme)]
    seen += [await desk.do("programme history", programme=programme), await desk.send(LUNCH)]
    offered = await chat.suggestions(desk.olga, "session edit", "session", "")
    assert [name for name, _ in offered] == [
        "Mon 15 Mar, 12 noon to 1pm · Lunch and learn · Dudley MBC",
        "Mon 15 Mar, 2pm to 4pm · Private session",
        "Tue 16 Mar, 2pm to 3pm · Private session",
    ]
    assert [word for one in seen for word in ("panel", "carers") if word in one.text] == []
    refused = [
        await desk.do("session edit", session=panel, audience="All"),
        await desk.do("session private", session=panel, privacy="open"),
    ]
    menu = next(one.custom_id for one in own.menus if ":open:" in one.custom_id)
    refused.append(await chat.forge(desk.olga, own, menu, values=[desk.id_of("Foster carers speak")]))
    assert [one.text for one in refused] == [
        "This session may be private. Only the organisers of its own programme can see or change it."
    ] * 3
    assert (await desk.do("programme private", programme=programme, privacy="open")).text == PROGRAMMES
    assert "- Parents' panel: what helped" in (await desk.do("programme publish", lena, programme=programme)).text
    after = await desk.press(await desk.do("programme publish", programme=programme), "All of them are private")
    assert "**2 sessions are private.**" in after.text
