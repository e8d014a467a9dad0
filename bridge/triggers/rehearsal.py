"""Rules over a transcript that is there already: what would have fired, where, and what then. Pure.

A transcript is lines of `user: …` and `bot: …`, or JSON: an object a line, one list, or an object
that has one (`messages`, `transcript`, `history`), as the API and webhooks give them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bridge.memory import NO_MEMORY
from bridge.model import SECOND, Micros, Role
from bridge.patterns import TOO_LONG
from bridge.triggers.rules import Rule, Said, look

LISTS = ("messages", "transcript", "history", "data")
ROLES: Mapping[str, Role] = {
    "user": Role.USER,
    "customer": Role.USER,
    "visitor": Role.USER,
    "bot": Role.BOT,
    "assistant": Role.BOT,
    "agent": Role.AGENT,
    "system": Role.SYSTEM,
    "desk": Role.SYSTEM,
}
HEARD = (Role.USER, Role.BOT)
_LINE = re.compile(rf"\s*({'|'.join(ROLES)})\s*:\s?(.*)", re.IGNORECASE)


class BadTranscript(ValueError):
    """It cannot be read; says where and why."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule that would have fired, at the n-th message; or, not `checked`, that took too long."""

    n: int
    role: Role
    text: str
    rule: str
    kind: str
    why: str
    then: tuple[str, ...] = ()
    checked: bool = True


def read(text: str) -> list[Said]:
    """What user and bot said, and agents, who are passed over by rules. Raises BadTranscript."""
    bare = text.lstrip("\ufeff \t\r\n")
    said = list(_of_json(bare) if bare[:1] in ("{", "[") else _of_lines(text))
    if not said:
        raise BadTranscript("has no messages: write user: … and bot: …, or JSON")
    return said


def _of_lines(text: str) -> Iterator[Said]:
    """What begins with nobody's name goes on with the line before."""
    role, spoken, number = Role.SYSTEM, list[str](), 0
    for n, line in enumerate(text.splitlines(), 1):
        if found := _LINE.fullmatch(line):
            if spoken:
                yield _said(role, "\n".join(spoken), number)
            role, spoken, number = ROLES[found[1].lower()], [found[2]], number + 1
        elif spoken:
            spoken.append(line)
        elif line.strip():
            raise BadTranscript(f"line {n}: must begin with user: or bot:")
    if spoken:
        yield _said(role, "\n".join(spoken), number)


def _said(role: Role, text: str, number: int) -> Said:
    """A second after the one before."""
    return Said(role, text.strip(), number * SECOND)


def _of_json(text: str) -> Iterator[Said]:
    try:
        whole = [json.loads(text)]
    except ValueError:
        whole = [_object(line, n) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    entries = _listed(whole[0]) if len(whole) == 1 else None
    for n, entry in enumerate(whole if entries is None else entries, 1):
        yield _entry(entry, n)


def _object(line: str, n: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise BadTranscript(f"line {n}: is not valid JSON") from error


def _listed(whole: Any) -> list[Any] | None:
    """The list itself, or the one that an object has, at any depth."""
    if isinstance(whole, list):
        return whole
    inner = (whole[name] for name in LISTS if name in whole) if isinstance(whole, dict) else ()
    return next((found for each in inner if (found := _listed(each)) is not None), None)


def _entry(entry: Any, n: int) -> Said:
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        raise BadTranscript(f"message {n}: has no text")
    author = entry.get("author")
    by = author if isinstance(author, dict) else {}
    role = ROLES.get(str(entry.get("role") or by.get("role") or by.get("kind")).lower())
    if role is None:
        raise BadTranscript(f"message {n}: role must be one of {', '.join(ROLES)}")
    confidence, attributes = entry.get("confidence"), entry.get("attributes")
    return Said(
        role,
        entry["text"],
        _at(entry.get("at") or entry.get("sent_at"), n),
        str(entry.get("channel") or ""),
        attributes if isinstance(attributes, dict) else {},
        float(confidence) if isinstance(confidence, int | float) else None,
        str(entry.get("intent") or ""),
    )


def _at(given: Any, n: int) -> Micros:
    """Nobody knows: a second after the one before."""
    try:
        moment = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        return n * SECOND
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * SECOND)


def rehearse(rules: Sequence[Rule], said: Sequence[Said]) -> list[Tried]:
    """As if a bot had the conversation from the first message on, until a rule hands it over."""
    memory, with_bot = NO_MEMORY, True
    tried: list[Tried] = []
    for n, each in enumerate(said, 1):
        if each.role not in HEARD:
            continue
        found = look(rules, each, memory)
        said_so = (n, each.role, each.text)
        for rule, why in found.fired:
            then = tuple(_then(rule, with_bot=with_bot))
            tried.append(Tried(*said_so, rule.name, rule.kind, why, then))
        tried += [
            Tried(*said_so, rule.name, rule.kind, TOO_LONG, checked=False)
            for rule in found.unchecked
        ]
        memory = found.memory
        with_bot &= not any(rule.does.hand_over for rule, _ in found.fired)
    return tried


def _then(rule: Rule, *, with_bot: bool) -> Iterator[str]:
    does = rule.does
    if does.hand_over and with_bot:
        yield "hands over"
    elif does.hand_over:
        yield "the team has it already"
    if does.approve and with_bot:
        yield "the bot's answer must be approved"
    if does.queue and with_bot:
        yield f"queue {does.queue}"
    if does.priority:
        yield f"priority {does.priority}"
    yield from (f"label {each}" for each in does.labels)
