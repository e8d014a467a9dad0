"""Slash commands. They know no thread, so they take a number, a link or a name, or show what there
is to choose from.

`/assign`, `/resolve`, `/pause` and `/resume` are short for `/desk assign` and so on; the verb is
what stands behind a prefix (`/acme-resolve`), since names of commands collide between apps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from adapters.slack import arguments, mrkdwn, pickers, replies, textcode, verbs
from adapters.slack.acts import Acts, Asked
from adapters.slack.arguments import ME, Aim
from adapters.slack.asks import Asks, Question
from adapters.slack.blocks import Body
from adapters.slack.ids import trigger_key
from adapters.slack.inside import nobody
from adapters.slack.members import Members, MembershipUnknown
from adapters.slack.pickers import Choice
from adapters.slack.targets import Finder, Target, of_view
from adapters.slack.verbs import VERBS, About, Form, Verb
from bridge.errors import DeliveryError, StoreError
from bridge.model import Agent, Status
from bridge.ports import Clock
from bridge.sight import sight_of
from bridge.words import ALIASES

DESK = "desk"
WHOM = "Say who: /assign 42 me, or /assign 42 @colleague."
NEAR, ALIKE = 2, 0.7
"""So many commands may have been meant by a word that is none, and so much like it they are."""
SPOKEN = frozenset({Form.TEXT})
"""Forms whose text follows a name of one word."""


class Slash:
    def __init__(
        self,
        acts: Acts,
        asks: Asks,
        *,
        finder: Finder,
        members: Members,
        clock: Clock,
    ) -> None:
        self._acts = acts
        self._asks = asks
        self._finder = finder
        self._members = members
        self._clock = clock

    async def answer(self, payload: Mapping[str, Any]) -> Body:
        """The answer for who typed it. Nothing was done where it says so."""
        name, text = read_verb(str(payload.get("command", "")), str(payload.get("text") or ""))
        verb = VERBS.get(name)
        if verb is None:
            near = get_close_matches(name, VERBS, n=NEAR, cutoff=ALIKE)
            lead = ["I do not know that command.", replies.meant([f"`{each}`" for each in near])]
            return replies.help_page(" ".join(filter(None, lead)))
        if verb.name == "help":
            return replies.help_page()
        try:
            by = await self._members.agent(str(payload.get("user_id", "")))
            if not by.member:
                return replies.plain(replies.NOT_MEMBER)
            key = trigger_key(str(payload.get("trigger_id", "")))
            return await self._run(Asked(key, self._clock(), by), verb, text)
        except (MembershipUnknown, DeliveryError):
            return replies.plain(replies.refusal("membership_unknown"))
        except StoreError:
            return replies.plain(replies.refusal("store_unavailable"))

    async def _run(self, asked: Asked, verb: Verb, text: str) -> Body:
        if verb.about is About.DESK:
            return (await self._acts.at_desk(asked, verb, mrkdwn.unescape(text))).body
        if verb.name in ("pause", "resume") and verbs.is_all(text):
            return (await self._acts.everywhere(asked, verb)).body
        aim = arguments.aim(text)  # before links into the workspace are made neutral words
        aim = replace(aim, rest=plainly(verb, aim.rest))
        if aim.is_named:
            target = await self._finder.aimed(aim)
            if target is None:
                return _unknown(aim)
            if verb.name == "assign" and arguments.assignee(aim.rest) is None:
                return replies.plain(WHOM)
            return (await self._acts.do(asked, verb, target, aim.rest)).body
        if verb.about is About.USER and aim.rest:
            return await self._by_name(asked, verb, aim.rest)
        return await self._only_one(asked, verb, aim.rest)

    async def _by_name(self, asked: Asked, verb: Verb, text: str) -> Body:
        """`/desk pause Sam Rivera`; where a text follows, the name is its first word. Who is not
        called so, but was found by what they said or are, is asked about first."""
        name, args = text, ""
        if verb.form in SPOKEN:
            name, _, args = text.partition(" ")
            if not args:
                return replies.usage(verb)
        found = await self._finder.called(name, sight_of(asked.by, self._members.queues))
        if not found:
            return replies.plain(f"I found nobody called “{name[:80]}”.")
        if len(found) == 1 and is_called(found[0], name):
            return (await self._acts.do(asked, verb, found[0], args)).body
        return self._pick(verb, found, args)

    async def _only_one(self, asked: Asked, verb: Verb, args: str) -> Body:
        """Nobody is named: the caller's only handoff is meant, else they are asked."""
        if verb.name == "assign" and arguments.assignee(args) is None:
            return replies.plain(WHOM)
        if verb.name == "take":
            return await self._asks.show(Question(VERBS["live"], None, "", asked.by, asked.at))
        targets = await self._meant(asked.by, verb, args)
        if len(targets) == 1 and _is_sure(targets[0], asked.by, verb):
            return (await self._acts.do(asked, verb, targets[0], args)).body
        if not targets:
            return replies.plain(_nobody(verb))
        return self._pick(verb, targets, args)

    def _pick(self, verb: Verb, targets: Sequence[Target], args: str) -> Body:
        if not pickers.fits(Choice(verb.name, "x" * 40, args)):
            return replies.plain(f"Say which, with a text so long: /{DESK} {verb.name} 42 …")
        return pickers.which(verb, targets, args)

    async def _meant(self, by: Agent, verb: Verb, args: str) -> Sequence[Target]:
        if verb.name == "assign":
            return await self._assignable(by, str(arguments.assignee(args)))
        return await self._finder.own_or_all(by, sight_of(by, self._members.queues))

    async def _assignable(self, by: Agent, who: str) -> Sequence[Target]:
        """For oneself: what waits. For a colleague: one's own, else whatever is open."""
        views = await self._finder.open(sight_of(by, self._members.queues))
        if who in (ME, by.id):
            views = [view for view in views if view.handoff.status is Status.QUEUED]
        else:
            views = [view for view in views if view.handoff.assignee == by.id] or views
        return [of_view(view) for view in views]


def _is_sure(target: Target, by: Agent, verb: Verb) -> bool:
    """The only one there is need not be one's own to be taken; for all else it must be."""
    return verb.name == "assign" or bool(target.view and target.view.handoff.assignee == by.id)


def is_called(target: Target, name: str) -> bool:
    """Whether the words are of the user's name, or the whole of their e-mail or id."""
    said, contact = name.lstrip("@").casefold(), target.contact
    if said in (contact.email.casefold(), contact.address.casefold(), target.conversation.id):
        return True
    return set(said.split()) <= set(contact.name.casefold().split())


def plainly(verb: Verb, text: str) -> str:
    """What is typed behind a verb, without Slack's marks and ids, as in a thread; people and
    channels that the verb names keep theirs. Slack escapes it like a message's text
    (`should_escape`)."""
    ids = (textcode.as_id, textcode.as_channel) if verb.names else (nobody, nobody)
    return textcode.plain(None, text, *ids)


def _nobody(verb: Verb) -> str:
    if verb.name == "assign":
        return "Nobody is waiting."
    if verb.about is About.USER:
        return f"Say for whom: /{DESK} {verb.name} 42, or /{DESK} {verb.name} and a name."
    return "Nothing is open."


def read_verb(command: str, text: str) -> tuple[str, str]:
    """`/assign 42` and `/desk assign 42` and `/acme-assign 42` are ("assign", "42")."""
    verb = command.lstrip("/").rsplit("-", 1)[-1].casefold()
    if verb != DESK:
        return verb, text.strip()
    first, _, rest = text.strip().partition(" ")
    return ALIASES.get(first.casefold(), first.casefold()) or "help", rest.strip()


def _unknown(aim: Aim) -> Body:
    return replies.plain(
        "There is no conversation in that thread."
        if aim.number is None
        else f"I know no conversation #{aim.number}."
    )
