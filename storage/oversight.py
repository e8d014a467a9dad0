"""What figures of approvals and of rules are made of, in columns as those of handoffs are."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column

from bridge.events import Kind
from bridge.model import Micros, WorkspaceId
from bridge.oversight import PastDrafts, PastFirings
from storage.mapping import Row
from storage.reports import columns, lists, told
from storage.tables import metadata
from storage.tables_gates import ApprovalRow

_event = metadata.tables["event"].c
_approval = metadata.tables[str(ApprovalRow.__tablename__)].c
OF_RULES: ColumnElement[bool] = literal_column(
    f"event.kind IN ('{Kind.TRIGGER_FIRED}', '{Kind.TRIGGER_UNCHECKED}', '{Kind.FALSE_ALARM}')"
)
"""No parameters, so that the databases see that an index holds only these (migration 0018)."""


def drafts(dialect: str, workspace: WorkspaceId, since: Micros, until: Micros) -> Select[Any]:
    of = (_approval.bot_id, _approval.status, _approval.created_at, _approval.decided_at)
    return columns(dialect, of).where(
        _approval.workspace_id == workspace,
        _approval.created_at >= since,
        _approval.created_at < until,
    )


def read_drafts(row: Row) -> PastDrafts:
    return PastDrafts(*lists(row))


def firings(dialect: str, workspace: WorkspaceId, since: Micros, until: Micros) -> Select[Any]:
    here = (_event.at < until, _event.kind == str(Kind.TRIGGER_FIRED))
    return _told(dialect, workspace, since).where(*here)


def false_alarms(dialect: str, workspace: WorkspaceId, since: Micros) -> Select[Any]:
    """A rule's firing is said to be one after it."""
    return _told(dialect, workspace, since).where(_event.kind == str(Kind.FALSE_ALARM))


def _told(dialect: str, workspace: WorkspaceId, since: Micros) -> Select[Any]:
    here = (_event.workspace_id == workspace) & (_event.at >= since)
    return told(dialect, _event.name).where(here, OF_RULES)


def read_firings(row: Row) -> PastFirings:
    ids, every = lists(row)
    rules, kinds = [body["rule"] for body in every], [body["kind"] for body in every]
    return PastFirings(ids, rules, kinds, [bool(body.get("handed_over")) for body in every])


def read_false_alarms(row: Row) -> AbstractSet[str]:
    _, every = lists(row)
    return {body["firing"] for body in every}
