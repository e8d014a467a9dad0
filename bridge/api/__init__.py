"""The HTTP API for bots and tools, `/v1` (contract §4).

access          who calls: an API key with its scopes, or a bot that signs
calls           what a call is: routes and the document are made of the same
shapes answers  what is asked, and what is answered, as Pydantic models
paging          pages and their cursors
refusals        what the core refuses, as answers
handoffs        /v1/handoffs: asking for a human, and who waits
actions         what agents do with a handoff, for tools
suggestions     what bots and tools suggest to agents
approvals       drafts of bots that people decide about
conversations   /v1/conversations
switches        pausing and resuming: a conversation, a bot
relay           /v1/relay/messages: for bots that keep their own channel
webhooks stream /v1/webhooks and /v1/stream: telling tools
audit           /v1/audit
desk            /v1/agents, /v1/availability
reports         /v1/reports, and /report for people
botpress        the HTTP API of Botpress' HITL modules, and its HITL interface
openapi page    /openapi.json, and /docs for people
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache, partial

from starlette.routing import Route

from bridge.api import botpress, calls, openapi, page
from bridge.api.access import Access
from bridge.api.actions import Actions
from bridge.api.approvals import Approvals
from bridge.api.blocking import Blocking
from bridge.api.calls import Call
from bridge.api.conversations import Conversations
from bridge.api.desk import DeskCalls
from bridge.api.handoffs import Handoffs
from bridge.api.presence import Presences
from bridge.api.records import Records
from bridge.api.relay import Relay
from bridge.api.reports import Reports
from bridge.api.suggestions import Suggestions
from bridge.api.switches import Switches
from bridge.policy import Policy
from bridge.ports import Deps, Receive, Staff


def routes(
    receive: Receive,
    deps: Deps,
    records: Records,
    channels: Collection[str],
    staff: Staff | None = None,
    *,
    policy: Policy,
    more: Sequence[Call] = (),
) -> list[Route]:
    """Everything under `/v1`, and what tells of it. `channels`: the names of those that there are;
    `staff`: the desk, where it knows who an agent is."""
    presences = Presences(deps, policy, staff)
    reports = Reports(deps, records.lists, policy)
    every = [
        *all_calls(receive, deps, records, channels, presences),
        *reports.calls(),
        *more,
    ]
    theirs = [call for call in every if call.path.startswith(botpress.V12)]
    ours, url = [call for call in every if call not in theirs], deps.settings.public_url
    document = cache(lambda: openapi.document(ours, channels, url))
    of_botpress = partial(openapi.plain, theirs, "Deskbridge's Botpress", openapi.BOTPRESS, url)
    pages = [page.route("/docs", document, openapi.PATH), page.route("/docs/botpress", of_botpress)]
    access = Access(deps, records.keys)
    pages.append(reports.page(access))
    return [*calls.routes(every, access), *openapi.routes(document), *pages]


def all_calls(
    receive: Receive,
    deps: Deps,
    records: Records,
    channels: Collection[str],
    presences: Presences,
) -> list[Call]:
    staff = presences.staff
    return [
        *Handoffs(receive, deps, records, channels, presences).calls(),
        *Actions(receive, deps, records.lists, staff).calls(),
        *Suggestions(receive, deps).calls(),
        *Approvals(receive, deps, records.lists, staff).calls(),
        *Conversations(receive, deps, records.lists).calls(),
        *Blocking(receive, deps, records.lists).calls(),
        *Switches(receive, deps).calls(),
        *Relay(receive, deps, records.hooks).calls(),
        *DeskCalls(receive, records.lists, staff, presences).calls(),
        *botpress.calls(receive, deps, records, channels, staff),
    ]
