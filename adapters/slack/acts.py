"""What buttons, pickers and slash commands do: one wish, one command, and an answer in plain words.

The answer names the person (`Resolved #42, Sam Rivera`) and goes only to who asked. Who is not a
member is told so and nothing reaches the bridge.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.slack import replies
from adapters.slack.blocks import Body, actions, button, escape, row, words
from adapters.slack.card import number_of
from adapters.slack.members import Members
from adapters.slack.names import customer_name, first_name, safe_name
from adapters.slack.pickers import Choice
from bridge.commands import (
    Answer,
    Assign,
    Pause,
    Rejected,
    Resolve,
    Resume,
    ToConversation,
    ToHandoff,
)
from bridge.model import Agent, Contact, ConversationId, HandoffId, Micros
from bridge.ports import Reads, Receive, View

ME = "me"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, when, and the identity of the asking."""

    key: str
    at: Micros
    by: Agent


class Acts:
    def __init__(self, receive: Receive, reads: Reads, members: Members) -> None:
        self._receive = receive
        self._reads = reads
        self._members = members

    async def choose(self, asked: Asked, choice: Choice) -> Body:
        """Does what was chosen in a picker, or said outright."""
        if choice.verb in ("pause", "resume"):
            return await self.switch(asked, choice.verb, ConversationId(choice.about))
        view = await self._reads.view(HandoffId(choice.about))
        if view is None:
            return plain(replies.refusal("unknown_handoff"))
        if choice.verb == "resolve":
            return await self.resolve(asked, view, choice.reason)
        return await self.assign(asked, view, choice.to or ME)

    async def assign(self, asked: Asked, view: View, who: str) -> Body:
        agent = asked.by if who == ME else await self._members.agent(who)
        to = ToHandoff(view.handoff.id)
        answer = await self._receive(Assign(asked.key, asked.at, to, asked.by, agent))
        name = "you" if agent.id == asked.by.id else safe_name(agent.name, "them")
        return _answered(answer, f"Assigned {called(view)}, to {name}", view.contact, agent.name)

    async def resolve(self, asked: Asked, view: View, reason: str, *, silent: bool = False) -> Body:
        to = ToHandoff(view.handoff.id)
        command = Resolve(asked.key, asked.at, to, asked.by, reason, silent)
        return _answered(await self._receive(command), f"Resolved {called(view)}", view.contact)

    async def switch(self, asked: Asked, verb: str, about: ConversationId) -> Body:
        """Pauses or resumes the bot for one user."""
        view = await self._reads.view_of(about)
        contact = view.contact if view else await self._reads.contact(about)
        if contact is None:
            return plain(replies.refusal("unknown_conversation"))
        if view and view.handoff.is_open:
            return with_a_person(verb, view)
        to, by = ToConversation(about), asked.by.as_author()
        make = Pause if verb == "pause" else Resume
        answer = await self._receive(make(asked.key, asked.at, to, by))
        done = "is silent for" if verb == "pause" else "answers"
        return _answered(answer, f"The bot {done} {customer_name(contact)} now", contact)


def _answered(answer: Answer, done: str, contact: Contact, name: str = "") -> Body:
    refused = refusal_of(answer)
    if refused is None:
        return plain(done)
    values = {"customer": first_name(contact), "name": safe_name(name, "That person")}
    return plain(replies.refusal(refused, **values))


def refusal_of(answer: Answer) -> str | None:
    """The code of a refusal, also of one that was given to the first of two same commands."""
    if isinstance(answer, Rejected):
        return answer.reason
    refused = answer.data.get("rejected")
    return str(refused) if refused else None


def called(view: View) -> str:
    """`#42, Sam Rivera`"""
    return ", ".join(filter(None, [number_of(view.handoff), customer_name(view.contact)]))


def with_a_person(verb: str, view: View) -> Body:
    """While a person answers, the bot is silent anyway; to resume means to resolve."""
    name, number = first_name(view.contact), number_of(view.handoff)
    if verb == "pause":
        return plain(f"{name} is with a person ({number}), so the bot is silent anyway.")
    text = f"{name} is with a person ({number}). Resolve the conversation to give them to the bot?"
    choice = Choice("resolve", view.handoff.id)
    press = button("pick_resolve", "Resolve", choice.value, f"Resolve {called(view)}")
    return Body(escape(text), [row(words(text)), actions([press])])


def plain(text: str) -> Body:
    return Body(escape(text), [row(words(text))])
