"""Sign-in sheets as PDF. What sets them (`sign_in_pages`) is loaded when one is wanted."""

from __future__ import annotations

from domain.ports.drawing import SignInSheet


class PrintedSignInSheets:
    """Sets sign-in sheets. Pure computation, a tenth of a second a page: call it off the loop."""

    def pdf(self, sheet: SignInSheet, *, landscape: bool = False) -> bytes:
        """The sheet in A4 pages."""
        from integrations.sign_in_pages import SignInPages

        document = SignInPages(sheet, landscape=landscape)
        document.add_page()
        document.heading()
        document.people()
        document.waiting()
        return bytes(document.output())
