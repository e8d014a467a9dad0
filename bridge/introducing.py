"""How customers know an agent: the name, the picture and the languages that they give themselves,
in place of those of the settings and of the desk's network. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from bridge.attending import Attended, Seat
from bridge.commands import Introduce
from bridge.events import Event, Kind, cause_of
from bridge.model import AgentId, ConversationId, WorkspaceId, derive_id

MAX_NAME = 80
MAX_URL = 1_000
MAX_LANGUAGES = 20
_LANGUAGE = re.compile(r"[a-z]{2,3}")
BAD = "bad_profile"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is empty is as the settings, or the desk's network, have it."""

    workspace_id: WorkspaceId
    id: AgentId
    name: str = ""
    avatar_url: str = ""
    languages: tuple[str, ...] = ()


def faults(name: str, avatar_url: str, languages: Iterable[str]) -> dict[str, str]:
    """What is wrong, by field."""
    found: dict[str, str] = {}
    if len(name) > MAX_NAME or any(unicodedata.category(char)[0] == "C" for char in name):
        found["name"] = f"At most {MAX_NAME} letters, on one line."
    if avatar_url and not _is_picture(avatar_url):
        found["avatar_url"] = "An address that begins with https://, which everybody may open."
    spoken = tuple(languages)
    if len(spoken) > MAX_LANGUAGES or not all(map(_LANGUAGE.fullmatch, spoken)):
        found["languages"] = "Codes of two or three letters: en fr de"
    return found


def _is_picture(url: str) -> bool:
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:
        return False
    return usable and len(url) <= MAX_URL and url.isascii() and not set(url) & set("<>\"' \\|")


def introduce(seat: Seat | None, command: Introduce) -> Attended:
    """Whether they are there stays as it is."""
    now = seat or Seat(command.to.workspace_id, command.to.id)
    if faults(command.name, command.avatar_url, command.languages):
        return Attended(now, {}, refused=BAD)
    told = {"agent": command.to.id, "name": command.name, "languages": list(command.languages)}
    named, cause = derive_id("evt", command.key), cause_of(command, command.key)
    kind = Kind.AGENT_DESCRIBED
    event = Event(
        kind, command.at, ConversationId(""), command.by, body=told, id=named, cause=cause
    )
    return Attended(now, {"agent": command.to.id}, event=event, stirs=True)
