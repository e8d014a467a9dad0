"""`/v1/reports`, and the same figures as a page for admins, `/report`."""

from __future__ import annotations

import asyncio
from datetime import datetime
from difflib import get_close_matches

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bridge.api import shapes
from bridge.api.access import Access
from bridge.api.calls import ADMIN, Asked, Call, told
from bridge.api.queries import WHEN
from bridge.api.report_shapes import ReportOut, ReportQuery
from bridge.api.report_shapes import told as shaped
from bridge.errors import BadRequest
from bridge.keys import Scope
from bridge.labels import NEAR
from bridge.lists import Lists, Wanted
from bridge.model import SECOND, Micros
from bridge.policy import Policy
from bridge.ports import Deps
from bridge.report_page import Frame, page, policy
from bridge.reporting import DEFAULT_SINCE, place_of, reported
from bridge.reports import LONGEST, Period, Report, begin

PATH = "/report"
PERIODS = {"Today": "1d", "7 days": "7d", "30 days": "30d", "90 days": "90d", "A year": "365d"}
ABOUT = """Volume, waiting, first response, resolution, ratings and goals of the handoffs that were
opened in some time: of all, and by queue, agent, label, channel, weekday, hour and date; approvals
that were asked for and rules that fired in it. `/report` shows the same to people."""
ENTER = "Give an API key with the scope admin as the password; the user name may be anything.\n"
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Deskbridge report", charset="UTF-8"'}


class Reports:
    """One report is made at a time: a long one takes a second, and much memory."""

    def __init__(self, deps: Deps, lists: Lists, policy: Policy) -> None:
        self._clock = deps.clock
        self._zone = place_of(deps.settings.hours.timezone)
        self._lists = lists
        self._policy = policy
        self._turn = asyncio.Lock()

    def calls(self) -> list[Call]:
        return [
            Call(
                "GET",
                "/v1/reports",
                self.report,
                "Desk",
                "Read the desk's figures",
                {200: ReportOut},
                frozenset({Scope.DESK, Scope.ADMIN}),
                query=ReportQuery,
                about=ABOUT,
            )
        ]

    async def report(self, it: Asked) -> Response:
        _check(it.request)
        return told(shaped(await self._made(it.query)))

    def page(self, access: Access) -> Route:
        """A browser asks for the key by itself (HTTP Basic), so that none stands in an address."""

        async def show(request: Request) -> Response:
            try:
                await access.admit(request, ADMIN, basic=True)
            except BadRequest as error:
                if error.status not in (401, 403):
                    raise
                return PlainTextResponse(f"{error.message} {ENTER}", 401, CHALLENGE)
            _check(request)
            query = shapes.read_query(request, ReportQuery)
            headers = {"Content-Security-Policy": policy(), "Cache-Control": "private, no-store"}
            return HTMLResponse(await self._drawn(query), headers=headers)

        return Route(PATH, show)

    async def _drawn(self, query: ReportQuery) -> str:
        made = await self._made(query)
        links = {name: f"{PATH}?since={since}" for name, since in PERIODS.items()}
        here = next((n for n, since in PERIODS.items() if since == query.since), "")
        only = {name: value for name in _FILTERS if (value := getattr(query, name))}
        frame = Frame(self._clock(), only, links, "" if only or query.until else here)
        return await asyncio.to_thread(page, made, frame)

    async def _made(self, query: ReportQuery) -> Report:
        wanted = Wanted(
            queue=query.queue, agent=query.agent, label=query.label, channel=query.channel
        )
        period = self._period(query)
        async with self._turn:
            made = await reported(self._lists, wanted, period)
        if query.queue and not made.total.opened:
            self._check_queue(query.queue)
        return made

    def _check_queue(self, name: str) -> None:
        """Of one that the settings have no more there are still the handoffs that it had. Raises
        BadRequest (422)."""
        queues = [queue.name for queue in self._policy.queues]
        if name not in queues:
            near = get_close_matches(name, queues, n=NEAR) or queues[:NEAR]
            raise _unfit("queue", f"is none; did you mean {' or '.join(near)}?")

    def _period(self, query: ReportQuery) -> Period:
        """Raises BadRequest (422)."""
        now = self._clock()
        until = min(int(query.until.timestamp() * SECOND), now) if query.until else now
        begun = begin(query.since, until, self._zone) or begin(query.since, now, self._zone)
        since = begun or _moment(query.since)
        if since is None:
            raise _unfit("since", f"must be like {DEFAULT_SINCE}, or a date or a moment")
        if not since < until + 1:
            raise _unfit("until" if query.until else "since", "must be later than `since`")
        period = Period(since, until if query.until else until + 1, self._zone)
        if period.days > LONGEST:
            raise _unfit("since", f"must be within {LONGEST} days")
        return period


def _check(request: Request) -> None:
    """Whoever misspells what limits a report would take the one of all for it. Raises BadRequest
    (422)."""
    known = list(ReportQuery.model_fields)
    fault = f"is unknown; there are {', '.join(known)}"
    if strange := [name for name in request.query_params if name not in known]:
        raise BadRequest("invalid", shapes.UNFIT, dict.fromkeys(strange, fault))


_FILTERS = ("queue", "agent", "label", "channel")


def _moment(text: str) -> Micros | None:
    try:
        at = datetime.fromisoformat(text) if WHEN.fullmatch(text) else None
    except ValueError:
        return None
    return int(at.timestamp() * SECOND) if at else None


def _unfit(name: str, fault: str) -> BadRequest:
    return BadRequest("invalid", shapes.UNFIT, {name: fault})
