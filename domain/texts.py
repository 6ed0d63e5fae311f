"""Texts that people type: cleaned, and refused with a sentence when they cannot be used."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email

from domain.errors import BadInput


def one_line(text: str, limit: int, what: str, *, field: str = "") -> str:
    """Text as one clean line: no control, zero-width or direction characters. Raises `BadInput` when empty or over `limit` characters.

    `what` it is in words, and `field` as the caller's parameter.
    """
    seen = [(c, unicodedata.category(c)) for c in text]
    spaced = "".join(" " if kind in ("Zs", "Cc", "Zl", "Zp") else c for c, kind in seen if kind not in ("Cf", "Cs"))
    clean = " ".join(spaced.split())
    if not clean:
        raise BadInput(f"Please enter {what}.", field=field)
    if len(clean) > limit:
        raise BadInput(f"Please use at most {limit} characters for {what}.", field=field)
    return clean


def clean_address(text: str, domains: tuple[str, ...] = (), *, field: str = "") -> str:
    """One e-mail address as it will be written to (RFC 5321, 5322). Raises `BadInput`, of `field`; `domains` limits what may sign up."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise BadInput("That e-mail address cannot be used. Enter one address, like name@council.gov.uk.", field=field) from None
    address = found.ascii_email or found.normalized
    if domains and not any(
        found.ascii_domain.lower() == d.lower() or found.ascii_domain.lower().endswith("." + d.lower()) for d in domains
    ):
        said = f"Please use your work e-mail address. Addresses from this domain cannot sign up: {found.domain}."
        raise BadInput(said, field=field)
    return address


def address_key(address: str) -> str:
    """One address however its capitals are typed."""
    return address.casefold()


def name_key(name: str | None) -> str:
    """A name however its capitals and spaces are typed."""
    return " ".join((name or "").split()).casefold()


def kept_key(name: str, limit: int, what: str, *, field: str = "") -> str:
    """The key of a name, to be kept. Folded a name may be longer: ß is two letters then. Raises `BadInput` over `limit` characters."""
    key = name_key(name)
    if len(key) > limit:
        raise BadInput(f"Please use a shorter name for {what}.", field=field)
    return key
