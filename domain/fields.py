"""Fields of one form: each is read, what is wrong with any is kept, and all of it is said at once.

fields = Fields()
name = fields.read(lambda: one_line(typed.name, NAME_LIMIT, "your name", field="name"), "")
address = fields.read(lambda: clean_address(typed.address, field="address"), "")
fields.require()  # from here on every field is as it is used

"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from domain.errors import BadInput, BadInputs

T = TypeVar("T")


class Fields:
    """What was refused of a form so far."""

    def __init__(self) -> None:
        self._refused: list[BadInput] = []

    def read(self, reader: Callable[[], T], otherwise: T) -> T:
        """What the reader makes of a field; `otherwise` where it refuses it, which is used by nobody."""
        try:
            return reader()
        except BadInputs as several:
            self._refused += several.each
        except BadInput as bad:
            self._refused.append(bad)
        return otherwise

    def check(self, reader: Callable[[], object]) -> None:
        """Read a field for what may be wrong with it alone."""
        self.read(reader, None)

    def require(self) -> None:
        """Raises what was refused: one as it is, several as `BadInputs`."""
        if len(self._refused) == 1:
            raise self._refused[0]
        if self._refused:
            raise BadInputs(self._refused)
