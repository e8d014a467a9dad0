"""What one statement to PostgreSQL is made by; that it writes what it should, the others tell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.commands import AddNote
from bridge.model import ConversationId
from storage import driver
from storage.bulk import Proof, all_at_once, is_alone
from storage.mapping import CONVERSATION, MESSAGE
from tests.bridge.driver import ANA
from tests.storage.stored import THREAD, Stored, stored, user

ROW = ("a row",)


@pytest.mark.parametrize(
    ("changed", "added", "known", "alone"),
    [
        (1, 1, 1, True),
        (1, 1, None, True),
        (1, 0, 1, True),
        (0, 0, None, True),
        (2, 1, 2, False),
        (1, 2, 1, False),
        (1, 2, None, False),
        (1, 1, 2, False),
    ],
)
def test_one_is_alone_where_nothing_is_there_twice(
    changed: int, added: int, known: int | None, alone: bool
) -> None:
    """Also no second conversation of which something is to be proved, though it is not written."""
    updates = {CONVERSATION.shape: [ROW] * changed} if changed else {}
    inserts = {MESSAGE.shape: [ROW] * added} if added else {}
    versions = {ConversationId(f"cnv_{n}"): n for n in range(known or 0)}
    proof = None if known is None else Proof(versions, (), 0)

    assert is_alone((updates, inserts), proof) is alone


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Stored]:
    async with stored(database_url) as one:
        yield one


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each statement, whether it was for one alone."""
    found = list[bool]()

    def recorded(*shapes: Any, alone: bool, proves: bool) -> str:
        found.append(alone)
        return all_at_once(*shapes, alone=alone, proves=proves)

    monkeypatch.setattr(driver, "all_at_once", recorded)
    return found


async def test_who_speaks_alone_is_written_down_value_by_value(
    desk: Stored, made: list[bool]
) -> None:
    """With locks and without; the last two are one key, of which the second is no news."""
    bo = user("bo")
    await desk.hands_over()
    await desk.do(desk.says("k1"), desk.says("k2", to=bo))
    made.clear()

    await desk.do(desk.says("k3", "alone"))
    await desk.do(AddNote("n1", desk.clock.now, THREAD, ANA, "with locks"))
    await desk.do(desk.says("k4", "one"), desk.says("k5", "two"))
    await desk.do(desk.says("k6", "once"), desk.says("k6", "once", to=bo))

    said = sorted(row["text"] for row in await desk.rows("message"))
    assert said == ["alone", "hello", "hello", "once", "one", "two", "with locks"]
    assert made == ([] if desk.database.dialect == "sqlite" else [True, True, False, False])
