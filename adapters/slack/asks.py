"""Verbs that only show something: the queue, what is live, a profile, the whole conversation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.slack import (
    finding,
    home,
    labelling,
    menus,
    own,
    pages,
    pickers,
    ready,
    replies,
    stats,
)
from adapters.slack.arguments import aim
from adapters.slack.blocks import Block, Body, actions, row
from adapters.slack.identity import Self
from adapters.slack.ids import permalink
from adapters.slack.members import Members
from adapters.slack.targets import Finder, Target
from adapters.slack.verbs import VERBS, Verb
from bridge.actions import NONE, VERB, Actions
from bridge.beyond import Way
from bridge.commands import EVERY_BOT
from bridge.labels import ANY, Labels
from bridge.lists import Place, Wanted
from bridge.model import DEFAULT_WORKSPACE, SECOND, Agent, Micros, Status, given
from bridge.ports import Deps
from bridge.ranks import Rank
from bridge.reporting import place_of, reported, today
from bridge.settings_sections import Attribute
from bridge.sight import sight_of
from bridge.templates import WORD, Templates
from bridge.views import View, in_chat

LIVE_FOR: Micros = 3_600 * SECOND
"""Who wrote within the hour is live."""
LAST = 1 << 60
"""Beyond every place in a conversation."""
LONGEST_SEARCH = 300
BUTTONS_OF_A_USER = ("take", "say", "pause", "resume", "unblock", "history")


@dataclass(frozen=True, slots=True)
class Question:
    """Who wants to see what, and of whom; `target` is None for what is about the desk."""

    verb: Verb
    target: Target | None
    args: str
    by: Agent
    at: Micros


class Asks:
    def __init__(
        self,
        deps: Deps,
        finder: Finder,
        self_: Self,
        members: Members,
        *,
        templates: Templates,
        never: tuple[str, ...] = (),
        actions: Actions = NONE,
        labels: Labels = ANY,
        ways: tuple[Way, ...] = (),
        profile: Sequence[Attribute] = (),
    ) -> None:
        self._zone = place_of(deps.settings.hours.timezone)
        self._presence = deps.presence
        self._ways = ways
        self._profile = profile
        self._lists = deps.lists
        self._queues = members.queues
        self._templates = templates
        self._never = never
        self._actions = actions
        self._labels = labels
        self._reads = deps.reads
        self._serves = members.serves
        self._finder = finder
        self._self = self_
        self._of_desk: Mapping[str, Callable[[Question], Awaitable[Body]]] = {
            "queue": self._queue,
            "mine": self._mine,
            "live": self._live,
            "find": self._find,
            "stats": self._stats,
        }

    async def show(self, asked: Question) -> Body:
        """Raises StoreError and DeliveryError."""
        name, target = asked.verb.name, asked.target
        if name in self._of_desk:
            return await self._of_desk[name](asked)
        if name == "help":
            return replies.help_page()
        if refused := await self.unseen(asked.by, target):
            return replies.plain(replies.refusal(refused))
        target = given(target)
        if name == "history":
            return await self._history(target)
        if name == "menu":
            return self.menu(target, asked.by)
        if name == labelling.VERB:
            return labelling.page(self._labels, target)
        if name == VERB:
            return own.page(self._actions, target)
        if name == WORD:
            return ready.page(self._templates, target, asked.by)
        if name == "profile":
            return await self._of_person(asked, target)
        return pages.delete(target)

    async def _of_person(self, asked: Question, target: Target) -> Body:
        of, lists = target.contact, given(self._lists)
        people = await lists.person(target.conversation.id) if of.person_id else []
        others = [contact for _, contact in people if contact.id != of.id]
        now = await self._now(asked, target)
        return pages.profile(target, self._ways, self._profile, now, others)

    async def _now(self, asked: Question, target: Target) -> pages.Now:
        key = in_chat(target.conversation.id)
        here = key in await self._presence.present([key])
        return pages.Now(asked.at, here)

    def menu(self, target: Target, by: Agent) -> Body:
        return menus.menu(target, by, self._never, self._actions)

    async def unseen(self, by: Agent, target: Target | None) -> str:
        """Why they may not look at it; empty: they may."""
        if target is None:
            return "unknown_conversation"
        sight = sight_of(by, self._queues)
        if sight is None or (target.view and sight.has(target.view.handoff)):
            return ""
        sees = await given(self._lists).sees(sight, target.conversation.id)
        return "" if sees else "not_your_queue"

    async def _history(self, target: Target, before: int = LAST) -> Body:
        """A page of all that was said, the last one at first."""
        limit = pages.PAGE + 1
        found = await self._reads.history(target.conversation.id, before, limit)
        return pages.history(target, found[-pages.PAGE :], older=len(found) == limit)

    async def page(self, by: Agent, about: str, before: int) -> Body:
        target = await self._finder.about(about)
        if refused := await self.unseen(by, target):
            return replies.plain(replies.refusal(refused))
        return await self._history(given(target), before)

    # --- the desk ------------------------------------------------------------------------------

    async def _queue(self, asked: Question) -> Body:
        """Those of the agent's own queues."""
        everything = await self._reads.open_all(DEFAULT_WORKSPACE)
        views = [view for view in everything if self._serves(asked.by, view.handoff.queue)]
        waiting = [view for view in views if view.handoff.status is Status.QUEUED]
        title = f"Waiting ({len(waiting)}) · open ({len(views)})"
        others = [view for view in views if view.handoff.status is not Status.QUEUED]
        return await self._list(title, [*waiting, *others], "Nobody is waiting.")

    async def _mine(self, asked: Question) -> Body:
        return await self.mine(asked.by) or replies.plain("You have nothing open.")

    async def mine(self, by: Agent) -> Body | None:
        """What they have; None: nothing."""
        views = await self._reads.open_of(DEFAULT_WORKSPACE, by.id)
        return await self._list(f"Yours ({len(views)})", views, "") if views else None

    async def _live(self, asked: Question) -> Body:
        people = await self._reads.live(DEFAULT_WORKSPACE, asked.at - LIVE_FOR)
        silent = await self._reads.silent_bots(DEFAULT_WORKSPACE)
        title = f"Live with the bot ({len(people)})"
        if who := silent.get(EVERY_BOT):
            title += f" · {who} has paused the bot in all conversations"
        targets = [Target(conversation, contact) for conversation, contact in people]
        return _users(title, targets, "Nobody has written to the bot within the hour.")

    async def _find(self, asked: Question) -> Body:
        args = asked.args[:LONGEST_SEARCH]
        if not args:
            return replies.usage(asked.verb)
        sought = finding.read(args, asked.by, asked.at, self._queues)
        if sought.fault:
            return finding.not_understood(sought.fault)
        if sought.filtered:
            return await self.found(args, asked.by, asked.at)
        named = aim(args)
        one = await self._finder.aimed(named) if named.is_named else None
        if one and await self.unseen(asked.by, one):
            one = None
        text = sought.wanted.text
        sight = sight_of(asked.by, self._queues)
        paused = sought.paused
        targets = [one] if one else await self._finder.called(text, sight, paused=paused)
        title = f"Found for “{args[:80]}” ({len(targets)})"
        return _users(title, targets, f"I found nobody for “{args[:80]}”.")

    async def found(self, text: str, by: Agent, at: Micros, after: Place = ()) -> Body:
        """A page of handoffs that fit the filters."""
        sight = sight_of(by, self._queues)
        wanted = replace(finding.read(text, by, at, self._queues).wanted, sight=sight)
        most = pickers.ROWS + 1
        views = await given(self._lists).handoffs(DEFAULT_WORKSPACE, wanted, after, most)
        return finding.page(text, views, await self.links(views), wanted.sort)

    async def _stats(self, asked: Question) -> Body:
        day = today(asked.at, self._zone)
        team = await self._reads.figures(DEFAULT_WORKSPACE, day.since)
        mine = await self._reads.figures(DEFAULT_WORKSPACE, day.since, asked.by.id)
        may = asked.by.rank >= Rank.SUPERVISOR
        whole = await reported(given(self._lists), Wanted(), day) if may else None
        return stats.stats(team, mine, whole, str(self._zone))

    async def stuck(self, by: Agent) -> Body:
        """What of theirs was not sent."""
        messages = await self._reads.stuck(DEFAULT_WORKSPACE, by.id)
        ids = {message.handoff_id for message in messages if message.handoff_id}
        views = [view for each in sorted(ids) if (view := await self._reads.view(each))]
        return home.stuck(messages, {str(v.handoff.id): await self.link(v) for v in views})

    # --- parts ---------------------------------------------------------------------------------

    async def _list(self, title: str, views: Sequence[View], empty: str) -> Body:
        return pickers.lines(title, views, await self.links(views), empty)

    async def links(self, views: Sequence[View]) -> dict[str, str]:
        """The addresses of their threads, as far as a page shows them."""
        return {str(each.handoff.id): await self.link(each) for each in views[: pickers.ROWS]}

    async def link(self, view: View) -> str:
        """The address of its thread; empty: nobody knows it yet."""
        thread = await self._reads.thread(view.handoff.id)
        return self.address(thread.channel, thread.ts) if thread else ""

    def address(self, channel: str, ts: str) -> str:
        """Of a message; empty: nobody knows it yet."""
        us = self._self.known
        return permalink(us.url, channel, ts) if us and us.url else ""


def _users(title: str, targets: Sequence[Target], empty: str) -> Body:
    """Users with what can be done for each."""
    if not targets:
        return replies.plain(empty)
    rows: list[Block] = []
    for target in targets[: pickers.ROWS]:
        fitting = [VERBS[name] for name in BUTTONS_OF_A_USER if target.fits(VERBS[name])]
        buttons = [menus.press(verb, target) for verb in fitting]
        rows.append(row(pickers.summary(target)))
        if buttons:  # none fits a handoff that is about to end
            rows.append(actions(buttons, f"user:{target.about}"))
    return pickers.listed(title, rows, len(targets))
