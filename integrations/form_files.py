"""A feedback form as a TOML file:

    [[question]]
    kind = "choice"
    words = "Where do you work?"
    options = ["Children's services", "Adults' services"]

Plain values out; whether the questions can be asked is for `domain.feedback.forms` to say.
"""

from __future__ import annotations

import tomllib
from typing import Any, Final

from domain.errors import BadInput
from domain.ports.files import WrittenQuestion

MOST_BYTES: Final = 50_000
_PARTS: Final = "A question has a kind (scale, choice or text), words and, for a choice, options."
_KNOWN: Final = ("kind", "words", "options", "key")


class TomlForms:
    """Reads feedback forms."""

    def read(self, name: str, content: bytes) -> tuple[WrittenQuestion, ...]:
        """The questions of the file in order. Raises `BadInput` with a plain sentence, with the number of the question at fault."""
        if len(content) > MOST_BYTES:
            raise BadInput("This file is too large for a form: the most is 50 KB.")
        try:
            table = tomllib.loads(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise BadInput("This file is not plain text. Save the form as a .toml file in UTF-8.") from None
        except tomllib.TOMLDecodeError as fault:
            raise BadInput(f"This file could not be read as TOML: {_where(fault)}") from None
        others = [key for key in table if key != "question"]
        if others:
            raise BadInput(f"“{others[0][:40]}” is not known here. A form is made of parts that begin with [[question]].")
        questions = table.get("question", [])
        if not isinstance(questions, list) or not all(isinstance(one, dict) for one in questions):
            raise BadInput("Begin each question with a line [[question]], in two pairs of brackets.")
        return tuple(_question(number, one) for number, one in enumerate(questions, 1))


def _where(fault: tomllib.TOMLDecodeError) -> str:
    """`Invalid value (at line 3, column 9).`"""
    return str(fault).rstrip(".") + "."


def _question(number: int, given: dict[str, Any]) -> WrittenQuestion:
    for key in given:
        if key not in _KNOWN:
            raise BadInput(f"Question {number}: “{key[:40]}” is not known. {_PARTS}")
    options = given.get("options", [])
    if not isinstance(options, list) or not all(isinstance(one, str) for one in options):
        raise BadInput(f'Question {number}: write the options as a list of texts, such as ["Yes", "No"].')
    texts: dict[str, str | None] = {}
    for name in ("kind", "words", "key"):
        value = given.get(name)
        if value is not None and not isinstance(value, str):
            raise BadInput(f'Question {number}: write {name} as a text between quotation marks, such as {name} = "…".')
        texts[name] = value
    return WrittenQuestion(texts["words"], texts["kind"], tuple(options), texts["key"])
