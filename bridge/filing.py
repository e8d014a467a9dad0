"""Files: what is known of one, who keeps them, and how an attachment names where it is.

An attachment's `ref` is either the id of a file of ours (`fil_…`), whose bytes are kept, or
`NAME:…`: it is still with the adapter of that name (`ports.Lends`), which alone can read the rest.
Nothing of it is ever told outside but the id, to whom the file belongs. What a bot names by its
address on the web (`web:…`) is no secret, and becomes a link where it cannot be fetched.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from bridge.errors import Refused
from bridge.model import Attachment, ConversationId, Message, Micros, replace
from bridge.texts import link_to, split

OURS = "fil_"
WEB = "web"
MIB = 1024 * 1024
MAX_FILE = 25 * MIB
"""Bytes, as the platforms take it (Messenger) and contract §8 says."""
MAX_FILES = 10
"""With one message."""


def is_kept(attachment: Attachment) -> bool:
    """Whether its bytes are here."""
    return attachment.ref.startswith(OURS)


def all_kept(message: Message) -> bool:
    """Whether nothing is to be fetched any more."""
    return all(is_kept(file) or file.is_gone for file in message.attachments)


def lender_of(attachment: Attachment) -> str:
    """The name of the adapter that has it."""
    return attachment.ref.partition(":")[0]


def on_web(name: str, url: str) -> Attachment:
    return Attachment(name, "application/octet-stream", 0, f"{WEB}:{url}")


def is_on_web(attachment: Attachment) -> bool:
    """Whether it is there and nowhere else."""
    return lender_of(attachment) == WEB


def url_of(attachment: Attachment) -> str:
    """Of one that is on the web."""
    return attachment.ref.partition(":")[2]


def linked(message: Message) -> Message:
    """What is on the web still becomes links below the words."""
    links = [link_to(f.name, url_of(f)) for f in message.attachments if is_on_web(f)]
    files = tuple(file for file in message.attachments if not is_on_web(file))
    text = "\n".join([message.text, *links])
    return replace(message, text=text, attachments=files) if links else message


def most_parts(message: Message, max_text: int) -> int:
    """How many parts there may be at most, while nobody knows which files will be links."""
    return len(parts(replace(message, text=linked(message).text), max_text))


def parts(message: Message, max_text: int) -> tuple[str | Attachment, ...]:
    """What a channel sends one after another: the words, in as many parts as they need, and then
    each file. A part of blanks alone says nothing, and no platform takes it."""
    words = split(message.text, max_text) if message.text or not message.attachments else ()
    return (*(tuple(filter(str.strip, words)) or words), *message.attachments)


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that is kept. It belongs to one conversation, for ever."""

    id: str
    conversation_id: ConversationId
    name: str
    mime: str
    size: int
    created_at: Micros = 0

    def as_attachment(self) -> Attachment:
        return Attachment(self.name, self.mime, self.size, self.id)


class Files(Protocol):
    """Keeps files, in whatever place. All raise StoreUnavailable."""

    async def keep(
        self, conversation: ConversationId, name: str, chunks: AsyncIterable[bytes]
    ) -> Attachment:
        """Takes it as it comes; nothing is left of one that does not come whole. Raises Refused:
        `file_too_large`, `file_type`, `file_empty`, `no_room`."""
        ...

    async def find(self, id: str) -> Filed | None: ...
    def read(self, file: Filed) -> AsyncIterator[bytes]:
        """Its bytes. Raises Refused (`file_gone`)."""
        ...

    async def is_shown(self, file: Filed) -> bool:
        """Whether a message names it that its user may see."""
        ...


class NoFiles:
    """`Files` where nothing is kept."""

    async def keep(
        self, conversation: ConversationId, name: str, chunks: AsyncIterable[bytes]
    ) -> Attachment:
        del conversation, name, chunks
        raise Refused("no_room")

    async def find(self, id: str) -> Filed | None:
        del id
        return None

    def read(self, file: Filed) -> AsyncIterator[bytes]:
        del file
        raise Refused("file_gone")

    async def is_shown(self, file: Filed) -> bool:
        del file
        return False
