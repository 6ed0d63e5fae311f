"""Certificates as PDF: of completion, and of attendance. What draws them (`certificate_pages`) is loaded when one is drawn."""

from __future__ import annotations

import logging

from domain.records import AttendanceFacts, CompletionFacts, hours_words, minutes_of
from domain.times import day_words
from integrations.plain import one_line


class CertificateFiles:
    """Draws certificates."""

    def __init__(self) -> None:
        for noisy in ("fpdf", "fontTools"):  # they write the letters that a typeface lacks, and so of somebody's name, into the log
            logging.getLogger(noisy).setLevel(logging.ERROR)

    def completion(self, facts: CompletionFacts) -> bytes:
        """That somebody completed a course."""
        from integrations.certificate_pages import CertificatePages

        hours = hours_words(minutes_of(facts.sessions))
        page = CertificatePages(f"Certificate of completion: {one_line(facts.course)}", f"Certificate number {facts.number}")
        page.opening(facts.partnership, "Certificate of completion", facts.person, "has completed", facts.course)
        page.fact(f"{hours} of learning, completed on {day_words(facts.completed_on)}")
        page.sessions(facts.sessions)
        return page.finished()

    def attendance(self, facts: AttendanceFacts) -> bytes:
        """That somebody attended sessions of a programme."""
        from integrations.certificate_pages import CertificatePages

        count = len(facts.sessions)
        hours = hours_words(minutes_of(facts.sessions))
        page = CertificatePages(f"Certificate of attendance: {one_line(facts.programme)}", f"Made on {day_words(facts.made_on)}")
        page.opening(facts.partnership, "Certificate of attendance", facts.person, "took part in", facts.programme)
        page.fact(f"{count} {'session' if count == 1 else 'sessions'} attended: {hours} of learning")
        page.sessions(facts.sessions)
        return page.finished()
