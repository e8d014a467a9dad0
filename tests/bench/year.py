"""A year of a desk's work, made up from a seed and written in bulk: what figures are tried with."""

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Text, insert

from bridge.model import DEFAULT_WORKSPACE, SECOND
from bridge.reports import Period
from bridge.scores import Rating
from storage.database import Database
from storage.dialects import dump
from storage.mapping import read_rating
from storage.tables import metadata
from storage.tables_gates import ApprovalRow

BEGIN = datetime(2025, 11, 17, tzinfo=UTC)
DAYS = 365
TEXTS = [
    column.name
    for column in metadata.tables[str(ApprovalRow.__tablename__)].c
    if isinstance(column.type, Text) and not column.nullable
]
"""Of an approval."""
MANY = 5_000
"""Rows of one statement."""
HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 20, 34, 40, 38, 30, 34, 38, 36, 32, 26, 18, 14, 10, 7, 4, 2)
WEEKDAYS = (30, 26, 24, 23, 22, 9, 6)
QUEUES = {"default": 50, "orders": 24, "returns": 14, "Rückfragen & Technik": 8, "vip": 4}
CHANNELS = {"webchat": 70, "messenger": 25, "relay": 5}
AGENTS = {f"U{n:02}": f"{name} {n}" for n in range(30) for name in [("Ana", "Ben", "Zoë")[n % 3]]}
LABELS = ("refund", "late parcel", "bug", "spam", "praise", "<b>bold</b>")
STATUSES = {"resolved": 86, "rejected": 4, "expired": 4, "cancelled": 5, "queued": 1}
SCORES = {1: 4, 2: 5, 3: 14, 4: 30, 5: 47}
STANDS = {"approved": 70, "edited": 12, "responded": 4, "rejected": 8, "expired": 5, "pending": 1}
BOTS = {"shop": 70, "<i>back office</i>": 30}
RULES = {"person": ("human", 30), "angry": ("anger", 14), "lawyer & court": ("words", 6)}
GOALS = ("first_reply", "next_reply", "resolution")
Row = dict[str, Any]
SINCE = int(BEGIN.timestamp()) * SECOND
PERIOD = Period(SINCE, SINCE + DAYS * 86_400 * SECOND, UTC)


@dataclass
class Year:
    """Rows by table, handoffs in the order of their opening."""

    number: int
    days: int = DAYS
    seed: int = 7
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def rows(self) -> Iterator[dict[str, list[Row]]]:
        openings = sorted(self._opening() for _ in range(self.number))
        for first in range(0, self.number, MANY):
            made: dict[str, list[Row]] = {"contact": [], "conversation": [], "handoff": []}
            made |= {"event": [], "approval": []}
            for number in range(first, min(first + MANY, self.number)):
                self._add(made, number, openings[number])
            yield made

    def _add(self, made: dict[str, list[Row]], number: int, at: int) -> None:
        ids = {"id": f"cnv_{_name(number)}", "workspace_id": DEFAULT_WORKSPACE}
        channel = self._one(CHANNELS)
        contact = {**ids, "id": f"usr_{number}", "channel": channel, "address": f"a{number}"}
        made["contact"].append({**contact, "name": "Sam", "created_at": at})
        talk = {**ids, "contact_id": f"usr_{number}", "channel": channel, "created_at": at}
        made["conversation"].append({**talk, "address": f"a{number}"})
        handoff = self._handoff(number, at) | {"channel": channel}
        made["handoff"].append(handoff)
        for goal in GOALS:
            if handoff["assigned_at"] and self.dice.random() < 0.05:
                made["event"].append(_missed(handoff, goal))
        if number % 4 == 0:
            made["approval"].append(self._approval(number, at))
            made["event"] += self._firing(number, at)

    def _handoff(self, number: int, at: int) -> Row:
        status = self._one(STATUSES)
        row: Row = {
            "id": f"hnd_{_name(number)}",
            "workspace_id": DEFAULT_WORKSPACE,
            "number": number + 1,
            "conversation_id": f"cnv_{_name(number)}",
            "status": status,
            "queue": self._one(QUEUES),
            "opened_at": at,
            "labels": json.dumps(self.dice.sample(LABELS, self.dice.choice((0, 0, 1, 1, 2)))),
        }
        agent, replier, assigned, replied, closed = None, "", 0, 0, 0
        if status in ("resolved", "rejected"):
            agent = self.dice.choice(list(AGENTS))
            assigned = at + self._length(240)
            replied = assigned + self._length(90) if status == "resolved" else 0
            moved = self.dice.random() < 0.1
            replier = (self.dice.choice(list(AGENTS)) if moved else agent) if replied else ""
        if status != "queued":
            closed = max(assigned, replied, at) + self._length(1_500)
        times = {"assigned_at": assigned, "first_reply_at": replied, "closed_at": closed}
        whose = {"assignee": agent, "assignee_name": AGENTS.get(agent or "", "")}
        whose |= {"first_reply_by": replier, "first_reply_name": AGENTS.get(replier, "")}
        rating = self._rating(status, closed)
        rated = {"rating": rating, "score": read_rating(rating).score}
        return {**row, **times, **whose, **rated}

    def _approval(self, number: int, at: int) -> Row:
        """Asked for by a bot while it has the conversation."""
        status = self._one(STANDS)
        decided = 0 if status == "pending" else at + self._length(45)
        row: Row = dict.fromkeys(TEXTS, "") | {"id": f"apr_{number}", "status": status}
        row |= {"workspace_id": DEFAULT_WORKSPACE, "conversation_id": f"cnv_{_name(number)}"}
        row |= dict.fromkeys(("epoch", "quorum", "revision", "version"), 1)
        row |= {"bot_id": self._one(BOTS), "created_at": at, "expires_at": at + 900 * SECOND}
        return row | {"decided_at": decided, "send": True}

    def _firing(self, number: int, at: int) -> list[Row]:
        rule = self._one({name: weight for name, (_, weight) in RULES.items()})
        body = {"rule": rule, "kind": RULES[rule][0], "why": "“…”"}
        hands_over = self.dice.random() < 0.8
        name = f"evt_{number}"
        fired = _event(number, "trigger.fired", at, {**body, "handed_over": hands_over}, name)
        if self.dice.random() > 0.15:
            return [fired]
        told = {"firing": name, "rule": rule}
        later = at + self._length(3_000)
        return [fired, _event(number, "trigger.false_alarm", later, told, f"{name}_false")]

    def _opening(self) -> int:
        """By the clocks of UTC."""
        while True:
            day = self.dice.randrange(self.days)
            if self.dice.random() * max(WEEKDAYS) < WEEKDAYS[day % 7]:
                break
        hour = self.dice.choices(range(24), HOURS)[0]
        when = BEGIN + timedelta(days=day, hours=hour, seconds=self.dice.random() * 3_600)
        return int(when.timestamp() * SECOND)

    def _length(self, median: float) -> int:
        """In seconds; few are very long."""
        return int(self.dice.lognormvariate(0, 1.1) * median * SECOND)

    def _rating(self, status: str, closed: int) -> str:
        if status != "resolved" or self.dice.random() < 0.4:
            return "{}"
        score = self._one(SCORES) if self.dice.random() < 0.5 else 0
        given = Rating("How was it?", self.dice.randrange(40), score, at=closed if score else 0)
        return dump(asdict(given))

    def _one(self, weights: dict[Any, int]) -> Any:
        return self.dice.choices(list(weights), list(weights.values()))[0]


def _name(number: int) -> str:
    """Ids are in no order."""
    return sha256(str(number).encode()).hexdigest()[:26]


def _event(number: int, kind: str, at: int, body: Row, name: str) -> Row:
    whose = {"workspace_id": DEFAULT_WORKSPACE, "conversation_id": f"cnv_{_name(number)}"}
    told = json.dumps(body, ensure_ascii=False)
    return {**whose, "handoff_id": None, "kind": kind, "at": at, "body": told, "name": name}


def _missed(handoff: Row, goal: str) -> Row:
    at, number = handoff["opened_at"] + 600 * SECOND, handoff["number"] - 1
    made = _event(number, "handoff.goal_missed", at, {"goal": goal}, f"evt_{goal}_{number}")
    return {**made, "handoff_id": handoff["id"]}


async def write(database: Database, year: Year) -> None:
    def put(connection: Connection) -> None:
        for made in year.rows():
            for name, rows in made.items():
                if rows:
                    connection.execute(insert(metadata.tables[name]), rows)

    await database.write(put)
