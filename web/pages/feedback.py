"""Feedback by link: one page with the questions, answered once. What is answered is kept apart from who answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.errors import BadInput, Closed, NotAllowed
from domain.feedback.by_link import AskedByLink, answer_by_link, asked_by_link
from domain.feedback.questions import LONGEST_TEXT, RATING, RATINGS, SCALE, TOO_LONG, Question
from domain.models import QuestionKind
from web.front import Front
from web.pages.typed import same, told_at
from web.safety.forms import words


def routes(front: Front) -> list[Route]:
    """Of a link in a request for feedback."""
    pages = Feedback(front)
    return [Route("/feedback/{token}", pages.show, methods=["GET"]), Route("/feedback/{token}", pages.sent, methods=["POST"])]


@dataclass
class Given:
    """What was chosen and typed, by the key of its question; and what is wrong with it."""

    fields: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    rating: int = 0
    answers: dict[str, int | str] = field(default_factory=dict)

    def of(self, key: str) -> str:
        """What was given there."""
        return self.fields.get(key, "")


class Feedback:
    """The form, and a word of thanks in its place afterwards."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def show(self, request: Request) -> Response:
        """The questions, or why there are none."""
        return self._page(request, await self._asked(request), Given())

    async def sent(self, request: Request) -> Response:
        """Stored; or shown again with what is wrong beside it. Sent twice, it is stored once."""
        form = await self._front.forms.read(request)
        asked = await self._asked(request)
        given = read_answers(form, asked.questions)
        if not given.errors:
            try:
                await self._store(request, given)
            except BadInput as bad:
                given.errors |= told_at(bad, same(RATING, *(one.key for one in asked.questions)))
            except (Closed, NotAllowed):
                pass  # the page says so
        if given.errors:
            return self._page(request, asked, given, status=422)
        return RedirectResponse(request.url.path, status_code=303)

    async def _asked(self, request: Request) -> AskedByLink:
        token, rules, now = request.path_params["token"], self._front.rules_of, self._front.clock()
        return await self._front.store.read(asked_by_link, self._front.ids, token, rules, now=now)

    async def _store(self, request: Request, given: Given) -> None:
        token, rules, now = request.path_params["token"], self._front.rules_of, self._front.clock()
        await self._front.store.write(answer_by_link, self._front.ids, token, given.rating, given.answers, rules, now=now)

    def _page(self, request: Request, asked: AskedByLink, given: Given, *, status: int = 200) -> Response:
        whose = self._front.of(asked.partnership_id)
        fields = [(one, choices_of(one)) for one in asked.questions]
        return self._front.page(
            request,
            "feedback.html",
            whose,
            status=status,
            asked=asked,
            given=given,
            ratings=list(enumerate(RATINGS, 1)),
            fields=fields,
            longest=LONGEST_TEXT,
            minimum=whose.rules.minimum_answers,
        )


def choices_of(question: Question) -> list[tuple[int, str]]:
    """What can be chosen, each with its number; nothing where one writes."""
    if question.kind is QuestionKind.TEXT:
        return []
    return list(enumerate(question.options if question.kind is QuestionKind.CHOICE else SCALE, 1))


def read_answers(form: FormData, questions: tuple[Question, ...]) -> Given:
    """What was sent; a number that is none of those offered counts as not chosen."""
    given = Given({key: words(form, key) for key in (RATING, *(one.key for one in questions))})
    given.rating = _number(given.of(RATING), 5)
    if not given.rating:
        given.errors[RATING] = "Choose a number from 1 to 5."
    for one in questions:
        choices = choices_of(one)
        if choices and (number := _number(given.of(one.key), len(choices))):
            given.answers[one.key] = number
        elif not choices and len(given.of(one.key)) > LONGEST_TEXT:
            given.errors[one.key] = TOO_LONG
        elif not choices and given.of(one.key).strip():
            given.answers[one.key] = given.of(one.key)
    return given


def _number(typed: str, most: int) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 2 and 1 <= int(typed) <= most else 0
