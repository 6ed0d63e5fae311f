"""What was typed into a form, shown again beside what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import FormData

from domain.errors import BadInput, BadInputs, Refusal
from domain.models import ServiceArea
from web.safety.forms import words

#: under this name stands what is of no field of the form: at the top of the page
NO_FIELD = ""


def told_at(refused: Refusal, fields: Mapping[str, str]) -> dict[str, str]:
    """What was refused, each under the form's field that it is of. `fields`: the form's name for each that the domain may name."""
    each: Sequence[Refusal] = refused.each if isinstance(refused, BadInputs) else (refused,)
    found: dict[str, str] = {}
    for one in each:
        name = fields.get(one.field, NO_FIELD) if isinstance(one, BadInput) else NO_FIELD
        found[name] = f"{found[name]} {one}" if name in found else str(one)
    return found


def same(*names: str) -> dict[str, str]:
    """Fields that are called alike in the form and in the domain."""
    return {name: name for name in names}


@dataclass
class Typed:
    """By the field's name: what was typed, and what is wrong with it, in the order of the form."""

    fields: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def refused(self, refused: Refusal, fields: Mapping[str, str]) -> None:
        """Note what the domain refused, in the order of the form. What the form itself has said of a field already stays."""
        every = told_at(refused, fields) | self.errors
        order = [*self.fields, *every]
        self.errors = dict(sorted(every.items(), key=lambda one: order.index(one[0])))

    def of(self, name: str) -> str:
        """What was typed there."""
        return self.fields.get(name, "")

    def missing(self, name: str, said: str) -> None:
        """Note a field that has to be filled in, and is not."""
        if not self.of(name).strip():
            self.errors[name] = said

    def too_long(self, names: Iterable[str], most: int) -> None:
        """Note the fields with more than `most` characters."""
        for name in names:
            if len(self.of(name).strip()) > most:
                self.errors[name] = f"Use {most} characters or fewer. You have used {len(self.of(name).strip())}."


def typed_where(form: FormData) -> Typed:
    """Where somebody works, as `where_fields` of the templates asks it."""
    typed = Typed({name: words(form, name) for name in ("organisation", "area")})
    typed.missing("organisation", "Enter the organisation that you work for or study at.")
    typed.too_long(["organisation"], 200)
    return typed


def area_of(typed: Typed) -> ServiceArea:
    """Whom they work with. It may be left empty."""
    return next((one for one in ServiceArea if one == typed.of("area")), ServiceArea.OTHER)
