"""The one place that turns what went wrong into a reply.

A `Refusal` says its own sentence. What Discord itself refused because we were too late, or answered already,
has no reply. Anything else is our fault: it is logged with a reference that the person can quote.
"""

from __future__ import annotations

import secrets
from typing import Any

import discord
import structlog
from discord import app_commands

from bot.limits import CONTENT, cut
from bot.text import plain_lines
from bot.which import which_card
from bot.whose import SeveralMeant
from domain.errors import Refusal

TOO_LATE = 10062  # the interaction expired before we answered
ANSWERED = 40060  # it has been answered already

#: it may have been our answer alone that failed, after the change was made
OUR_FAULT = "Something went wrong on our side. Look at /my bookings before you try again, or tell an organiser. (Reference {reference}.)"

_log = structlog.get_logger(__name__)


async def reply_error(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the person what went wrong, privately. Raises nothing."""
    error = root_of(error)
    if isinstance(error, SeveralMeant):
        await _ask_which(interaction, error)
        return
    if is_late(error):
        _log.info("answer came too late", reason=str(error), interaction=interaction.id)
        return
    sentence = sentence_for(error)
    if sentence is None:
        reference = secrets.token_hex(3)
        _log.error("a reply failed", reference=reference, exc_info=(type(error), error, error.__traceback__))
        sentence = OUR_FAULT.format(reference=reference)
    await say(interaction, sentence)


async def _ask_which(interaction: discord.Interaction[Any], asked: SeveralMeant) -> None:
    """Nothing has been answered yet: whose it is comes before all else."""
    try:
        card = which_card(interaction, asked)
    except Refusal as refused:
        await say(interaction, str(refused))
        return
    card.stop()
    try:
        await interaction.response.send_message(view=card, ephemeral=True)
    except discord.HTTPException as failed:
        _log.info("a reply could not be sent", code=failed.code, status=failed.status, interaction=interaction.id)


def sentence_for(error: BaseException) -> str | None:
    """The sentence of an error that is no fault of ours, or None."""
    if isinstance(error, Refusal):
        return plain_lines(str(error), CONTENT)
    if isinstance(error, app_commands.CommandOnCooldown):
        return f"Please wait {max(int(error.retry_after), 1)} seconds, then try again."
    if isinstance(error, app_commands.NoPrivateMessage):
        return "Please do this in the partnership's server."
    if isinstance(error, app_commands.TransformerError):
        return "That could not be read. Please choose one of the suggestions while you type."
    if isinstance(error, app_commands.CheckFailure):
        return "You cannot do that here. Ask an organiser if you think you should be able to."
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return "This command has changed. Wait a minute, reload Discord and try again."
    return None


def is_late(error: BaseException) -> bool:
    """Whether Discord takes no answer any more."""
    return isinstance(error, discord.HTTPException) and error.code in (TOO_LATE, ANSWERED)


def root_of(error: BaseException) -> BaseException:
    """The error that a command's wrapper was raised for."""
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


async def say(interaction: discord.Interaction[Any], sentence: str) -> None:
    """Reply with a sentence that only this person sees, whether or not something was answered before."""
    sentence = cut(sentence, CONTENT)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True)
        else:
            await interaction.response.send_message(sentence, ephemeral=True)
    except discord.HTTPException as failed:
        _log.info("a reply could not be sent", code=failed.code, status=failed.status, interaction=interaction.id)
