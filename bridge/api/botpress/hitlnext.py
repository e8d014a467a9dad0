"""`/api/v1/bots/{botId}/mod/hitlnext`: handoffs, as Botpress v12's second module has them. Who
calls is the agent: a key, which goes online and takes handoffs in its own name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from http import HTTPStatus

from starlette.responses import Response

from bridge.api.access import Caller
from bridge.api.actions import away
from bridge.api.botpress import answers, shapes
from bridge.api.botpress.common import PAGE, Bots, call, done, gather, key, unfit
from bridge.api.calls import Asked, Call, told
from bridge.botpress import STEPS, channel_of, status_of, thread_of
from bridge.commands import (
    AddNote,
    Assign,
    DeleteConversation,
    Escalation,
    OpenHandoff,
    Reject,
    Rejected,
    Request,
    Resolve,
    SetLabels,
    ToConversation,
    ToHandoff,
    ToUser,
)
from bridge.errors import BadRequest, DeliveryError
from bridge.lists import Lists, Wanted
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Conversation,
    ConversationId,
    HandoffId,
    Role,
    contact_id,
    conversation_id,
    given,
)
from bridge.ports import Deps, Receive, Staff
from bridge.relaying import CHANNEL
from bridge.settings import Settings
from bridge.texts import DEFAULTS, by_language, fill
from bridge.views import View

ROOT = "/api/v1/bots/{botId}/mod"
BASE, GROUP = f"{ROOT}/hitlnext", "Botpress hitlnext"
LOOKED_AT = 1_000
"""Handoffs, the newest, among which a list is sorted and a thread is looked for."""
NUMBER = 18
"""Digits of a number that can be one."""


class Hitlnext:
    """`staff`: the desk, where it knows who its agents are."""

    def __init__(
        self,
        receive: Receive,
        deps: Deps,
        lists: Lists,
        channels: Collection[str],
        staff: Staff | None,
    ) -> None:
        self._receive = receive
        self._deps = deps
        self._lists = lists
        self._channels = frozenset(channels) - {CHANNEL}
        self._staff = staff
        self._bots = Bots(deps.settings)

    def calls(self) -> list[Call]:
        return [*self._about_agents(), *self._about_handoffs(), *self._about_threads()]

    def _about_agents(self) -> list[Call]:
        me, every = {200: answers.AgentMe}, {200: answers.BotpressAgents}
        online, path = {200: answers.OnlineOut}, f"{BASE}/agents"
        config = {200: answers.HitlnextConfig}
        return [
            call(("GET", f"{BASE}/config"), self.config, GROUP, "The settings", config),
            call(("GET", f"{path}/me"), self.me, GROUP, "Who am I?", me),
            call(("GET", path), self.agents, GROUP, "Who are the agents?", every),
            call(
                ("POST", f"{path}/me/online"),
                self.online,
                GROUP,
                "Go online or offline",
                online,
                body=shapes.SetOnline,
            ),
        ]

    def _about_handoffs(self) -> list[Call]:
        path, one = f"{BASE}/handoffs", f"{BASE}/handoffs/{{id}}"
        it, made = {200: answers.BotpressHandoff}, {201: answers.BotpressHandoff, 200: None}
        every, noted = {200: answers.BotpressHandoffs}, {201: answers.CommentOut}
        empty = shapes.NoFields
        return [
            call(("GET", path), self.every, GROUP, "List handoffs", every, query=shapes.ListQuery),
            call(("POST", path), self.create, GROUP, "Make one", made, body=shapes.CreateHandoff),
            call(("POST", one), self.tag, GROUP, "Set its labels", it, body=shapes.SetTags),
            call(("POST", f"{one}/assign"), self.assign, GROUP, "Take it", it, body=empty),
            call(("POST", f"{one}/resolve"), self.resolve, GROUP, "Resolve it", it, body=empty),
            call(("POST", f"{one}/reject"), self.reject, GROUP, "Reject it", it, body=empty),
            call(
                ("POST", f"{one}/comments"),
                self.comment,
                GROUP,
                "Add a note",
                noted,
                body=shapes.AddComment,
            ),
        ]

    def _about_threads(self) -> list[Call]:
        return [
            call(
                ("GET", f"{BASE}/conversations/{{threadId}}/messages"),
                self.messages,
                GROUP,
                "Read a conversation, the newest first",
                {200: answers.Events},
                query=shapes.MessagesQuery,
            ),
            call(
                ("POST", f"{ROOT}/channel-web-private/conversations/{{id}}/messages/delete"),
                self.delete,
                GROUP,
                "Delete all that was said",
                {204: None},
                body=shapes.OfUser,
            ),
        ]

    # --- agents and settings ---------------------------------------------------------------------

    async def config(self, it: Asked) -> Response:
        self._bots.meant(it)
        return told(_config(self._deps.settings))

    async def me(self, it: Asked) -> Response:
        self._bots.meant(it)
        online = await self._is_online(it.caller)
        return told(answers.me(it.caller.as_agent(), online=online))

    async def agents(self, it: Asked) -> Response:
        """Who calls, and the desk's members, of whom nobody knows that they are away."""
        self._bots.meant(it)
        try:
            staff = await self._staff.agents() if self._staff else ()
        except DeliveryError as error:
            raise away() from error
        known = sorted(staff, key=lambda agent: (agent.name.casefold(), agent.id))
        own = answers.agent(it.caller.as_agent(), online=await self._is_online(it.caller))
        others = [answers.agent(agent, online=True) for agent in known]
        return told(answers.BotpressAgents([own, *others]))

    async def online(self, it: Asked) -> Response:
        self._bots.meant(it)
        if it.body.online:
            await self._stay_online(it.caller)
        else:
            await self._deps.presence.forget(_presence(it.caller))
        return told(answers.OnlineOut(online=it.body.online))

    async def _is_online(self, caller: Caller) -> bool:
        return bool(await self._deps.presence.present([_presence(caller)]))

    async def _stay_online(self, caller: Caller) -> None:
        idle = self._deps.settings.agents.idle_timeout
        await self._deps.presence.touch(_presence(caller), idle)

    async def _must_be_online(self, caller: Caller) -> None:
        if not await self._is_online(caller):
            raise BadRequest("offline", "You must be online to perform this action", status=422)
        await self._stay_online(caller)

    # --- handoffs --------------------------------------------------------------------------------

    async def every(self, it: Asked) -> Response:
        bot, query = self._bots.meant(it), it.query
        shown = await self._shown(bot, await self._views(bot))
        down = query.desc == "true"
        return told(
            answers.BotpressHandoffs(answers.in_order(shown, query.column, query.limit, down=down))
        )

    async def create(self, it: Asked) -> Response:
        """201; 200 and nothing while one is open."""
        bot, asked = self._bots.meant(it), it.body
        channel = channel_of(asked.userChannel)
        if not self._is_served(bot, channel):
            fault = {"userChannel": "there is no such channel"}
            raise BadRequest("invalid", "Some fields do not fit.", fields=fault)
        now = self._deps.clock()
        wish = Escalation(
            title="Handoff",
            context={"userThreadId": asked.userThreadId},
            description=_about_thread(asked.userThreadId),
            expires_at=now + int(asked.timeoutDelay * SECOND) if asked.timeoutDelay else 0,
        )
        to, by = _user(channel, asked.userId), it.caller.as_author()
        result = await self._receive(OpenHandoff(key(), now, to, by, wish))
        if isinstance(result, Rejected) and result.reason == "handoff_open":
            return Response(status_code=HTTPStatus.OK)
        return await self._answer(bot, HandoffId(done(result).data["id"]), HTTPStatus.CREATED)

    async def tag(self, it: Asked) -> Response:
        bot, view = await self._handoff(it)
        before, after = view.handoff.labels, it.body.tags
        settings = self._deps.settings
        allowed = settings.labels.made(settings.queues)
        if strange := allowed.strange(tag for tag in after if tag not in before):
            fault = {"tags": f"not in [labels] names: {', '.join(strange)}"}
            raise BadRequest("invalid", "Some fields do not fit.", fields=fault)
        add = tuple(tag for tag in after if tag not in before)
        remove = tuple(tag for tag in before if tag not in after)
        to, by = ToHandoff(view.handoff.id), it.caller.as_agent()
        done(await self._receive(SetLabels(key(), self._deps.clock(), to, by, add, remove)))
        return await self._answer(bot, view.handoff.id)

    async def assign(self, it: Asked) -> Response:
        """To the key that calls."""
        bot, view = await self._step(it, "assign", online=True)
        to, by = ToHandoff(view.handoff.id), it.caller.as_agent()
        taking = Assign(key(), self._deps.clock(), to, by, by, only_free=True)
        return await self._do(bot, view, taking)

    async def resolve(self, it: Asked) -> Response:
        bot, view = await self._step(it, "resolve", online=True)
        to, by = ToHandoff(view.handoff.id), it.caller.as_agent()
        return await self._do(bot, view, Resolve(key(), self._deps.clock(), to, by, unasked=True))

    async def reject(self, it: Asked) -> Response:
        bot, view = await self._step(it, "reject")
        to, by = ToHandoff(view.handoff.id), it.caller.as_agent()
        return await self._do(bot, view, Reject(key(), self._deps.clock(), to, by))

    async def comment(self, it: Asked) -> Response:
        """A note: it belongs to the person, and lasts when the handoff has ended."""
        _, view = await self._handoff(it)
        to, by = ToHandoff(view.handoff.id), it.caller.as_agent()
        note = AddNote(key(), self._deps.clock(), to, by, it.body.content)
        taken = done(await self._receive(note))
        if await self._is_online(it.caller):
            await self._stay_online(it.caller)
        noted = given(await self._deps.reads.message(taken.data["id"]))
        comment = answers.comment(noted, thread_of(view.handoff))
        return told(comment, HTTPStatus.CREATED)

    async def _step(self, it: Asked, step: str, *, online: bool = False) -> tuple[str, View]:
        """The handoff, where its state lets this be done. Raises BadRequest."""
        bot, view = await self._handoff(it)
        if online:
            await self._must_be_online(it.caller)
        if status_of(view.handoff) not in STEPS[step]:
            raise unfit("not_now")
        return bot, view

    async def _do(self, bot: str, view: View, command: Request) -> Response:
        done(await self._receive(command))
        return await self._answer(bot, view.handoff.id)

    async def _answer(self, bot: str, id: HandoffId, status: int = HTTPStatus.OK) -> Response:
        view = given(await self._deps.reads.view(id))
        [shown] = await self._shown(bot, [view])
        return told(shown, status)

    async def _shown(self, bot: str, views: Sequence[View]) -> list[answers.BotpressHandoff]:
        talks = list(dict.fromkeys(view.conversation.id for view in views))
        last = await self._lists.latest(talks, Role.USER)
        notes = answers.by_conversation(await self._lists.notes(talks))
        return [
            answers.handoff(
                bot, view, last.get(view.conversation.id), notes.get(view.conversation.id, ())
            )
            for view in views
        ]

    async def _views(self, bot: str, text: str = "") -> list[View]:
        async def read(before: Sequence[View]) -> list[View]:
            after = (before[-1].handoff.number,) if before else ()
            return await self._lists.handoffs(DEFAULT_WORKSPACE, Wanted(text=text), after, PAGE)

        return await gather(
            read, lambda it: self._bots.has(bot, it.conversation.channel), LOOKED_AT
        )

    async def _handoff(self, it: Asked) -> tuple[str, View]:
        """By its id or its number. Raises BadRequest (404)."""
        bot, named = self._bots.meant(it), it.path("id")
        view = await self._deps.reads.view(HandoffId(named))
        if view is None and named.isascii() and named.isdigit() and len(named) <= NUMBER:
            view = await self._deps.reads.by_number(DEFAULT_WORKSPACE, int(named))
        if view is None or not self._bots.has(bot, view.conversation.channel):
            raise BadRequest("not_found", "There is no such handoff.", status=404)
        return bot, view

    def _is_served(self, bot: str, channel: str) -> bool:
        return channel in self._channels and self._bots.has(bot, channel)

    # --- conversations ---------------------------------------------------------------------------

    async def messages(self, it: Asked) -> Response:
        bot, thread = self._bots.meant(it), it.path("threadId")
        talk = await self._thread(bot, thread)
        found = await self._deps.reads.before(talk.id, talk.seq, it.query.limit)
        shown = [answers.event(bot, talk.channel, thread, message) for message in reversed(found)]
        return told(answers.Events(shown))

    async def delete(self, it: Asked) -> Response:
        """403 unless `[agents] may_delete` allows it; of the webchat alone."""
        talk = await self._thread(self._bots.meant(it), it.path("id"))
        if talk.channel != channel_of("web") or talk.address != it.body.userId:
            raise _no_conversation()
        to, by = ToConversation(talk.id), it.caller.as_author()
        done(await self._receive(DeleteConversation(key(), self._deps.clock(), to, by)))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _thread(self, bot: str, thread: str) -> Conversation:
        """By our id of it, or by the one that a handoff was made with. Raises BadRequest (404)."""
        talk = await self._deps.reads.conversation(ConversationId(thread))
        if talk is None:
            named = await self._views(bot, _about_thread(thread))
            talk = next((it.conversation for it in named if thread_of(it.handoff) == thread), None)
        if talk is None or talk.is_gone or not self._bots.has(bot, talk.channel):
            raise _no_conversation()
        return talk


def _presence(caller: Caller) -> str:
    return f"online:{caller.name}"


def _about_thread(thread: str) -> str:
    """What agents read of it, and what it is found by."""
    return f"Botpress thread {thread}"


def _no_conversation() -> BadRequest:
    return BadRequest("not_found", "There is no such conversation.", status=404)


def _user(channel: str, address: str) -> ToUser:
    return ToUser(
        workspace_id=DEFAULT_WORKSPACE,
        conversation_id=conversation_id(DEFAULT_WORKSPACE, channel, address),
        contact_id=contact_id(DEFAULT_WORKSPACE, channel, address),
        channel=channel,
        address=address,
    )


def _config(settings: Settings) -> answers.HitlnextConfig:
    said, templates = settings.messages, settings.templates
    return answers.HitlnextConfig(
        agentSessionTimeout=f"{settings.agents.idle_timeout:g}s",
        autoComplete=answers.AutoComplete(
            trigger=templates.trigger,
            shortcuts=[
                answers.ShortcutOut(
                    name=each.name, value=fill(by_language(each.made().texts, "en"), {})
                )
                for each in templates.shortcuts
            ],
        ),
        messageCount=settings.handoff.preview,
        handoffAlert=settings.alerts.overdue_after / 60,
        defaultUsername=True,
        tags=list(settings.labels.names),
        enableConversationDeletion=settings.agents.may_delete,
        transferMessage={**DEFAULTS["transfer"], **said.get("transfer", {})},
        assignMessage={**DEFAULTS["assigned"], **said.get("assigned", {})},
    )
