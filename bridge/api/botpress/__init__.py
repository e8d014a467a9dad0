"""Doors for those who come from Botpress.

hitl hitlnext   the HTTP API of its v12 modules, under `/api/v1/bots/{botId}/mod/`
interface       a desk behind its HITL interface 2.x, under `/v1/botpress/`
shapes answers  what is asked and answered, by Botpress' names
common          which bot is meant, and what is refused in Botpress' way

What is called how over there is in `bridge/botpress.py`. The routes of v12 answer 422 by the state
that something is in, as theirs do, which no schema can say: they are not in our OpenAPI document,
but in docs/botpress.md.
"""

from __future__ import annotations

from collections.abc import Collection

from bridge.api.botpress.hitl import Hitl
from bridge.api.botpress.hitlnext import Hitlnext
from bridge.api.botpress.interface import Interface
from bridge.api.calls import Call
from bridge.api.records import Records
from bridge.ports import Deps, Receive, Staff

V12 = "/api/v1/"


def calls(
    receive: Receive,
    deps: Deps,
    records: Records,
    channels: Collection[str],
    staff: Staff | None,
) -> list[Call]:
    return [
        *Hitl(receive, deps, records.lists).calls(),
        *Hitlnext(receive, deps, records.lists, channels, staff).calls(),
        *Interface(receive, deps, records.hooks).calls(),
    ]
