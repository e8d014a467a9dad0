"""`[agents]`: what single agents can do, and all of them may."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bridge.settings_types import HttpUrl, LabelName, LanguageCode, MemberId, PersonId, Section


class PersonSettings(Section):
    """One `[[agents.people]]`."""

    id: PersonId
    name: Annotated[str, Field(max_length=80)] = ""
    """By which customers know them; none: Slack's."""
    avatar_url: HttpUrl | Literal[""] = ""
    """And their picture."""
    languages: tuple[LanguageCode, ...] = ()
    """None: all."""
    labels: tuple[LabelName, ...] = ()
    """What they know best."""
    capacity: Annotated[int, Field(ge=0)] = 0
    """Their own; 0: the queue's."""


def _each_once(people: tuple[PersonSettings, ...]) -> tuple[PersonSettings, ...]:
    if len({person.id for person in people}) != len(people):
        raise ValueError("two have the same id")
    return people


class AgentSettings(Section):
    may_delete: bool = False
    """Whether a conversation may be deleted, with all that was said."""
    capacity: Annotated[int, Field(ge=1)] = 3
    """Conversations at once, until one is given no more."""
    idle_timeout: Annotated[float, Field(gt=0)] = 1_200.0
    """Seconds without doing anything until who is online is away; at three quarters asked."""
    hand_back_after: Annotated[float, Field(ge=0)] = 300.0
    """Seconds until what waits for one who is away goes back to a queue that gives handoffs out."""
    silent_after: Annotated[float, Field(ge=0)] = 600.0
    """Seconds without a word from a customer who was answered, until they take no room."""
    presence: Literal["said", "slack"] = "said"
    """Whether agents are online by what they say and do here alone, or by Slack's presence, too."""
    online_required: bool = False
    """Whether only who is online takes something for themselves."""
    supervisors: tuple[MemberId, ...] = ()
    """Who may also reject, delete, give away what others have, and see the figures of all."""
    admins: tuple[MemberId, ...] = ()
    """Who may also switch bots everywhere. Nobody named in both: everybody."""
    people: Annotated[tuple[PersonSettings, ...], AfterValidator(_each_once)] = ()
    """What single agents can do."""
