"""All of what is open, read by the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Select, tuple_

from bridge.views import View
from storage.tables import metadata

PAGE = 200
MOST = 5_000
"""Nobody looks through more; who waits longest comes first."""
_PLACE = tuple_(*(metadata.tables["handoff"].c[name] for name in ("opened_at", "id")))


async def every(
    read: Callable[[Select[Any]], Awaitable[list[View]]], statement: Select[Any]
) -> list[View]:
    """The handoffs of a statement in the order in which they were opened. Who closes or opens one
    meanwhile moves none past its page, since each page begins behind the last of the one before."""
    found: list[View] = []
    statement = statement.order_by(None).order_by(*_PLACE).limit(PAGE)
    page = await read(statement)
    while page:
        found += page
        if len(page) < PAGE or len(found) >= MOST:
            break
        last = found[-1].handoff
        page = await read(statement.where((last.opened_at, last.id) < _PLACE))
    return found
