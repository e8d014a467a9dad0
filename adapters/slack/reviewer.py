"""Approvals in Slack: their cards, and what people press and fill in below them.

Who may decide is asked of Slack at each click: a user group is what it is now, and not what it was
when the card was posted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.slack import approval, deciding, lookup, replies
from adapters.slack.acts import Asked, Done
from adapters.slack.blocks import Body
from adapters.slack.client import Client
from adapters.slack.config import SlackConfig
from adapters.slack.deciding import Wish
from adapters.slack.forms import ARG, View
from adapters.slack.identity import Self
from adapters.slack.members import is_group
from adapters.slack.mending import Mending
from adapters.slack.threads import Threads
from bridge.commands import Judge, Rejected, ToConversation
from bridge.errors import Broken, Retry, Scope
from bridge.gates import Act, Approval, Verdict
from bridge.lists import Lists
from bridge.model import Agent, HandoffId, Micros, Thread, given
from bridge.ports import Receipt, Receive
from bridge.reviewing import Shown


class Reviewer:
    """Implements `bridge.reviewing.Reviews`."""

    def __init__(
        self,
        client: Client,
        config: SlackConfig,
        me: Self,
        threads: Threads,
        mending: Mending,
        *,
        changed: Callable[[str], None],
    ) -> None:
        """`changed`: Homes show something else by now."""
        self._client = client
        self._config = config
        self._self = me
        self._threads = threads
        self._mending = mending
        self._changed = changed

    async def ask_approval(self, shown: Shown, key: str) -> Receipt:
        self._changed("")
        whom = shown.approval.reviewers or (self._config.notify,)
        private = self._config.alerts_private
        body = approval.card(shown, key, self._called(whom), private=private)
        thread = shown.thread
        if thread is None:
            team = (await self._self.get()).team
            channel = self._config.approvals_channel or self._config.channel
            answer = await self._threads.send(team, channel, body, key)
            return Receipt((team, str(answer.get("channel")), str(answer.get("ts"))))
        return await self._below(thread, body, key)

    async def call_reviewers(self, shown: Shown, whom: tuple[str, ...], key: str) -> Receipt:
        called = self._called(whom or (self._config.notify,))
        return await self._below(self._thread(shown), approval.call(shown, called, key), key)

    async def asked_approval(self, shown: Shown, key: str, since: Micros) -> Receipt | None:
        if shown.thread is None and not shown.approval.place:
            team = (await self._self.get()).team
            channel = self._config.approvals_channel or self._config.channel
            ts = await lookup.in_channel(self._client, team, channel, key, since)
            return Receipt((team, channel, ts)) if ts else None
        thread = self._thread(shown)
        ts = await lookup.in_thread(self._client, thread, key)
        return Receipt((thread.team, thread.channel, ts)) if ts else None

    async def redraw_approval(self, shown: Shown) -> None:
        team, channel, ts = shown.approval.place
        named = f"{shown.approval.id}:{shown.approval.version}:card"
        body = approval.card(shown, named, private=self._config.alerts_private)
        self._changed("")
        await self._mending.change((team, channel, ts), body)

    async def _below(self, thread: Thread, body: Body, key: str) -> Receipt:
        """Raises Retry while the thread is lost: it heals with what else is posted there."""
        try:
            with self._mending.within(thread):
                answer = await self._threads.send(
                    thread.team, thread.channel, body, key, thread_ts=thread.ts
                )
            await self._mending.check_place(thread, answer)
        except Broken as error:
            if error.scope is not Scope.THREAD:
                raise
            raise Retry(error.reason, 10.0) from error
        return Receipt((thread.team, str(answer.get("channel")), str(answer.get("ts"))))

    @staticmethod
    def _thread(shown: Shown) -> Thread:
        """The handoff's, or the one below the card."""
        return shown.thread or Thread(HandoffId(""), 1, *shown.approval.place)

    def _called(self, whom: tuple[str, ...]) -> tuple[str, ...]:
        """A queue by whom it calls."""
        notify = {queue.name: queue.notify for queue in self._config.queues}
        return tuple(notify.get(each, each) or self._config.notify for each in whom)


class Judges:
    """Who pressed something on a card, or filled a form in."""

    def __init__(self, receive: Receive, client: Client, lists: Lists | None) -> None:
        self._receive = receive
        self._client = client
        self._lists = lists

    async def form(self, wish: Wish) -> View | None:
        """None: it is not to be decided any more, or another draft by now."""
        found = await self._found(wish.approval)
        if found is None or not found.is_pending or found.revision != wish.revision:
            return None
        return deciding.form(wish, found)

    async def whole(self, id: str) -> View | None:
        """The draft as it is now; None: there is none any more."""
        found = await self._found(id)
        if found is None or found.value is None:
            return None
        return deciding.whole(found)

    async def filled(self, asked: Asked, private: str, fields: Mapping[str, str]) -> Done:
        wish = deciding.read_form(private)
        found = await self._found(wish.approval) if wish else None
        if wish is None or found is None:
            return Done(replies.plain(replies.refusal("unknown_approval")), refused=True)
        if wish.act is not Act.EDIT:
            return await self.judge(asked, wish, text=fields.get(ARG, ""))
        value, faults = deciding.value_of(found, fields)
        if faults:
            return Done(replies.plain(replies.refusal("bad_value")), refused=True, errors=faults)
        return await self.judge(asked, wish, value=value)

    async def judge(
        self, asked: Asked, wish: Wish, *, text: str = "", value: object = None
    ) -> Done:
        """Raises DeliveryError where Slack does not say who belongs to a group."""
        found = await self._found(wish.approval)
        if found is None:
            return Done(replies.plain(replies.refusal("unknown_approval")), refused=True)
        groups = await self._groups(found, asked.by)
        answer = await self._receive(
            Judge(
                asked.key,
                asked.at,
                ToConversation(found.conversation_id),
                found.id,
                asked.by,
                Verdict(wish.act, value, text.strip(), wish.revision, groups),
            )
        )
        after = given(await self._found(wish.approval))
        if isinstance(answer, Rejected):
            faults = deciding.faults_of(found, answer.data.get("fields") or {})
            said = f"Too late. {approval.decided(after)}"
            late = answer.reason == "already_decided"
            told = said if late else replies.refusal(answer.reason)
            return Done(replies.plain(told), refused=True, errors={} if late else faults)
        if after.is_pending:
            return Done(replies.plain(VOTED))
        return Done(replies.plain(approval.decided(after)), seen=True)

    async def _found(self, id: str) -> Approval | None:
        return await given(self._lists).approval(id)

    async def _groups(self, found: Approval, by: Agent) -> tuple[str, ...]:
        """Those among the reviewers that they belong to, now."""
        inside = []
        for group in filter(is_group, found.reviewers):
            answer = await self._client.call("usergroups.users.list", usergroup=group)
            if by.id in (answer.get("users") or ()):
                inside.append(group)
        return tuple(inside)


VOTED = "Your vote counts. Others have to agree before it is decided."
