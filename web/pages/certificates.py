"""What somebody keeps of what they attended: certificates, and drafts of CPD notes. Nothing that is typed here is kept."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.askers import ByLink
from domain.attended import ProgrammeAttended, attendance_facts, programmes_attended
from domain.cpd import CPD_FORM, TOO_LONG, CpdDraft, cpd_draft, filled_in, past_sessions, too_long
from domain.database import Db
from domain.errors import Refusal
from domain.records import AttendanceFacts, Attended, CompletionFacts
from domain.series.completion import Completed, completion_facts, my_completed
from web.front import Front
from web.pages.own import Reader, reader_of
from web.safety.forms import words

PDF, TEXT = "application/pdf", "text/plain; charset=utf-8"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: a student of social work is not registered yet
STUDENTS = "If you are a student, you do not need to record CPD yet."


def routes(front: Front) -> list[Route]:
    """Behind a person's own link."""
    pages = Certificates(front)
    return [
        Route("/mine/{token}/certificates", pages.all, methods=["GET"]),
        Route("/mine/{token}/certificates/series/{series:int}.pdf", pages.completion, methods=["GET"]),
        Route("/mine/{token}/certificates/programme/{programme:int}.pdf", pages.attendance, methods=["GET"]),
        Route("/mine/{token}/cpd/{session:int}", pages.draft, methods=["GET"]),
        Route("/mine/{token}/cpd/{session:int}", pages.note, methods=["POST"]),
    ]


class Certificates:
    """A list, and the files that it leads to."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def all(self, request: Request) -> Response:
        """What there is to keep."""
        reader, completed, programmes, past = await self._front.store.read(_all, *self._asked(request))
        here = f"/mine/{request.path_params['token']}"
        whose = self._front.of(reader.partnership_id)
        return self._front.page(request, "certificates.html", whose, completed=completed, programmes=programmes, past=past, here=here)

    async def completion(self, request: Request) -> Response:
        """That a course was completed."""
        reader, facts = await self._front.store.read(_completion, *self._asked(request), request.path_params["series"])
        whose = self._front.of(reader.partnership_id)
        if whose.certificates is None:
            raise Refusal("We cannot make certificates here at the moment. Please ask an organiser.")
        return _file(await whose.aside(whose.certificates.completion, facts), PDF, "certificate.pdf")

    async def attendance(self, request: Request) -> Response:
        """What was attended of a programme."""
        reader, facts = await self._front.store.read(_attendance, *self._asked(request), request.path_params["programme"])
        whose = self._front.of(reader.partnership_id)
        if whose.certificates is None:
            raise Refusal("We cannot make certificates here at the moment. Please ask an organiser.")
        return _file(await whose.aside(whose.certificates.attendance, facts), PDF, "certificate-of-attendance.pdf")

    async def draft(self, request: Request) -> Response:
        """The form of a CPD note, with what we know."""
        reader, draft = await self._front.store.read(_draft, *self._asked(request), request.path_params["session"])
        return self._form(request, reader, {question.key: answer for question, answer in draft.answers})

    async def note(self, request: Request) -> Response:
        """The form as it was filled in, as a file. It is not kept."""
        form = await self._front.forms.read(request)
        reader, _ = await self._front.store.read(_draft, *self._asked(request), request.path_params["session"])
        typed = {question.key: words(form, question.key) for question in CPD_FORM}
        if wrong := too_long(typed):
            return self._form(request, reader, typed, dict.fromkeys(wrong, TOO_LONG), status=422)
        notes = self._front.of(reader.partnership_id).cpd
        if notes is None:
            raise Refusal("We cannot make this file here at the moment. Please copy your answers instead.")
        if words(form, "as") == "word":
            whose = self._front.of(reader.partnership_id)
            return _file(await whose.aside(notes.word, filled_in(typed)), DOCX, "cpd-note.docx")
        return _file(notes.text(filled_in(typed)), TEXT, "cpd-note.txt")

    def _form(
        self, request: Request, reader: Reader, typed: dict[str, str], errors: dict[str, str] | None = None, *, status: int = 200
    ) -> Response:
        return self._front.page(
            request,
            "cpd.html",
            self._front.of(reader.partnership_id),
            status=status,
            here=f"/mine/{request.path_params['token']}",
            typed=typed,
            errors=errors or {},
            form=CPD_FORM,
            students=STUDENTS,
        )

    def _asked(self, request: Request) -> tuple[tuple[int, ...], str, datetime]:
        return self._front.ids, request.path_params["token"], self._front.clock()


def _file(content: bytes, media_type: str, name: str) -> Response:
    """To be saved, and kept by nobody on its way."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


_All = tuple[Reader, tuple[Completed, ...], tuple[ProgrammeAttended, ...], tuple[Attended, ...]]


def _all(db: Db, ids: tuple[int, ...], token: str, now: datetime) -> _All:
    reader = reader_of(db, ids, token, now)
    whose, who = reader.partnership_id, ByLink(reader.person_id)
    return (
        reader,
        my_completed(db, whose, who, now=now),
        programmes_attended(db, whose, who, now=now),
        past_sessions(db, whose, who, now=now),
    )


def _completion(db: Db, ids: tuple[int, ...], token: str, now: datetime, number: int) -> tuple[Reader, CompletionFacts]:
    reader = reader_of(db, ids, token, now)
    return reader, completion_facts(db, reader.partnership_id, ByLink(reader.person_id), number, now=now)


def _attendance(db: Db, ids: tuple[int, ...], token: str, now: datetime, number: int) -> tuple[Reader, AttendanceFacts]:
    reader = reader_of(db, ids, token, now)
    return reader, attendance_facts(db, reader.partnership_id, ByLink(reader.person_id), number, now=now)


def _draft(db: Db, ids: tuple[int, ...], token: str, now: datetime, number: int) -> tuple[Reader, CpdDraft]:
    reader = reader_of(db, ids, token, now)
    return reader, cpd_draft(db, reader.partnership_id, ByLink(reader.person_id), number, now=now)
