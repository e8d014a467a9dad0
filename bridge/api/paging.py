"""Pages: a row more than asked for tells whether there is another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bridge.errors import BadRequest
from bridge.lists import BadCursor, Place, cursor, place

T = TypeVar("T")


def begin(kind: str, text: str, *types: type) -> Place:
    """Where the page of this cursor begins. Raises BadRequest (404)."""
    try:
        return place(kind, text, types)
    except BadCursor as error:
        told = {"cursor": "is none of this list"}
        raise BadRequest("not_found", "There is no such page.", told, status=404) from error


def cut(
    kind: str, rows: Sequence[T], limit: int, place_of: Callable[[T], Place]
) -> tuple[Sequence[T], str | None]:
    """The rows of the page, and the cursor of the next; `rows` has one more, if there is one."""
    shown = rows[:limit]
    return shown, cursor(kind, place_of(shown[-1])) if len(rows) > limit else None
