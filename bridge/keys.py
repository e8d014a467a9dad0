"""API keys: who may call `/v1`, and for what.

A key is shown once, when it is made; what is kept is its SHA-256. It is a random number of 256
bits, so that a slow hash would guard against nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bridge.model import DEFAULT_WORKSPACE, Author, Micros, WorkspaceId

PREFIX = "dbk_"
"""What every key begins with, so that one that leaked is known for what it is."""
CALLERS = ("key:", "bot:")
"""What the ids of those begin with who act by the API, where agents have the desk's ids."""
HINT = 10
"""Characters of a key that are kept and shown, to know it again."""


class Scope(StrEnum):
    """BOT: to ask for a human and to speak as the bot. DESK: what agents do, and reading. ADMIN:
    deleting, and what operators look at."""

    BOT = "bot"
    DESK = "desk"
    ADMIN = "admin"


EVERY_SCOPE = frozenset(Scope)


def is_person(id: str) -> bool:
    """Whether the id of an agent is not a key's or a bot's."""
    return not id.startswith(CALLERS)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`revoked_at`: zero while it is good."""

    id: str
    name: str
    digest: str
    hint: str
    scopes: frozenset[Scope]
    created_at: Micros
    revoked_at: Micros = 0
    workspace_id: WorkspaceId = DEFAULT_WORKSPACE

    @property
    def is_good(self) -> bool:
        return not self.revoked_at


class Keys(Protocol):
    """Where they are kept. All raise StoreUnavailable."""

    async def find(self, digest: str) -> ApiKey | None: ...
    async def every(self) -> Sequence[ApiKey]:
        """The oldest first, revoked ones too."""
        ...

    async def add(self, key: ApiKey, by: Author) -> bool:
        """False when another that is good has the name."""
        ...

    async def revoke(self, name: str, at: Micros, by: Author) -> ApiKey | None:
        """The good one of that name or id; None: there is none."""
        ...


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def new_key(name: str, scopes: frozenset[Scope], now: Micros) -> tuple[str, ApiKey]:
    """The key to be shown, and what is kept of it."""
    key = PREFIX + secrets.token_urlsafe(32)
    named = f"key_{secrets.token_hex(8)}"
    return key, ApiKey(named, name, digest_of(key), key[:HINT], scopes, now)
