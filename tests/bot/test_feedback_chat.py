"""Feedback by button, form and command, in direct messages and in the server."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from bot.delivery import DirectMessages
from bot.feedback import prompt_card, short_form
from domain.attendance import mark_all_but
from domain.feedback.answers import Comments, Confidence, Results, Spread
from domain.feedback.asking import WordsForm, close_feedback, results
from domain.feedback.questions import Question
from domain.kinds import Channel
from domain.models import FeedbackAnswer, QuestionKind
from domain.people import find
from domain.rules import Rules
from rehearsal.chat import Seen, Someone
from scheduler.ticks import Ticks
from tests.bot_building import Server
from tests.building import ACTOR, START

END = START + timedelta(minutes=45)
HOUR = timedelta(hours=1)


def session_with(server: Server, *people: Someone, title: str = "Strengths") -> int:
    """A session on which these people have a place, and which has just ended."""
    session_id = server.building.session(title=title, places=30)
    for person in people:
        server.building.book(session_id, known(server, person))
    return session_id


def known(server: Server, person: Someone) -> int:
    return server.building.read(find, server.building.partnership_id, person.id).id


def ended(server: Server) -> None:
    server.later(seconds=(END - server.building.now).total_seconds())


async def asked(server: Server, person: Someone, session_id: int, title: str = "Strengths") -> Seen:
    """The question, as it comes in a direct message."""
    user = await server.chat.bot.fetch_user(person.id)
    await user.send(view=prompt_card(session_id, title, START, END, "Europe/London"))
    return server.chat.direct(person)[-1]


def seen(server: Server, session_id: int) -> Results:
    return server.building.read(results, server.building.partnership_id, session_id, server.building.rules)


def close(server: Server) -> None:
    server.building.write(close_feedback, server.building.rules, now=END + timedelta(days=8))


async def test_one_press_in_a_direct_message_is_a_rating_and_the_thanks_take_its_place(server: Server) -> None:
    anna = server.someone(1)
    session_id = session_with(server, anna)
    ended(server)
    prompt = await asked(server, anna, session_id)
    thanks = await server.chat.press(anna, prompt, "4")
    messages = server.chat.direct(anna)
    assert prompt.labels == ("1 Not useful", "2", "3", "4", "5 Very useful")
    assert prompt.text.splitlines()[:3] == [
        "### How was it?",
        "**Strengths**",
        "Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)",
    ]
    assert len(messages) == 1
    assert messages[0].text == thanks.text
    assert thanks.text == (
        "### Thank you\nYour rating of **Strengths** is in.\n"
        "Would you like to add a few words? It takes about a minute. If not, you need do nothing.\n"
        "-# We keep your answers apart from your name."
    )
    assert thanks.labels == ("Add a few words",)


async def test_the_clock_asks_by_direct_message_and_one_press_answers(server: Server) -> None:
    anna = server.someone(1, reminders_by_chat=True)
    session_id = session_with(server, anna)
    building = server.building
    channels = {Channel.CHAT: DirectMessages(server.chat.bot)}
    ticks = Ticks(building.store, building.rules, clock=server.chat.now, by="me", providers={}, channels=channels)
    ended(server)
    await ticks.keep_time()
    await ticks.deliver()
    question = server.chat.direct(anna)[-1]
    await server.chat.press(anna, question, "4")
    rated = building.read(lambda db: [(answer.question, answer.number) for answer in db.exec(select(FeedbackAnswer))])
    assert question.text.splitlines()[:2] == ["### How was it?", "**Strengths**"]
    assert (rated, seen(server, session_id)) == ([("rating", 4)], Results())


async def test_a_few_words_join_the_rating_and_the_button_is_gone(server: Server) -> None:
    people = [server.someone(number) for number in range(5)]
    session_id = session_with(server, *people)
    ended(server)
    anna, *others = people
    thanks = await server.chat.press(anna, await asked(server, anna, session_id), "5 Very useful")
    form = await server.chat.press(anna, thanks, "Add a few words")
    done = await server.chat.fill(
        anna, form, confidence_before=["2"], confidence_after=["4"], do_differently="Listen *first*", do_better=""
    )
    for other in others:
        await server.chat.press(other, await asked(server, other, session_id), "4")
    assert form.form is not None
    assert form.form["title"] == "A few words"
    assert done.text == "### Thank you\nYour words are in. They help to make the next sessions better."
    assert [message.labels for message in server.chat.direct(anna)] == [()]
    words = Comments("What will you do differently?", ("Listen *first*",))
    assert seen(server, session_id) == Results(5, Spread((0, 0, 0, 4, 1)), None, (words,))


async def test_confidence_is_counted_from_the_form(server: Server) -> None:
    people = [server.someone(number) for number in range(5)]
    session_id = session_with(server, *people)
    ended(server)
    for number, person in enumerate(people):
        thanks = await server.chat.press(person, await asked(server, person, session_id), "3")
        form = await server.chat.press(person, thanks, "Add a few words")
        await server.chat.fill(person, form, confidence_before=["1"], confidence_after=[str(number + 1)])
    close(server)
    assert seen(server, session_id) == Results(5, Spread((0, 0, 5, 0, 0)), Confidence(5, 1.0, 3.0))


async def test_a_second_press_and_a_second_form_are_refused_in_a_sentence(server: Server) -> None:
    anna = server.someone(1)
    session_id = session_with(server, anna)
    ended(server)
    first, second = await asked(server, anna, session_id), await asked(server, anna, session_id)
    thanks = await server.chat.press(anna, first, "4")
    again = await server.chat.press(anna, second, "1 Not useful")
    button = thanks.buttons[0].custom_id or ""
    form = await server.chat.press(anna, thanks, "Add a few words")
    await server.chat.fill(anna, form, do_better="Tea")
    late = await server.chat.forge(anna, second, button)
    assert (again.text, again.private) == ("You have given your feedback on this session already. Thank you.", True)
    assert late.text == "We have your answers on this session already, or its feedback has closed. Thank you."


async def test_a_form_left_empty_is_refused_and_may_be_tried_again(server: Server) -> None:
    anna = server.someone(1)
    session_id = session_with(server, anna)
    ended(server)
    thanks = await server.chat.press(anna, await asked(server, anna, session_id), "4")
    empty = await server.chat.fill(anna, await server.chat.press(anna, thanks, "Add a few words"), do_better="  ")
    done = await server.chat.fill(anna, await server.chat.press(anna, thanks, "Add a few words"), do_better="Tea")
    assert empty.text == "You have not written anything yet. Answer at least one question, or leave it: your rating is in."
    assert done.text.startswith("### Thank you")


async def test_the_buttons_work_after_a_restart(server: Server) -> None:
    anna = server.someone(1)
    session_id = session_with(server, anna)
    ended(server)
    prompt = await asked(server, anna, session_id)
    await server.chat.restart()
    thanks = await server.chat.press(anna, prompt, "2")
    await server.chat.restart()
    form = await server.chat.press(anna, thanks, "Add a few words")
    await server.chat.restart()
    done = await server.chat.fill(anna, form, do_better="Tea")
    assert done.text.startswith("### Thank you")


async def test_who_was_absent_or_is_not_known_cannot_rate(server: Server) -> None:
    anna, eve = server.someone(1), server.chat.join("Eve")
    session_id = session_with(server, anna)
    ended(server)
    building = server.building
    building.write(mark_all_but, building.partnership_id, session_id, {known(server, anna)}, actor=ACTOR, now=building.now)
    absent = await server.chat.press(anna, await asked(server, anna, session_id), "5 Very useful")
    unknown = await server.chat.press(eve, await asked(server, eve, session_id), "5 Very useful")
    assert absent.text == "Our list says that you were not at this session. If that is wrong, please tell an organiser."
    assert unknown.text == "You did not have a place on this session, so you cannot give feedback on it."


async def test_the_command_shows_the_only_session_at_once_and_only_to_who_asked(server: Server) -> None:
    anna = server.someone(1)
    session_with(server, anna)
    ended(server)
    prompt = await server.chat.command(anna, "feedback")
    thanks = await server.chat.press(anna, prompt, "5 Very useful")
    after = await server.chat.command(anna, "feedback")
    assert (prompt.private, thanks.private, thanks.labels) == (True, True, ("Add a few words",))
    assert after.text == "There is no feedback to give at the moment. We ask you when a session that you had a place on has ended."
    assert server.chat.posted() == []


async def test_the_command_offers_the_sessions_that_wait_and_takes_what_was_typed(server: Server) -> None:
    anna = server.someone(1)
    listening, law = (
        session_with(server, anna, title="Listening well"),
        server.building.session(title="Law", places=9, starts_at=START + HOUR),
    )
    server.building.book(law, known(server, anna))
    later = server.building.session(title="Later", places=9, starts_at=START + 3 * HOUR)
    server.building.book(later, known(server, anna))
    ended(server)
    server.later(hours=1)
    offered = await server.chat.suggestions(anna, "feedback", "session", "")
    typed = await server.chat.suggestions(anna, "feedback", "session", "well list")
    menu = await server.chat.command(anna, "feedback")
    chosen = await server.chat.choose(anna, menu, str(law))
    by_title = await server.chat.command(anna, "feedback", session="listening")
    not_over = await server.chat.command(anna, "feedback", session=str(later))
    assert offered == (
        ("Mon 15 Mar, 10.30am to 11.15am · Law", str(law)),
        ("Mon 15 Mar, 9.30am to 10.15am · Listening well", str(listening)),
    )
    assert typed == (offered[1],)
    assert [value for value, _, _ in menu.menus[0].options] == [str(law), str(listening)]
    assert (chosen.text.splitlines()[1], by_title.text.splitlines()[1]) == ("**Law**", "**Listening well**")
    assert not_over.text == "There is no feedback to give on that session now. Type /feedback to see the sessions that wait for yours."


async def test_the_command_works_in_direct_messages_and_for_strangers(server: Server) -> None:
    anna, eve = server.someone(1), server.chat.join("Eve")
    session_with(server, anna)
    ended(server)
    prompt = await server.chat.command(anna, "feedback", direct=True)
    thanks = await server.chat.press(anna, prompt, "5 Very useful")
    stranger = await server.chat.command(eve, "feedback")
    assert thanks.labels == ("Add a few words",)
    assert stranger.text.startswith("There is no feedback to give at the moment.")


async def test_a_tampered_number_is_refused(server: Server) -> None:
    anna = server.someone(1)
    session_id = session_with(server, anna)
    ended(server)
    prompt = await asked(server, anna, session_id)
    forged = await server.chat.forge(anna, prompt, f"pw:rate:{session_id}:6")
    chosen = await server.chat.forge(anna, prompt, "pw:feedback", values=["x" * 90])
    assert forged.text == "This button does not work any more. Use /browse to find the session."
    assert chosen.text.startswith("There is no feedback to give on that session now.")
    assert seen(server, session_id) == Results()


def test_the_form_fits_into_what_discord_takes(rules: Rules) -> None:
    many = tuple(Question(f"q{number}", kind, "W" * 45) for number in range(9) for kind in QuestionKind)
    form = short_form(WordsForm("*" * 200, many), "0" * 32).to_dict()
    assert len(form["components"]) == 5
    assert len(form["components"][0]["content"]) < 4000
