"""What is asked of agents' seats, and what routing asks of handoffs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bridge.commands.addresses import ToAgent, ToAll, ToHandoff
from bridge.model import Agent, AgentId, Author, Micros


class Doing(StrEnum):
    """ONLINE and AWAY are said, SEEN is an agent who writes or clicks; ASKED and IDLE follow from
    doing nothing. PRESENT and ABSENT are what the desk's network says of them."""

    ONLINE = "online"
    AWAY = "away"
    SEEN = "seen"
    ASKED = "asked"
    IDLE = "idle"
    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Attend:
    """What an agent does, or does not. `active_at`: for ASKED and IDLE, since when they have done
    nothing; who has done something since is not meant. `opens`: who has no seat gets one."""

    key: str
    at: Micros
    to: ToAgent
    by: Author
    doing: Doing
    active_at: Micros = 0
    opens: bool = True


@dataclass(frozen=True, slots=True)
class Introduce:
    """How an agent wishes to be known by customers; empty: as everybody knows them."""

    key: str
    at: Micros
    to: ToAgent
    by: Author
    name: str = ""
    avatar_url: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AssignNext:
    """Routing gives a handoff that waits to an agent, if they still have room."""

    key: str
    at: Micros
    to: ToHandoff
    agent: Agent


@dataclass(frozen=True, slots=True)
class HandBack:
    """Routing takes back what waits for an agent who has gone away."""

    key: str
    at: Micros
    to: ToHandoff
    agent: AgentId


@dataclass(frozen=True, slots=True)
class Stir:
    """Routing is to look, whatever has changed: the settings, at a start."""

    key: str
    at: Micros
    to: ToAll


OfAgent: TypeAlias = Attend | Introduce
RoutingCommand: TypeAlias = OfAgent | AssignNext | HandBack | Stir
