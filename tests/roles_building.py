"""The world in which everybody tries everything: two programmes, private sessions, and words that give away whoever sees them.

The week is published and has organisers of its own; two of its sessions are private, one yet to come and one that has begun. The
other programme is a draft with an organiser of its own. Every hidden thing has a word in its name that stands nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import discord
from discord import AppCommandOptionType, app_commands

from bot.cards import card
from bot.client import PracticeBot
from domain import presenters, series_parts, transfers
from domain.announcements import Written, write
from domain.database import Db, Store
from domain.drafts import keep_draft
from domain.hosts import sync_hosts
from domain.kinds import Provider
from domain.materials import add_link
from domain.models import (
    Audience,
    Booking,
    DraftOf,
    Format,
    Invitat,
)
