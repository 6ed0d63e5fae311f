"""The words are read as one: short sentences, reading age nine to twelve, British spelling, no jargon, and one page that shows them all.

The reading age is by the Automated Readability Index (Smith and Senter, 1967): 4.71 letters a word + 0.5 words a sentence -
21.43 is a school grade; grade 7 is read at twelve.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from tests.sentences import PAGE, Sentence, page, sentences

LONGEST = 25  # words in a sentence
AGE_TWELVE = 7.0
#: single short sentences vary much: one long word lifts them; only the plainly hard ones are caught
ONE_SENTENCE = 12.5
ENOUGH = 60  # words in a file, for its reading age to mean something
#: who sets the program up reads of services by their own names
FOR_OPERATORS = ("practiceweek/", "rehearsal/", "bot/checking", "integrations/")
AMERICAN = re.compile(
    r"\b(organiz|recogniz|apologiz|summariz|customiz|canceled|canceling|color|center\b|favor(?!ite\b)|behavior|license[sd]? to|enroll\b|"
    r"traveler|labor\b|gray|dialog\b|check mark|zip code|math\b|fall term|vacation|cell ?phone|toward\b|gotten|schedule for)",
    re.IGNORECASE,
)
JARGON = re.compile(
    r"\b(modal|ephemeral|guild|snowflake|custom.?id|invalid|null|exception|program(?!me)|timestamp|timezone|UTC|ISO|boolean|parse|query|queries|backend|"
    r"payload|GUID|UUID|JSON|API|HTTP|token|revision|database|attendee|stakeholder|utili[sz]e|facilitat\w+|commence|regarding|prior to|"
    r"in order to|please note|kindly|click here|simply|just)\b"
)


@pytest.fixture(scope="module")
def said() -> list[Sentence]:
    return sentences()


def words_of(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9’'-]+", text)


def grade(texts: list[str]) -> float:
    words = [word for text in texts for word in words_of(text)]
    return 4.71 * sum(len(word) for word in words) / len(words) + 0.5 * len(words) / len(texts) - 21.43


def test_the_measure_knows_a_hard_sentence_from_an_easy_one() -> None:
    easy = "You have a place. We send you the link. If you cannot come, please tell us."
    hard = "Notwithstanding organisational interdependencies, practitioners necessitating adjustments must communicate requirements."
    assert (round(grade(easy.split(". ")), 1), round(grade([hard]), 1)) == (-2.3, 40.6)


def test_there_are_sentences_in_every_room_that_speaks(said: list[Sentence]) -> None:
    assert {sentence.file.split("/", maxsplit=1)[0] for sentence in said} == {
        "bot",
        "domain",
        "integrations",
        "practiceweek",
        "rehearsal",
        "web",
    }


def test_no_sentence_is_long(said: list[Sentence]) -> None:
    assert [s for s in said if len(words_of(s.words)) > LONGEST] == []


def test_no_sentence_is_hard(said: list[Sentence]) -> None:
    assert [(round(grade([s.words]), 1), s) for s in said if len(words_of(s.words)) >= 9 and grade([s.words]) > ONE_SENTENCE] == []


def test_every_file_is_read_at_twelve(said: list[Sentence]) -> None:
    by_file: dict[str, list[str]] = defaultdict(list)
    for sentence in said:
        by_file[sentence.file].append(sentence.words)
    grades = {file: round(grade(texts), 1) for file, texts in by_file.items() if sum(len(words_of(t)) for t in texts) >= ENOUGH}
    assert {file: found for file, found in grades.items() if found > AGE_TWELVE} == {}


def test_all_together_are_read_at_nine(said: list[Sentence]) -> None:
    assert grade([sentence.words for sentence in said]) < 4.0


def test_the_spelling_is_british(said: list[Sentence]) -> None:
    assert [s for s in said if AMERICAN.search(s.words)] == []


def test_no_jargon_meets_the_people_who_book_or_organise(said: list[Sentence]) -> None:
    assert [s for s in said if JARGON.search(s.words) and not s.file.startswith(FOR_OPERATORS)] == []


def test_the_page_of_words_shows_what_is_said_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make words"
