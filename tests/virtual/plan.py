"""Who comes to a working day, when, and what they are like: drawn from one seed, and nothing of it
left to chance afterwards. Times in seconds after the day's beginning."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sandbox.slack.seed import ANA, BEN, CHLOE

MINUTE = 60.0
ENGLISH, FRENCH, GERMAN = "en", "fr", "de"
QUEUES = ("default", "billing", "french")
"""Given to who has the fewest; given in turn; taken by hand."""


@dataclass(frozen=True, slots=True)
class Size:
    """`minutes` in which customers come; `lunch`: from when until when the desk is closed;
    `meeting`: when all of its agents are elsewhere, though it is open."""

    agents: int
    customers: int
    minutes: float
    lunch: tuple[float, float]
    meeting: tuple[float, float]


SMALL = Size(4, 16, 10, (4, 6), (2, 3))
WHOLE = Size(12, 200, 150, (70, 90), (40, 46))


class Leaves(StrEnum):
    """How an agent goes who comes back: they say so, or do nothing more."""

    SAYS_SO = "says so"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Agent:
    """`breaks`: from when until when they do nothing, and how they leave; `dice` for what they do
    with what they have."""

    id: str
    name: str
    queues: tuple[str, ...]
    languages: tuple[str, ...]
    comes: float
    breaks: tuple[tuple[float, float, Leaves], ...]
    dice: random.Random


class Ends(StrEnum):
    """What a customer does when they have their answers."""

    SILENT = "silent"
    THANKS = "thanks"
    LEAVES = "leaves"
    """They write the word that ends it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One question and what follows. `asks`: how many answers they need; `insists`: how many more
    messages they write while they wait; `gives_up`: they leave when nobody answered for so long,
    zero: they wait."""

    comes: float
    asks: int
    insists: int
    gives_up: float
    ends: Ends


@dataclass(frozen=True, slots=True)
class Customer:
    number: int
    name: str
    on_messenger: bool
    queue: str
    """Where their bot sends them; there is none in the webchat, where their language does."""
    locale: str
    visits: tuple[Visit, ...]
    dice: random.Random


@dataclass(frozen=True, slots=True)
class Plan:
    size: Size
    agents: tuple[Agent, ...]
    customers: tuple[Customer, ...]

    @property
    def ends(self) -> float:
        return self.size.minutes * MINUTE

    def members(self, queue: str) -> list[str]:
        return [agent.id for agent in self.agents if queue in agent.queues]


def drawn(size: Size, seed: int) -> Plan:
    dice = random.Random(seed)
    agents = tuple(_agent(number, size, dice) for number in range(size.agents))
    customers = tuple(_customer(number, size, dice) for number in range(size.customers))
    return Plan(size, agents, customers)


# --- agents --------------------------------------------------------------------------------------

NAMES = ("Ana", "Ben", "Chloé", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jun", "Kai", "Lea")
IDS = (ANA, BEN, CHLOE)


def _agent(number: int, size: Size, dice: random.Random) -> Agent:
    """Every queue and every language has somebody, however few they are."""
    queues = [*("default", "billing") * (number % 3 != 2), "french"]
    languages = (ENGLISH, (FRENCH, GERMAN)[number % 2])
    return Agent(
        IDS[number] if number < len(IDS) else f"U06DAY{number:05}",
        NAMES[number],
        tuple(queues if number % 2 == 0 or number % 3 == 2 else queues[:2]),
        languages if dice.random() < 0.8 else (),
        dice.uniform(0, 90),
        tuple(_breaks(size, dice)),
        random.Random(dice.random()),
    )


def _breaks(size: Size, dice: random.Random) -> Sequence[tuple[float, float, Leaves]]:
    """All for the meeting, most for lunch, and some once more."""
    begins, ends = (minutes * MINUTE for minutes in size.meeting)
    how = dice.choice(list(Leaves))
    found = [(begins + dice.uniform(0, 15), ends + dice.uniform(-15, 15), how)]
    begins, ends = (minutes * MINUTE for minutes in size.lunch)
    if dice.random() < 0.7:
        found.append((begins + dice.uniform(-30, 60), ends - dice.uniform(0, 30), Leaves.SAYS_SO))
    if dice.random() < 0.7:
        start = dice.choice([0.0, ends]) + dice.uniform(0.1, 0.25) * size.minutes * MINUTE
        how = dice.choice(list(Leaves))
        found.append((start, start + dice.uniform(4, 8) * MINUTE, how))
    return sorted(found)


# --- customers -----------------------------------------------------------------------------------


def _customer(number: int, size: Size, dice: random.Random) -> Customer:
    on_messenger = dice.random() < 0.4
    comes = dice.uniform(0.02, 0.95) * size.minutes * MINUTE
    visits = [_visit(comes, dice)]
    if dice.random() < 0.25:
        visits.append(_visit(comes + dice.uniform(4, 8) * MINUTE, dice))
    return Customer(
        number,
        f"Visitor{number}",
        on_messenger,
        dice.choice(QUEUES) if on_messenger else "",
        dice.choice([ENGLISH, ENGLISH, FRENCH, GERMAN]),
        tuple(visits),
        random.Random(dice.random()),
    )


def _visit(comes: float, dice: random.Random) -> Visit:
    return Visit(
        comes,
        asks=dice.randint(1, 3),
        insists=dice.choice([0, 0, 1, 2]),
        gives_up=dice.choice([0.0, 0.0, 0.0, dice.uniform(40, 200)]),
        ends=dice.choice(list(Ends)),
    )
