"""A tool that wants to be told: it verifies as the world does, with the `standardwebhooks` library,
and may be away; and what sends to it, put into a `House`."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Self

import pytest
from standardwebhooks import webhooks as library

from bridge.commands import UserSaid
from bridge.hooking import Book, Hooker
from bridge.hooks import Endpoint, Secret
from bridge.model import SECOND, Author, Role
from bridge.posting import Outcome
from bridge.vault import Vault
from storage.hooks import SqlHooks
from tests.bridge.house import HandClock, House
from tests.storage.stored import user

ADMIN = Author(Role.SYSTEM, "key:default", "key:default")
SECRET = "whsec_" + base64.b64encode(b"the secret of an endpoint, 32 by").decode()
VAULT = Vault([b"a secret key of at least thirty-two characters"])


def endpoint(id: str = "whk_1", **more: Any) -> Endpoint:
    url = f"https://{id}.example/hook"
    return Endpoint(id, url, secrets=(Secret(VAULT.shut(SECRET)),), **more)


@pytest.fixture
def the_librarys_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[HandClock], None]:
    """The library refuses what was signed at another time than its own."""

    def by(clock: HandClock) -> None:
        class Told(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                return cls.fromtimestamp(clock() / SECOND, tz)

        monkeypatch.setattr(library, "datetime", Told)

    return by


@dataclass
class Tool:
    """Implements `hooking.Posts`. `mood` says what it answers; None: it is well."""

    clock: HandClock
    mood: Callable[[dict[str, Any]], Outcome | None] = lambda _body: None
    secret: str = SECRET
    tried: int = 0
    taken: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """(url, webhook-id, body)"""
    last_at: int = 0

    async def fault(self, url: str) -> str:
        return ""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        told = library.Webhook(self.secret).verify(body, dict(headers))
        self.tried += 1
        sad = self.mood(told)
        if sad is not None:
            return sad
        self.taken.append((url, headers["webhook-id"], told))
        self.last_at = self.clock()
        return Outcome(204)

    def texts(self) -> dict[str, list[str]]:
        """What was said, by conversation, as it came."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for _, _, body in self.taken:
            if body["type"] == "message.created":
                found[body["data"]["conversation_id"]].append(body["data"]["message"]["text"])
        return dict(found)

    def types(self) -> list[str]:
        return [body["type"] for _, _, body in self.taken]


@dataclass
class Toolshop:
    """A house whose tools are told."""

    house: House
    tool: Tool
    hooks: SqlHooks
    book: Book
    hooker: Hooker

    async def register(self, *endpoints: Endpoint) -> None:
        for each in endpoints:
            assert await self.hooks.add(each, ADMIN, 100)
        await self.book.refresh()

    async def hears(self, address: str, text: str) -> None:
        key = self.house.key()
        await self.house.do(UserSaid(key, self.house.clock.now, user(address), text))

    async def state(self, id: str = "whk_1") -> Endpoint:
        found = await self.hooks.endpoint(id)
        assert found is not None
        return found

    async def kinds(self) -> list[str]:
        """Of what happened that is no conversation's."""
        told = await self.house.database.read(
            lambda connection: connection.exec_driver_sql(
                "SELECT kind FROM event WHERE conversation_id = '' ORDER BY id"
            ).all()
        )
        return [row[0] for row in told]


def toolshop(house: House) -> Toolshop:
    hooks = SqlHooks(house.database, house.store.now)
    book = Book(hooks, house.bell, house.clock, works=True)
    tool = Tool(house.clock)
    hooker = Hooker(book, hooks, house.reads, tool, VAULT, house.clock)
    house.store.endpoints = lambda: book.enabled
    house.performer.call_hook = hooker.call
    return Toolshop(house, tool, hooks, book, hooker)
