"""CPD notes as files: plain text, and a .docx that a screen reader can walk through by its headings."""

from __future__ import annotations

from io import BytesIO

from domain.cpd import CpdDraft
from integrations.plain import one_line, tidy

TITLE = "CPD note"
#: stands under the title of every note
DRAFT = "This is a draft for you alone. It was not sent to anybody. You decide what you submit."
NO_ANSWER = "(not answered yet)"


class CpdFiles:
    """Writes notes."""

    def text(self, draft: CpdDraft) -> bytes:
        """As plain text, with the line ends that every editor knows."""
        parts = [TITLE, DRAFT]
        parts += [f"{question.words}\n{tidy(answer) or NO_ANSWER}" for question, answer in draft.answers]
        return ("\n\n".join(parts) + "\n").replace("\n", "\r\n").encode("utf-8-sig", "replace")

    def word(self, draft: CpdDraft) -> bytes:
        """As a .docx, in British English, with nobody's name in its properties."""
        import docx  # half a second, which only the first note costs
        from docx.oxml.ns import qn

        page = docx.Document()
        page.core_properties.title = f"{TITLE}: {one_line(draft.of('title'))}"[:255]
        page.core_properties.author = page.core_properties.comments = ""
        page.core_properties.language = "en-GB"
        for language in page.styles.element.iter(qn("w:lang")):
            language.set(qn("w:val"), "en-GB")
        page.add_heading(TITLE, 1)
        page.add_paragraph(DRAFT)
        for question, answer in draft.answers:
            page.add_heading(question.words, 2)
            for line in (tidy(answer) or NO_ANSWER).split("\n"):
                page.add_paragraph(line)
        file = BytesIO()
        page.save(file)
        return file.getvalue()
