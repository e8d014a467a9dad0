"""The agents' side on Slack: a thread in the desk's channel for each handoff, its root the card."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from functools import partial
from urllib.parse import urlsplit

import structlog
from starlette.routing import BaseRoute, Route

from adapters.slack import lines, lookup, moving, replies
from adapters.slack.acts import Acts, Asked
from adapters.slack.announcing import Announcements
from adapters.slack.asks import Asks, Question
from adapters.slack.blocks import MAX_POST
from adapters.slack.chores import Chores
from adapters.slack.clicks import Clicks
from adapters.slack.client import Client
from adapters.slack.config import SlackConfig
from adapters.slack.ear import Ear
from adapters.slack.entry import Entry
from adapters.slack.files import FileDoor
from adapters.slack.front import Front, message
from adapters.slack.heard import Stray
from adapters.slack.homes import Homes
from adapters.slack.identity import Self
from adapters.slack.ids import INTERNAL_LINKS, is_user, source_of
from adapters.slack.inside import LINK
from adapters.slack.listeners import Ears, application, listen
from adapters.slack.marks import Marks
from adapters.slack.members import Members, MembershipUnknown
from adapters.slack.mending import Mending, remedy
from adapters.slack.news import News
from adapters.slack.persons import Persons
from adapters.slack.places import Places
from adapters.slack.presences import Presences
from adapters.slack.questions import Questions
from adapters.slack.reactions import Reactions
from adapters.slack.receiver import Receiver
from adapters.slack.reviewer import Judges, Reviewer
from adapters.slack.roots import Roots
from adapters.slack.selves import Selves
from adapters.slack.shifts import Shifts
from adapters.slack.shortcuts import Shortcuts
from adapters.slack.slash import Slash
from adapters.slack.socket import SocketMode
from adapters.slack.strays import Strays
from adapters.slack.sweep import Sweep
from adapters.slack.targets import Finder, of_view
from adapters.slack.threads import QUIET, Threads
from adapters.slack.verbs import PRESENCE, VERBS
from bridge.commands import Accepted, AgentSaid, Look, Request, SwitchBot, ToThread
from bridge.commands import Answer as Taken
from bridge.effects import Mark, Where
from bridge.errors import Broken, DeliveryError, Retry, Scope
from bridge.model import (
    Agent,
    AgentId,
    Attachment,
    Message,
    Micros,
    Thread,
)
from bridge.ports import Deps, Receipt, Receive, Runs
from bridge.views import Post, View
from bridge.web import Endpoint

log = structlog.get_logger("slack")
REFUSED = "Slack refuses SLACK_BOT_TOKEN: threads wait until there is one that it takes."
SILENT = (
    "Slack does not answer at SLACK_API_URL: threads wait until it does. "
    "Look at the network from this machine; deskbridge check tells more."
)


class SlackDesk:
    """Implements Desk, Marks, ShowsSeen, Reacts, Lends, TakesFiles, Reconciles, Settles, Withdraws,
    Mends, Shields, Fetches, Staff and Runs of `bridge.ports`, and Expects."""

    def __init__(self, config: SlackConfig, deps: Deps) -> None:
        self._config = config
        self._deps = deps
        self._client = Client(config, deps.limiter)
        self._self = Self(self._client)
        self._members = Members(
            *(self._client, self._self, config.queues, deps.clock, _origin(config.api_url)),
            staff=config.staff,
            lists=deps.lists,
        )
        self._news = News(self._members, deps.bell)
        self._marks = Marks(self._client, deps.clock)
        self._mending = Mending(self._client, config.channels)
        self._threads = Threads(
            self._client, config, self._self, self._mending, reads=deps.reads, clock=deps.clock
        )
        telling = (self._client, self._self, self._threads, deps.reads)
        self._questions, self.announcer = Questions(*telling), Announcements(*telling)
        self._files = FileDoor(self._client, config.api_url, config.send_timeout)
        self._chores = Chores()
        self._reactions = Reactions(self._client, self._self, self._members)
        self._strays = Strays(
            self._client, self._self, self._members, deps, channels=config.channels
        )
        self._socket: SocketMode | None = None
        self._finder = Finder(deps.reads, self._self, deps.lists)
        self._asks = Asks(
            *(deps, self._finder, self._self, self._members),
            templates=config.templates,
            never=config.never,
            actions=config.actions,
            labels=config.labels,
            ways=config.ways,
            profile=config.profile,
        )
        self._homes = Homes(
            self._client,
            self._asks,
            config=config,
            deps=deps,
            members=self._members,
        )
        posting = (self._client, config, self._self, self._threads, self._mending)
        self.reviewer = Reviewer(*posting, changed=self._homes.changed)

    @property
    def name(self) -> str:
        return "slack"

    @property
    def max_text(self) -> int:
        return MAX_POST

    @property
    def internal_links(self) -> str:
        """As they were typed, and as they are told by the words that take their place."""
        return f"{INTERNAL_LINKS}|{re.escape(LINK)}"

    # --- what comes in -------------------------------------------------------------------------

    def routes(self, receive: Receive) -> Sequence[BaseRoute]:
        """None without a signing secret: whatever came there could be anybody's."""
        secret = self._config.signing_secret
        if not secret:
            return []
        receiver = Receiver(secret, self._deps.clock, self._entry(receive))
        return [Route("/slack/events", Endpoint(receiver.handle), methods=["POST"])]

    def fetchers(self, receive: Receive) -> Sequence[Runs]:
        """The sockets, where there is an app token, the catch-up, and who is there."""
        config, deps, take = self._config, self._deps, self._entry(receive).take
        found: list[Runs] = []
        look_now = _nothing
        if config.sweep_every:
            sweep = Sweep(
                self._client,
                deps.reads,
                take,
                limiter=deps.limiter,
                clock=deps.clock,
                every=config.sweep_every,
                sockets=bool(config.app_token),
                roots=self._roots(receive),
            )
            look_now = sweep.look_now
            found.append(sweep)
        if config.watches_presence:
            given = (self._client, self._members, deps.reads, receive)
            found.append(Presences(*given, limiter=deps.limiter, clock=deps.clock))
        if config.app_token:
            self._socket = SocketMode(config, deps.limiter, take, look_now)
            found.append(self._socket)
        return found

    def _roots(self, receive: Receive) -> Roots:
        deps, channels = self._deps, self._config.channels
        return Roots(
            self._client, receive, deps.clock, channels, reads=deps.reads, mending=self._mending
        )

    async def fault(self) -> str:
        """Why nothing can be heard of Slack just now, as far as this process listens by itself, or
        nothing be told it."""
        deaf = self._socket.fault if self._socket else ""
        return deaf or self._client.condition.fault

    def _entry(self, receive: Receive) -> Entry:
        config, deps, members = self._config, self._deps, self._members
        asks, finder, homes = self._asks, self._finder, self._homes
        acts = Acts(
            *(receive, asks, members, finder, homes.changed),
            templates=config.templates,
            back_after=config.back_after,
        )
        slash = Slash(acts, asks, finder=finder, members=members, clock=deps.clock)
        ears = Ears(
            clicked=Clicks(
                *(receive, acts, asks, members, finder),
                shifts=Shifts(receive, deps.reads, members, homes.changed),
                selves=Selves(receive, deps.lists, self._news),
                judges=Judges(receive, self._client, deps.lists),
                persons=Persons(receive, asks, finder, deps.lists, members),
                templates=config.templates,
                actions=config.actions,
                labels=config.labels,
                wrap_up_of=lambda queue: config.queue(queue).wrap_up,
            ),
            slash=slash,
            shortcuts=Shortcuts(finder, members, asks),
            homes=homes,
            news=self._news,
            front=Front(self._client),
            chores=self._chores,
            clock=deps.clock,
            redraw=self._threads.redraw,
            reacted=lambda envelope: self._reactions.heard(envelope, receive),
        )
        app = application(config, self._self)
        listen(app, ears)
        places = Places(config.channels, deps.reads)
        ear = Ear(members, places, self._strayed, config.templates, config.actions)
        told = partial(self._taken, acts)
        return Entry(
            receive=receive, ear=ear, app=app, told=told, members=members, clock=deps.clock
        )

    def _strayed(self, stray: Stray) -> None:
        self._chores.start("answer_stray", self._strays.answer(stray))

    def _taken(self, acts: Acts, command: Request, answer: Taken) -> None:
        """Who asked to see something is shown it; who is no member learns at once that nobody
        outside heard them."""
        refused, to = getattr(answer, "reason", answer.data.get("held")), command.to
        if isinstance(command, SwitchBot):  # no conversation's, whose lane would bring the mark
            mark = Mark.FAILED if refused else Mark.NOTE
            self._chores.start("mark", self._marks.put(command.said, mark))
        elif not isinstance(to, ToThread):
            return
        elif isinstance(command, Look) and isinstance(answer, Accepted):
            self._chores.start("show", self._show(acts, command, to))
        elif isinstance(command, AgentSaid) and refused in replies.UNHEARD:
            self._chores.start("tell_unheard", self._tell_unheard(command.by.id, to, refused))

    async def _show(self, acts: Acts, look: Look, to: ToThread) -> None:
        """Only to who asked, where they asked."""
        verb = VERBS[look.verb]
        view = await self._deps.reads.by_thread(to.team, to.channel, to.ts)
        target = of_view(view) if view else None
        if verb.name in PRESENCE:
            asked = Asked(f"{look.key}:now", look.at, look.by)
            body = (await acts.at_desk(asked, verb, look.text)).body
        else:
            body = await self._asks.show(Question(verb, target, look.text, look.by, look.at))
        await self._client.call(
            "chat.postEphemeral", channel=to.channel, thread_ts=to.ts, user=look.by.id,
            **message(body),
        )  # fmt: skip

    async def _tell_unheard(self, user: str, to: ToThread, why: str) -> None:
        text = f"Your message stayed here and was not sent. {replies.refusal(why)}"
        await self._client.call(
            "chat.postEphemeral", channel=to.channel, thread_ts=to.ts, user=user, text=text
        )

    # --- what goes out -------------------------------------------------------------------------

    async def open(self, view: View, key: str) -> Receipt:
        receipt = await self._threads.open(view, key)
        self._homes.changed("", view)
        return receipt

    async def post(self, thread: Thread, view: View, post: Post, key: str) -> Receipt:
        return await self._threads.post(thread, view, post, key)

    def expect(self, thread: Thread) -> None:
        self._client.expect(thread.team, thread.channel)

    async def refresh(self, thread: Thread, view: View) -> None:
        await self._threads.draw(thread, view)
        self._homes.changed("", view)

    async def tell(self, agent: AgentId, text: str) -> None:
        """A direct message from the app, which nobody can answer in words."""
        team = (await self._self.get()).team
        await self._client.post(team, agent, **message(moving.absent(text)), **QUIET)
        self._homes.changed(agent)

    async def agent(self, id: AgentId) -> Agent:
        """Raises DeliveryError."""
        if not is_user(id):
            return Agent(id, "", member=False)
        try:
            return await self._members.agent(id)
        except MembershipUnknown as error:
            raise Retry("membership_unknown") from error

    async def agents(self) -> Sequence[Agent]:
        """Raises DeliveryError."""
        try:
            return await self._members.agents()
        except MembershipUnknown as error:
            raise Retry("membership_unknown") from error

    async def mark(self, where: Where, mark: Mark, *, fresh: bool = False) -> None:
        source = where if isinstance(where, str) else source_of(*where)
        with self._mending.beside(source):
            await self._marks.put(source, mark, fresh=fresh)

    async def seen(self, source: str, before: str) -> None:
        with self._mending.beside(source):
            await self._marks.seen(source, before)

    async def react(self, source: str, emoji: str, *, on: bool) -> None:
        with self._mending.beside(source):
            await self._reactions.put(source, emoji, on=on)

    async def settle(self, place: tuple[str, str, str], view: View, how: str, name: str) -> None:
        await self._mending.change(place, lines.chosen(view, how, name))

    async def ask(self, view: View, question: Message, place: str, key: str) -> Receipt:
        return await self._questions.ask(view, question, place, key)

    async def asked(self, place: str, key: str, since: Micros) -> Receipt | None:
        return await self._questions.asked(place, key, since)

    async def withdraw(self, place: tuple[str, str, str]) -> None:
        await self._mending.withdraw(place)

    async def probe(self, scope: Scope, about: str) -> None:
        await self._mending.probe(scope, about)

    def remedy(self, reason: str, scope: Scope) -> str:
        return remedy(reason, scope)

    def lend(self, file: Attachment) -> AsyncIterator[bytes]:
        return self._files.lend(file)

    async def upload(self, file: Attachment, chunks: AsyncIterator[bytes]) -> str:
        return await self._files.upload(file, chunks)

    async def share(
        self, thread: Thread, view: View, message: Message, upload: str, key: str
    ) -> Receipt:
        return await self._files.share(thread, view, message, upload, key)

    async def find(
        self, thread: Thread | None, view: View, key: str, since: Micros
    ) -> Receipt | None:
        if thread is not None:
            with self._mending.within(thread):
                ts = await lookup.in_thread(self._client, thread, key)
            return Receipt((thread.team, thread.channel, ts)) if ts else None
        team = (await self._self.get()).team
        channel = self._config.channel_of(view.handoff.queue)
        start = min(since, view.handoff.opened_at or since)
        ts = await lookup.in_channel(self._client, team, channel, key, start)
        return Receipt((team, channel, ts)) if ts else None

    # --- running -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Asks Slack who we and the members are, so that the first event need not wait for it."""
        self._news.start()
        self._homes.start()
        self._chores.start("warm", self._warm())
        self._homes.changed("")  # the settings may be others than those which they show

    async def _warm(self) -> None:
        try:
            await self._self.get()
        except DeliveryError as error:
            trouble = REFUSED if isinstance(error, Broken) else SILENT
            log.warning("slack_is_not_there", reason=error.reason, meaning=trouble)
            return  # asked again with the first post
        try:
            await self._members.warm()
        except MembershipUnknown:
            return  # asked again with the first message

    async def idle(self) -> None:
        """Until everything that follows an answer is done."""
        await self._chores.finish()
        await self._homes.finish()

    async def close(self) -> None:
        await self._news.close()
        self._members.close()
        await self._chores.close()
        await self._homes.close()
        await self._client.close()


def _nothing() -> None:
    """Where nobody looks."""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
