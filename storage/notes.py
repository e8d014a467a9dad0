"""Events of no conversation: what was done to the installation itself."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, insert

from bridge.events import Event, Kind
from bridge.model import DEFAULT_WORKSPACE, Author, ConversationId, Micros
from storage.mapping import EVENT, write_event
from storage.tables import metadata


def note(
    connection: Connection, kind: Kind, by: Author, at: Micros, cause: str, **body: Any
) -> None:
    """In the transaction of what was done."""
    named = f"evt_{secrets.token_hex(12)}"
    event = Event(kind, at, ConversationId(""), by, body=body, id=named, cause=cause)
    row = dict(zip(EVENT.columns, write_event(event, DEFAULT_WORKSPACE), strict=True))
    connection.execute(insert(metadata.tables["event"]).values(**row)).close()
