"""Events become commands. Keys name the thing and not the webhook that brought it: a message its
mid, an edit its number, a reaction who did what when; a watermark is only ever raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from adapters.messenger import attachments, ids
from adapters.messenger.config import CHANNEL
from adapters.messenger.events import (
    Control,
    Echo,
    Edited,
    Enforced,
    Event,
    Reacted,
    ReadUpTo,
    Referral,
    Referred,
    Said,
    Where,
)
from adapters.messenger.shapes import END
from bridge.commands import (
    Describe,
    Echoed,
    Request,
    ToConversation,
    ToMessage,
    ToPost,
    UserEnded,
    UserReacted,
    UserRead,
    UserSaid,
)
from bridge.model import Author, Micros, Mode, Role
from bridge.stores import Reads

EDITED = "✏️ "
"""Before the words that a user put in place of others: the desk shows both."""

log = structlog.get_logger("messenger")


class Intake:
    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def command(self, event: Event, now: Micros, known: Mapping[str, str]) -> Request | None:
        """None: there is nothing to be done about it. Raises StoreUnavailable."""
        match event:
            case Said():
                return await self._said(event, now, known)
            case Referred():
                return await self._referred(event, now)
            case Edited(where=where):
                key = _key(where, f"edit:{event.mid}:{event.number}")
                return _words(where, key, EDITED + event.text, now, known)
            case Reacted():
                return _reacted(event, now)
            case ReadUpTo():
                return await self._read(event, now)
            case Echo():
                return _echoed(event, now)
            case Enforced():
                log.error("policy_enforced", action=event.action, page=event.where.page)
            case Control():
                log.info("thread_control", kind=event.kind, page=event.where.page)
        return None

    async def _said(self, said: Said, now: Micros, known: Mapping[str, str]) -> Request | None:
        where = said.where
        if await self._is_anothers(where):
            return None
        key = _key(where, said.key)
        if said.payload == END:
            here = ids.conversation_of(where.page, where.user)
            return UserEnded(key, now, ToConversation(here))
        payload = "" if said.payload == said.text else said.payload
        return UserSaid(
            key,
            now,
            ids.to_user(where.page, where.user, **known, attributes=_told(said.referral)),
            said.text,
            payload,
            attachments.kept(said.attached),
            said_at=_past(where.at, now),
        )

    async def _referred(self, referred: Referred, now: Micros) -> Request | None:
        """What Meta takes for a sign of life, too: its sending window opens anew."""
        where = referred.where
        if await self._is_anothers(where):
            return None
        to, at = ids.to_user(where.page, where.user), _past(where.at, now)
        by, fields = Author(Role.USER, to.contact_id), {"attributes": _told(referred.referral)}
        return Describe(_key(where, referred.key), now, to, by, fields, heard_at=at)

    async def _is_anothers(self, where: Where) -> bool:
        """Whether another app answers there, and nobody here waits for it."""
        if not where.standby:
            return False
        here = await self._reads.conversation(ids.conversation_of(where.page, where.user))
        return here is None or here.mode is not Mode.HUMAN

    async def _read(self, read: ReadUpTo, now: Micros) -> Request | None:
        here = ids.conversation_of(read.where.page, read.where.user)
        seq = await self._reads.seq_at(here, read.watermark)
        if not seq:
            return None
        return UserRead(_key(read.where, f"read:{here}:{seq}"), now, ToConversation(here), seq)


def _told(referral: Referral) -> dict[str, Any]:
    """As an attribute of the user: the last one counts, whole."""
    return {"referral": referral} if referral else {}


def _words(where: Where, key: str, text: str, now: Micros, known: Mapping[str, str]) -> UserSaid:
    to = ids.to_user(where.page, where.user, **known)
    return UserSaid(key, now, to, text, said_at=_past(where.at, now))


def _reacted(event: Reacted, now: Micros) -> Request:
    where, at = event.where, _past(event.where.at, now)
    key = _key(where, f"reaction:{event.mid}:{where.user}:{event.emoji}:{event.on}:{at}")
    here = ids.conversation_of(where.page, where.user)
    to = ToPost(*ids.place(where.page, event.mid))
    return UserReacted(key, at, to, here, event.emoji, event.on)


def _echoed(echo: Echo, now: Micros) -> Request | None:
    """None for what we did not send: its words are somebody else's answer to the user."""
    ours = ids.our_part(echo.metadata)
    if ours is None:
        return None
    message, part = ours
    where = echo.where
    here = ids.conversation_of(where.page, where.user)
    place = ids.place(where.page, echo.mid)
    return Echoed(_key(where, f"echo:{echo.mid}"), now, ToMessage(message), here, part, place)


def _key(where: Where, thing: str) -> str:
    return f"{CHANNEL}:{where.page}:{thing}"


def _past(at: Micros, now: Micros) -> Micros:
    """Nothing happens after we hear of it, whatever their clock says."""
    return min(at or now, now)
