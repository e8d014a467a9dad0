"""What a desk promises (`bridge.ports.Desk`): each function is one promise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from adapters.conformance.promises import (
    MESSAGE,
    Proof,
    Troubles,
    bad_input,
    hold,
    named,
    no_proof,
    runs,
    told_by_remedy,
)
from bridge.effects import Mark
from bridge.errors import (
    Broken,
    Scope,
)
from bridge.model import (
    AgentId,
    Author,
    Message,
    Role,
    Thread,
    given,
)
from bridge.ports import (
    Desk,
    Marks,
    Receipt,
    Reconciles,
    Staff,
    Withdraws,
)
from bridge.views import CustomerPost, View


@dataclass(frozen=True, slots=True)
class DeskCase:
    """A desk before a stand-in for its platform. `view` is a handoff that waits, `agent` one of the
    desk's; `shown`: the texts in a thread, one for each post; `said`: the agent writes there, and
    what it gives is the `source` of that."""

    desk: Desk
    view: View
    agent: AgentId
    shown: Callable[[Thread], Awaitable[Sequence[str]]]
    said: Callable[[Thread], Awaitable[str]]
    proof: Proof = no_proof
    troubles: Troubles = field(default_factory=dict)

    async def opened(self, key: str = "hnd_conformance/1") -> Thread:
        receipt = await self.desk.open(self.view, key)
        hold(receipt.place is not None and all(receipt.place), "open says where the thread is")
        return Thread(self.view.handoff.id, 1, *(receipt.place or ("", "", "")))

    async def post(self, thread: Thread, text: str, key: str = "msg_conformance/0") -> Receipt:
        user = Author(Role.USER, self.view.contact.id, self.view.contact.name)
        here = self.view.conversation
        said = Message(MESSAGE, here.id, here.workspace_id, 1, 1, user, text)
        return await self.desk.post(thread, self.view, CustomerPost(said, text), key)


async def desk_names_itself(case: DeskCase) -> None:
    named(case.desk)
    hold(case.desk.max_text > 0, "max_text is at least 1")


async def desk_refuses_bad_input(case: DeskCase) -> None:
    await bad_input(case.desk, case.proof)


async def opens_posts_and_finds(case: DeskCase) -> None:
    """A post of `max_text` is whole; what has a key is found by it, and nothing else is."""
    desk, thread = case.desk, await case.opened()
    text = "x" * (desk.max_text - 3) + "end"
    posted = await case.post(thread, text)
    hold(any(text in each for each in await case.shown(thread)), "a post arrives whole")
    await desk.refresh(thread, case.view)
    await desk.refresh(thread, case.view)
    if isinstance(desk, Reconciles):
        root = await desk.find(None, case.view, "hnd_conformance/1", 0)
        hold(root and root.place == (thread.team, thread.channel, thread.ts), "the root is found")
        found = await desk.find(thread, case.view, "msg_conformance/0", 0)
        hold(found == posted, "a post is found where it is")
        hold(await desk.find(thread, case.view, "msg_other/0", 0) is None, "no other is found")


async def knows_a_thread_that_is_gone(case: DeskCase) -> None:
    thread = replace(await case.opened(), ts="1.000001")
    try:
        await case.post(thread, "Hello")
    except Broken as error:
        hold(error.scope is Scope.THREAD, "a thread that is gone is the thread's fault")
    else:
        hold(False, "a thread that is not there is told")


async def marks_and_tells(case: DeskCase) -> None:
    desk, thread = case.desk, await case.opened()
    await desk.tell(case.agent, "Hello")
    if isinstance(desk, Marks):
        source, ours = await case.said(thread), given((await case.post(thread, "Hello")).place)
        for mark in (Mark.TAKEN, Mark.TAKEN, Mark.FAILED):
            await desk.mark(source, mark)
            await desk.mark(ours, mark)
    if isinstance(desk, Staff):
        nobody = await desk.agent(AgentId("nobody"))
        hold(not nobody.name and not nobody.member, "whom it does not know is nobody")
        hold((await desk.agent(case.agent)).name, "whom it knows has a name")


async def withdraws_once_and_again(case: DeskCase) -> None:
    thread = await case.opened()
    if isinstance(case.desk, Withdraws):
        for _ in range(2):
            await case.desk.withdraw((thread.team, thread.channel, thread.ts))


async def desk_fails_by_remedy(case: DeskCase) -> None:
    thread = await case.opened()

    async def post(text: str) -> None:
        await case.post(thread, text)

    await told_by_remedy(case.troubles, post)


async def desk_starts_and_closes(case: DeskCase) -> None:
    await runs(case.desk)


DESK: Sequence[Callable[[DeskCase], Awaitable[None]]] = (
    desk_names_itself,
    desk_refuses_bad_input,
    opens_posts_and_finds,
    knows_a_thread_that_is_gone,
    marks_and_tells,
    withdraws_once_and_again,
    desk_fails_by_remedy,
    desk_starts_and_closes,
)
