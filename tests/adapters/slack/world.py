"""The desk before a workspace that speaks the real protocol, and a bridge that only listens."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Scope, Send
from starlette.types import Receive as ASGIReceive

import adapters.slack
from adapters.slack.desk import SlackDesk
from bridge.attending import Seat
from bridge.commands import Accepted, Answer, Attend, Doing, Request
from bridge.gates import Approval
from bridge.introducing import Profile
from bridge.lists import Drafts, Lists, Place, Wanted, place_of
from bridge.model import SECOND, Contact, Conversation, Message, Thread, Visibility
from bridge.oversight import PastDrafts, PastFirings
from bridge.ports import Bell, Deps, Presence
from bridge.reports import Missed, Past
from bridge.settings_hours import HoursSettings
from bridge.settings_templates import TemplateSettings
from bridge.sight import Sight
from bridge.stores import Reads
from bridge.views import Figures, View
from sandbox.slack import SandboxConfig, create_app, seed
from sandbox.slack import model as slack_model
from sandbox.slack.core import Sandbox
from sandbox.slack.person import Person
from storage.memory import MemoryBell, MemoryLimiter, MemoryPresence
from tests.adapters.slack.things import view
from tests.past import past
from tests.servers import listening
from tests.waiting import PATIENCE, until

SECRET = "s" * 32
TOKEN = "xoxb-test"
TEMPLATES = {
    "shortcuts": [
        {"name": "hello", "value": {"en": "Hello {{userFirstName}}", "fr": "Bonjour"}},
        {"name": "order", "value": "{{attributes.order}} is on its way, *today*"},
    ],
    "macros": [{"name": "done", "do": ["label vip", "t hello", "resolve silent"]}],
}


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The test run keeps its own signal handlers."""
        yield


@contextlib.asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The application at an address of its own."""
    listener = listening()
    server = _Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


class Stage:
    """A server whose application can be exchanged: starting one for each test takes long."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()
        self.url = ""

    async def __call__(self, scope: Scope, receive: ASGIReceive, send: Send) -> None:
        await self.app(scope, receive, send)


@contextlib.asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    async with served(made) as url:
        made.url = url
        yield made


class Bridge:
    """Takes every command down and answers what it is told to."""

    def __init__(self) -> None:
        self.commands: list[Request] = []
        self.signs: list[Attend] = []
        """That somebody is there; they come beside what was done."""
        self.answer: Callable[[Request], Answer] = lambda _: Accepted()
        self._came = asyncio.Condition()

    async def receive(self, command: Request) -> Answer:
        answer = self.answer(command)
        if isinstance(command, Attend) and command.doing is Doing.SEEN:
            self.signs.append(command)
            return answer
        async with self._came:
            self.commands.append(command)
            self._came.notify_all()
        return answer

    async def next(self, kind: type[Any], seconds: float = PATIENCE) -> Any:
        """The first command of this kind that came or comes; it is taken from the list."""
        async with asyncio.timeout(seconds), self._came:
            await self._came.wait_for(lambda: any(isinstance(c, kind) for c in self.commands))
            found = next(command for command in self.commands if isinstance(command, kind))
            self.commands.remove(found)
            return found


@dataclass
class Books:
    """What the read side would tell. Only what the desk asks for."""

    views: list[View] = field(default_factory=list)
    threads: dict[str, Thread] = field(default_factory=dict)
    users: list[tuple[Conversation, Contact]] = field(default_factory=list)
    put: list[Thread] = field(default_factory=list)
    """Below questions that stand elsewhere."""
    said: list[Message] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    """By which commands were taken."""
    held: list[Message] = field(default_factory=list)
    silent: dict[str, str] = field(default_factory=dict)
    there: list[Seat] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    """Which handoffs were looked for."""
    profiles: dict[str, Profile] = field(default_factory=dict)
    mates: list[Contact] = field(default_factory=list)
    """Who is one person with everybody who is somebody's."""
    hidden: set[str] = field(default_factory=set)
    """Conversations that nobody sees who does not see everything."""
    asked: dict[str, Approval] = field(default_factory=dict)
    posts: set[str] = field(default_factory=set)
    """The stamps of posts that show messages of ours."""

    async def view(self, handoff: str) -> View | None:
        return next((each for each in self.views if each.handoff.id == handoff), None)

    async def view_of(self, conversation: str) -> View | None:
        return next((each for each in self.views if each.conversation.id == conversation), None)

    async def contact(self, conversation: str) -> Contact | None:
        return next((who for where, who in self.users if where.id == conversation), None)

    async def thread(self, handoff: str) -> Thread | None:
        return self.threads.get(handoff)

    async def by_number(self, workspace: str, number: int) -> View | None:
        return next((each for each in self.views if each.handoff.number == number), None)

    async def by_thread(self, team: str, channel: str, ts: str) -> View | None:
        for handoff, thread in self.threads.items():
            if (thread.team, thread.channel, thread.ts) == (team, channel, ts):
                return await self.view(handoff)
        return None

    async def posted(self, team: str, channel: str, ids: list[str]) -> set[str]:
        return self.posts.intersection(ids)

    async def open_of(self, workspace: str, agent: str) -> list[View]:
        return [each for each in await self.open_all(workspace) if each.handoff.assignee == agent]

    async def open_all(self, workspace: str) -> list[View]:
        return [each for each in self.views if each.handoff.is_open]

    async def conversations(
        self,
        workspace: str,
        text: str,
        after: Place,
        limit: int,
        *,
        paused: bool | None = None,
        sight: Sight | None = None,
    ) -> list[tuple[Conversation, Contact]]:
        found = [pair for pair in self.users if sight is None or pair[0].id not in self.hidden]
        if paused:
            return [pair for pair in found if pair[0].paused_by]
        return [pair for pair in found if text.casefold() in pair[1].name.casefold()]

    async def person(self, conversation: str) -> list[tuple[Conversation, Contact]]:
        found = [pair for pair in self.users if pair[0].id == conversation]
        return [*found, *((found[0][0], mate) for mate in self.mates if found[0][1].person_id)]

    async def notes(self, conversations: list[str]) -> list[Message]:
        return [each for each in self.said if each.visibility is Visibility.INTERNAL]

    async def sees(self, sight: Sight, conversation: str) -> bool:
        return conversation not in self.hidden

    async def message(self, id: str) -> Message | None:
        return next((each for each in self.said if each.id == id), None)

    async def threads_since(self, workspace: str, closed_after: int) -> list[Thread]:
        return list(self.threads.values())

    async def questions(self, workspace: str) -> list[Thread]:
        return self.put

    async def said_in(self, handoff: str) -> list[Message]:
        return [each for each in self.said if each.handoff_id == handoff]

    async def taken(self, keys: list[str]) -> set[str]:
        return self.keys.intersection(keys)

    async def conversation(self, id: str) -> Conversation | None:
        return next((where for where, _ in self.users if where.id == id), None)

    async def live(
        self, workspace: str, since: int, limit: int = 50
    ) -> list[tuple[Conversation, Contact]]:
        return self.users

    async def history(
        self, conversation: str, before_seq: int, limit: int, *, notes: bool = False
    ) -> list[Message]:
        return [each for each in self.said if each.seq < before_seq][-limit:]

    async def stuck(self, workspace: str, agent: str) -> list[Message]:
        return self.held

    async def figures(self, workspace: str, since: int, agent: str | None = None) -> Figures:
        return Figures(2, 3, 9, 7 if agent else 14, 48 * SECOND)

    async def seats(self, workspace: str) -> list[Seat]:
        return self.there

    async def handoffs(
        self, workspace: str, wanted: Wanted, after: Place, limit: int
    ) -> list[View]:
        """All there are, whatever is wanted, as far as they come after the place."""
        self.wanted.append(wanted)
        found = [each for each in self.views if place_of(each, wanted.sort) > after]
        return found[:limit]

    async def approval(self, id: str) -> Approval | None:
        return self.asked.get(id)

    async def approvals(
        self, workspace: str, wanted: Drafts, after: Place, limit: int
    ) -> list[Approval]:
        """The oldest first."""
        found = [each for each in self.asked.values() if each.status in wanted.statuses]
        return sorted(found, key=lambda each: each.created_at)[:limit]

    async def past(self, workspace: str, wanted: Wanted) -> Past:
        return past([])

    async def missed(self, workspace: str, since: int) -> Missed:
        return {}

    async def drafts(self, workspace: str, since: int, until: int) -> PastDrafts:
        return PastDrafts([], [], [], [])

    async def firings(self, workspace: str, since: int, until: int) -> PastFirings:
        return PastFirings([], [], [], [])

    async def false_alarms(self, workspace: str, since: int) -> set[str]:
        return set()

    async def profile(self, workspace: str, agent: str) -> Profile | None:
        return self.profiles.get(agent)

    async def loads(self, workspace: str) -> dict[str, int]:
        return dict(Counter(str(v.handoff.assignee) for v in await self.open_all(workspace)))

    async def silent_bots(self, workspace: str) -> dict[str, str]:
        return self.silent


@dataclass
class World:
    box: Sandbox
    base: str
    desk: SlackDesk
    url: str
    bridge: Bridge
    books: Books
    ana: Person
    ben: Person
    deps: Deps

    async def opened(self, shown: View | None = None) -> Thread:
        """A handoff's thread in the workspace, known to the books."""
        shown = shown or view()
        receipt = await self.desk.open(shown, f"eff_{shown.handoff.id}")
        assert receipt.place is not None
        thread = Thread(shown.handoff.id, 1, *receipt.place)
        self.books.threads[shown.handoff.id] = thread
        self.books.views.append(shown)
        return thread

    def message(self, ts: str, channel: str = seed.ORDERS) -> slack_model.Message:
        """As the workspace keeps it."""
        return self.box.workspace.channels[channel].messages[ts]


def settings(base: str, **changes: Any) -> SimpleNamespace:
    given = {
        "slack_bot_token": TOKEN,
        "slack_signing_secret": SECRET,
        "slack_channel": seed.ORDERS,
        "slack_api_url": f"{base}/api/",
        "delivery_timeout": 30.0,
        "slack_posts_per_second": 0.0,
        "alerts_private": False,
        "hours": HoursSettings(),
        "templates": TemplateSettings.model_validate(TEMPLATES),
    }
    return SimpleNamespace(**{**given, **changes})


def deps_for(base: str, books: Books, clock: Callable[[], int], **changes: Any) -> Deps:
    return Deps(
        settings=settings(base, **changes),
        reads=cast(Reads, books),
        bell=cast(Bell, MemoryBell()),
        limiter=MemoryLimiter(),
        presence=cast(Presence, MemoryPresence()),
        clock=clock,
        lists=cast(Lists, books),
    )


def now() -> int:
    return time.time_ns() // 1000


@contextlib.asynccontextmanager
async def world(
    stages: tuple[Stage, Stage], manifest: dict[str, Any] | None = None, **changes: Any
) -> AsyncIterator[World]:
    """A fresh workspace and a fresh desk, on the two stages. `changes` are to the settings."""
    workspace, product = stages
    base, url = workspace.url, product.url
    config = SandboxConfig(
        signing_secret=SECRET, bot_token=TOKEN, retry_delays=(0.05, 0.1, 0.2), manifest=manifest
    )
    workspace.app = app = create_app(config)
    box: Sandbox = app.state.sandbox
    books, bridge = Books(), Bridge()
    deps = deps_for(base, books, now, **changes)
    desk = adapters.slack.desk(deps)
    assert desk is not None
    product.app = Starlette(routes=list(desk.routes(bridge.receive)))
    box.set_request_url(f"{url}/slack/events")
    async with Person(base, seed.ANA) as ana, Person(base, seed.BEN) as ben:
        yield World(box, base, desk, url, bridge, books, ana, ben, deps)
    await desk.close()
    await box.close()
