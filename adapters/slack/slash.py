"""Slash commands. They know no thread, so they take a number, a link, or show what there is.

`/assign`, `/resolve`, `/pause` and `/resume` are short for `/desk assign` and so on; the verb is
what stands behind a prefix (`/acme-resolve`), since names of commands collide between apps.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from adapters.slack import pickers, replies, verbs
from adapters.slack.acts import Acts, Asked, plain
from adapters.slack.blocks import Body
from adapters.slack.identity import Self
from adapters.slack.ids import permalink, trigger_key
from adapters.slack.members import Members, MembershipUnknown
from adapters.slack.pickers import Choice
from adapters.slack.verbs import ME, Aim
from bridge.errors import DeliveryError, StoreError
from bridge.model import DEFAULT_WORKSPACE, Agent, Status
from bridge.ports import Clock, Reads, View


class Slash:
    def __init__(
        self, acts: Acts, reads: Reads, members: Members, self_: Self, clock: Clock
    ) -> None:
        self._acts = acts
        self._reads = reads
        self._members = members
        self._self = self_
        self._clock = clock
        self._verbs: Mapping[str, Callable[[Asked, str], Awaitable[Body]]] = {
            "assign": self._assign,
            "resolve": self._resolve,
            "pause": self._pause,
            "resume": self._resume,
            "queue": self._queue,
            "mine": self._mine,
        }

    async def answer(self, payload: Mapping[str, Any]) -> Body:
        """The answer for who typed it. Nothing was done where it says so."""
        verb, text = read_verb(str(payload.get("command", "")), str(payload.get("text") or ""))
        run = self._verbs.get(verb)
        if run is None:
            return help_page(verb)
        try:
            by = await self._members.agent(str(payload.get("user_id", "")))
            if not by.member:
                return plain(replies.NOT_MEMBER)
            key = trigger_key(str(payload.get("trigger_id", "")))
            return await run(Asked(key, self._clock(), by), text)
        except (MembershipUnknown, DeliveryError):
            return plain(replies.refusal("membership_unknown"))
        except StoreError:
            return plain(replies.refusal("store_unavailable"))

    # --- verbs ---------------------------------------------------------------------------------

    async def _assign(self, asked: Asked, text: str) -> Body:
        aim = verbs.aim(text)
        who = verbs.assignee(aim.rest)
        if who is None:
            return plain("Say who: /assign 42 me, or /assign 42 @colleague.")
        if aim.is_named:
            view = await self._find(aim)
            return await self._acts.assign(asked, view, who) if view else _unknown(aim)
        views = await self._assignable(asked.by, who)
        if len(views) == 1:
            return await self._acts.assign(asked, views[0], who)
        return pickers.which("assign", views, who) if views else plain("Nobody is waiting.")

    async def _assignable(self, by: Agent, who: str) -> Sequence[View]:
        """For oneself: what waits. For a colleague: one's own, else whatever is open."""
        views = await self._reads.open_all(DEFAULT_WORKSPACE)
        if who in (ME, by.id):
            return [view for view in views if view.handoff.status is Status.QUEUED]
        own = [view for view in views if view.handoff.assignee == by.id]
        return own or views

    async def _resolve(self, asked: Asked, text: str) -> Body:
        aim = verbs.aim(text)
        silent, reason = verbs.silently(aim.rest)
        if aim.is_named:
            view = await self._find(aim)
            if view is None:
                return _unknown(aim)
            return await self._acts.resolve(asked, view, reason, silent=silent)
        views = await self._own_or_all(asked.by)
        if _is_only(views, asked.by):
            return await self._acts.resolve(asked, views[0], reason, silent=silent)
        if not pickers.fits(Choice("resolve", "x" * 40, "", reason)):
            return plain("Say which, with a reason so long: /resolve 42 …")
        return pickers.which("resolve", views, "", reason) if views else plain("Nothing is open.")

    async def _pause(self, asked: Asked, text: str) -> Body:
        return await self._switch(asked, "pause", text)

    async def _resume(self, asked: Asked, text: str) -> Body:
        return await self._switch(asked, "resume", text)

    async def _switch(self, asked: Asked, verb: str, text: str) -> Body:
        aim = verbs.aim(text)
        if aim.is_named:
            view = await self._find(aim)
            if view is None:
                return _unknown(aim)
            return await self._acts.switch(asked, verb, view.conversation.id)
        if aim.rest:
            return await self._switch_user(asked, verb, aim.rest)
        views = await self._own_or_all(asked.by)
        if _is_only(views, asked.by):
            return await self._acts.switch(asked, verb, views[0].conversation.id)
        if views:
            return pickers.which(verb, views)
        return plain(f"Say for whom: /{verb} 42, or /{verb} and a name.")

    async def _switch_user(self, asked: Asked, verb: str, name: str) -> Body:
        found = await self._reads.find_users(DEFAULT_WORKSPACE, name.lstrip("@"))
        if not found:
            return plain(f"I found nobody called “{name[:80]}”.")
        if len(found) == 1:
            return await self._acts.switch(asked, verb, found[0][0].id)
        return pickers.whom(verb, found)

    async def _queue(self, asked: Asked, text: str) -> Body:  # noqa: ARG002
        views = await self._reads.open_all(DEFAULT_WORKSPACE)
        waiting = [view for view in views if view.handoff.status is Status.QUEUED]
        title = f"Waiting ({len(waiting)}) · open ({len(views)})"
        others = [view for view in views if view.handoff.status is not Status.QUEUED]
        return await self._list(title, [*waiting, *others], "Nobody is waiting.")

    async def _mine(self, asked: Asked, text: str) -> Body:  # noqa: ARG002
        views = await self._reads.open_of(DEFAULT_WORKSPACE, asked.by.id)
        return await self._list(f"Yours ({len(views)})", views, "You have nothing open.")

    # --- looking -------------------------------------------------------------------------------

    async def _find(self, aim: Aim) -> View | None:
        if aim.number is not None:
            return await self._reads.by_number(DEFAULT_WORKSPACE, aim.number)
        if aim.thread is None:
            return None
        team = (await self._self.get()).team
        return await self._reads.by_thread(team, *aim.thread)

    async def _own_or_all(self, by: Agent) -> Sequence[View]:
        own = await self._reads.open_of(DEFAULT_WORKSPACE, by.id)
        return own or await self._reads.open_all(DEFAULT_WORKSPACE)

    async def _list(self, title: str, views: Sequence[View], empty: str) -> Body:
        links = {}
        for view in views[: pickers.ROWS]:
            if link := await self._link(view):
                links[str(view.handoff.id)] = link
        return pickers.listed(title, views, links, empty)

    async def _link(self, view: View) -> str:
        thread = await self._reads.thread(view.handoff.id)
        us = self._self.known
        return permalink(us.url, thread.channel, thread.ts) if thread and us and us.url else ""


def _is_only(views: Sequence[View], by: Agent) -> bool:
    return len(views) == 1 and views[0].handoff.assignee == by.id


def read_verb(command: str, text: str) -> tuple[str, str]:
    """`/assign 42` and `/desk assign 42` and `/acme-assign 42` are ("assign", "42")."""
    verb = command.lstrip("/").rsplit("-", 1)[-1].casefold()
    if verb != "desk":
        return verb, text.strip()
    first, _, rest = text.strip().partition(" ")
    return first.casefold() or "help", rest.strip()


def help_page(verb: str) -> Body:
    """What there is; a word that is no command is named first."""
    lead = "" if verb == "help" else "I do not know that command. "
    return Body(f"{lead}{replies.HELP}")


def _unknown(aim: Aim) -> Body:
    return plain(
        "There is no conversation in that thread."
        if aim.number is None
        else f"I know no conversation #{aim.number}."
    )
