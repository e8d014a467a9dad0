"""Work that changes hands with the shift: what *Move work…* does, and what who goes away is asked.

Each conversation is a transfer of its own, decided like any other, so one that cannot be moved
keeps none of the others back. An agent moves their own; a supervisor anybody's.
"""

from __future__ import annotations

from adapters.slack import moving, replies
from adapters.slack.acts import Asked, Changed, Done
from adapters.slack.forms import View
from adapters.slack.ids import is_user
from adapters.slack.members import Members
from adapters.slack.moving import Wish
from adapters.slack.names import first_name, number_of, safe_name
from adapters.slack.targets import of_view
from bridge.commands import ToHandoff, Transfer, refusal_of
from bridge.model import DEFAULT_WORKSPACE, Agent, HandoffId
from bridge.ports import Receive
from bridge.ranks import Rank
from bridge.stores import Reads
from bridge.views import View as Shown


class Shifts:
    def __init__(self, receive: Receive, reads: Reads, members: Members, changed: Changed) -> None:
        self._receive = receive
        self._reads = reads
        self._members = members
        self._changed = changed

    async def form(self, by: Agent, of: str) -> View:
        """`of`: whose work; where they have none, whoever has most."""
        if by.rank is Rank.AGENT:
            views = await self._reads.open_of(DEFAULT_WORKSPACE, by.id)
        else:
            views = await self._reads.open_all(DEFAULT_WORKSPACE)
        return moving.form(views, of, self._members.queues)

    async def move(self, asked: Asked, wish: Wish) -> Done:
        """Raises MembershipUnknown, DeliveryError and StoreError."""
        if wish.faults:
            return Done(replies.plain("Something is missing."), refused=True, errors=wish.faults)
        agent = await self._members.agent(wish.to) if is_user(wish.to) else None
        if wish.to and (agent is None or not agent.member):
            name = safe_name(agent.name, "That person") if agent else "That person"
            told = replies.refusal("assignee_not_a_member", name=name)
            return Done(replies.plain(told), refused=True, errors={moving.TO: told})
        done: list[str] = []
        refused: dict[str, str] = {}
        for number, handoff in enumerate(wish.handoffs):
            view = await self._reads.view(HandoffId(handoff))
            if view is None:
                continue
            why = await self._one(asked, number, wish, agent, view)
            called = of_view(view).called
            if why:
                refused[called] = why
            else:
                done.append(number_of(view.handoff) or called)
        to = safe_name(agent.name, "them") if agent else wish.queue
        return Done(moving.moved(done, to, refused))

    async def _one(
        self, asked: Asked, number: int, wish: Wish, agent: Agent | None, view: Shown
    ) -> str:
        """Why not; empty: it is moved."""
        by, had = asked.by, view.handoff.assignee
        if had != wish.of:
            return replies.refusal("assigned_already" if had else "not_now")
        if by.rank is Rank.AGENT and had != by.id:
            return replies.refusal("not_allowed")
        to = (f"{asked.key}/{number}", asked.at, ToHandoff(view.handoff.id), by)
        queue = "" if agent else wish.queue
        answer = await self._receive(Transfer(*to, agent, queue, wish.word))
        self._changed(by.id, view)
        reason = refusal_of(answer)
        name = safe_name(agent.name, "That person") if agent else "That person"
        return (
            replies.refusal(reason, customer=first_name(view.contact), name=name) if reason else ""
        )
