"""What Discord refuses in messages, forms and commands. Each function raises `Refused` with Discord's own status and code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

V2 = 1 << 15  # a message of components
EPHEMERAL = 1 << 6
LOADING = 1 << 7

Part = dict[str, Any]


class Refused(Exception):
    """An answer in Discord's own form of error."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


def require(condition: object, what: str) -> None:
    """Raises Discord's "invalid form body" unless the condition holds."""
    if not condition:
        raise Refused(400, 50035, f"Invalid Form Body: {what}")


def length(text: str) -> int:
    """How long Discord thinks a text is, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def below(part: Part) -> list[Part]:
    """The parts directly within a part."""
    return [*part.get("components", ()), *(part[name] for name in ("accessory", "component") if part.get(name))]


def walk(parts: list[Part]) -> Iterator[Part]:
    """Every part, outer ones first."""
    for part in parts:
        yield part
        yield from walk(below(part))


def check_message(body: Part, flags: int, *, files: int = 0) -> None:
    """A message as it is sent, or as it is after an edit."""
    content, parts = body.get("content") or "", body.get("components") or []
    if flags & V2:
        require(not content and not body.get("embeds"), "a message of components has no content and no embeds")
        require(parts, "components are required")
    else:
        require(length(content) <= 2000, "content: at most 2000")
        if not (content or parts or files or body.get("embeds")):
            raise Refused(400, 50006, "Cannot send an empty message")
        require(all(part["type"] == 1 for part in parts), "only rows without the components flag")
    _check_parts(parts, {1, 9, 10, 12, 13, 14, 17} if flags & V2 else {1})


def _check_parts(parts: list[Part], outermost: set[int]) -> None:
    every = list(walk(parts))
    require(len(every) <= 40, f"components: at most 40, not {len(every)}")
    require(sum(length(part.get("content", "")) for part in every) <= 4000, "components: at most 4000 characters")
    names = [part["custom_id"] for part in every if "custom_id" in part]
    require(len(names) == len(set(names)), "custom_id: must be unique")
    require(all(1 <= length(name) <= 100 for name in names), "custom_id: 1 to 100 characters")
    require(all(part["type"] in outermost for part in parts), "a part may not stand there")
    for part in every:
        _check_part(part)


def _check_part(part: Part) -> None:
    kinds = [child["type"] for child in below(part)]
    match part["type"]:
        case 1:
            require((set(kinds) == {2} and len(kinds) <= 5) or kinds == [3], "a row holds up to five buttons, or one menu")
        case 2:
            require(("url" in part) != ("custom_id" in part), "a button has an id, or a link")
            require(part.get("style") in range(1, 7), "a button has a style")
            require((part.get("label") or part.get("emoji")) and length(part.get("label") or "") <= 80, "label: 1 to 80 characters")
        case 3:
            _check_menu(part)
        case 9:
            require(
                1 <= len(part["components"]) <= 3 and set(kinds[:-1]) == {10} and kinds[-1] in (2, 11), "a section has texts and a part"
            )
        case 10:
            require(part.get("content"), "a text is not empty")
        case 12:
            require(1 <= len(part["items"]) <= 10, "a gallery holds 1 to 10")
        case 17:
            require(kinds and set(kinds) <= {1, 9, 10, 12, 13, 14}, "a container may not hold that")
        case 4:
            require(1 <= int(part.get("max_length", 4000)) <= 4000, "max_length: 1 to 4000")
            require(length(part.get("value") or "") <= int(part.get("max_length", 4000)), "value: too long")
            require(length(part.get("placeholder") or "") <= 100, "placeholder: at most 100")
        case 18:
            require(1 <= length(part["label"]) <= 45, "label: 1 to 45 characters")
            require(length(part.get("description") or "") <= 100, "description: at most 100")
            require(kinds and kinds[0] in (3, 4, 5, 6, 7, 8, 19, 21, 22, 23), "a label holds a field")
        case 13 | 14 | 11:
            pass
        case other:
            require(False, f"component {other} is not known")


def _check_menu(part: Part) -> None:
    options = part["options"]
    require(1 <= len(options) <= 25, "options: 1 to 25")
    values = [option["value"] for option in options]
    require(len(values) == len(set(values)), "options: values must be unique")
    for option in options:
        require(1 <= length(option["label"]) <= 100 and 1 <= length(option["value"]) <= 100, "options: 1 to 100 characters")
        require(length(option.get("description") or "") <= 100, "options: a description has at most 100 characters")
    require(length(part.get("placeholder") or "") <= 150, "placeholder: at most 150")


def check_form(form: Part) -> None:
    """A form that is opened."""
    require(1 <= length(form.get("title") or "") <= 45, "title: 1 to 45 characters")
    require(1 <= length(form.get("custom_id") or "") <= 100, "custom_id: 1 to 100 characters")
    require(1 <= len(form["components"]) <= 5, "a form holds 1 to 5 parts")
    _check_parts(form["components"], {1, 10, 18})


def check_choices(choices: list[Part]) -> None:
    """What is offered while somebody types."""
    require(len(choices) <= 25, "choices: at most 25")
    require(all(1 <= length(choice["name"]) <= 100 for choice in choices), "choices: 1 to 100 characters")


def check_commands(commands: list[Part]) -> None:
    """Every command of the application, or of it in one server."""
    require(len(commands) <= 100, "at most 100 commands")
    names = [(command["name"], command.get("type", 1)) for command in commands]
    require(len(names) == len(set(names)), "a command's name is taken")
    for command in commands:
        _check_command(command)
        text = sum(length(part["name"]) + length(part["description"]) for part in _with_options(command))
        require(text <= 8000, f"{command['name']}: at most 8000 characters")


def _check_command(command: Part) -> None:
    require(re.fullmatch(r"[-_'\w]{1,32}", command["name"]) and command["name"] == command["name"].lower(), f"name {command['name']!r}")
    require(1 <= length(command["description"]) <= 100, f"{command['name']}: description: 1 to 100 characters")
    options = command.get("options") or []
    require(len(options) <= 25, f"{command['name']}: at most 25 options")
    required = [bool(option.get("required")) for option in options if option["type"] > 2]
    require(required == sorted(required, reverse=True), f"{command['name']}: required options come first")
    for option in options:
        require(len(option.get("choices") or []) <= 25, f"{option['name']}: at most 25 choices")
        _check_command(option)


def _with_options(command: Part) -> Iterator[Part]:
    yield command
    for option in command.get("options") or []:
        yield from _with_options(option)
