"""One mapper a table: between the rows of `tables.py` and the frozen data of `bridge.model`.

A mapper is made from the dataclass's fields, so that a new field is stored or `tests` fail; only
what is not a plain column is said here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Generic, TypeVar, get_args

import orjson
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, FromClause

from bridge import commands, effects
from bridge.commands import AgentCommand
from bridge.events import Event
from bridge.lanes import DIRECTIONS
from bridge.memory import NO_MEMORY, Firing, Memory
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
    Reaction,
    Role,
    Standing,
    Status,
    Thread,
    Visibility,
)
from bridge.scores import NO_RATING, Rating
from bridge.terms import NO_TERMS, OnTimeout, Terms
from storage.dialects import dump

T = TypeVar("T")
Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of the rows that are written to a table, in their order."""

    table: str
    columns: tuple[str, ...]


def enum(kind: type[StrEnum]) -> Codec:
    """By look-up: calling an enumeration for a member costs five times as much."""
    members = {member.value: member for member in kind}
    return attrgetter("_value_"), members.__getitem__


def _json(text: str) -> Any:
    return {} if text == "{}" else orjson.loads(text)


JSON: Codec = (dump, _json)


class Mapper(Generic[T]):
    """`write` gives a row's values in the order of `shape`, `read` the object of a row.

    Rows go by position both ways, since that is several times cheaper: a query for `read` selects
    `columns(table)`, which are in the order of the dataclass's fields.
    """

    def __init__(
        self,
        kind: type[T],
        table: str,
        codecs: Mapping[str, Codec],
        inner: Mapping[str, str] = MappingProxyType({}),
        copies: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`inner`: columns that hold a part of another object, and where that is. `copies`: such
        ones that are only written, for figures: the object is in a column of its own, too."""
        self.kind = kind
        without = {path.partition(".")[0] for path in inner.values()}
        names = (field.name for field in fields(kind))  # type: ignore[arg-type]
        self.names = tuple(name for name in names if name not in without)
        self.shape = Shape(table, (*self.names, *inner, *copies))
        paths = (*self.names, *inner.values(), *copies.values())
        self._get: Callable[[T], tuple[Any, ...]] = attrgetter(*paths)
        self._read = (*self.names, *inner)
        places = {name: place for place, name in enumerate(self.shape.columns)}
        self._encoders = [(places[name], codec[0]) for name, codec in codecs.items()]
        self._decoders = [
            (places[name], codec[1]) for name, codec in codecs.items() if name not in inner
        ]

    def columns(self, table: FromClause) -> list[ColumnElement[Any]]:
        return [table.c[name] for name in self._read]

    def write(self, thing: T) -> list[Any]:
        values = list(self._get(thing))
        for place, encode in self._encoders:
            values[place] = encode(values[place])
        return values

    def read(self, row: Row, at: int = 0) -> T:
        """The object whose columns begin at place `at` of the row."""
        return self.kind(*self.values(row, at))

    def values(self, row: Row, at: int = 0) -> list[Any]:
        values = list(row[at : at + len(self.names)])
        for place, decode in self._decoders:
            values[place] = decode(values[place])
        return values


def tuple_of(kind: Callable[..., Any]) -> Codec:
    return (
        lambda things: dump(things) if things else "[]",
        lambda text: () if text == "[]" else tuple(kind(**i) for i in orjson.loads(text)),
    )


def _reactions(text: str) -> tuple[Reaction, ...]:
    return tuple(Reaction(**{**each, "role": Role(each["role"])}) for each in orjson.loads(text))


def _terms(on_timeout: str, why: Sequence[str] = (), **others: Any) -> Terms:
    return Terms(on_timeout=OnTimeout(on_timeout), why=tuple(why), **others)


def _memory(
    said: list[Any], answered: list[Any], doubts: list[float], wishes: list[Any], **others: Any
) -> Memory:
    return Memory(
        said=tuple(map(tuple, said)),
        answered=tuple(map(tuple, answered)),
        doubts=tuple(doubts),
        wishes=tuple(Firing(**{**each, "labels": tuple(each["labels"])}) for each in wishes),
        **others,
    )


CONTACT = Mapper(Contact, "contact", {"attributes": JSON})
_MEMORY: Codec = (
    lambda memory: "{}" if memory is NO_MEMORY else dump(memory),
    lambda text: NO_MEMORY if text == "{}" else _memory(**orjson.loads(text)),
)
CONVERSATION = Mapper(
    Conversation,
    "conversation",
    {"mode": enum(Mode), "awaiting": enum(Awaiting), "memory": _MEMORY},
)
NAMES: Codec = (dump, lambda text: () if text == "[]" else tuple(orjson.loads(text)))
_TERMS: Codec = (
    lambda terms: "{}" if terms == NO_TERMS else dump(terms),
    lambda text: NO_TERMS if text == "{}" else _terms(**orjson.loads(text)),
)


def read_rating(text: str) -> Rating:
    return NO_RATING if text == "{}" else Rating(**orjson.loads(text))


_RATING: Codec = (lambda rating: "{}" if rating == NO_RATING else dump(rating), read_rating)
HANDOFF = Mapper(
    Handoff,
    "handoff",
    {
        "status": enum(Status),
        "priority": enum(Priority),
        "labels": NAMES,
        "collaborators": NAMES,
        "context": JSON,
        "terms": _TERMS,
        "rating": _RATING,
    },
    copies={"score": "rating.score"},
)
THREAD = Mapper(Thread, "thread", {})
_REACTIONS: Codec = (
    lambda things: dump(things) if things else "[]",
    lambda text: () if text == "[]" else _reactions(text),
)
MESSAGE = Mapper(
    Message,
    "message",
    {
        "visibility": enum(Visibility),
        "standing": enum(Standing),
        "buttons": tuple_of(Button),
        "attachments": tuple_of(Attachment),
        "deleted": (bool, bool),
        "reactions": _REACTIONS,
        "author_role": enum(Role),
    },
    inner={
        "author_role": "author.role",
        "author_id": "author.id",
        "author_name": "author.name",
        "author_avatar_url": "author.avatar_url",
    },
)


_AUTHOR = [field.name for field in fields(Message)].index("author")
_role_of = enum(Role)[1]


def read_message(row: Row, at: int = 0) -> Message:
    """The message whose columns begin at place `at` of the row."""
    role, *rest = row[at + len(MESSAGE.names) :]
    values = MESSAGE.values(row, at)
    values.insert(_AUTHOR, Author(_role_of(role), *rest))
    return Message(*values)


EVENT = Shape(
    "event",
    (
        "workspace_id",
        "conversation_id",
        "handoff_id",
        "kind",
        "at",
        "actor_role",
        "actor_id",
        "actor_name",
        "epoch",
        "body",
        "name",
        "cause",
        "changes",
    ),
)


def write_event(event: Event, workspace: str) -> list[Any]:
    """In the order of `EVENT`."""
    actor = event.actor
    return [
        workspace,
        event.conversation_id,
        event.handoff_id,
        event.kind._value_,  # as its property says, which is two calls
        event.at,
        actor.role._value_,
        actor.id,
        actor.name,
        event.epoch,
        dump(event.body),
        event.id,
        event.cause,
        dump(event.changes) if event.changes else None,
    ]


# --- effects and commands as text ----------------------------------------------------------------

_EFFECTS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in DIRECTIONS if kind is not effects.CancelTimer
}
WAITING: tuple[type[Any], ...] = (
    *get_args(AgentCommand),
    commands.Transfer,
    commands.TakeOver,
    commands.Say,
    commands.Ask,
    commands.Recall,
)
"""Commands that may come before what they are about."""
_WAITING: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in WAITING}


def write_effect(effect: effects.Effect) -> tuple[str, str]:
    """Its kind and its body."""
    return type(effect).__name__, dump(effect)


def read_effect(kind: str, body: str) -> effects.Outward:
    effect: effects.Outward = _EFFECTS[kind].validate_json(body)
    return effect


def read_waiting(kind: str, body: str) -> AgentCommand | commands.DeskCommand:
    """A command that waited for what it is about."""
    command: AgentCommand | commands.DeskCommand = _WAITING[kind].validate_json(body)
    return command


def write_command(command: commands.Command) -> tuple[str, str]:
    """For one that waits, to be read again by `read_waiting`."""
    return type(command).__name__, dump(command)


def write_poison(command: commands.Command) -> tuple[str, str]:
    """For a human to look at: plain ASCII, whatever it was that the database refused."""
    return type(command).__name__, json.dumps(asdict(command), default=repr)
