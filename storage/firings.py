"""Rules that have fired, read from the events."""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, func, select

from bridge.events import Kind
from bridge.model import DEFAULT_WORKSPACE, Micros
from bridge.stores import Fired
from storage.database import Database
from storage.oversight import OF_RULES
from storage.tables import metadata

T = metadata.tables
_event, _handoff = T["event"].c, T["handoff"].c
MOST = 1_000
"""Of the newest that are listed."""
_CAME = (
    select(_handoff.number)
    .where(_handoff.conversation_id == _event.conversation_id, _handoff.opened_at >= _event.at)
    .order_by(_handoff.opened_at)
    .limit(1)
    .scalar_subquery()
)
"""Of a rule that fired while the bot had the conversation: the handoff that came next."""
_OPEN = select(_handoff.number).where(_handoff.id == _event.handoff_id).scalar_subquery()
_NEWEST = (
    select(
        *(_event.kind, _event.name, _event.at, _event.body, _event.actor_name),
        *(_event.conversation_id, func.coalesce(_OPEN, _CAME)),
    )
    .select_from(T["event"])
    .order_by(_event.at.desc(), _event.id.desc())
)


async def fired(database: Database, since: Micros, rule: str = "") -> list[Fired]:
    """The newest first. What was said to be a false alarm is so whenever it was said."""

    def look(connection: Connection) -> list[Fired]:
        those = _NEWEST.where(
            _event.workspace_id == DEFAULT_WORKSPACE,
            OF_RULES,
            _event.at >= since,
        )
        found: list[Fired] = []
        false: dict[str, str] = {}
        for kind, name, at, text, by, conversation, number in connection.execute(those):
            body = orjson.loads(text)
            if kind == Kind.FALSE_ALARM:
                false[body["firing"]] = by
            elif len(found) < MOST and rule in ("", body["rule"]):
                told = (body["rule"], body["kind"], body["why"])
                found.append(
                    Fired(
                        *(name, at, *told, conversation, number or 0, false.get(name, "")),
                        checked=kind == Kind.TRIGGER_FIRED,
                    )
                )
        return found

    return await database.read(look)
