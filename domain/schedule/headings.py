"""Headings: the words that organisers put over a column, and the field that each means.

A strand, a pathway or a module sorts the sessions of a week by subject, as a theme does. Only what is called a series is one:
a series is booked as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: field → the headings that mean it, in the order in which they are preferred; "|" separates them
SYNONYMS: Final[Mapping[str, str]] = {
    "reference": "reference|ref|ref no|reference no|reference number|session ref|session reference|session id|session code|code|id|ref id",
    "series": "series|programme series|series title|name of series",
    "date": "date|dates|when|date and time|date time|datetime|day and date|day and time|session date|start date|day date|date day|on",
    "day": "day|weekday|day of week|day of the week",
    "end_date": "end date|finish date|date to",
    "time": "time|times|session time|session times|timing|timings|time slot|timeslot|slot|slots|hours|what time|when|"
    "time from to|start and end|start and end time|start and finish",
    "start": "start|start time|starts|starts at|start at|from|begin|begins|time from|time start|start date and time|start date time",
    "end": "end|end time|ends|ends at|end at|to|until|till|finish|finish time|finishes|time to|time end|end date and time|end date time",
    "duration": "duration|length|how long|duration mins|duration minutes|duration in minutes|length mins|length minutes",
    "title": "title|session title|event title|workshop title|title of session|session name|event name|name of session|"
    "name of event|session|sessions|event|events|workshop|workshops"
    "|course title|seminar title|webinar title|training title|talk title|session topic"
    "|webinar|topic|subject|activity|information and events|event information|programme item|item|what|name|"
    "training|what is on|whats on|learning event|talk|agenda|course",
    "description": "description|summary|details|detail|about|abstract|outline|overview|content|contents|information|info|blurb|"
    "session description|further information|more information|session details|workshop details|event details|details of session"
    "|what it is about|what its about|synopsis|aims|learning outcomes|objectives",
    "public_title": "public title|neutral title|title in public|title for the public|public name|public session title|title shown|"
    "title to show|title shown to others|shown as|what it is called in public|called in public",
    "notes": "notes|note|joining notes|notes for joining|good to know|what to bring|bring|please bring|things to bring|"
    "things to know|practical notes|practical information|practical details|access notes|access information|parking|"
    "notes for attendees|notes for participants|notes for people booked|notes for delegates|before you come|before the session",
    "presenter": "presenter|presenters|presented by|speaker|speakers|session lead|session leads|lead|leads|led by|facilitator|"
    "facilitators|facilitated by|trainer|trainers|tutor|tutors|chair"
    "|leader|session leader|workshop leader|guest speaker|guest speakers"
    "|lead presenter|presenter name|who is leading|with|host name|delivered by|run by|co presenter|co facilitator|lecturer|panel|who",
    "presenter_address": "presenter email|presenter e mail|speaker email|speaker e mail|facilitator email|facilitator e mail|"
    "lead email|session lead email|email of presenter|email of speaker|email of facilitator",
    "organisation": "organisation|organization|host organisation|hosting organisation|host|hosts|hosted by|host authority|"
    "host agency|local authority|authority|la|council|agency|employer|lead agency"
    "|org|host la|hosting la|host council|hosting council|host trust"
    "|lead organisation|delivered by|delivering organisation|partner|partner agency|trust|organiser|organised by|"
    "university|provider|training provider|owner",
    "theme": "theme|area|locality|borough|district|day theme|theme of the day|themes|strand|strands|pathway|pathways|module",
    "audience": "audience|who its aimed at|who it is aimed at|aimed at|target audience|intended audience|target group|for|"
    "who for|who its for|who it is for|who is it for|whos it for|who is this for"
    "|who should attend|who can attend|suitable for|attendees|open to|participants|staff group|for whom|who is it aimed at|job role|role",
    "format": "platform|format|delivery|delivery method|delivery mode|method|method of delivery|mode|mode of delivery|how|"
    "medium|online or in person|in person or online|in person online|online in person"
    "|virtual or in person|virtual or face to face|face to face or virtual|type|session type|event type|"
    "type of session|delivery type|delivery format|teams or zoom|teams zoom|attendance",
    "venue": "location|venue|room|place|where|venue address|address|building|location address|site|campus|base|"
    "venue details|location details",
    "link": "link|meeting link|joining link|join link|url|teams link|zoom link|joining details|meeting url|join url|"
    "link to join|how to join|ms teams link|microsoft teams link|joining instructions|online link|web link",
    "places": "places|capacity|spaces|number of places|no of places|max places|maximum places|places available|"
    "spaces available|number of spaces|max|maximum|max numbers|max number|maximum number|max no"
    "|max attendees|maximum attendees|max participants|maximum participants|max delegates|maximum capacity|"
    "max capacity|limit|cap|seats|numbers|group size|max group size|delegates|delegate numbers"
    "|attendee limit|participant limit|size|available places",
    "private": "private|privacy|confidential|private session|closed session|closed|restricted|visibility|is private|"
    "private or open|open or private|keep private",
    "status": "status|session status|confirmed|cancelled",
}

FILLERS: Final = frozenset(
    [
        "session",
        "sessions",
        "event",
        "events",
        "workshop",
        "the",
        "a",
        "of",
        "name",
        "names",
        "details",
        "your",
        "our",
        "please",
        "if",
        "any",
        "known",
        "full",
        "s",
        "uk",
        "bst",
        "gmt",
        "proposed",
        "confirmed",
        "brief",
        "short",
    ]
)
#: what a heading asks, where its words are in no list; the first that fits
ASKS: Final = tuple(
    (field, re.compile(pattern))
    for field, pattern in (
        ("presenter_address", r"(?:presenter|speaker|facilitator|trainer|tutor|chair|lead|leader)s? e ?mails?(?: address(?:es)?)?"),
        ("presenter", r"who (?:is|are|will|s)\b.*\b(?:deliver|facilitat|lead|present|runn?|speak|teach)\w*"),
        ("audience", r"who\w*\b.*\b(?:for|aimed at|attend|come|invited)"),
        ("places", r"(?:max|maximum|how many|no of|number of) (?:\w+ )*(?:places|spaces|seats)(?: available| offered| in total| max)?"),
        ("places", r"(?:max|maximum|how many|no of|number of) (?:\w+ )*(?:people|attendees|participants|delegates)"),
        ("places", r"(?:max|maximum) (?:no of |number of |number )?(?:students|staff|practitioners|learners|people|in room)"),
        ("places", r"(?:attendance|attendee|numbers|places|room) (?:limit|capacity|cap)|limit on (?:numbers|places|attendance)"),
    )
)
