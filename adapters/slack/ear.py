"""From a `message` event to a command of the bridge, with Slack asked who the author is.

This is the hot path: everything an agent writes comes through here, and where nothing has to be
asked it is a parse, two look-ups in memory and one call of `receive`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from adapters.slack import heard, ids, textcode, verbs
from adapters.slack.arguments import ME
from adapters.slack.heard import Changed, Place, Removed, Spoken, Stray, Uprooted
from adapters.slack.inside import Names, nobody
from adapters.slack.macros import Typed
from adapters.slack.members import Members
from adapters.slack.places import Places
from adapters.slack.verbs import VERBS, Form, Made, Verb, Wish
from bridge import words
from bridge.actions import NONE as NO_ACTIONS
from bridge.actions import Actions
from bridge.commands import (
    AgentCommand,
    AgentDeleted,
    AgentEdited,
    AgentSaid,
    DeskCommand,
    Look,
    ThreadLost,
    ToMessage,
    ToThread,
    lost,
)
from bridge.model import Agent
from bridge.templates import Templates

ROOT_DELETED = "thread_deleted"
NONE = Templates()


class Ear:
    """`strayed` is told of words that are in no thread."""

    def __init__(
        self,
        members: Members,
        places: Places,
        strayed: Callable[[Stray], None],
        templates: Templates = NONE,
        actions: Actions = NO_ACTIONS,
    ) -> None:
        self._templates = templates
        self._actions = actions
        self._members = members
        self._places = places
        self._strayed = strayed

    async def command(self, envelope: Mapping[str, Any]) -> Made | ThreadLost | Typed:
        """None: nothing for us. Raises heard.Malformed and members.MembershipUnknown."""
        found = heard.read(envelope)
        if isinstance(found, Stray):
            self._strayed(found)
            return None
        if found is None or not await self._places.has(found.place):
            return None
        if isinstance(found, Spoken):
            return await self._said(found)
        if isinstance(found, Changed):
            return await self._edited(found)
        return _uprooted(found) if isinstance(found, Uprooted) else _deleted(found)

    async def _said(self, spoken: Spoken) -> AgentCommand | DeskCommand | Typed:
        place, named = spoken.place, textcode.named_in(spoken.text)
        by, text = await self._author_and_text(spoken)
        said = AgentSaid(
            key=ids.message_key(place.team, place.channel, place.ts),
            at=ids.micros_of(place.ts),
            to=ToThread(place.team, place.channel, place.thread),
            by=by,
            text=text,
            source=_source(place),
            order=ids.order_of(place.ts),
            mentions=named.anybody,
            files=spoken.files,
            attachments=spoken.attachments,
        )
        if not by.member or spoken.files or not self._templates.may_be_in(text):
            return said
        return await self._wish(said, spoken) or said

    async def _wish(self, said: AgentSaid, spoken: Spoken) -> Made | Typed:
        """The command that the message is, if it is one and can be understood."""
        sense = self._actions.read(self._templates.read(plainly(spoken)))
        verb = VERBS.get(sense.verb) if sense.sense is words.Sense.VERB else None
        if verb is None:
            return None
        if verb.shows(sense.text):
            return Look(said.key, said.at, said.to, said.by, verb.name, sense.text, said.source)
        # Names have taken the place of ids in the text, so it is read once more with the ids.
        args = self._templates.read(as_named(spoken)).text if verb.names else sense.text
        if verb.form is Form.TEMPLATE and (macro := self._templates.macro(args)):
            return Typed(macro, said, partial(self._step, said))
        return await self._command(said, verb, args, said.key, said.source)

    async def _step(self, said: AgentSaid, key: str, verb: Verb, args: str) -> Made:
        """One of a macro's: it marks nothing by itself."""
        return await self._command(said, verb, args, key, "")

    async def _command(self, said: AgentSaid, verb: Verb, args: str, key: str, source: str) -> Made:
        agent = await self._agent(said.by, verbs.person_in(verb.name, args))
        offset = await self._offset(said.by, verb.name)
        wish = Wish(key, said.at, said.to, said.by, source, offset, agent)
        return verbs.command(verb.name, args, wish)

    async def _agent(self, by: Agent, who: str | None) -> Agent | None:
        if who in (None, ME):
            return by if who == ME else None
        agent = await self._members.agent(str(who))
        return agent if agent.name else None

    async def _offset(self, by: Agent, verb: str) -> int:
        return (await self._members.person(by.id)).offset if verb == "snooze" else 0

    async def _edited(self, changed: Changed) -> AgentCommand:
        place, named = changed.place, textcode.named_in(changed.text)
        by, text = await self._author_and_text(changed)
        return AgentEdited(
            key=ids.edit_key(place.team, place.channel, place.ts, changed.edited),
            at=ids.micros_of(changed.edited),
            to=ToMessage(source=_source(place)),
            by=by,
            text=text,
            order=ids.order_of(changed.edited),
            mentions=named.anybody,
        )

    async def _author_and_text(self, message: Spoken | Changed) -> tuple[Agent, str]:
        by = self._members.known(message.user) or await self._members.agent(message.user)
        return by, as_text(message)


def as_text(message: Spoken | Changed) -> str:
    """The words as CommonMark, with nobody's name in them."""
    rich = textcode.from_blocks(message.blocks) if message.blocks else None
    return textcode.from_markup(message.text) if rich is None else rich


def plainly(message: Spoken, names: Names = nobody) -> str:
    """The words of a command: no mark is escaped in them."""
    return textcode.plain(message.blocks, message.text, names)


def as_named(message: Spoken) -> str:
    """The same with the ids of people and channels, for commands that are about them."""
    return textcode.plain(message.blocks, message.text, textcode.as_id, textcode.as_channel)


def _deleted(removed: Removed) -> AgentDeleted:
    place = removed.place
    return AgentDeleted(
        key=ids.delete_key(place.team, place.channel, place.ts, removed.files),
        at=ids.micros_of(removed.at),
        to=ToMessage(source=_source(place)),
        files=removed.files,
    )


def _uprooted(root: Uprooted) -> ThreadLost:
    place = root.place
    to = ToThread(place.team, place.channel, place.thread)
    return lost(to, ids.micros_of(root.at), ROOT_DELETED)


def _source(place: Place) -> str:
    return ids.source_of(place.team, place.channel, place.ts)
