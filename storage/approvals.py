"""Approvals, on the write side: what a transaction has in hand of them; and as they are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, bindparam, exists, literal_column, or_, select, update

from bridge.commands import Judge, RequestApproval, TimerFired
from bridge.effects import Outward, SetTimer, TimerKind
from bridge.gates import Approval, Stand, Vote
from bridge.lists import Drafts
from bridge.model import Conversation
from storage.bulk import Writes
from storage.dialects import holds
from storage.driver import Driver
from storage.mapping import JSON, NAMES, Mapper, enum, tuple_of
from storage.tables import metadata
from storage.tables_gates import ApprovalRow

APPROVAL = Mapper(
    Approval,
    str(ApprovalRow.__tablename__),
    {
        **dict.fromkeys(("draft", "form", "context", "value"), JSON),
        **dict.fromkeys(("allowed", "reviewers", "others", "place"), NAMES),
        "send": (bool, bool),
        "status": enum(Stand),
        "votes": tuple_of(Vote),
    },
)
_table = metadata.tables[APPROVAL.shape.table]
_row = _table.c
PENDING = _row.status == literal_column("'pending'")
"""As the index over them has it."""
_handoff = metadata.tables["handoff"].c
ORDER = (_row.created_at, _row.id)
_IN_HAND = (
    select(*APPROVAL.columns(_table))
    .where(
        _row.conversation_id == bindparam("conversation"),
        or_(_row.status == str(Stand.PENDING), _row.id == bindparam("named")),
    )
    .order_by(_row.id)
)
_ERASE = (
    update(_table)
    .where(_row.conversation_id == bindparam("conversation"))
    .values(title="", draft="null", form="null", value="null", context="null", reason="")
)

OF_APPROVALS = (RequestApproval, Judge, TimerFired)
"""By which a bot may come to speak."""


def about(command: object, effect: Outward | None) -> str:
    """The id of the approval that it is about; empty: none."""
    if isinstance(effect, SetTimer):
        return effect.about if effect.kind is TimerKind.APPROVAL else ""
    return str(getattr(effect or command, "approval_id", ""))


def one(id: str) -> Select[Any]:
    return select(*APPROVAL.columns(_table)).where(_row.id == id)


def listed(workspace: str, wanted: Drafts, dialect: str) -> Select[Any]:
    statement = select(*APPROVAL.columns(_table)).where(_row.workspace_id == workspace)
    if wanted.statuses:
        named = sorted(str(status) for status in wanted.statuses)
        alone = named == [str(Stand.PENDING)]
        statement = statement.where(PENDING if alone else _row.status.in_(named))
    if wanted.queue:
        here = (_handoff.id == _row.handoff_id) & (_handoff.queue == wanted.queue)
        asked = holds(dialect, _row.reviewers, wanted.queue)
        statement = statement.where(or_(exists().where(here), asked))
    if wanted.conversation:
        statement = statement.where(_row.conversation_id == wanted.conversation)
    return statement.where(_row.bot_id == wanted.bot) if wanted.bot else statement


class Approvals:
    """Mutable, for one transaction. Most conversations have none, and cost nothing."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._loaded: dict[str, Approval] = {}
        self._now: dict[str, Approval] = {}

    def of(self, conversation: Conversation, named: str) -> tuple[Approval, ...]:
        """Those of the conversation that are pending, and the one that is `named`."""
        if not (conversation.drafts or named):
            return ()
        given = {"conversation": conversation.id, "named": named}
        for row in self._driver.rows(_IN_HAND, given):
            found = APPROVAL.read(row)
            if found.id not in self._now:
                self._loaded[found.id] = self._now[found.id] = found
        return tuple(
            each
            for each in self._now.values()
            if each.conversation_id == conversation.id and (each.is_pending or each.id == named)
        )

    def keep(self, changed: Iterable[Approval]) -> None:
        self._now |= {each.id: each for each in changed}

    def forget(self, conversation: str) -> None:
        """What those that are over say is deleted with what was said."""
        self._driver.count(_ERASE, {"conversation": conversation})

    def save(self, writes: Writes) -> None:
        new = [a for a in self._now.values() if a.id not in self._loaded]
        changed = [a for a in self._now.values() if self._loaded.get(a.id, a) is not a]
        writes.insert(APPROVAL.shape, [APPROVAL.write(each) for each in new])
        writes.update(APPROVAL.shape, [APPROVAL.write(each) for each in changed])
