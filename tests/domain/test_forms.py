"""A programme's own feedback form: what can be asked, that answered questions stay, and how choices are counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import BadInput, Closed, NotFound
from domain.feedback.answers import Choices, Results, results_together
from domain.feedback.asking import close_feedback, complete, give_rating, results, words_form
from domain.feedback.forms import ANSWERED, check_form, form_lines, set_form
from domain.feedback.questions import FORM, Question, form
from domain.models import QuestionKind
from domain.ports.files import WrittenQuestion
from domain.programmes import ensure_partnership
from integrations.form_files import TomlForms
from tests.building import ACTOR, START, Building

WHERE = WrittenQuestion("Where do you work?", "choice", ("Children’s", "Adults’", "Both"))
WELL = WrittenQuestion("How well was it run?", "scale")
ASKED = Question("question_1", QuestionKind.CHOICE, "Where do you work?", ("Children’s", "Adults’", "Both"))


def setting(building: Building, *written: WrittenQuestion) -> None:
    where = building.partnership_id, building.programme_id
    building.write(set_form, *where, check_form(written), actor=ACTOR, now=building.now)


def a_session(building: Building, title: str, *choices: int | None) -> int:
    """A session that is over, on which people gave a rating and, where not None, a choice."""
    session_id = building.session(title=title, places=50)
    base = session_id * 100
    people = [building.person(base + number) for number in range(len(choices))]
    for person in people:
        building.book(session_id, person)
    now, building.now = building.now, START + timedelta(hours=1)
    for person, choice in zip(people, choices, strict=True):
        rated = building.write(give_rating, building.partnership_id, session_id, person, 4, building.rules, now=building.now)
        if choice is not None:
            building.write(complete, building.partnership_id, rated.token, {"question_1": choice}, building.rules, now=building.now)
    building.now = now
    return session_id


def seen(building: Building, session_id: int) -> Results:
    return building.read(results, building.partnership_id, session_id, building.rules)


def closed(building: Building) -> None:
    building.write(close_feedback, building.rules, now=START + timedelta(days=9))


def test_a_form_begins_with_the_rating_and_says_how_each_question_is_answered() -> None:
    questions = check_form((WHERE, WELL, WrittenQuestion(" What\u202e next? ", "text")))
    assert questions == (
        FORM[0],
        ASKED,
        Question("question_2", QuestionKind.SCALE, "How well was it run?"),
        Question("question_3", QuestionKind.TEXT, "What next?"),
    )
    assert form_lines(questions) == (
        "1. How useful was this session? Always asked, and answered by one press: 1 to 5.",
        "2. Where do you work? One of: Children’s; Adults’; Both.",
        "3. How well was it run? A number from 1 to 5.",
        "4. What next? In their own words.",
    )


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (WrittenQuestion(None, "text"), 'it has no words. Add a line such as words = "What will you do differently?"'),
        (WrittenQuestion("x" * 46, "text"), "its words have 46 characters. The most is 45."),
        (WrittenQuestion("What?", None), "its kind is missing. Write scale, choice or text."),
        (WrittenQuestion("What?", "choice", ("One",)), "a choice has from 2 to 25 options. This one has 1."),
        (WrittenQuestion("What?", "choice", tuple(map(str, range(26)))), "a choice has from 2 to 25 options. This one has 26."),
        (WrittenQuestion("What?", "choice", ("A", "x" * 101)), f"the option “{'x' * 30}…” has 101 characters. The most is 100."),
        (WrittenQuestion("What?", "choice", ("A", "a ")), "two of its options are the same."),
        (WrittenQuestion("What?", "text", ("A", "B")), "only a choice has options. Take them out, or write kind = “choice”."),
        (WrittenQuestion("What?", "text", key="rating"), "its key cannot be used. Leave the key out."),
    ],
)
def test_what_cannot_be_asked_is_told_by_its_question(written: WrittenQuestion, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_form((WELL, written))
    assert str(refused.value) == f"Question 2: {sentence}"


def test_no_more_is_asked_than_a_form_in_chat_can_show() -> None:
    with pytest.raises(BadInput, match=r"There are 5 questions\. A form has room for 4 after the rating"):
        check_form((WELL,) * 5)
    with pytest.raises(BadInput, match="has no questions"):
        check_form(())
    with pytest.raises(BadInput, match="before and after the session, or not at all"):
        check_form((WrittenQuestion("Sure?", "scale", key="confidence_before"),))


def test_a_programmes_own_questions_are_asked_and_may_change_until_somebody_answers(building: Building) -> None:
    setting(building, WELL)
    setting(building, WHERE)
    assert building.read(form, building.partnership_id, building.programme_id) == (FORM[0], ASKED)
    a_session(building, "Answered", None)
    with pytest.raises(Closed) as refused:
        setting(building, WELL)
    assert str(refused.value) == ANSWERED
    assert building.read(form, building.partnership_id, building.programme_id) == (FORM[0], ASKED)


def test_another_partnership_sets_no_form_here(building: Building) -> None:
    elsewhere = building.write(ensure_partnership, "north", "North", 2)
    with pytest.raises(NotFound):
        building.write(set_form, elsewhere, building.programme_id, check_form((WELL,)), actor=ACTOR, now=building.now)


def test_an_answer_that_was_not_offered_is_refused(building: Building) -> None:
    setting(building, WHERE)
    with pytest.raises(BadInput, match="one of the answers that are offered"):
        a_session(building, "Chosen", 4)


def test_a_form_asks_a_choice_with_its_options(building: Building) -> None:
    setting(building, WHERE)
    session_id = building.session()
    person = building.person(1)
    building.book(session_id, person)
    now = START + timedelta(hours=1)
    rated = building.write(give_rating, building.partnership_id, session_id, person, 4, building.rules, now=now)
    assert building.read(words_form, building.partnership_id, rated.token, building.rules, now=now).questions == (ASKED,)


def test_choices_are_counted_once_enough_people_have_answered_that_question(building: Building) -> None:
    setting(building, WHERE)
    few = a_session(building, "Few", 1, 1, 2, 3, None, None)
    enough = a_session(building, "Enough", 1, 1, 2, 3, 3)
    closed(building)
    assert (seen(building, few).answers, seen(building, few).choices) == (6, ())
    assert seen(building, enough).choices == (Choices("Where do you work?", (("Children’s", 2), ("Adults’", 1), ("Both", 2))),)


def test_a_sixth_choice_is_not_seen_arriving(building: Building) -> None:
    setting(building, WHERE)
    session_id = a_session(building, "Six", 1, 1, 1, 1, 1, 3)
    shown = seen(building, session_id)
    assert shown.answers == 5
    assert shown.choices == ()  # the words of the fifth came after its batch was released: they wait for the close
    closed(building)
    assert seen(building, session_id).choices == (Choices("Where do you work?", (("Children’s", 5), ("Adults’", 0), ("Both", 1))),)


def together(building: Building, *session_ids: int) -> tuple[Choices, ...]:
    found: Results = building.read(results_together, session_ids, building.rules, (ASKED,))
    return found.choices


def test_a_programmes_counts_leave_out_the_few_of_a_session_that_does_not_show_them(building: Building) -> None:
    setting(building, WHERE)
    enough = a_session(building, "Enough", 1, 1, 1, 1, 1)
    few = a_session(building, "Few", 2, 2, 2, None, None)
    closed(building)
    alone = (("Children’s", 5), ("Adults’", 0), ("Both", 0))
    assert together(building, enough, few) == (Choices("Where do you work?", alone),)
    another = a_session_later(building)
    assert together(building, enough, few, another) == (Choices("Where do you work?", (("Children’s", 5), ("Adults’", 3), ("Both", 2))),)


def a_session_later(building: Building) -> int:
    session_id = a_session(building, "Few again", 3, 3, None, None, None)
    closed(building)
    return session_id


def test_a_scale_of_ones_own_is_counted_like_a_choice(building: Building) -> None:
    setting(building, WELL)
    session_id = a_session(building, "Scale", 5, 5, 4, 1, 1)
    closed(building)
    counts = (("1: not at all", 2), ("2", 0), ("3", 0), ("4", 1), ("5: very", 2))
    assert seen(building, session_id).choices == (Choices("How well was it run?", counts),)


# ── the file ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_gives_its_questions_in_order() -> None:
    content = '[[question]]\nkind = "scale"\nwords = "How well?"\n[[question]]\nkind = "choice"\nwords = "Where?"\noptions = ["A", "B"]\n'
    assert TomlForms().read("form.toml", content.encode()) == (
        WrittenQuestion("How well?", "scale"),
        WrittenQuestion("Where?", "choice", ("A", "B")),
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe", "This file is not plain text. Save the form as a .toml file in UTF-8."),
        (b"[[question]\n", "This file could not be read as TOML: "),
        (b"[question]\nkind = 'text'\n", "Begin each question with a line [[question]], in two pairs of brackets."),
        (b"[[questions]]\nkind = 'text'\n", "“questions” is not known here. A form is made of parts that begin with [[question]]."),
        (b"[[question]]\nkind = 3\n", 'Question 1: write kind as a text between quotation marks, such as kind = "…".'),
        (
            b"[[question]]\ntype = 'text'\n",
            "Question 1: “type” is not known. A question has a kind (scale, choice or text), words and, for a choice, options.",
        ),
        (b"[[question]]\noptions = 'A'\n", 'Question 1: write the options as a list of texts, such as ["Yes", "No"].'),
        (b"#" * 50_001, "This file is too large for a form: the most is 50 KB."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        TomlForms().read("form.toml", content)
    assert str(refused.value).startswith(sentence)
