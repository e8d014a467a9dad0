"""One mapper a table: between the rows of `tables.py` and the frozen data of `bridge.model`.

A mapper is made from the dataclass's fields, so that a new field is stored or `tests` fail; only
what is not a plain column is said here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Generic, TypeVar

import orjson
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, FromClause

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
from storage.database import dump

T = TypeVar("T")
Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]


JSON: Codec = (dump, orjson.loads)


def _enum(kind: Callable[[str], Any]) -> Codec:
    return (str, kind)


class Mapper(Generic[T]):
    """`write` gives a row's values by column, `read` the object of a row.

    Rows are read by position, since that is several times cheaper: a query for `read` selects
    `columns(table)`, which are in the order of the dataclass's fields.
    """

    def __init__(
        self, kind: type[T], codecs: Mapping[str, Codec], without: tuple[str, ...] = ()
    ) -> None:
        self.kind = kind
        names = (field.name for field in fields(kind))  # type: ignore[arg-type]
        self.names = tuple(name for name in names if name not in without)
        self._codecs = dict(codecs)
        self._decoders = [(self.names.index(name), codec[1]) for name, codec in codecs.items()]

    def columns(self, table: FromClause) -> list[ColumnElement[Any]]:
        return [table.c[name] for name in self.names]

    def write(self, thing: T) -> dict[str, Any]:
        row = {name: getattr(thing, name) for name in self.names}
        for name, (encode, _) in self._codecs.items():
            row[name] = encode(row[name])
        return row

    def read(self, row: Sequence[Any], at: int = 0) -> T:
        """The object whose columns begin at place `at` of the row."""
        return self.kind(*self.values(row, at))

    def values(self, row: Sequence[Any], at: int = 0) -> list[Any]:
        values = list(row[at : at + len(self.names)])
        for place, decode in self._decoders:
            values[place] = decode(values[place])
        return values


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
_AUTHOR = ("author_role", "author_id", "author_name", "author_avatar_url")


def message_columns(table: FromClause) -> list[ColumnElement[Any]]:
    """What `read_message` reads."""
    return [*_MESSAGE.columns(table), *(table.c[name] for name in _AUTHOR)]


def write_message(message: Message) -> dict[str, Any]:
    row = _MESSAGE.write(message)
    author = message.author
    row["author_role"] = str(author.role)
    row["author_id"] = author.id
    row["author_name"] = author.name
    row["author_avatar_url"] = author.avatar_url
    return row


def read_message(row: Sequence[Any]) -> Message:
    role, *rest = row[len(_MESSAGE.names) :]
    values = dict(zip(_MESSAGE.names, _MESSAGE.values(row), strict=True))
    return Message(author=Author(Role(role), *rest), **values)


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
    """For one that waits, to be read again by `read_waiting`."""
    return type(command).__name__, dump(command)


def write_poison(command: commands.Command) -> tuple[str, str]:
    """For a human to look at: plain ASCII, whatever it was that the database refused."""
    return type(command).__name__, json.dumps(asdict(command), default=repr)
