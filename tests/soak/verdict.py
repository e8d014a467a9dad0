"""The verdict: what was sent against what was seen, by message. Pure.

A message begins with its name: `c3-17` is the seventeenth of the customer of conversation 3, `a3-2`
the second reply of the agent who answers them.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise

NAME = re.compile(r"([ca])(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Seen:
    """One message at one place. `place` is a thread or a screen, `of` whose place it is."""

    text: str
    place: str
    of: int


@dataclass(slots=True)
class Verdict:
    """How often something went wrong; all zero is green."""

    sent: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    foreign: int = 0
    changed: int = 0
    """Arrived with another text than was sent."""
    roots: int = 0
    """Cards more than there were handoffs, or fewer."""
    marks: int = 0
    """Agents' messages that have not exactly one mark."""
    refused: int = 0
    """Customers' messages that the product would not have."""
    poisoned: int = 0
    """Commands that the product could not take and kept aside."""
    details: list[str] = field(default_factory=list)

    @property
    def green(self) -> bool:
        return self.sent > 0 and not any(self.faults().values())

    def faults(self) -> dict[str, int]:
        counted = [f.name for f in fields(self) if f.name not in ("sent", "details")]
        return {name: getattr(self, name) for name in counted}

    def note(self, fault: str, what: str) -> None:
        setattr(self, fault, getattr(self, fault) + 1)
        self.details.append(f"{fault}: {what}")

    def __add__(self, other: "Verdict") -> "Verdict":
        numbers = {
            name: getattr(self, name) + getattr(other, name) for name in ("sent", *self.faults())
        }
        return Verdict(**numbers, details=[*self.details, *other.details])


def judge(sent: Mapping[int, Sequence[str]], seen: Sequence[Seen], where: str) -> Verdict:
    """`sent`: by conversation, in the order of sending; `seen`: in the order of the place."""
    verdict = Verdict(sent=sum(len(texts) for texts in sent.values()))
    for conversation, texts in sent.items():
        mine = [one for one in seen if number_of(one.text) == conversation]
        _judge_one(verdict, texts, mine, where)
    for one in seen:
        if number_of(one.text) != one.of:
            verdict.note("foreign", f"{name_of(one.text)} in {one.place} of {one.of} ({where})")
    return verdict


def _judge_one(verdict: Verdict, texts: Sequence[str], seen: Sequence[Seen], where: str) -> None:
    wanted = {name_of(text): text for text in texts}
    count = Counter(name_of(one.text) for one in seen)
    for name, text in wanted.items():
        if count[name] == 0:
            verdict.note("lost", f"{name} ({where})")
        for other in {one.text for one in seen if name_of(one.text) == name} - {text}:
            verdict.note("changed", f"{name}: {_difference(text, other)} ({where})")
    for name, often in count.items():
        if often > 1:
            verdict.note("doubled", f"{name} {often} times ({where})")
    order = list(dict.fromkeys(place_of(one.text) for one in seen))
    for before, after in pairwise(order):
        if before > after:
            verdict.note("disordered", f"{name_of(texts[0])}… {before} before {after} ({where})")


def _difference(wanted: str, found: str) -> str:
    """Where the second one departs from the first: a part twice makes it longer."""
    pairs = enumerate(zip(wanted, found, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(wanted), len(found)))
    lengths = f"{len(found)} instead of {len(wanted)} characters"
    return f"{lengths}, after {found[max(0, same - 20) : same + 20]!r}"


def name_of(text: str) -> str:
    found = NAME.match(text)
    return found[0] if found else text[:30]


def number_of(text: str) -> int:
    """The conversation that a message belongs to; -1 for none."""
    found = NAME.match(text)
    return int(found[2]) if found else -1


def place_of(text: str) -> int:
    found = NAME.match(text)
    return int(found[3]) if found else -1
