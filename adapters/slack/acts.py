"""What every way of asking comes to: one verb, one target, one text of arguments; one command of
the bridge, and an answer in plain words that names the person (`Resolved #42, Sam Rivera`).

Who calls this has asked whether the person is a member, and told them if not (`clicks`, `slash`).
The bridge looks again where the command carries an agent. Some carry their name alone, as tools'
commands do (pause, resume, say, delete): of those nobody is refused again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from adapters.slack import forms, macros, menus, moving, pickers, replies, verbs
from adapters.slack.arguments import ME
from adapters.slack.asks import Asks, Question
from adapters.slack.blocks import Block, Body, actions, button, escape, row, words
from adapters.slack.ids import is_user
from adapters.slack.members import Members
from adapters.slack.names import customer_name, first_name, number_of, safe_name
from adapters.slack.pickers import ASSIGN_ME, PICK, Choice
from adapters.slack.targets import Finder, Target
from adapters.slack.verbs import VERBS, About, Form, Made, Verb, Wish
from bridge.claiming import ONLINE_REQUIRED
from bridge.commands import Answer, Attend, Doing, ToAgent, ToConversation, refusal_of
from bridge.endings import WRAP_UP
from bridge.model import DEFAULT_WORKSPACE, Agent, AgentId, ConversationId, Micros, given
from bridge.ports import Receive
from bridge.templates import Macro, Templates
from bridge.views import View

SWITCHES = ("pause", "resume")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, when, and the identity of the asking. `undoable`: by a button, so that a resolve
    waits some seconds for *Undo*. `only_free`: not from somebody who has it by now."""

    key: str
    at: Micros
    by: Agent
    undoable: bool = False
    only_free: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The answer; `refused`: nothing was done; `offers`: the answer has a button that helps;
    `errors`: what is wrong with a form, by field; `seen`: the card that they look at says it."""

    body: Body
    refused: bool = False
    asks: bool = False
    """It was not, because its queue wants to be told more."""
    offers: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    seen: bool = False
    title: str = forms.TITLE
    """Of the window in which the answer stands, if it stands in one."""


Changed = Callable[[AgentId, View | None], None]
"""Called when somebody has done something, with what it was done to."""


class Acts:
    """`back_after`: minutes until what waits for an agent who is away goes back to its queue; zero:
    it does not."""

    def __init__(
        self,
        receive: Receive,
        asks: Asks,
        members: Members,
        finder: Finder,
        changed: Changed,
        *,
        templates: Templates,
        back_after: Callable[[Agent], float] = lambda _: 0.0,
    ) -> None:
        self._back_after = back_after
        self._receive = receive
        self._asks = asks
        self._members = members
        self._finder = finder
        self._changed = changed
        self._templates = templates

    async def choose(self, asked: Asked, choice: Choice) -> Done:
        """Does what was chosen in a picker, a menu or a form. Raises DeliveryError."""
        verb = VERBS[choice.verb]
        if verb.about is About.DESK:
            return await self.at_desk(asked, verb, choice.args)
        target = await self._finder.about(choice.about)
        if target is None:
            return _refused("unknown_handoff")
        return await self.do(asked, verb, target, choice.args)

    async def at_desk(self, asked: Asked, verb: Verb, args: str) -> Done:
        """What is about the desk as a whole, or about who asks. Raises StoreError and
        DeliveryError."""
        doing = verbs.PRESENCE.get(verb.name)
        if doing is None:
            question = Question(verb, None, args, asked.by, asked.at)
            return Done(await self._asks.show(question))
        by, to = asked.by, ToAgent(DEFAULT_WORKSPACE, asked.by.id)
        await self._receive(Attend(asked.key, asked.at, to, by.as_author(), doing))
        self._changed(by.id, None)
        if doing is Doing.ONLINE:
            return Done(replies.plain("You are online: conversations may come to you."))
        mine = await self._asks.mine(by)
        return Done(moving.gone(mine, by, self._back_after(by)), offers=mine is not None)

    async def do(self, asked: Asked, verb: Verb, target: Target, args: str = "") -> Done:
        """Raises MembershipUnknown, DeliveryError and StoreError."""
        if verb.shows(args):
            question = Question(verb, target, args, asked.by, asked.at)
            return Done(await self._asks.show(question))
        if self._is_of_others(asked.by, verb, target):
            return _refused("not_a_member")
        if verb.name in SWITCHES and target.is_open and not verbs.is_all(args):
            return Done(_with_a_person(verb, target), refused=True)
        if verb.form is Form.TEMPLATE and (macro := self._templates.macro(args)):
            return await self._run(asked, macro, target)
        wish = await self._wish(asked, verb, target, args)
        command = verbs.command(verb.name, args, wish)
        if command is None:
            return Done(replies.usage(verb), refused=True)
        answer = await self._receive(command)
        self._changed(asked.by.id, target.view)
        if refusal_of(answer) == ONLINE_REQUIRED:
            return _online_first(asked, Choice(verb.name, target.about, args))
        name = _name(asked.by, wish.agent) or next(iter(args.split()), "")
        return _answered(verb, target, answer, name, args)

    def _is_of_others(self, by: Agent, verb: Verb, target: Target) -> bool:
        """Whether it is done to a user who is named by a handoff that is over, of a queue whose
        member they are not. The bridge is told of the conversation alone then, which is nobody's;
        of one that is open, and of what is done to a handoff, it knows the queue itself."""
        over = target.view is not None and not target.is_open and verb.about is About.USER
        return over and not self._members.serves(by, given(target.view).handoff.queue)

    async def _run(self, asked: Asked, macro: Macro, target: Target) -> Done:
        async def make(key: str, verb: Verb, args: str) -> Made:
            wish = await self._wish(replace(asked, key=key), verb, target, args)
            return verbs.command(verb.name, args, wish)

        ran = await macros.run(macro, asked.key, make, self._receive)
        self._changed(asked.by.id, target.view)
        done = " · ".join(ran.done)
        if not ran.step:
            return Done(replies.plain(f"Done for {target.called}: {done}"))
        before = f" Done before it: {done}." if done else ""
        customer = first_name(target.contact)
        why = replies.stopped(ran.step, ran.reason, customer=customer)
        return Done(replies.plain(f"{why}{before}"), refused=True)

    async def _wish(self, asked: Asked, verb: Verb, target: Target, args: str) -> Wish:
        return Wish(
            asked.key,
            asked.at,
            target.to(verb),
            asked.by,
            offset=(await self._members.person(asked.by.id)).offset
            if verb.form is Form.TIME
            else 0,
            agent=await self._agent(asked.by, verbs.person_in(verb.name, args)),
            undoable=asked.undoable,
            only_free=asked.only_free,
        )

    async def everywhere(self, asked: Asked, verb: Verb) -> Done:
        """`pause all`, `resume all`."""
        nobody = ToConversation(ConversationId(""))  # it is for all of them
        wish = Wish(asked.key, asked.at, nobody, asked.by)
        answer = await self._receive(verbs.switch(wish, on=verb.name == "resume"))
        self._changed(asked.by.id, None)
        if refused := refusal_of(answer):
            return _refused(refused)
        done = "The bot answers again" if verb.name == "resume" else "The bot is silent"
        return Done(replies.plain(f"{done} in all conversations"))

    async def delete(self, asked: Asked, about: str) -> Done:
        """After the question was answered with yes."""
        target = await self._finder.about(about)
        if target is None:
            return _refused("unknown_conversation")
        if self._is_of_others(asked.by, VERBS["delete"], target):
            return _refused("not_a_member")
        wish = Wish(asked.key, asked.at, target.to(VERBS["delete"]), asked.by)
        answer = await self._receive(verbs.delete(wish))
        self._changed(asked.by.id, target.view)
        refused = refusal_of(answer)
        return _refused(refused) if refused else Done(replies.plain(f"Deleted {target.called}"))

    async def _agent(self, by: Agent, who: str | None) -> Agent | None:
        """The person meant; None where nobody is, or Slack knows nobody of that id."""
        if who is None:
            return None
        if who in (ME, by.id):
            return by
        agent = await self._members.agent(who) if is_user(who) else None
        return agent if agent and agent.name else None


def _name(by: Agent, agent: Agent | None) -> str:
    if agent is None:
        return ""
    return "you" if agent.id == by.id else safe_name(agent.name, "them")


def _online_first(asked: Asked, choice: Choice) -> Done:
    if asked.only_free:
        return Done(replies.online_first(ASSIGN_ME, choice.about), refused=True, offers=True)
    if not pickers.fits(choice):
        return _refused(ONLINE_REQUIRED)
    body = replies.online_first(f"{PICK}{choice.verb}", choice.value)
    return Done(body, refused=True, offers=True)


def _answered(verb: Verb, target: Target, answer: Answer, name: str, args: str) -> Done:
    reason = refusal_of(answer)
    if reason is not None:
        values = {"customer": first_name(target.contact), "name": name or "That person"}
        refused = _refused(reason, **values)
        return _with_wrap_up(refused, target, args) if reason == WRAP_UP else refused
    if held := str(answer.data.get("held") or ""):
        return Done(replies.plain(_held(target, held)))
    who = customer_name(target.contact)
    said = verb.done.format(which=target.called, who=who, name=name, args=args)
    if closed := str(answer.data.get("closed") or ""):
        said = f"{said} · {closed}"
    return Done(_with_undo(said, target) if verb.name == "resolve" else replies.plain(said))


def _held(target: Target, reasons: str) -> str:
    """Of a reply: it is kept, and its thread has the buttons that decide about it."""
    handoff = target.view.handoff if target.view else None
    assignee = safe_name(handoff.assignee_name if handoff else "", "a colleague")
    why = replies.held(reasons, customer=first_name(target.contact), assignee=assignee)
    return f"✋ Not sent to {target.called}: {why} Its thread has it, with what can be done."


def _with_undo(said: str, target: Target) -> Body:
    """`Resolved #42, Sam Rivera · Undo`"""
    undo = button("reopen", "Undo", target.about, f"Undo: {target.called} is not resolved")
    return Body(escape(said), [row(words(said)), actions([undo])])


def _with_wrap_up(refused: Done, target: Target, args: str) -> Done:
    ask = actions([menus.wrap_up(target, args)])
    return Done(Body(refused.body.text, [*refused.body.blocks, ask]), refused=True, asks=True)


def _refused(reason: str, **values: str) -> Done:
    return Done(replies.plain(replies.refusal(reason, **values)), refused=True)


def _with_a_person(verb: Verb, target: Target) -> Body:
    """While a person answers, the bot is silent anyway; to resume means to resolve."""
    number = number_of(target.view.handoff) if target.view else ""
    name = first_name(target.contact)
    if verb.name == "pause":
        return replies.plain(f"{name} is with a person ({number}), so the bot is silent anyway.")
    text = f"{name} is with a person ({number}). Resolve the conversation to give them to the bot?"
    press: list[Block] = [menus.press(VERBS["resolve"], target)]
    return Body(escape(text), [row(words(text)), actions(press)])
