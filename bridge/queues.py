"""Queues: where a handoff waits, in which place of the desk, and who may take it. Pure.

A handoff goes to the queue that its bot names; else to the first that serves one of its labels, or
else the customer's language; else to the default one, which there always is. A name that nobody has
configured is kept with the handoff, as a bot gave it, and treated as the default queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bridge.hours import ALWAYS, Hours
from bridge.model import SECOND, Micros, Priority

DEFAULT = "default"


class Default(StrEnum):
    """What an agent's message is when nothing in it says so."""

    REPLY = "reply"
    NOTE = "note"


class Routing(StrEnum):
    """How a queue's handoffs find their agent: they are taken; or they are given, to who was given
    none for the longest, or to who has the fewest."""

    MANUAL = "manual"
    ROUND_ROBIN = "round_robin"
    LEAST_BUSY = "least_busy"


@dataclass(frozen=True, slots=True)
class Goals:
    """How soon, in µs, a user is to have a first answer and each later one, and a handoff is to be
    resolved; zero: no matter."""

    first_reply: Micros = 0
    next_reply: Micros = 0
    resolution: Micros = 0


@dataclass(frozen=True, slots=True)
class WrapUp:
    """What a handoff has to say of itself before somebody resolves it: a label at all (`labelled`),
    or one of `labels`; and a reason that is one of `outcomes`, where there are any."""

    labelled: bool = False
    labels: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()

    def missing(self, labels: Iterable[str], reason: str) -> Mapping[str, str]:
        """What is needed yet, by field.

        >>> WrapUp(labels=("refund", "delivery")).missing((), "done")
        {'labels': 'is needed: one of refund, delivery'}
        """
        has = set(labels)
        found: dict[str, str] = {}
        if self.labels and has.isdisjoint(self.labels):
            found["labels"] = f"is needed: one of {', '.join(self.labels)}"
        elif self.labelled and not has:
            found["labels"] = "is needed"
        if self.outcomes and self.spelt(reason) not in self.outcomes:
            found["reason"] = f"is needed: one of {', '.join(self.outcomes)}"
        return found

    def spelt(self, reason: str) -> str:
        """An outcome as the settings spell it; any other reason as it is."""
        same = (each for each in self.outcomes if each.casefold() == reason.strip().casefold())
        return next(same, reason)


@dataclass(frozen=True, slots=True)
class Queue:
    """`place`: where its threads are opened, in the desk's own spelling; empty: where the desk is.
    `labels` and `languages`: what is brought here when nobody names a queue. `priority`: of its
    handoffs, unless who opens one says another. `notify`: who is called when nobody takes one, in
    the desk's spelling; empty: as everywhere. `capacity`: who has as many conversations is given
    none; `sticky`: for so long, µs, a customer comes back to who had them last, if they are
    free. `messages`: its own texts for users, by occasion and language. `reply`: what agents'
    messages are in its handoffs, and `undo`: for so long, µs, a reply may be taken back; None: as
    everywhere."""

    name: str = DEFAULT
    place: str = ""
    hours: Hours = ALWAYS
    messages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    notify: str = ""
    routing: Routing = Routing.MANUAL
    capacity: int = 3
    sticky: Micros = 7 * 86_400 * SECOND
    goals: Goals = field(default_factory=Goals)
    wrap_up: WrapUp = field(default_factory=WrapUp)
    reply: Default | None = None
    undo: Micros | None = None

    @property
    def routed(self) -> bool:
        return self.routing is not Routing.MANUAL


@dataclass(frozen=True, slots=True)
class InLine:
    """How one that waits stands: how many are before it, and how long one usually waits in its
    queue, in seconds; None: nobody knows."""

    ahead: int = 0
    usual: float | None = None


NO_LINE = InLine()
ONLY = (Queue(),)
"""Of a desk whose settings name none."""


def named(queues: Sequence[Queue], name: str) -> Queue:
    """The queue of that name; the default one where there is none."""
    found = (queue for queue in queues if queue.name == name)
    return next(found, None) or next(queue for queue in queues if queue.name == DEFAULT)


def chosen(queues: Sequence[Queue], labels: Iterable[str], locale: str) -> str:
    """The name of the queue for a handoff whose bot names none.

    >>> chosen((Queue(), Queue("french", languages=("fr",))), (), "fr-CA")
    'french'
    """
    wanted, language = set(labels), language_of(locale)
    by_label = (queue for queue in queues if wanted & set(queue.labels))
    by_language = (queue for queue in queues if language in queue.languages)
    found = next(by_label, None) or next(by_language, None)
    return found.name if found else DEFAULT


def language_of(locale: str) -> str:
    """`fr` of `fr-CA`."""
    return locale.replace("_", "-").partition("-")[0].lower()
