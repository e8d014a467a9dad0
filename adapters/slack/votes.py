"""Drafts that wait for the vote of one person, for their Home.

Whether they may decide is looked up anew at each click (`reviewer.py`); here an answer about a user
group holds for a minute, and where Slack does not tell it, nobody is shown what is asked of it.
"""

from __future__ import annotations

from adapters.slack.asks import Asks
from adapters.slack.client import Client
from adapters.slack.home import Vote
from adapters.slack.members import Cache, Members, MembershipUnknown, is_group
from bridge.gates import Approval, Stand
from bridge.lists import Drafts
from bridge.model import DEFAULT_WORKSPACE, Agent, given
from bridge.ports import Deps

MOST = 200
"""Of those that wait, the oldest so many are looked at."""
NAMED = 5
"""So many of them Home shows."""
WAITING = Drafts((Stand.PENDING,), oldest=True)


class Votes:
    def __init__(self, client: Client, asks: Asks, members: Members, deps: Deps) -> None:
        self._client = client
        self._asks = asks
        self._members = members
        self._reads = deps.reads
        self._lists = deps.lists
        self._inside = Cache(self._ask_group, deps.clock)

    async def of(self, by: Agent) -> tuple[list[Vote], int]:
        """Those that end first, and how many there are in all. Raises StoreError."""
        drafts = await given(self._lists).approvals(DEFAULT_WORKSPACE, WAITING, (), MOST)
        theirs = [draft for draft in drafts if await self._waits_for(draft, by)]
        theirs.sort(key=lambda draft: draft.expires_at)
        return [await self._shown(draft) for draft in theirs[:NAMED]], len(theirs)

    def close(self) -> None:
        self._inside.close()

    async def _waits_for(self, draft: Approval, by: Agent) -> bool:
        """Who has voted for what it says by now has done theirs."""
        if any(vote.by == by.id for vote in draft.votes):
            return False
        return not draft.reviewers or any([await self._is(by, each) for each in draft.reviewers])

    async def _is(self, by: Agent, reviewer: str) -> bool:
        if reviewer in self._members.queues:
            return by.serves(reviewer)
        if not is_group(reviewer):
            return reviewer == by.id
        try:
            return by.id in await self._inside.get(reviewer)
        except MembershipUnknown:
            return False

    async def _shown(self, draft: Approval) -> Vote:
        alone = draft.is_alone
        contact = None if alone else await self._reads.contact(draft.conversation_id)
        link = self._asks.address(*draft.place[1:]) if draft.place else ""
        return Vote(draft, contact, link)

    async def _ask_group(self, group: str) -> frozenset[str]:
        answer = await self._client.call("usergroups.users.list", usergroup=group)
        return frozenset(str(user) for user in answer.get("users") or ())
