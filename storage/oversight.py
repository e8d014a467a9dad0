"""What figures of approvals and of rules are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, literal_column, select

from bridge.events import Kind
from bridge.model import Micros, WorkspaceId
from bridge.oversight import Draft, Firing
from storage.mapping import Row
from storage.tables import metadata
from storage.tables_gates import ApprovalRow

_event = metadata.tables["event"].c
_approval = metadata.tables[str(ApprovalRow.__tablename__)].c
OF_RULES: ColumnElement[bool] = literal_column(
    f"event.kind IN ('{Kind.TRIGGER_FIRED}', '{Kind.TRIGGER_UNCHECKED}', '{Kind.FALSE_ALARM}')"
)
"""No parameters, so that the databases see that an index holds only these (migration 0018)."""


def drafts(workspace: WorkspaceId, since: Micros, until: Micros) -> Select[Any]:
    """As `Draft` has them."""
    return select(
        _approval.bot_id, _approval.status, _approval.created_at, _approval.decided_at
    ).where(
        _approval.workspace_id == workspace,
        _approval.created_at >= since,
        _approval.created_at < until,
    )


def read_drafts(rows: Sequence[Row]) -> list[Draft]:
    return [Draft(*row) for row in rows]


def firings(workspace: WorkspaceId, since: Micros) -> Select[Any]:
    """False alarms, too, which are said later."""
    here = (_event.workspace_id == workspace) & (_event.at >= since)
    return select(_event.kind, _event.name, _event.at, _event.body).where(
        here, OF_RULES, _event.body != "{}"
    )


def read_firings(rows: Sequence[Row], until: Micros) -> list[Firing]:
    """Those before `until`."""
    told = [(kind, name, at, orjson.loads(body)) for kind, name, at, body in rows]
    false = {body["firing"] for kind, _, _, body in told if kind == Kind.FALSE_ALARM}
    return [
        Firing(body["rule"], body["kind"], bool(body.get("handed_over")), name in false)
        for kind, name, at, body in told
        if kind == Kind.TRIGGER_FIRED and at < until
    ]
