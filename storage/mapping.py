"""One mapper a table: between the rows of `tables.py` and the frozen data of `bridge.model`.

A mapper is made from the dataclass's fields, so that a new field is stored or `tests` fail; only
what is not a plain column is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Generic, TypeVar

import orjson
from pydantic import TypeAdapter

from bridge import commands, effects
from bridge.commands import AgentDeleted, AgentEdited, AgentSaid
from bridge.events import Event
from bridge.model import (
    Attachment,
    Author,
    Awaiting,
    Button,
    Contact,
    Conversation,
    Handoff,
    Message,
    Mode,
    Priority,
    Role,
    Standing,
    Status,
    Thread,
    Visibility,
)

T = TypeVar("T")
Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def dump(value: Any) -> str:
    return orjson.dumps(value).decode()


JSON: Codec = (dump, orjson.loads)


def _enum(kind: Callable[[str], Any]) -> Codec:
    return (str, kind)


class Mapper(Generic[T]):
    """`write` gives a row's values by column, `read` the object of a row by column name."""

    def __init__(
        self, kind: type[T], codecs: Mapping[str, Codec], without: tuple[str, ...] = ()
    ) -> None:
        self.kind = kind
        names = (field.name for field in fields(kind))  # type: ignore[arg-type]
        self.names = tuple(name for name in names if name not in without)
        self._codecs = dict(codecs)

    def write(self, thing: T) -> dict[str, Any]:
        row = {name: getattr(thing, name) for name in self.names}
        for name, (encode, _) in self._codecs.items():
            row[name] = encode(row[name])
        return row

    def read(self, row: Mapping[str, Any], **more: Any) -> T:
        values = {name: row[name] for name in self.names}
        for name, (_, decode) in self._codecs.items():
            values[name] = decode(values[name])
        return self.kind(**values, **more)


def _tuple_of(kind: Callable[..., Any]) -> Codec:
    return (dump, lambda text: () if text == "[]" else tuple(kind(**i) for i in orjson.loads(text)))


CONTACT = Mapper(Contact, {"attributes": JSON})
CONVERSATION = Mapper(Conversation, {"mode": _enum(Mode), "awaiting": _enum(Awaiting)})
HANDOFF = Mapper(
    Handoff,
    {
        "status": _enum(Status),
        "priority": _enum(Priority),
        "labels": (dump, lambda text: tuple(orjson.loads(text))),
        "context": JSON,
    },
)
THREAD = Mapper(Thread, {})
_MESSAGE = Mapper(
    Message,
    {
        "visibility": _enum(Visibility),
        "standing": _enum(Standing),
        "buttons": _tuple_of(Button),
        "attachments": _tuple_of(Attachment),
        "deleted": (bool, bool),
    },
    without=("author",),
)


def write_message(message: Message) -> dict[str, Any]:
    row = _MESSAGE.write(message)
    author = message.author
    row["author_role"] = str(author.role)
    row["author_id"] = author.id
    row["author_name"] = author.name
    row["author_avatar_url"] = author.avatar_url
    return row


def read_message(row: Mapping[str, Any]) -> Message:
    role, avatar = Role(row["author_role"]), row["author_avatar_url"]
    return _MESSAGE.read(row, author=Author(role, row["author_id"], row["author_name"], avatar))


def write_event(event: Event, workspace: str) -> dict[str, Any]:
    return {
        "workspace_id": workspace,
        "conversation_id": event.conversation_id,
        "handoff_id": event.handoff_id,
        "kind": str(event.kind),
        "at": event.at,
        "actor_role": str(event.actor.role),
        "actor_id": event.actor.id,
        "actor_name": event.actor.name,
        "epoch": event.epoch,
        "body": dump(event.body),
    }


# --- effects and commands as text ----------------------------------------------------------------

_EFFECTS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind)
    for kind in effects.DIRECTIONS
    if kind is not effects.CancelTimer
}
_WAITING: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in (AgentSaid, AgentEdited, AgentDeleted)
}


def write_effect(effect: effects.Effect) -> tuple[str, str]:
    """Its kind and its body."""
    return type(effect).__name__, dump(effect)


def read_effect(kind: str, body: str) -> effects.Outward:
    effect: effects.Outward = _EFFECTS[kind].validate_json(body)
    return effect


def read_waiting(kind: str, body: str) -> AgentSaid | AgentEdited | AgentDeleted:
    """A command that waited for what it is about."""
    command: AgentSaid | AgentEdited | AgentDeleted = _WAITING[kind].validate_json(body)
    return command


def write_command(command: commands.Command) -> tuple[str, str]:
    return type(command).__name__, orjson.dumps(command, default=repr).decode()
