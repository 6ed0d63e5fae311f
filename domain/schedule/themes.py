"""The Theme or Area column of a published programme: often the authority that hosts the day, as in "Leeds (Online)"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from domain.errors import BadInput
from domain.schedule.formats import NOTHING_SAID, Spoken, read_place

# English councils with social services, short names; "|" separates. Public fact: they are the 153 children's services authorities
_AUTHORITIES: Final = (
    "barking and dagenham|barnet|barnsley|bath and north east somerset|bedford|bexley|birmingham|"
    "blackburn with darwen|blackpool|bolton|bournemouth christchurch and poole|bcp|bracknell forest"
    "|bradford|brent|brighton and hove|bristol|bromley|buckinghamshire|bury|calderdale|cambridgeshire|camden|"
    "central bedfordshire|cheshire east|cheshire west|cheshire west and chester"
    "|city of london|cornwall|coventry|croydon|cumberland|cumbria|darlington|derby|derbyshire|devon|doncaster|"
    "dorset|dudley|durham|county durham|ealing|east riding|east riding of yorkshire"
    "|east sussex|enfield|essex|gateshead|gloucestershire|greenwich|hackney|halton|hammersmith and fulham|"
    "hampshire|haringey|harrow|hartlepool|havering|herefordshire|hertfordshire|hillingdon"
    "|hounslow|hull|isle of wight|isles of scilly|islington|kensington and chelsea|kent|kingston|"
    "kingston upon hull|kingston upon thames|kirklees|knowsley|lambeth|lancashire|leeds|leicester"
    "|leicestershire|lewisham|lincolnshire|liverpool|luton|manchester|medway|merton|middlesbrough|milton keynes|"
    "newcastle|newcastle upon tyne|newham|norfolk|north east lincolnshire"
    "|north lincolnshire|north northamptonshire|north somerset|north tyneside|north yorkshire|northumberland|"
    "nottingham|nottinghamshire|oldham|oxfordshire|peterborough|plymouth|portsmouth"
    "|reading|redbridge|redcar and cleveland|richmond|richmond upon thames|rochdale|rotherham|rutland|salford|"
    "sandwell|sefton|sheffield|shropshire|slough|solihull|somerset|south gloucestershire"
    "|south tyneside|southampton|southend|southend-on-sea|southwark|st helens|staffordshire|stockport|stockton|"
    "stockton-on-tees|stoke|stoke-on-trent|suffolk|sunderland|surrey|sutton|swindon"
    "|tameside|telford and wrekin|thurrock|torbay|tower hamlets|trafford|wakefield|walsall|waltham forest|"
    "wandsworth|warrington|warwickshire|west berkshire|west northamptonshire|west sussex"
    "|westminster|westmorland and furness|wigan|wiltshire|windsor and maidenhead|wirral|wokingham|wolverhampton|worcestershire|york"
)
_BODY: Final = re.compile(
    r"\b(?:council|trust|university|nhs|borough|mbc|county|foundation|college|police|teaching partnership|safeguarding partnership)\b",
    re.IGNORECASE,
)
_BRACKETS: Final = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\s[-–—]\s*([^-–—]+)$")


@dataclass(frozen=True)
class Theme:
    """A Theme cell: the words, and how the session is held where a mark in brackets says so."""

    name: str | None = None
    marker: Spoken = NOTHING_SAID


def read_theme(text: str) -> Theme:
    """Take a mark such as "(Online)" off a theme. A bracket that says nothing about the platform stays."""
    for match in _BRACKETS.finditer(text):
        inside = next((group for group in match.groups() if group), "")
        try:
            spoken = read_place(inside)
        except BadInput:
            continue
        if spoken.kind != "unknown" and not spoken.place and not spoken.link:
            name = " ".join((text[: match.start()] + " " + text[match.end() :]).split())
            return Theme(name or None, spoken)
    return Theme(text or None)


def names_a_body(name: str | None) -> bool:
    """Whether a theme is an authority, council, trust or university rather than a topic."""
    plain = re.sub(r"\s*&\s*", " and ", (name or "").casefold()).strip()
    return plain in _AUTHORITIES.split("|") or bool(_BODY.search(plain))


def hosts_stand_here(names: list[str]) -> bool:
    """Whether a column of themes names hosts: at least half of its different values do."""
    different = {name.casefold() for name in names}
    return bool(different) and 2 * sum(names_a_body(name) for name in different) >= len(different)
