"""What the page and its customers have said, as Meta keeps it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.graph.config import GraphConfig, Json

FIELDS = (
    "messages", "messaging_postbacks", "message_echoes", "message_deliveries", "message_reads",
    "message_reactions", "message_edits", "messaging_handovers", "standby",
)  # fmt: skip


@dataclass(slots=True)
class Customer:
    """One person, as this page knows them. `heard_at`: when they last gave a sign of life."""

    psid: str
    first_name: str = ""
    last_name: str = ""
    locale: str = "en_US"
    blocked: bool = False
    heard_at: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Message:
    """`by_page`: the page said it; `persona` under whose name, `right` by which right."""

    mid: str
    psid: str
    by_page: bool
    text: str
    at: float
    attachments: list[Json] = field(default_factory=list)
    replies: list[Json] = field(default_factory=list)
    metadata: str = ""
    persona: str = ""
    right: str = ""
    reaction: str = ""
    read: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that the page's app brought; `kind` is what it said that it is."""

    kind: str
    mime: str
    name: str
    content: bytes


@dataclass(slots=True)
class World:
    """Everything. `owner`: the app that has the threads, empty for nobody in particular."""

    config: GraphConfig
    customers: dict[str, Customer] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    personas: dict[str, Json] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    """By the id of the attachment."""
    subscribed: set[str] = field(default_factory=set)
    signs: list[Json] = field(default_factory=list)
    refused: list[Json] = field(default_factory=list)
    owner: str = ""
    revoked: bool = False
    shift: float = 0.0
    """Seconds that the clock of Meta is ahead of ours: tests let time pass by it."""
    version: int = 0
    """Rises with every change that a customer would see."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def now(self) -> float:
        return self.config.clock() + self.shift

    def number(self) -> int:
        return next(self._numbers)

    def customer(self, psid: str) -> Customer:
        """Raises KeyError."""
        return self.customers[psid]

    def meet(self, psid: str, first: str, last: str = "", locale: str = "en_US") -> Customer:
        if psid not in self.customers:
            self.customers[psid] = Customer(psid, first, last, locale)
        return self.customers[psid]

    def say(self, psid: str, text: str, *, by_page: bool, **more: Any) -> Message:
        mid = f"m_{psid}_{self.number()}"
        message = Message(mid, psid, by_page, text, self.now(), **more)
        self.messages.append(message)
        self.version += 1
        if not by_page:
            self.customer(psid).heard_at = message.at
        return message

    def of(self, psid: str) -> list[Message]:
        return [message for message in self.messages if message.psid == psid]

    def find(self, mid: str) -> Message | None:
        return next((message for message in self.messages if message.mid == mid), None)
