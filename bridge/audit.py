"""The audit trail: how events are sealed one to the next, and what a check of them finds. Pure.

The seal of a row is an HMAC of the row and of the seal before it, under a key derived from
`SECRET_KEY` for this one use. Who writes to the database, but has not the key, cannot change, take
away or put in a row so that the seals still fit.

What names or quotes people is sealed by salted hashes: one of the actor's name, the body and what
changed, and `said` of the text of the message that the event is about. Erasing leaves the first in
`content` and takes away all that it was of, and the salt (`Entry.is_erased`): what stays says
nothing without the salt, and the chain holds.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bridge.model import Micros

FOR = b"deskbridge/audit"
NEWEST, BEGIN = "newest", "begin"
"""Names of heads: of the last row that was sealed; of the last that was there before the chain."""
BROKEN = "broken"
"""Stands for the seal before, where the record of it is not to be believed: no check ever takes
it."""
MISSING = "missing"
"""Stands for the seal of a row that has none."""
SHORT = 32
"""Digits of a seal or a hash, 128 bits: half of it, which is as good as all against forging, in
rows of which there are millions."""
MANY = 100
"""Rows one after another that do not fit."""
NOTHING = ""
"""Stands for the seal before the first."""


class Entry(NamedTuple):
    """A row as it is kept: codes as text, since a newer program may know more of them."""

    position: int
    name: str
    kind: str
    at: Micros
    workspace_id: str
    conversation_id: str
    handoff_id: str | None
    actor_role: str
    actor_id: str
    actor_name: str
    epoch: int
    body: str
    cause: str | None
    changes: str | None
    salt: str | None
    content: str | None
    said: str | None
    seal: str | None

    @property
    def message(self) -> str:
        """The message that it is about; empty: none. Found in the text, since every check and every
        seal looks: within a string of JSON there are no such quotes."""
        _, found, rest = self.body.partition('"message":"')
        return rest.partition('"')[0] if found else ""

    @property
    def is_erased(self) -> bool:
        """What named or quoted somebody was taken away for good."""
        return self.salt is None and (self.actor_name, self.body, self.changes) == ("", "{}", None)


@dataclass(frozen=True, slots=True)
class Head:
    """How far the chain went at some time: its last row, and that row's seal. `proof` is an HMAC of
    all that, so that a head cannot be made up."""

    name: str
    position: int
    at: Micros
    seal: str
    proof: str = ""


def content_of(entry: Entry, salt: str) -> str:
    told = orjson.dumps((salt, entry.actor_name, entry.body, entry.changes))
    return hashlib.sha256(told).hexdigest()[:SHORT]


def said_of(text: str, salt: str) -> str:
    told = f"{salt}\n{text}".encode(errors="surrogatepass")
    return hashlib.sha256(told).hexdigest()[:SHORT]


class Mac:
    """HMAC-SHA256 of one key, its first half, in hexadecimal digits. The hash states that begin
    with the key are made once: the library's own takes three times as long."""

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def of(self, told: bytes) -> str:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(told)
        outer.update(inner.digest())
        return outer.hexdigest()[:SHORT]


class Chain:
    """Seals with the first of the keys, and believes seals of them all."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._macs = [Mac(_derived(key)) for key in keys]

    def seal(self, before: str, entry: Entry, salt: str, said: str | None) -> str:
        return self._macs[0].of(_told(before, entry, content_of(entry, salt), said))

    def fits(self, before: str, entry: Entry) -> bool:
        if entry.salt is not None:
            content = content_of(entry, entry.salt)
        else:
            content = entry.content if entry.is_erased and entry.content else MISSING
        return self._is_ours(_told(before, entry, content, entry.said), entry.seal or "")

    def prove(self, head: Head) -> Head:
        return replace(head, proof=self._macs[0].of(orjson.dumps(_fields(head))))

    def proves(self, head: Head) -> bool:
        return self._is_ours(orjson.dumps(_fields(head)), head.proof)

    def _is_ours(self, told: bytes, seal: str) -> bool:
        given = seal.encode(errors="replace")
        return any(hmac.compare_digest(mac.of(told).encode(), given) for mac in self._macs)


Sealed = tuple[str, str | None, str]
"""What sealing adds to a row: its salt, what was said, and the seal."""


def sealed(
    chain: Chain, before: str, entries: Sequence[Entry], texts: Mapping[str, str], salts: bytes
) -> list[Sealed]:
    """Of the rows, one after another. `texts`: what messages say, by id; `salts`: 16 random bytes
    for each row."""
    done: list[Sealed] = []
    for number, entry in enumerate(entries):
        salt = salts[number * 16 : number * 16 + 16].hex()
        text = texts.get(entry.message)
        said = None if text is None else said_of(text, salt)
        before = chain.seal(before, entry, salt, said)
        done.append((salt, said, before))
    return done


def _told(before: str, entry: Entry, content: str, said: str | None) -> bytes:
    """All that a seal is of. The position is not: the seal before says which place it is."""
    return orjson.dumps(
        (
            *(before, entry.name, entry.kind, entry.at, entry.workspace_id),
            *(entry.conversation_id, entry.handoff_id, entry.actor_role, entry.actor_id),
            *(entry.epoch, entry.cause, content, said),
        )
    )


def _fields(head: Head) -> tuple[str, int, Micros, str]:
    return head.name, head.position, head.at, head.seal


def _derived(key: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=FOR).derive(key)


# --- checking ------------------------------------------------------------------------------------


class What(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    TEXT = "text"
    """The message does not say any more what it said, and no event tells of a change."""
    HEAD = "head"
    """A head is not as it was made, or the chain does not go by it."""
    KEY = "key"
    """Nothing was sealed with a key that we have."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`position` to `until`: where it is; `id` and `at`: of the row there, or of the one after what
    is gone."""

    what: What
    position: int
    until: int
    id: str = ""
    at: Micros = 0
    detail: str = ""


@dataclass(slots=True)
class Walk:
    """Along the chain, in the order of positions. Mutable, for one check."""

    chain: Chain
    heads: dict[int, list[Head]] = field(default_factory=dict)
    """Those that must fit, by position."""
    rows: int = 0
    erased: int = 0
    last: int = 0
    _good: str = NOTHING
    """The seal of the last row that fitted."""
    _before: str = NOTHING
    """The seal of the last row."""
    _doubted: list[Entry] = field(default_factory=list)
    """Rows that do not fit what was before them; what is wrong the next ones say."""

    def step(self, entry: Entry) -> Iterator[Fault]:
        self.rows += 1
        self.erased += entry.is_erased
        gap, self.last = entry.position - self.last - 1, entry.position
        yield from self._judged(entry, gap)
        self._before = entry.seal or MISSING
        for head in self.heads.pop(entry.position, ()):
            if head.seal != entry.seal:
                detail = f"the head {head.name} has another seal"
                yield _at(What.HEAD, entry, detail)

    def _judged(self, entry: Entry, gap: int) -> Iterator[Fault]:
        if gap > 0:
            yield from self._end_of_doubts(What.CHANGED)
            first, until = entry.position - gap, entry.position - 1
            yield Fault(What.REMOVED, first, until, entry.name, entry.at, "missing before this row")
            self._good = entry.seal or MISSING
        elif self._doubted and self.chain.fits(self._good, entry):
            yield from self._end_of_doubts(What.INSERTED)
            self._good = entry.seal or ""
        elif self.chain.fits(self._before, entry):
            yield from self._end_of_doubts(What.CHANGED)
            self._good = entry.seal or ""
        else:
            self._doubted.append(entry)
            if len(self._doubted) >= MANY:  # nobody waits for a reason any longer
                yield from self._end_of_doubts(What.CHANGED)
                self._good = entry.seal or MISSING

    def _end_of_doubts(self, what: What) -> Iterator[Fault]:
        details = {
            What.CHANGED: "its seal does not fit, or that of a row removed before it",
            What.INSERTED: "put or moved here: the rows around it fit each other without it",
        }
        for each in self._doubted:
            yield _at(what, each, details[what])
        self._doubted = []

    def end(self, newest: Head | None) -> Iterator[Fault]:
        """`newest`: the head that was read before the first step, up to which the steps went."""
        yield from self._end_of_doubts(What.CHANGED)
        if newest and self.last < newest.position:
            detail = "the last rows are gone; the very last of them happened then"
            yield Fault(What.REMOVED, self.last + 1, newest.position, "", newest.at, detail)
        for head in (head for each in self.heads.values() for head in each):
            if head.name != NEWEST:
                detail = f"there is no row where the head {head.name} was"
                yield Fault(What.HEAD, head.position, head.position, "", head.at, detail)


def _at(what: What, entry: Entry, detail: str) -> Fault:
    return Fault(what, entry.position, entry.position, entry.name, entry.at, detail)
